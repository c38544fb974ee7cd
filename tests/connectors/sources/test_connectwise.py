"""ConnectWise PSA: the conformance suite, and what is peculiar to it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.datasets import DATASETS
from connectors.http.errors import FetchError, Inconsistent, Malformed
from connectors.mapping import MappingError, Native
from connectors.registry import connector_of
from connectors.sources.connectwise import CONNECTWISE
from connectors.sources.connectwise_lines import lines
from connectors.testing.conformance import Rows, SourceConformance, fetch, fetch_with, ordered
from connectors.testing.server import Asked, Reply, serving
from connectors.testing.vendors.connectwise import FakeConnectWise
from tests.connectors.sources.referee import complaints_about, judged, specification

ACCEPT = "application/vnd.connectwise.com+json; version=2026.4"


def agreed(
    number: int,
    agreement: str,
    client: str,
    product: str,
    quantity: str,
    price: str,
    start: str,
    end: str = "",
) -> dict[str, str]:
    return {
        "agreement_line_id": str(number),
        "agreement_id": agreement,
        "client_id": client,
        "product_code": product,
        "quantity": quantity,
        "unit_price": price,
        "currency": "EUR" if client == "Alder" else "USD",
        "effective_start": start,
        "effective_end": end,
    }


def billed(
    number: str, invoice: str, client: str, product: str, quantity: str, price: str, amount: str, kind: str
) -> dict[str, str]:
    return {
        "invoice_line_id": number,
        "invoice_id": invoice,
        "client_id": client,
        "product_code": product,
        "quantity": quantity,
        "unit_price": price,
        "amount": amount,
        "currency": "EUR" if client == "Alder" else "USD",
        "charge_category": kind,
        "service_period_start": "2026-10-01",
        "service_period_end": "2026-11-01",
    }


def product(code: str, name: str, own: bool = False, price: str = "") -> dict[str, str]:
    return {
        "product_code": code,
        "product_name": name,
        "vendor_backed": "false" if own else "true",
        "default_unit_price": price,
        "currency": "USD",
    }


BOOKS = {
    "clients": [
        {"client_id": "Alder", "client_name": "Alder & Sons", "status": "active"},
        {"client_id": "Bright", "client_name": "Bright Ltd", "status": "active"},
        {"client_id": "Cedar", "client_name": "Cedar", "status": "inactive"},
        {"client_id": "Dogwood", "client_name": "Dogwood Inc", "status": "active"},
    ],
    "products": [
        product("O365-E3", "Office 365 E3", price="30"),
        product("EDR", "Endpoint protection", price="4.125"),
        product("HELPDESK", "Help token_endpoint, per person", own=True, price="45.5"),
        product("OTHER", "Lookup the products", own=True),
    ],
    "agreements": [
        agreed(9001, "501", "Alder", "O365-E3", "12", "30", "2026-01-01"),
        agreed(9002, "501", "Alder", "EDR", "20", "4.125", "2026-02-15", "2026-10-11"),
        agreed(9003, "501", "Alder", "HELPDESK", "12", "45.5", "2025-01-01"),
        agreed(9004, "501", "Alder", "EDR", "22", "4.125", "2026-10-11"),
        agreed(9005, "502", "Bright", "O365-E3", "2.5", "28", "2026-10-01"),
    ],
    "invoice_lines": [
        billed("7001", "3301", "Alder", "O365-E3", "12", "30", "360", "recurring"),
        billed("7002", "3301", "Alder", "EDR", "10", "4.125", "41.25", "recurring"),
        billed("7003", "3301", "Alder", "EDR", "12", "4.125", "49.5", "recurring"),
        billed("7004", "3301", "Alder", "HELPDESK", "12", "45.5", "546", "recurring"),
        billed("3301-rest", "3301", "Alder", "OTHER", "1", "100", "100", "one_time"),
        billed("7005", "3302", "Bright", "O365-E3", "2.5", "28", "70", "recurring"),
        billed("7006", "3303", "Bright", "EDR", "1", "199.9", "199.9", "one_time"),
        billed("3303-rest", "3303", "Bright", "OTHER", "1", "-12.34", "-12.34", "one_time"),
    ],
}


class TestConnectWise(SourceConformance):
    spec, vendor, books, hostile = CONNECTWISE, FakeConnectWise, BOOKS, "invoice_lines"


def landed(
    folder: Path, dataset: str, patches: dict[tuple[str, int], dict[str, Any]], **settings: str
) -> Rows:
    """Fetch a dataset after changing the vendor's records."""
    vendor = FakeConnectWise(BOOKS)
    vendor.patches = patches
    with serving(vendor) as server:
        vendor.address = server.url
        return fetch_with(CONNECTWISE, vendor, {**vendor.settings(server.url), **settings}, dataset, folder)[
            1
        ]


