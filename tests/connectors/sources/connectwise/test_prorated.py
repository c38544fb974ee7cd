"""ConnectWise PSA: lines for part of a billing cycle, proved by their price.

Belongs here: which days a price proves, and whose additions are looked at. Does not: whole cycles
(``test_invoices``).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.datasets import DATASETS
from connectors.http.errors import FetchError, Inconsistent
from connectors.mapping import MappingError, Native
from connectors.registry import connector_of
from connectors.sources.connectwise import CONNECTWISE
from connectors.sources.connectwise_lines import lines
from connectors.testing.fetching import Rows, fetch
from connectors.testing.vendors.connectwise import FakeConnectWise
from tests.connectors.sources.connectwise.books import (
    BOOKS,
    OCTOBER,
    PRORATED,
    Patch,
    addition,
    landed,
    line,
    october,
    on_retry,
    shown,
    tampered,
)

UNPROVED: dict[str, tuple[Patch, Patch]] = {
    "a discount": (addition(4, 10, "2026-10-10"), line(4, 7.5, 30)),
    # 22 x 17/31 = 12.0645
    "a cent less": (addition(2, 22, "2026-10-15"), line(2, 12.05, 24.13)),
    "a cent more": (addition(2, 22, "2026-10-15"), line(2, 12.08, 24.13)),
    "an amount that is not the price of the seats": (addition(2, 22, "2026-09-15"), line(2, 33.73, 60)),
    "other seats": (addition(3, 22, "2026-10-15"), line(2, 12.06, 24.13)),
    # 10 x (1/31 + 30/30 + 1) = 20.32
    "more than one cycle back": (addition(4, 10, "2026-08-31"), line(4, 20.32, 81.28)),
    "a month to come": (addition(4, 10, "2026-11-10"), line(4, 10, 40)),
    "the price of an addition long over": (addition(4, 10, "2026-01-01", "2026-08-31"), line(4, 10, 40)),
    "an addition that is never billed": (
        {**addition(2, 22, "2026-10-15"), "billCustomer": "DoNotBill"},
        line(2, 12.06, 24.13),
    ),
    "another item": (
        {**addition(2, 22, "2026-10-15"), "product": {"id": 4, "identifier": "EDR"}},
        line(2, 12.06, 24.13),
    ),
}


NO_DATES = "at a price that no dates of an addition make: they count for the whole billing cycle"


@pytest.mark.parametrize("name", PRORATED)
def test_a_prorated_line_is_for_the_days_that_its_price_proves(name: str, tmp_path: Path) -> None:
    added, product, wanted = PRORATED[name]
    assert shown(landed(tmp_path, "invoice_lines", october(added, product))) == wanted
    # of 20 and 22 seats for EDR 10 and 12 are billed: at the whole price, so that nothing is in doubt
    assert on_retry(tmp_path, october(added, product)) == []


@pytest.mark.parametrize("name", UNPROVED)
def test_a_price_that_no_days_explain_counts_for_the_whole_cycle_and_people_are_told(
    name: str, tmp_path: Path
) -> None:
    added, product = UNPROVED[name]
    texts = tuple(f"{product[field]:g}" for field in ("quantity", "price", "extPrice"))
    assert shown(landed(tmp_path, "invoice_lines", october(added, product))) == {"": (*texts, *OCTOBER, "")}
    assert on_retry(tmp_path, october(added, product)) == [f"1 records are of agreements, {NO_DATES}"]


def two_additions(folder: Path, one: Patch, other: Patch, product: Patch) -> tuple[Rows, list[str]]:
    books = {
        **BOOKS,
        "agreements": [*BOOKS["agreements"], {**BOOKS["agreements"][-1], "agreement_line_id": "9006"}],
    }
    vendor = FakeConnectWise(books)
    vendor.patches = {**october(one, product), ("additions", 9006): other}
    _, rows = fetch(CONNECTWISE, vendor, "invoice_lines", folder)
    known = CONNECTWISE.complete(vendor.settings("http://127.0.0.1"))
    file = connector_of(CONNECTWISE).open(folder / "invoice_lines.jsonl.gz", DATASETS["invoice_lines"], known)
    list(file.batches())
    return rows, [warning for warning in file.warnings if "passed over" not in warning]


def test_days_of_several_additions_that_make_one_price_prove_nothing(tmp_path: Path) -> None:
    # 10 x 16/31 = 5.1613, at the end of October and at its beginning
    one, other, product = (
        addition(4, 10, "2026-10-16"),
        addition(4, 10, "2026-10-01", "2026-10-16"),
        line(4, 5.16, 20.64),
    )
    rows, remarks = two_additions(tmp_path, one, other, product)
    assert shown(rows) == {"": ("4", "5.16", "20.64", *OCTOBER, "")}
    (remark,) = remarks
    assert "the dates of several additions make" in remark
    # the same days: whichever it is
    rows, remarks = two_additions(tmp_path, one, one, product)
    assert (shown(rows), remarks) == ({"": ("4", "10", "20.64", "2026-10-16", "2026-11-01", "9005")}, [])


@pytest.mark.parametrize(
    ("added", "product", "wanted"),
    [
        # 30 a quarter; 10 x (16/30 + 1) = 15.333
        (
            addition(2, 30, "2026-11-15"),
            line(2, 15.33, 30.67),
            {"": ("2", "10", "30.67", "2026-11-15", "2027-01-01", "9005")},
        ),
        # 10 x (16/30 + 3) = 35.333
        (
            addition(2, 30, "2026-09-15"),
            line(2, 35.33, 70.67),
            {
                "": ("2", "10", "60", "2026-10-01", "2027-01-01", "9005"),
                "-before": ("2", "10", "10.67", "2026-09-15", "2026-10-01", "9005"),
            },
        ),
        # 10 x (22/31 + 2 + 3) = 57.0968: a whole cycle back is July
        (
            addition(2, 30, "2026-07-10"),
            line(2, 57.09, 114.18),
            {
                "": ("2", "10", "60", "2026-10-01", "2027-01-01", "9005"),
                "-before": ("2", "10", "54.18", "2026-07-10", "2026-10-01", "9005"),
            },
        ),
        (
            addition(2, 30, "2026-11-15"),
            line(2, 30, 60),
            {"": ("2", "10", "60", "2026-10-01", "2027-01-01", "")},
        ),
    ],
)
def test_a_longer_cycle_is_prorated_by_the_days_of_each_month(
    added: Patch, product: Patch, wanted: Any, tmp_path: Path
) -> None:
    patches = october(added, product, agreements={"billingCycle": {"id": 3, "name": "Quarterly"}})
    assert shown(landed(tmp_path, "invoice_lines", patches)) == wanted


def test_a_cancelled_date_is_for_lines_what_it_is_for_agreement_lines(tmp_path: Path) -> None:
    added, product, _ = PRORATED["until the middle of the month"]
    patches = october({**added, "cancelledDate": "2026-10-10T00:00:00Z"}, product)
    rows = landed(tmp_path, "invoice_lines", patches, cancelled_date="day_after")
    assert shown(rows) == {"": ("4", "10", "11.6", "2026-10-01", "2026-10-10", "9005")}
    ends = {"endDate": "2026-10-09T00:00:00Z", "noEndingDateFlag": False}
    rows = landed(tmp_path, "invoice_lines", october(addition(4, 10, "2026-01-01"), product, agreements=ends))
    assert shown(rows) == {"": ("4", "10", "11.6", "2026-10-01", "2026-10-10", "9005")}


@pytest.mark.parametrize(
    ("decimals", "days"),
    [(0, ("2026-10-15", "2026-11-01")), (2, OCTOBER), (None, OCTOBER), (99, OCTOBER), (-1, OCTOBER)],
)
def test_a_price_is_cut_to_the_digits_of_its_currency(
    decimals: int | None, days: tuple[str, str], tmp_path: Path
) -> None:
    # 1000 x 17/31 = 548.39
    currency = {"currency": {"currencyCode": "JPY", "numberOfDecimals": decimals}}
    rows = landed(
        tmp_path,
        "invoice_lines",
        october(addition(2, 1000, "2026-10-15"), line(2, 548, 1096), invoices=currency),
    )
    assert shown(rows)[""][3:5] == days


def test_the_published_example_of_a_prorated_line() -> None:
    """Two more licences of 22.00 from 15 March: 34.06 each on the invoice of April."""
    parent = {"parent.id": "8", "parent.company.identifier": "A", "parent.currency.currencyCode": "USD"}
    item = {"product.identifier": "O365", "billCustomer": "Billable", "unitPrice": "22", "quantity": "2"}
    first, second = (
        {"id": number, "effectiveDate": f"2019-03-{day}T00:00:00Z", **item}
        for number, day in (("1", "01"), ("2", "15"))
    )
    fields = {
        "_period": "2019-04",
        "_additions": json.dumps([first, second]),
        "id": "70",
        "catalogItem.identifier": "O365",
        "agreement.id": "8",
        "quantity": "2",
        "price": "34.06",
        "extPrice": "68.12",
        "billableOption": "Billable",
        "document.id": "60",
        "document.type": "Agreement",
        "document.date": "2019-04-01T00:00:00Z",
        "document.company.identifier": "A",
        "document.currency.currencyCode": "USD",
        **parent,
    }
    known = CONNECTWISE.complete(FakeConnectWise(BOOKS).settings("http://127.0.0.1"))
    rows = [{name: str(value) for name, value in row.items()} for row in lines(Native(fields, known))]
    assert shown(rows, "70") == {
        "": ("2", "22", "44", "2019-04-01", "2019-05-01", "2"),
        "-before": ("2", "22", "24.12", "2019-03-15", "2019-04-01", "2"),
    }


@pytest.mark.parametrize("text", ["no JSON", "null", "7", '{"a": "b"}', "[7]", "[" * 100_000])
def test_additions_that_are_no_list_of_records_are_a_rejected_row(text: str) -> None:
    fields = {
        "_additions": text,
        "document.type": "Agreement",
        "agreement.id": "8",
        "parent.id": "8",
        "billableOption": "Billable",
        "quantity": "1",
        "price": "1",
        "extPrice": "1",
        "_period": "2026-10",
        "document.date": "2026-10-01",
        "document.id": "1",
        "id": "1",
        "document.company.identifier": "A",
        "document.currency.currencyCode": "USD",
        "catalogItem.identifier": "X",
    }
    known = CONNECTWISE.complete(FakeConnectWise(BOOKS).settings("http://127.0.0.1"))
    with pytest.raises(MappingError, match="no list of objects"):
        list(lines(Native(fields, known)))
    del fields["_additions"]
    assert len(list(lines(Native(fields, known)))) == 1  # a file from elsewhere


@pytest.mark.parametrize("agreement", [None, {"id": 502}])
def test_additions_are_those_of_the_product_s_agreement_or_else_of_the_invoice_s(
    agreement: Patch | None, tmp_path: Path
) -> None:
    added, product, wanted = PRORATED["since the cycle before"]
    assert (
        shown(landed(tmp_path, "invoice_lines", october(added, {**product, "agreement": agreement})))
        == wanted
    )


def test_a_child_agreement_on_its_parent_s_invoice_brings_its_own_cycle_and_additions(tmp_path: Path) -> None:
    patches = october(addition(2, 22, "2026-10-15"), {**line(12, 15.33, 184), "agreement": {"id": 501}})
    # 30 a quarter; 10 x (16/30 + 1) = 15.333
    patches |= {
        ("agreements", 501): {"billingCycle": {"id": 3, "name": "Quarterly"}},
        ("additions", 9001): addition(12, 30, "2026-11-15"),
    }
    rows = landed(tmp_path, "invoice_lines", patches)
    assert shown(rows) == {"": ("12", "10", "184", "2026-11-15", "2027-01-01", "9001")}
    # none of its own is a month, whatever the cycle of the invoice's agreement
    patches[("agreements", 502)], patches[("agreements", 501)] = (
        patches[("agreements", 501)],
        {"billingCycle": None},
    )
    patches |= {
        ("additions", 9001): addition(12, 30, "2026-01-01"),
        ("products", 7005): {**line(12, 30, 360), "agreement": {"id": 501}},
    }
    assert shown(landed(tmp_path, "invoice_lines", patches)) == {"": ("12", "30", "360", *OCTOBER, "")}


def test_additions_that_cannot_be_had_whole_fail_the_invoices(tmp_path: Path) -> None:
    with pytest.raises(Inconsistent, match="says there are 7 records and sent 1"):
        tampered(tmp_path, "invoice_lines", "/502/additions/count", b"1", b"7")
    with pytest.raises(FetchError):
        tampered(tmp_path, "invoice_lines", "/502/additions", b"[", b"{")
