"""Sherweb: the conformance suite, and what its charges say.

Belongs here: charges of a billing period. Does not: what every source must pass
(``connectors.testing.conformance``).
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from connectors.http.errors import Malformed
from connectors.mapping import MappingError, Native, Reading
from connectors.sources.sherweb import SHERWEB
from connectors.testing.conformance import SourceConformance
from connectors.testing.fetching import fetch, fetch_with, ordered
from connectors.testing.server import Asked, Reply, serving
from connectors.testing.vendors.sherweb import FakeSherweb
from tests.connectors.sources.referee import complaints_about, judged, specification

ALDER, BRIGHT = "cc0ac255-7c0b-4123-ac8d-a6c280b85eae", "19e83ea9-41a1-43fc-91a1-6fee03337d91"
CHARGE = {
    "productName": "Business Basic", "sku": "MS-BB", "chargeId": "dddddddd-0000-4000-8000-000000000001",
    "chargeName": "Monthly fee", "chargeType": "Recurring", "billingCycleType": "Monthly",
    "periodFrom": "2026-10-01", "periodTo": "2026-10-31", "quantity": "3", "netPriceProrated": "5.1",
    "subTotal": "15.3", "currency": "CAD", "isBilled": "true", "invoice.number": "INV-1",
    "tags": '[{"name": "CustomerId", "value": "C-1"}]',
}  # fmt: skip


def mapped(**changes: str | None) -> tuple[list[dict[str, Any]], Reading]:
    fields = {name: value for name, value in {**CHARGE, **changes}.items() if value is not None}
    reading = Reading()
    native = Native(fields, SHERWEB.complete({"customer_tag": "CustomerId"}), reading)
    return [dict(row) for row in SHERWEB.feed("vendor_charges").mapper(native)], reading


def booked(
    customer: str, kind: str, quantity: str, cost: str, amount: str, month: str = "10", copy: int = 0
) -> dict[str, Any]:
    ends = {"09": "2026-10-01", "10": "2026-11-01", "11": "2026-12-01"}
    row = {
        "invoice_id": f"INV-{month}", "vendor_customer_id": customer,
        "vendor_customer_name": "Alder & Sons" if customer == ALDER else "Bright Ltd", "sku_id": "MS-BB",
        "sku_name": "Business Basic", "charge_category": kind, "charge_type": f"fee {kind}",
        "term": "OneTime" if kind == "one_time" else "Monthly", "quantity": quantity, "unit_cost": cost,
        "amount": amount, "currency": "CAD", "charge_period_start": f"2026-{month}-01",
        "charge_period_end": ends[month],
    }  # fmt: skip
    return {**row, "line_id": line_id(row, copy)}


def line_id(row: dict[str, Any], copy: int) -> str:
    """The rule in words: each value as its length, a colon and itself, the charge's identifier last; SHA-256,
    32 digits; how many were equal before.
    """
    values = [*row.values(), "dddddddd-0000-4000-8000-000000000001"]
    content = "".join(f"{len(value)}:{value}" for value in values)
    return f"{hashlib.sha256(content.encode()).hexdigest()[:32]}-{copy}"


ROWS = [
    booked(ALDER, "recurring", "11", "5.1", "56.1"),
    booked(ALDER, "recurring", "11", "5.1", "56.1", copy=1),  # two subscriptions alike
    booked(BRIGHT, "recurring", "-2", "2.55", "-5.1"),
    booked(BRIGHT, "usage", "12.5", "0.031", "0.3875"),
    booked(ALDER, "one_time", "1", "49.95", "49.95"),
]


class TestSherweb(SourceConformance):
    spec, vendor, hostile = SHERWEB, FakeSherweb, "vendor_charges"
    books = {"vendor_charges": ROWS}
    after, is_identified = 0, False
    beside = {"vendor_charges": [booked(ALDER, "recurring", "7", "1", "7", month) for month in ("09", "11")]}


def test_the_documents_find_no_fault_with_either_side(tmp_path: Path) -> None:
    vendor = FakeSherweb({"vendor_charges": ROWS})
    document = specification("sherweb/Sherweb.Apis.Distributor.OpenAPI.json")
    with serving(vendor) as server, judged(document, vendor, "/distributor/v1") as judge:
        settings = {**vendor.settings(server.url), "base_url": judge.url}
        _, rows = fetch_with(SHERWEB, vendor, settings, "vendor_charges", tmp_path)
        assert ordered(rows) == ordered(ROWS)
        assert judge.violations == []
        # the judge is awake: the date is a date
        assert "422" in complaints_about(judge, "/billing/payable-charges?date=soon")[0]


def test_what_is_not_billed_yet_is_of_no_bill_and_is_counted(tmp_path: Path) -> None:
    rows, reading = mapped(isBilled="false", **{"invoice.number": None})
    assert rows == []
    assert list(reading.remarks.elements()) == [
        "are not billed yet and were passed over: fetch the month again when they are"
    ]
    with pytest.raises(MappingError, match=r"invoice\.number is missing"):
        mapped(**{"invoice.number": None})
    vendor = FakeSherweb({"vendor_charges": [{**ROWS[0], "invoice_id": ""}]})
    assert fetch(SHERWEB, vendor, "vendor_charges", tmp_path)[1] == []


@pytest.mark.parametrize(
    ("kind", "cycle", "category"),
    [
        ("Recurring", "Monthly", "recurring"),
        ("Recurring", "Yearly", "recurring"),
        ("Recurring", "OneTime", "one_time"),
        ("Setup", "OneTime", "one_time"),
        ("Usage", "Monthly", "usage"),
    ],
)
def test_kinds_and_cycles_of_charges(kind: str, cycle: str, category: str) -> None:
    [row], _ = mapped(chargeType=kind, billingCycleType=cycle)
    assert row["charge_category"] == category


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"chargeType": "Unknown"}, "says nothing that can be counted"),
        ({"billingCycleType": "Weekly"}, "says nothing that can be counted"),
        ({"tags": '[{"name": "Client", "value": "C-1"}]'}, "name no CustomerId.*the charge has Client"),
        ({"tags": None}, "the charge has none"),
        (
            {"tags": '[{"name": "CustomerId", "value": "C-1"}, {"name": "CustomerId", "value": "C-2"}]'},
            "name two CustomerId; ask Sherweb whom the charge is for",
        ),
        ({"currency": None}, "currency is missing"),
        ({"subTotal": "much"}, "is not a number"),
    ],
)
def test_a_charge_that_cannot_be_counted_is_rejected(changes: dict[str, str | None], problem: str) -> None:
    with pytest.raises(MappingError, match=problem):
        mapped(**changes)


def test_numbers_of_more_places_than_are_kept_are_rounded_with_a_warning() -> None:
    # 12.00 for 10 of 29 days is 4.137931034482758…, three are 12.413793103448275…
    (row,), reading = mapped(netPriceProrated="4.137931034482759", subTotal="12.413793103448278")
    assert (row["quantity"], row["unit_cost"], row["amount"]) == ("3", "4.1379310345", "12.413793103448")
    said = "have a number with more decimal places than are kept, which was rounded half-up"
    assert reading.remarks == {said: 1}  # one record, though two of its numbers are
    (row,), reading = mapped(
        chargeType="Usage", quantity="12.3456785", netPriceProrated="1", subTotal="12.35"
    )
    assert (row["quantity"], len(reading.remarks)) == ("12.345679", 1)
    (row,), reading = mapped(
        quantity="12.3456785"
    )  # seats are never rounded: such a record is rejected later
    assert (row["quantity"], len(reading.remarks)) == ("12.3456785", 0)


def test_fees_are_counted_in_the_warnings() -> None:
    [row], reading = mapped(fees='[{"name": "eco fee", "unitValue": 1, "totalValue": 3}]')
    assert (row["amount"], sum(reading.remarks.values())) == ("15.3", 1)


def test_a_list_that_is_null_is_empty_only_in_a_whole_answer(tmp_path: Path) -> None:
    vendor = FakeSherweb({})
    assert fetch(SHERWEB, vendor, "vendor_charges", tmp_path)[1] == []

    def broken(asked: Asked) -> Reply:
        return vendor(asked) if vendor.is_token_request(asked) else Reply.json({"charges": None})

    with pytest.raises(Malformed):
        fetch(SHERWEB, vendor, "vendor_charges", tmp_path, broken)