def faults(
    folder: Path, dataset: str, patches: dict[tuple[str, int], dict[str, Any]], **settings: str
) -> list[tuple[str, str | None]]:
    """Fetch a dataset after changing the vendor's records, and return the columns and values that are
    rejected.
    """
    with pytest.raises(AssertionError):
        landed(folder, dataset, patches, **settings)
    known = CONNECTWISE.complete({**FakeConnectWise(BOOKS).settings("http://127.0.0.1"), **settings})
    file = connector_of(CONNECTWISE).open(folder / f"{dataset}.jsonl.gz", DATASETS[dataset], known)
    assert list(file.batches())
    return [(str(fault.column), fault.value) for fault in file.faults]


def on_retry(folder: Path, patches: dict[tuple[str, int], dict[str, Any]], **settings: str) -> list[str]:
    """Fetch the lines of invoices after changing the vendor's records, and return what people are told of
    them.
    """
    landed(folder, "invoice_lines", patches, **settings)
    known = CONNECTWISE.complete({**FakeConnectWise(BOOKS).settings("http://127.0.0.1"), **settings})
    file = connector_of(CONNECTWISE).open(folder / "invoice_lines.jsonl.gz", DATASETS["invoice_lines"], known)
    assert list(file.batches())
    return [warning for warning in file.warnings if "passed over" not in warning]


def of(rows: Rows, name: str, value: str) -> dict[str, str]:
    (found,) = [row for row in rows if row[name] == value]
    return found


def corrected(document: Path, folder: Path) -> Path:
    """Return a copy without a slip of the document: one path, of members, breaks off in the middle of a
    parameter.
    """
    content = json.loads(document.read_text(encoding="utf-8"))
    (broken,) = [path for path in content["paths"] if path.count("{") != path.count("}")]
    del content["paths"][broken]
    copy = folder / "connectwise.json"
    copy.write_text(json.dumps(content), encoding="utf-8")
    return copy


def test_the_document_finds_no_fault_with_either_side(tmp_path: Path) -> None:
    document = corrected(specification("connectwise/openapi_get_filtered.json"), tmp_path)
    vendor = FakeConnectWise(BOOKS)
    with serving(vendor) as server, judged(document, vendor, "/v4_6_release/apis/3.0") as judge:
        vendor.public = judge.url
        settings = {**vendor.settings(server.url), "base_url": judge.url}
        for dataset in CONNECTWISE.datasets:
            _, rows = fetch_with(CONNECTWISE, vendor, settings, dataset, tmp_path)
            assert ordered(rows) == ordered(BOOKS[dataset])
        assert judge.violations == []
        # the judge is awake: a request without clientId, and an answer with a price that is no number
        assert "422" in complaints_about(judge, "/procurement/catalog", Accept=ACCEPT)[0]
        vendor.patches = {("catalog", 40): {"price": "thirty"}}
        with pytest.raises(FetchError, match="500"):
            fetch_with(CONNECTWISE, vendor, settings, "products", tmp_path)
        assert judge.violations != []


def tampered(folder: Path, dataset: str, path: str, old: bytes, new: bytes, link: bool = True) -> Rows:
    """Fetch a dataset while answers about a path are changed on their way."""
    vendor = FakeConnectWise(BOOKS)

    def app(asked: Asked) -> Reply:
        reply = vendor(asked)
        if not asked.path.endswith(path):
            return reply
        headers = (
            reply.headers
            if link
            else {name: value for name, value in reply.headers.items() if name != "Link"}
        )
        return replace(reply, body=reply.body.replace(old, new), headers=headers)

    return fetch(CONNECTWISE, vendor, dataset, folder, app)[1]


def test_a_proxy_that_takes_the_link_header_away_makes_no_short_landing(tmp_path: Path) -> None:
    with pytest.raises(Inconsistent, match="says there are 4 records and sent 3"):
        tampered(tmp_path, "clients", "/company/companies", b"", b"", link=False)


def test_a_count_that_is_off_or_none_fails(tmp_path: Path) -> None:
    with pytest.raises(Inconsistent, match="says there are 5 records and sent 4"):
        tampered(tmp_path, "clients", "/companies/count", b"4", b"5")
    with pytest.raises(Malformed, match="without count"):
        tampered(tmp_path, "clients", "/companies/count", b'"count"', b'"message"')


