"""NinjaOne: the conformance suite, and what is peculiar to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.datasets import DATASETS
from connectors.http.errors import FetchError
from connectors.registry import CONNECTORS
from connectors.sources.ninjaone import NINJAONE
from connectors.testing.conformance import SourceConformance
from connectors.testing.fetching import fetch, fetch_with, opened, ordered
from connectors.testing.server import Asked, Reply, serving
from connectors.testing.vendors.ninjaone import FakeNinjaOne
from tests.connectors.sources.referee import complaints_about, judged, specification

ALDER, BRIGHT, GONE = "2", "7", "31"


def seat(customer: str, sku: str, quantity: str = "1") -> dict[str, str]:
    return {
        "vendor_customer_id": customer,
        "sku_id": sku,
        "as_of_date": "2026-10-14",
        "entitled_quantity": quantity,
    }


BOOKS = {
    "license_counts": [
        *(seat(customer, "WINDOWS_WORKSTATION", "0") for customer in (ALDER, BRIGHT, GONE)),
        *(seat(ALDER, "WINDOWS_WORKSTATION") for _ in range(4)),
        seat(ALDER, "WINDOWS_SERVER"),
        seat(BRIGHT, "WINDOWS_WORKSTATION"),
        seat(BRIGHT, "MAC"),
        seat(BRIGHT, "VMWARE_VM_HOST"),
    ]
}


class TestNinjaOne(SourceConformance):
    spec, vendor, books, hostile = NINJAONE, FakeNinjaOne, BOOKS, "license_counts"


def test_the_document_finds_no_fault_with_either_side(tmp_path: Path) -> None:
    document = specification("ninjaone/ninjaone-openapi-original.yml")
    vendor = FakeNinjaOne(BOOKS)
    with serving(vendor) as server, judged(document, vendor) as judge:
        settings = {**vendor.settings(server.url), "base_url": judge.url}
        _, rows = fetch_with(NINJAONE, vendor, settings, "license_counts", tmp_path)
        assert ordered(rows) == ordered(BOOKS["license_counts"])
        assert judge.violations == []
        # the judge is awake on both sides: an id that is no number, and a class that the document does not
        # know
        token = f"Bearer {vendor.tokens.given[-1]}"
        assert "422" in complaints_about(judge, "/v2/devices?after=x", Authorization=token)[0]
        vendor.books = {"license_counts": [seat(ALDER, "TOASTER")]}
        assert "500" in complaints_about(judge, "/v2/devices", Authorization=token)[0]


def test_devices_of_one_class_add_up_and_an_organization_without_devices_is_counted_as_none(
    tmp_path: Path,
) -> None:
    _, rows = fetch(NINJAONE, FakeNinjaOne(BOOKS), "license_counts", tmp_path)
    sums: dict[tuple[str, str], int] = {}
    for row in rows:
        key = row["vendor_customer_id"], row["sku_id"]
        sums[key] = sums.get(key, 0) + int(row["entitled_quantity"])
    assert sums == {
        (ALDER, "WINDOWS_WORKSTATION"): 4,
        (ALDER, "WINDOWS_SERVER"): 1,
        (BRIGHT, "WINDOWS_WORKSTATION"): 1,
        (BRIGHT, "MAC"): 1,
        (BRIGHT, "VMWARE_VM_HOST"): 1,
        (GONE, "WINDOWS_WORKSTATION"): 0,
    }


def test_an_organization_is_counted_as_none_of_a_class_that_there_are_devices_of(tmp_path: Path) -> None:
    # of a class that nobody has, it would be one more SKU to map every month
    books = {
        "license_counts": [
            seat(ALDER, "WINDOWS_SERVER", "0"),
            seat(GONE, "WINDOWS_SERVER", "0"),
            seat(ALDER, "WINDOWS_SERVER"),
        ]
    }
    vendor = FakeNinjaOne(books)
    with serving(vendor) as server:
        _, rows = fetch_with(NINJAONE, vendor, vendor.settings(server.url), "license_counts", tmp_path)
        first = server.asked[1]
    assert ordered(rows) == ordered(books["license_counts"])
    assert (first.path, dict(first.query)) == ("/v2/devices", {"pageSize": "1"})


def test_an_account_without_any_device_has_no_counts(tmp_path: Path) -> None:
    # SOURCE_EMPTY: nobody loses every device of every client and wants the month to go on
    _, rows = fetch(
        NINJAONE, FakeNinjaOne({"license_counts": [seat(ALDER, "MAC", "0")]}), "license_counts", tmp_path
    )
    assert rows == []


class NotYetApproved(FakeNinjaOne):
    """The first device waits for approval."""

    status = "PENDING"

    def devices(self) -> list[dict[str, Any]]:
        first, *others = super().devices()
        return [{**first, "approvalStatus": self.status}, *others]


def test_a_device_that_waits_for_approval_does_not_count(tmp_path: Path) -> None:
    _, rows = fetch(NINJAONE, NotYetApproved(BOOKS), "license_counts", tmp_path)
    missing = seat(ALDER, "WINDOWS_WORKSTATION")
    assert ordered([*rows, missing]) == ordered(BOOKS["license_counts"])


def test_an_approval_status_nobody_knows_is_a_rejected_record_and_no_guess(tmp_path: Path) -> None:
    vendor = NotYetApproved(BOOKS)
    vendor.status = "REJECTED"
    with pytest.raises(AssertionError, match="no status NinjaOne documents; known are APPROVED, PENDING"):
        fetch(NINJAONE, vendor, "license_counts", tmp_path)
    known = NINJAONE.complete(vendor.settings("https://vendor.example"))
    records = CONNECTORS["ninjaone"].open(
        tmp_path / "license_counts.jsonl.gz", DATASETS["license_counts"], known
    )
    landed = sum(batch.num_rows for batch in records.batches())
    assert landed == len(BOOKS["license_counts"]) - 1
    assert [(fault.column, fault.value) for fault in records.faults] == [("approvalStatus", "REJECTED")]


def test_the_walk_ends_at_an_empty_page_and_not_at_a_short_one(tmp_path: Path) -> None:
    class OneByOne(FakeNinjaOne):
        page = 1

    vendor = OneByOne(BOOKS)
    with serving(vendor) as server:
        _, rows = fetch_with(NINJAONE, vendor, vendor.settings(server.url), "license_counts", tmp_path)
        asked = [(one.path, one.query.get("after")) for one in server.asked if one.method == "GET"]
    assert ordered(rows) == ordered(BOOKS["license_counts"])
    assert asked[:5] == [
        ("/v2/devices", None),
        *(("/v2/organizations", after) for after in (None, "2", "7", "31")),
    ]
    assert asked[5:] == [("/v2/devices", after) for after in (None, *map(str, range(101, 109)))]


def test_a_list_out_of_the_order_of_its_ids_is_an_error_for_records_may_have_been_passed_over(
    tmp_path: Path,
) -> None:
    class ByName(FakeNinjaOne):
        def _listed(self, asked: Asked, found: list[dict[str, Any]]) -> Reply:
            reply = super()._listed(asked, found)
            records: Any = reply.content
            return Reply.json(records[::-1])

    with pytest.raises(
        FetchError, match="is not in the order of id, so that records may have been passed over"
    ):
        fetch(NINJAONE, ByName(BOOKS), "license_counts", tmp_path)


@pytest.mark.parametrize("region", ["app", "eu", "oc", "ca", "us2"])
def test_a_region_says_where_both_the_data_and_the_token_are(region: str) -> None:
    known = NINJAONE.complete({"region": region})
    assert known["base_url"] == f"https://{region}.ninjarmm.com"
    assert known["token_url"] == f"https://{region}.ninjarmm.com/ws/oauth/token"
    NINJAONE.origins(known).check(f"https://{region}.ninjarmm.com/v2/devices")


def test_a_region_must_be_said_and_be_one_of_those_known() -> None:
    with pytest.raises(
        ValueError, match=r"settings\.region is missing: the first word of the address you log in at"
    ):
        NINJAONE.complete({})
    with pytest.raises(ValueError, match="use one of app, eu, oc, ca, us2"):
        NINJAONE.complete({"region": "us"})


def test_the_token_request_is_a_form_that_asks_for_reading_only(tmp_path: Path) -> None:
    vendor = FakeNinjaOne(BOOKS)
    with serving(vendor) as server:
        settings = NINJAONE.complete(vendor.settings(server.url))
        with opened(NINJAONE, vendor, settings) as client:
            client.send(f"{server.url}/v2/organizations")
        sent = server.asked[0]
    assert sent.headers["content-type"] == "application/x-www-form-urlencoded"
    assert sent.form() == {**vendor.credentials, "grant_type": "client_credentials", "scope": "monitoring"}
