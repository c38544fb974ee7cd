"""Microsoft Graph licences: the conformance suite, and what is peculiar to tenants and units."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.datasets import DATASETS
from connectors.http.errors import CredentialsRefused
from connectors.registry import connector_of
from connectors.sources.microsoft.graph_licenses import GRAPH_LICENSES
from connectors.testing.conformance import SourceConformance
from connectors.testing.fetching import fetch, fetch_with, ordered
from connectors.testing.server import Asked, Reply, serving
from connectors.testing.vendors.microsoft import GRAPH_SCOPE, PARTNER_TENANT
from connectors.testing.vendors.microsoft_graph import FakeGraphLicenses
from tests.connectors.sources.microsoft.books import ALDER, BRIGHT

E5, CRM, INTUNE, VISIO = (
    "c7df2760-2c81-4ef7-b578-5b5392b571df",
    "d17b27af-3f49-4822-99f9-56a661538792",
    "061f9ace-7d42-4136-88ac-31dc755f143f",
    "ca7f3140-d88c-455b-9a1c-7f0679e31a76",
)
BOOKS = {
    "license_counts": [
        {
            "vendor_customer_id": customer,
            "sku_id": sku,
            "as_of_date": "2026-10-14",
            "entitled_quantity": have,
            "assigned_quantity": used,
        }
        for customer, sku, have, used in (
            (ALDER, E5, "25", "14"),
            (ALDER, CRM, "3", "3"),
            (ALDER, INTUNE, "7", "0"),
            (ALDER, VISIO, "1", "2"),
            (BRIGHT, E5, "4", "4"),
        )
    ]
}


class TestGraphLicenses(SourceConformance):
    spec, vendor, books, hostile = GRAPH_LICENSES, FakeGraphLicenses, BOOKS, "license_counts"


def test_every_tenant_is_asked_with_its_own_token(tmp_path: Path) -> None:
    vendor = FakeGraphLicenses(BOOKS)
    fetch(GRAPH_LICENSES, vendor, "license_counts", tmp_path)
    assert list(vendor.tokens.given.values()) == [(ALDER, GRAPH_SCOPE), (BRIGHT, GRAPH_SCOPE)]


def test_a_tenant_without_consent_fails_the_whole_snapshot(tmp_path: Path) -> None:
    vendor = FakeGraphLicenses(BOOKS)

    def app(asked: Asked) -> Reply:
        return (
            Reply.json({"error": "unauthorized_client"}, 400)
            if asked.path.startswith(f"/{BRIGHT}")
            else vendor(asked)
        )

    with pytest.raises(CredentialsRefused):
        fetch(GRAPH_LICENSES, vendor, "license_counts", tmp_path, app)


def test_a_tenant_without_any_licence_is_counted_as_having_none(tmp_path: Path) -> None:
    # it was asked, and what it had is gone: without a row it would look like one that nobody asked, and keep
    # what it had
    vendor = FakeGraphLicenses(BOOKS)
    with serving(vendor) as server:
        vendor.address = server.url
        settings = {**vendor.settings(server.url), "tenants": f"{ALDER} {PARTNER_TENANT.upper()} {BRIGHT}"}
        _, rows = fetch_with(GRAPH_LICENSES, vendor, settings, "license_counts", tmp_path)
    gone = {"vendor_customer_id": PARTNER_TENANT, "sku_id": "no-licences", "as_of_date": "2026-10-14"}
    assert ordered(rows) == ordered(
        [*BOOKS["license_counts"], {**gone, "entitled_quantity": "0", "assigned_quantity": "0"}]
    )


def test_a_tenant_s_name_counts_as_its_tenant_in_lower_case(tmp_path: Path) -> None:
    vendor = FakeGraphLicenses(
        {"license_counts": [{**BOOKS["license_counts"][0], "vendor_customer_id": "Alder.OnMicrosoft.com"}]}
    )
    with serving(vendor) as server:
        vendor.address = server.url
        _, rows = fetch_with(GRAPH_LICENSES, vendor, vendor.settings(server.url), "license_counts", tmp_path)
    assert [row["vendor_customer_id"] for row in rows] == ["alder.onmicrosoft.com"]


@pytest.mark.parametrize(
    ("units", "entitled"),
    [
        ({"enabled": 25, "warning": 0, "suspended": 0, "lockedOut": 0}, "25"),
        ({"enabled": 0, "warning": 3, "suspended": 0, "lockedOut": 0}, "3"),  # past its end, still usable
        ({"enabled": 0, "warning": 0, "suspended": 25, "lockedOut": 9}, "0"),
        ({"enabled": 2, "warning": None}, "2"),
    ],
)
def test_units_count_as_entitled_until_they_are_suspended(
    units: dict[str, int | None], entitled: str, tmp_path: Path
) -> None:
    record = {"tenant.id": ALDER, "skuId": E5, "consumedUnits": 14, "_fetched_on": "2026-10-14"}
    path = tmp_path / "license_counts.jsonl"
    path.write_text(
        json.dumps({**record, **{f"prepaidUnits.{name}": count for name, count in units.items()}}) + "\n"
    )
    opened = connector_of(GRAPH_LICENSES).open(
        path, DATASETS["license_counts"], GRAPH_LICENSES.complete({"tenants": ALDER})
    )
    assert [row["entitled_quantity"] for batch in opened.batches() for row in batch.to_pylist()] == [entitled]