def test_every_list_is_counted_with_its_own_conditions(tmp_path: Path) -> None:
    vendor = FakeConnectWise(BOOKS)
    with serving(vendor) as server:
        vendor.address = server.url
        fetch_with(CONNECTWISE, vendor, vendor.settings(server.url), "invoice_lines", tmp_path)
        assert {one.headers["accept"] for one in server.asked} == {ACCEPT}
        asked = [
            (one.path.removeprefix("/v4_6_release/apis/3.0"), one.query.get("conditions", ""))
            for one in server.asked
        ]
    month = "date >= [2026-10-01T00:00:00Z] and date < [2026-11-01T00:00:00Z]"
    lists, counts = ([(path, text) for path, text in asked if path.endswith(end)] for end in ("s", "/count"))
    assert sorted(set(counts)) == sorted({(f"{path}/count", text) for path, text in lists})
    additions = ("/finance/agreements/501/additions", "/finance/agreements/502/additions")
    assert {path for path, text in lists if not text} == {*additions}
    assert {text for _, text in lists if text} == {
        month,
        "invoice/id=3301",
        "invoice/id=3302",
        "invoice/id=3303",
    }
    # the list of invoices twice; of each agreement's invoice its agreement, and the count and the pages of
    # its additions; of each invoice the count and the pages of its products
    assert len(asked) == 2 * 2 + (1 + 1 + 2) + (1 + 1 + 1) + (1 + 2) + (1 + 1) + (1 + 1)


def test_deleted_companies_are_inactive(tmp_path: Path) -> None:
    rows = landed(tmp_path, "clients", {("companies", 250): {"deletedFlag": True}})
    assert {row["client_id"]: row["status"] for row in rows} == {
        "Alder": "inactive",
        "Bright": "active",
        "Cedar": "inactive",
        "Dogwood": "active",
    }


@pytest.mark.parametrize(
    ("own_classes", "backed"),
    [
        ("Service", "true true false true"),
        ("Service Agreement", "true false false true"),
        ("none", "true true true true"),
    ],
)
def test_the_class_of_an_item_says_whether_a_vendor_bills_it(
    own_classes: str, backed: str, tmp_path: Path
) -> None:
    patches = {("catalog", 41): {"productClass": "Agreement"}, ("catalog", 43): {"productClass": None}}
    rows = landed(tmp_path, "products", patches, own_classes=own_classes)
    found = {row["product_code"]: row["vendor_backed"] for row in rows}
    assert [found[code] for code in ("O365-E3", "EDR", "HELPDESK", "OTHER")] == backed.split()


@pytest.mark.parametrize("name", ["catalog_currency", "other_product", "company_id"])
def test_what_the_vendor_does_not_say_must_be_set(name: str) -> None:
    settings = FakeConnectWise(BOOKS).settings("http://127.0.0.1")
    del settings[name]
    with pytest.raises(ValueError, match=f"settings.{name} is missing"):
        CONNECTWISE.complete(settings)


@pytest.mark.parametrize(
    ("patch", "quantity", "price"),
    [
        ({"billCustomer": "NoCharge"}, "12", "0"),
        ({"billedQuantity": 5, "quantity": 9, "lessIncluded": 2}, "5", "30"),
        ({"billedQuantity": None, "quantity": 9.5, "lessIncluded": 2}, "7.5", "30"),
        ({"billedQuantity": None, "quantity": 9, "lessIncluded": None}, "9", "30"),
        ({"billedQuantity": 0, "quantity": 3, "lessIncluded": 3}, "0", "30"),
    ],
)
def test_an_agreement_line_is_what_an_addition_bills(
    patch: dict[str, Any], quantity: str, price: str, tmp_path: Path
) -> None:
    line = of(landed(tmp_path, "agreements", {("additions", 9001): patch}), "agreement_line_id", "9001")
    assert (line["quantity"], line["unit_price"]) == (quantity, price)


def test_additions_that_are_not_billed_or_billed_once_are_no_agreement_lines(tmp_path: Path) -> None:
    patches = {
        ("additions", 9001): {"billCustomer": "DoNotBill"},
        ("agreements", 502): {"billOneTimeFlag": True},
    }
    rows = landed(tmp_path, "agreements", patches)
    assert [row["agreement_line_id"] for row in rows] == ["9002", "9003", "9004"]


@pytest.mark.parametrize(
    ("addition", "agreement", "rule", "period"),
    [
        ({"cancelledDate": "2026-10-31T00:00:00Z"}, {}, "last_day", ("2026-01-01", "2026-11-01")),
        ({"cancelledDate": "2026-10-31T00:00:00Z"}, {}, "day_after", ("2026-01-01", "2026-10-31")),
        (
            {"cancelledDate": ""},
            {"endDate": "2026-12-31T00:00:00Z"},
            "last_day",
            ("2026-01-01", None),
        ),  # noEndingDateFlag
        (
            {},
            {"endDate": "2026-12-31T00:00:00Z", "noEndingDateFlag": False},
            "day_after",
            ("2026-01-01", "2027-01-01"),
        ),
        (
            {},
            {"cancelledFlag": True, "dateCancelled": "2026-10-15T00:00:00Z"},
            "last_day",
            ("2026-01-01", "2026-10-16"),
        ),
        (
            {},
            {"cancelledFlag": True, "dateCancelled": "2026-10-15T00:00:00Z"},
            "day_after",
            ("2026-01-01", "2026-10-15"),
        ),
        (
            {"cancelledDate": "2026-09-30T00:00:00Z"},
            {"cancelledFlag": True, "dateCancelled": "2026-10-15T00:00:00Z"},
            "last_day",
            ("2026-01-01", "2026-10-01"),
        ),
        (
            {},
            {"cancelledFlag": False, "dateCancelled": "2026-10-15T00:00:00Z"},
            "last_day",
            ("2026-01-01", None),
        ),
        ({}, {"startDate": "2026-03-01T00:00:00Z"}, "last_day", ("2026-03-01", None)),
        ({"effectiveDate": None}, {}, "last_day", ("2020-01-01", None)),
    ],
)
def test_an_agreement_line_is_in_force_while_addition_and_agreement_are(
    addition: dict[str, Any],
    agreement: dict[str, Any],
    rule: str,
    period: tuple[str, str | None],
    tmp_path: Path,
) -> None:
    patches = {("additions", 9001): addition, ("agreements", 501): agreement}
    line = of(landed(tmp_path, "agreements", patches, cancelled_date=rule), "agreement_line_id", "9001")
    assert (line["effective_start"], line.get("effective_end")) == period


def test_an_addition_that_was_over_before_it_began_is_no_agreement_line(tmp_path: Path) -> None:
    rows = landed(tmp_path, "agreements", {("additions", 9005): {"cancelledDate": "2026-09-30T00:00:00Z"}})
    assert [row["agreement_line_id"] for row in rows] == ["9001", "9002", "9003", "9004"]


def test_what_an_agreement_line_cannot_do_without_is_a_rejected_row(tmp_path: Path) -> None:
    patches = {
        ("agreements", 501): {"currency": None},
        ("agreements", 502): {"cancelledFlag": True},
        ("additions", 9002): {"billCustomer": "Maybe"},
    }
    assert faults(tmp_path, "agreements", patches) == [
        ("parent.currency.currencyCode", None),
        ("billCustomer", "Maybe"),
        ("parent.currency.currencyCode", None),
        ("parent.currency.currencyCode", None),
        ("parent.dateCancelled", None),
    ]


@pytest.mark.parametrize(
    ("cycle", "price"),
    [("Annual", "2.5"), ("QUARTERLY", "10"), ("Every 7 months", "4.2857142857"), (None, "30")],
)
def test_a_price_is_for_the_billing_cycle_and_is_made_one_for_a_month(
    cycle: str | None, price: str, tmp_path: Path
) -> None:
    patches = {("agreements", 501): {"billingCycle": {"id": 4, "name": cycle} if cycle else None}}
    rows = landed(tmp_path, "agreements", patches, billing_cycles="Two years=24, Every 7 months=7")
    assert of(rows, "agreement_line_id", "9001")["unit_price"] == price
    assert of(rows, "agreement_line_id", "9005")["unit_price"] == "28"


@pytest.mark.parametrize(
    ("cycle", "own"), [("Weekly", ""), ("Odd", "Odd=some"), ("Odd", "Odd=0"), ("Odd", "Odd")]
)
def test_a_billing_cycle_of_unknown_length_is_a_rejected_row(cycle: str, own: str, tmp_path: Path) -> None:
    patches = {("agreements", 502): {"billingCycle": {"id": 4, "name": cycle}}}
    assert faults(tmp_path, "agreements", patches, billing_cycles=own) == [
        ("parent.billingCycle.name", cycle)
    ]
    assert faults(tmp_path, "invoice_lines", patches, billing_cycles=own) == [
        ("parent.billingCycle.name", cycle)
    ]


def periods(rows: Rows) -> dict[str, tuple[str, str, str]]:
    return {
        row["invoice_line_id"]: (row["service_period_start"], row["service_period_end"], row["unit_price"])
        for row in rows
    }


@pytest.mark.parametrize(
    ("dated", "date", "recurring"),
    [
        ("same_month", "2026-10-31", ("2026-10-01", "2027-01-01")),
        ("month_before", "2026-09-24", ("2026-10-01", "2027-01-01")),
        ("month_after", "2026-11-02", ("2026-08-01", "2026-11-01")),
    ],
)
def test_an_invoice_is_for_the_month_that_its_date_stands_for_and_as_long_as_the_cycle(
    dated: str, date: str, recurring: tuple[str, str], tmp_path: Path
) -> None:
    patches: dict[tuple[str, int], dict[str, Any]] = {
        ("invoices", number): {"date": f"{date}T00:00:00Z"} for number in (3302, 3303)
    }
    patches[("agreements", 502)] = {"billingCycle": {"id": 3, "name": "Quarterly"}}
    found = periods(landed(tmp_path, "invoice_lines", patches, dated=dated))
    october = ("2026-10-01", "2026-11-01")
    assert found.pop("7005") == (*recurring, "9.3333333333")
    wanted = {"7006": (*october, "199.9"), "3303-rest": (*october, "-12.34")}
    assert {name: found[name] for name in wanted} == wanted
    # invoice 3301 is dated in October: it is October's only where invoices are dated in their month
    assert ("7001" in found) == (dated == "same_month")


def test_invoices_of_another_month_than_was_asked_for_are_rejected_rows(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="is not in the month that was asked for"):
        tampered(tmp_path, "invoice_lines", "/finance/invoices", b"2026-10-01T", b"2025-10-01T")


@pytest.mark.parametrize(
    "patch",
    [{"ticket": {"id": 3}}, {"project": {"id": 3}}, {"salesOrder": {"id": 3}}],
)
def test_products_of_tickets_projects_and_sales_are_one_time_on_an_agreement_s_invoice_too(
    patch: dict[str, Any], tmp_path: Path
) -> None:
    line = of(landed(tmp_path, "invoice_lines", {("products", 7001): patch}), "invoice_line_id", "7001")
    assert (line["charge_category"], line["amount"]) == ("one_time", "360")


def test_products_on_other_invoices_and_of_agreements_billed_once_are_one_time(tmp_path: Path) -> None:
    patches = {("invoices", 3301): {"type": "Standard"}, ("agreements", 502): {"billOneTimeFlag": True}}
    rows = landed(tmp_path, "invoice_lines", patches)
    assert {row["charge_category"] for row in rows} == {"one_time"}
    assert len(rows) == len(BOOKS["invoice_lines"])


@pytest.mark.parametrize(
    ("patch", "line", "rest"),
    [
        # 460 of products and 100 beside them: what a product does not bill, or bills less, stands in the rest
        # of its invoice
        ({"billableOption": "NoCharge"}, ("12", "0", "0"), "460"),
        ({"billableOption": "DoNotBill"}, None, "460"),
        ({"cancelledFlag": True}, None, "460"),
        ({"quantityCancelled": 2, "extPrice": 300}, ("10", "30", "300"), "160"),
        ({"extPrice": 460}, ("12", "30", "460"), None),
    ],
)
def test_lines_add_up_to_the_invoice_s_subtotal(
    patch: dict[str, Any], line: tuple[str, str, str] | None, rest: str | None, tmp_path: Path
) -> None:
    rows = {
        row["invoice_line_id"]: row for row in landed(tmp_path, "invoice_lines", {("products", 7001): patch})
    }
    found = rows.get("7001")
    assert (found and (found["quantity"], found["unit_price"], found["amount"])) == line
    assert (rows["3301-rest"]["amount"] if "3301-rest" in rows else None) == rest


def test_an_invoice_of_nothing_but_labour_is_one_line(tmp_path: Path) -> None:
    books = {**BOOKS, "invoice_lines": [BOOKS["invoice_lines"][4]]}
    _, rows = fetch(CONNECTWISE, FakeConnectWise(books), "invoice_lines", tmp_path)
    assert ordered(rows) == ordered(books["invoice_lines"])


def test_an_agreement_that_an_invoice_names_must_be_had(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="404"):
        landed(tmp_path, "invoice_lines", {("invoices", 3301): {"agreement": {"id": 999}}})
    # not that of an invoice that is no agreement's: it says nothing about such an invoice
    rows = landed(tmp_path, "invoice_lines", {("invoices", 3303): {"agreement": {"id": 999}}})
    assert ordered(rows) == ordered(BOOKS["invoice_lines"])


@pytest.mark.parametrize("times", [1, 99])
def test_an_error_told_with_200_in_place_of_an_agreement_is_tried_again(times: int, tmp_path: Path) -> None:
    vendor = FakeConnectWise(BOOKS)
    struck = 0

    def app(asked: Asked) -> Reply:
        nonlocal struck
        is_struck = asked.path.endswith("/agreements/502") and struck < times
        struck += is_struck
        return Reply.json({"code": "Busy", "message": "please try again"}) if is_struck else vendor(asked)

    if times > 1:
        with pytest.raises(Malformed, match='without id: "please try again"'):
            fetch(CONNECTWISE, vendor, "invoice_lines", tmp_path, app)
        return
    _, rows = fetch(CONNECTWISE, vendor, "invoice_lines", tmp_path, app)
    assert (ordered(rows), struck) == (ordered(BOOKS["invoice_lines"]), 1)


def test_an_amount_that_is_no_number_is_not_summed(tmp_path: Path) -> None:
    for amount in ("a lot", 10**100):
        with pytest.raises(Malformed, match="no number"):
            landed(tmp_path, "invoice_lines", {("products", 7006): {"extPrice": amount}})


def test_amounts_beyond_all_measure_are_rejected_and_nothing_is_rounded(tmp_path: Path) -> None:
    patches = {
        ("agreements", 502): {"billingCycle": {"name": "Annual"}},
        ("additions", 9005): {"unitPrice": 10**300},
    }
    assert faults(tmp_path, "agreements", patches) == [("unitPrice", "1" + "0" * 199)]
    rows = landed(tmp_path, "invoice_lines", {("products", 7001): {"extPrice": 10**40}})
    # what stands on the other side of the sum keeps every digit: 1096.75 less 10^40, 41.25, 49.5 and 546
    assert of(rows, "invoice_line_id", "3301-rest")["amount"] == "-" + "9" * 37 + "540"


# --- prorated lines: the days that a price proves. October has 31 days, September 30.

Patch = dict[str, Any]
OCTOBER = ("2026-10-01", "2026-11-01")


def shown(rows: Rows, number: str = "7005") -> dict[str, tuple[str, ...]]:
    """Seats, price, amount, days and agreement line of a product's lines."""
    return {
        row["invoice_line_id"].removeprefix(number): (
            row["quantity"],
            row["unit_price"],
            row["amount"],
            row["service_period_start"],
            row["service_period_end"],
            row.get("agreement_line_id", ""),
        )
        for row in rows
        if row["invoice_line_id"].split("-")[0] == number
    }


def addition(seats: float, price: float, start: str, last: str = "") -> Patch:
    ends = {"cancelledDate": f"{last}T00:00:00Z"} if last else {}
    return {"billedQuantity": seats, "unitPrice": price, "effectiveDate": f"{start}T00:00:00Z", **ends}


def line(seats: float, price: float, amount: float) -> Patch:
    return {"quantity": seats, "price": price, "extPrice": amount}


PRORATED: dict[str, tuple[Patch, Patch, dict[str, tuple[str, ...]]]] = {
    # 22 x (16/30 + 1) = 33.733; 2 x 22 are for October, what is left of 67.46 for the 16 days before
    "since the cycle before": (
        addition(2, 22, "2026-09-15"),
        line(2, 33.73, 67.46),
        {
            "": ("2", "22", "44", *OCTOBER, "9005"),
            "-before": ("2", "22", "23.46", "2026-09-15", "2026-10-01", "9005"),
        },
    ),
    # 22 x 17/31 = 12.0645
    "since the middle of the month": (
        addition(2, 22, "2026-10-15"),
        line(2, 12.06, 24.13),
        {"": ("2", "22", "24.13", "2026-10-15", "2026-11-01", "9005")},
    ),
    # 10 x 9/31 = 2.9032
    "until the middle of the month": (
        addition(4, 10, "2026-01-01", "2026-10-09"),
        line(4, 2.9, 11.6),
        {"": ("4", "10", "11.6", "2026-10-01", "2026-10-10", "9005")},
    ),
    # 10 x 10/31 = 3.2258, rounded up: 12.90 of 4 seats are 12.92
    "some days of the month": (
        addition(4, 10, "2026-10-05", "2026-10-14"),
        line(4, 3.23, 12.92),
        {
            "": ("4", "10", "12.9", "2026-10-05", "2026-10-15", "9005"),
            "-rounding": ("1", "0.02", "0.02", *OCTOBER, ""),
        },
    ),
    # 10 x 10/30 = 3.333
    "some days of the month before": (
        addition(4, 10, "2026-09-10", "2026-09-19"),
        line(4, 3.33, 13.32),
        {"": ("4", "10", "13.32", "2026-09-10", "2026-09-20", "9005")},
    ),
    # 10 x (16/30 + 9/31) = 8.2366; 4 x 10 x 9/31 = 11.6129
    "from one month into the next": (
        addition(4, 10, "2026-09-15", "2026-10-09"),
        line(4, 8.23, 32.92),
        {
            "": ("4", "10", "11.61", "2026-10-01", "2026-10-10", "9005"),
            "-before": ("4", "10", "21.31", "2026-09-15", "2026-10-01", "9005"),
        },
    ),
    # 10 x (30/30 + 1) = 20: a whole cycle back, and no more
    "since the start of the cycle before": (
        addition(4, 10, "2026-09-01"),
        line(4, 20, 80),
        {
            "": ("4", "10", "40", *OCTOBER, "9005"),
            "-before": ("4", "10", "40", "2026-09-01", "2026-10-01", "9005"),
        },
    ),
    # 22 x 17/31 = 12.0645, cut to 12.06: of 50 seats 603.23 are 603
    "many seats": (
        addition(50, 22, "2026-10-15"),
        line(50, 12.06, 603),
        {
            "": ("50", "22", "603.23", "2026-10-15", "2026-11-01", "9005"),
            "-rounding": ("1", "-0.23", "-0.23", *OCTOBER, ""),
        },
    ),
    "the whole price of a part of the month": (
        addition(4, 10, "2026-10-10"),
        line(4, 10, 40),
        {"": ("4", "10", "40", *OCTOBER, "")},
    ),
    "the whole price of other seats": (
        addition(4, 10, "2026-01-01"),
        line(3, 10, 30),
        {"": ("3", "10", "30", *OCTOBER, "")},
    ),
}
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


def october(added: Patch, product: Patch, **more: Patch) -> dict[tuple[str, int], Patch]:
    """Patches of Bright's addition, of the line for it, and more by kind."""
    numbers = {"agreements": 502, "invoices": 3302}
    return {
        ("additions", 9005): added,
        ("products", 7005): product,
        **{(kind, numbers[kind]): patch for kind, patch in more.items()},
    }


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


def test_what_stands_beside_the_lines_is_counted(tmp_path: Path) -> None:
    fetched, _ = fetch(CONNECTWISE, FakeConnectWise(BOOKS), "invoice_lines", tmp_path)
    assert (
        fetched.counts["additions of products"].rows,
        fetched.counts["additions of products"].reported,
    ) == (5, 5)


# --- credits, credit memos, consolidated invoices


@pytest.mark.parametrize("product", [line(2, -28, -56), line(2, 28, -56), line(-2, 28, -56)])
def test_a_recurring_credit_takes_seats_away_however_it_is_written(product: Patch, tmp_path: Path) -> None:
    rows = landed(tmp_path, "invoice_lines", {("products", 7005): product})
    assert shown(rows) == {"": ("-2", "28", "-56", *OCTOBER, "")}
    # one_time lines are as the vendor writes them
    rows = landed(tmp_path, "invoice_lines", {("products", 7006): product})
    assert shown(rows, "7006")[""][:3] == tuple(f"{value:g}" for value in product.values())


CREDIT_MEMO = {"type": "CreditMemo", "agreement": None}


def test_an_agreement_s_products_on_a_credit_memo_take_their_seats_away(tmp_path: Path) -> None:
    patches: dict[tuple[str, int], Patch] = {
        ("invoices", 3302): CREDIT_MEMO,
        ("products", 7005): line(-2, 28, -56),
    }
    row = of(landed(tmp_path, "invoice_lines", patches), "invoice_line_id", "7005")
    assert (row["charge_category"], row["quantity"], row["amount"]) == ("recurring", "-2", "-56")
    (remark,) = on_retry(tmp_path, patches)
    assert (
        remark
        == "1 records are of credit memos, which ConnectWise ties to no month's invoices: they count in the"
        " month of their memo"
    )
    patches[("agreements", 502)] = {"billingCycle": {"id": 3, "name": "Quarterly"}}
    assert shown(landed(tmp_path, "invoice_lines", patches)) == {
        "": ("-2", "9.3333333333", "-56", "2026-10-01", "2027-01-01", "")
    }
    row = of(landed(tmp_path, "invoice_lines", patches, credit_memos="one_time"), "invoice_line_id", "7005")
    assert (row["charge_category"], row["quantity"], row["unit_price"]) == ("one_time", "-2", "28")


@pytest.mark.parametrize("patch", [{"agreement": None}, {"ticket": {"id": 3}}, {"salesOrder": {"id": 3}}])
def test_other_products_on_a_credit_memo_are_one_time(patch: Patch, tmp_path: Path) -> None:
    patches: dict[tuple[str, int], Patch] = {("invoices", 3302): CREDIT_MEMO, ("products", 7005): patch}
    assert (
        of(landed(tmp_path, "invoice_lines", patches), "invoice_line_id", "7005")["charge_category"]
        == "one_time"
    )
    assert on_retry(tmp_path, patches) == []


CONSOLIDATED = {"type": "Consolidated", "agreement": None}


def test_an_agreement_s_products_on_a_consolidated_invoice_are_recurring(tmp_path: Path) -> None:
    added, product, wanted = PRORATED["since the cycle before"]
    patches = october(added, product, invoices={**CONSOLIDATED, "subtotal": 67.46})
    rows = landed(tmp_path, "invoice_lines", patches)
    assert shown(rows) == wanted
    assert {row["charge_category"] for row in rows if row["invoice_id"] == "3302"} == {
        "recurring"
    }  # -before too
    assert on_retry(tmp_path, patches) == []


def test_a_product_without_agreement_on_a_consolidated_invoice_is_one_time_and_people_are_told(
    tmp_path: Path,
) -> None:
    patches: dict[tuple[str, int], Patch] = {
        ("invoices", 3302): CONSOLIDATED,
        ("products", 7005): {"agreement": None},
    }
    assert (
        of(landed(tmp_path, "invoice_lines", patches), "invoice_line_id", "7005")["charge_category"]
        == "one_time"
    )
    assert on_retry(tmp_path, patches) == [
        "1 records stand on Consolidated invoices, name no agreement, and count as one_time"
    ]
    patches[("products", 7005)]["ticket"] = {"id": 3}
    assert on_retry(tmp_path, patches) == []


def test_nothing_of_a_consolidated_invoice_is_counted_twice(tmp_path: Path) -> None:
    """Invoice 3303 gathers the other two: its subtotal is theirs, and their products name them."""
    patches: dict[tuple[str, int], Patch] = {
        ("invoices", 3303): {**CONSOLIDATED, "subtotal": 1166.75},
        ("products", 7006): {"invoice": {"id": 3302}, "extPrice": 0, "quantity": 0},
    }
    rows = landed(tmp_path, "invoice_lines", patches)
    assert sorted(row["invoice_line_id"] for row in rows) == [
        "3301-rest",
        "7001",
        "7002",
        "7003",
        "7004",
        "7005",
        "7006",
    ]
    (remark,) = on_retry(tmp_path, patches)
    assert remark.startswith("1 records are consolidated invoices whose products do not make their subtotal")


def test_an_agreement_s_invoice_that_names_no_agreement_goes_by_that_of_its_products(tmp_path: Path) -> None:
    patches: dict[tuple[str, int], Patch] = {
        ("invoices", 3302): {"agreement": None},
        ("agreements", 502): {"billingCycle": {"id": 3, "name": "Quarterly"}},
    }
    assert shown(landed(tmp_path, "invoice_lines", patches)) == {
        "": ("2.5", "9.3333333333", "70", "2026-10-01", "2027-01-01", "")
    }
    assert on_retry(tmp_path, patches) == []
    patches[("products", 7005)] = {"agreement": None}
    row = of(landed(tmp_path, "invoice_lines", patches), "invoice_line_id", "7005")
    assert (row["charge_category"], row["unit_price"]) == ("one_time", "28")
    assert on_retry(tmp_path, patches) == [
        "1 records stand on Agreement invoices, name no agreement, and count as one_time"
    ]


def test_an_addition_whose_last_day_is_its_first_is_in_force_that_day(tmp_path: Path) -> None:
    patches = {("additions", 9005): {"cancelledDate": "2026-10-01T00:00:00Z"}}
    row = of(landed(tmp_path, "agreements", patches), "agreement_line_id", "9005")
    assert (row["effective_start"], row["effective_end"]) == ("2026-10-01", "2026-10-02")
    assert "9005" not in {
        row["agreement_line_id"]
        for row in landed(tmp_path, "agreements", patches, cancelled_date="day_after")
    }
