"""HaloPSA: the conformance suite, and that both sides keep to the interface's document.

Belongs here: what is walked, counted and kept, clients and items. Does not: lines (``test_agreement_lines``,
``test_invoice_lines``).
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from connectors.datasets import DATASETS
from connectors.http.errors import FetchError, Inconsistent, Malformed
from connectors.registry import connector_of
from connectors.sources.halopsa.declaration import HALOPSA
from connectors.testing.conformance import SourceConformance
from connectors.testing.fetching import fetch, fetch_with, ordered
from connectors.testing.server import Asked, Reply, serving
from connectors.testing.vendors.halopsa import FakeHaloPSA
from connectors.testing.vendors.halopsa_documents import NEVER
from tests.connectors.sources.halopsa.books import ALDER, BESIDE, BOOKS, mapped
from tests.connectors.sources.halopsa.document import corrected
from tests.connectors.sources.referee import complaints_about, judged, specification


class TestHaloPSA(SourceConformance):
    spec, vendor, books, hostile = HALOPSA, FakeHaloPSA, BOOKS, "invoice_lines"
    beside = BESIDE


def test_the_document_finds_no_fault_with_either_side(tmp_path: Path) -> None:
    document = corrected(specification("halopsa/halopsa_get_filtered.json"), tmp_path)
    vendor = FakeHaloPSA(BOOKS)
    with serving(vendor) as server, judged(document, vendor, "/api") as judge:
        settings = {**vendor.settings(server.url), "base_url": judge.url}
        for dataset in HALOPSA.datasets:
            _, rows = fetch_with(HALOPSA, vendor, settings, dataset, tmp_path)
            assert ordered(rows) == ordered(BOOKS[dataset])
        assert judge.violations == []
        # the judge is awake: a page that is no number, a request without a token, a price that is a text
        token = f"Bearer {vendor.tokens.given[-1]}"
        assert "422" in complaints_about(judge, "/Item?page_no=first", Authorization=token)[0]
        assert "422" in complaints_about(judge, "/Item")[0]
        vendor.items[0]["baseprice"] = "thirty"
        with pytest.raises(FetchError, match="500"):
            fetch_with(HALOPSA, vendor, settings, "products", tmp_path)


def asked_for(dataset: str, folder: Path) -> list[tuple[str, dict[str, str]]]:
    vendor = FakeHaloPSA({**BOOKS, "invoice_lines": [*BOOKS["invoice_lines"], *BESIDE["invoice_lines"]]})
    with serving(vendor) as server:
        fetch_with(HALOPSA, vendor, vendor.settings(server.url), dataset, folder)
        return [(one.path.removeprefix("/api"), dict(one.query)) for one in server.asked]


def test_invoices_are_listed_by_page_and_those_of_the_month_asked_for_one_by_one(tmp_path: Path) -> None:
    (token, tenant), *asked = asked_for("invoice_lines", tmp_path)
    assert (token, tenant) == ("/auth/token", {"tenant": "acme"})
    page = {
        "pageinate": "true", "order": "id", "page_size": "100", "includeinvoices": "true",
        "includecredits": "true", "includepoinvoices": "false",
    }  # fmt: skip
    assert asked[:3] == [("/Invoice", {**page, "page_no": str(number)}) for number in (1, 2, 3)]
    # of seven invoices, the first (INV-0) and the last (INV-9) are of other months
    assert asked[3:] == [(f"/Invoice/{number}", {}) for number in range(5002, 5007)]


def test_each_recurring_invoice_is_asked_for_unless_it_is_disabled(tmp_path: Path) -> None:
    asked = [path for path, _ in asked_for("agreements", tmp_path)]
    assert asked[1:] == ["/RecurringInvoice"] * 2 + [f"/RecurringInvoice/-{n}" for n in (98, 97, 96, 95, 94)]
    vendor = FakeHaloPSA(BOOKS)
    vendor.recurring[0]["disabled"] = True  # -94
    with serving(vendor) as server:
        _, rows = fetch_with(HALOPSA, vendor, vendor.settings(server.url), "agreements", tmp_path)
        assert "/api/RecurringInvoice/-94" not in [one.path for one in server.asked]
    assert ordered(rows) == ordered(row for row in BOOKS["agreements"] if row["agreement_id"] != "-94")


def test_an_invoice_without_a_date_or_without_its_lines_is_rejected_and_not_passed_over(
    tmp_path: Path,
) -> None:
    vendor = FakeHaloPSA(BOOKS)
    vendor.invoices[1]["invoice_date"] = NEVER
    with pytest.raises(AssertionError, match="is no date; give the invoice one"):
        fetch(HALOPSA, vendor, "invoice_lines", tmp_path)
    vendor = FakeHaloPSA(BOOKS)
    vendor.invoices[1]["lines"] = []
    with pytest.raises(AssertionError, match="is empty, though the invoice is not of"):
        fetch(HALOPSA, vendor, "invoice_lines", tmp_path)


def test_the_month_of_an_invoice_is_that_of_its_day_where_the_msp_is(tmp_path: Path) -> None:
    vendor = FakeHaloPSA(BOOKS)
    vendor.invoices[0]["invoice_date"] = "2026-09-30T23:00:00"
    vendor.invoices[1]["invoice_date"] = "2026-10-31T23:30:00"
    with serving(vendor) as server:
        settings = vendor.settings(server.url)
        _, rows = fetch_with(
            HALOPSA, vendor, {**settings, "time_zone": "Europe/London"}, "invoice_lines", tmp_path
        )
        assert ordered(rows) == ordered(BOOKS["invoice_lines"])
        _, rows = fetch_with(HALOPSA, vendor, settings, "invoice_lines", tmp_path)
        assert "INV-1" not in {row["invoice_id"] for row in rows}
        with pytest.raises(FetchError, match="settings.time_zone 'Lodnon' is no time zone"):
            fetch_with(HALOPSA, vendor, {**settings, "time_zone": "Lodnon"}, "invoice_lines", tmp_path)


def test_the_lines_that_bill_something_are_held_against_the_net_sum(tmp_path: Path) -> None:
    vendor = FakeHaloPSA(BOOKS)
    lines = vendor.invoices[0]["lines"]
    lines += [
        {**lines[0], "id": 8001, "isgroupdesc": True},
        {**lines[0], "id": 8002, "isinactive": True},
    ]
    vendor.invoices[1]["revenue"] = 71.0  # its line is of 70.00
    _, rows = fetch(HALOPSA, vendor, "invoice_lines", tmp_path)
    assert ordered(rows) == ordered(BOOKS["invoice_lines"])
    known = HALOPSA.complete(vendor.settings("http://127.0.0.1"))
    records = connector_of(HALOPSA).open(
        tmp_path / "invoice_lines.jsonl.gz", DATASETS["invoice_lines"], known
    )
    list(records.batches())
    noted = [text for text in records.warnings if "revenue" in text]
    assert noted == [
        "1 records are invoices whose lines do not make their own net sum (revenue): look at them"
    ]


def test_a_vendor_that_knows_no_pages_makes_no_short_landing(tmp_path: Path) -> None:
    vendor = FakeHaloPSA(BOOKS)

    def first_page_for_ever(asked: Asked) -> Reply:
        pairs = [(name, "1" if name == "page_no" else value) for name, value in asked.pairs]
        return vendor(Asked(asked.method, asked.path, pairs, asked.headers, asked.body))

    with pytest.raises(Inconsistent, match="says there are 5 records and sent 3 different"):
        fetch(HALOPSA, vendor, "clients", tmp_path, first_page_for_ever)


def test_an_invoice_that_comes_without_its_list_of_lines_ends_the_fetch(tmp_path: Path) -> None:
    vendor = FakeHaloPSA(BOOKS)
    del vendor.invoices[1]["lines"]
    with pytest.raises(Malformed, match="without its list lines"):
        fetch(HALOPSA, vendor, "invoice_lines", tmp_path)


def test_an_error_sent_as_a_success_ends_the_fetch_and_is_told(tmp_path: Path) -> None:
    vendor = FakeHaloPSA(BOOKS)

    def refusing(asked: Asked) -> Reply:
        return vendor(asked) if vendor.is_token_request(asked) else Reply.json({"error": "not licensed"})

    for dataset in HALOPSA.datasets:
        with pytest.raises(Malformed, match='without the list .*: "not licensed"'):
            fetch(HALOPSA, vendor, dataset, tmp_path, refusing)


def test_people_and_keys_that_come_with_an_invoice_are_not_landed(tmp_path: Path) -> None:
    vendor = FakeHaloPSA(BOOKS)
    for document in (*vendor.invoices, *vendor.recurring):
        document.update(client={"accountsemailaddress": "ada@example.test"}, schedule={"user_id": 77})
        for line in document["lines"]:
            line["quantity_users"] = [{"name": "ada@example.test"}]
    for dataset in ("agreements", "invoice_lines"):
        _, rows = fetch(HALOPSA, vendor, dataset, tmp_path)
        assert ordered(rows) == ordered(BOOKS[dataset])
        landed = gzip.decompress((tmp_path / f"{dataset}.jsonl.gz").read_bytes()).decode()
        assert "ada@example.test" not in landed and "schedule" not in landed


def test_a_client_that_is_inactive_is_listed_too(tmp_path: Path) -> None:
    _, rows = fetch(HALOPSA, FakeHaloPSA(BOOKS), "clients", tmp_path)
    assert [row["client_id"] for row in rows if row["status"] == "inactive"] == ["50"]
    assert mapped("clients", {"id": ALDER, "name": "Alder"})[0] == [
        {"client_id": ALDER, "client_name": "Alder", "status": "active"}
    ]


ITEM = {"id": "783", "name": "Office 365 E3", "baseprice": "9.0", "recurringprice": "30.5"}


@pytest.mark.parametrize(
    ("changes", "price"),
    [
        ({"isrecurringitem": "true"}, "30.5"),
        ({"isrecurringitem": "false"}, "9"),
        ({"isrecurringitem": "true", "recurringprice": "0.0"}, "9"),
        ({"isrecurringitem": "true", "recurringprice": None}, "9"),
        ({"baseprice": "0.0"}, None),
        ({"baseprice": None}, None),
        ({"item_default_billing_period": "2"}, "9"),
        ({"item_default_billing_period": "0"}, "9"),
        ({"item_default_billing_period": "3"}, None),  # a year
    ],
)
def test_the_price_of_an_item(changes: dict[str, str | None], price: str | None) -> None:
    [row], _ = mapped("products", ITEM, **changes)
    assert row.get("default_unit_price") == price
    assert row.get("currency") == ("GBP" if price else None)


def test_groups_that_no_vendor_bills_are_a_setting() -> None:
    def backed(own_groups: str, **changes: Any) -> str:
        return str(mapped("products", ITEM, {"own_groups": own_groups}, **changes)[0][0]["vendor_backed"])

    groups = "Services, Labour"
    assert backed(groups, assetgroup_name="Labour") == "false"
    assert [backed(groups), backed(groups, assetgroup_name="Cloud"), backed("", assetgroup_name="")] == [
        "true"
    ] * 3


@pytest.mark.parametrize("name", ["instance", "currencies"])
def test_what_the_vendor_does_not_say_must_be_set(name: str) -> None:
    settings = FakeHaloPSA(BOOKS).settings("http://127.0.0.1")
    del settings[name]
    with pytest.raises(ValueError, match=f"settings.{name} is missing"):
        HALOPSA.complete(settings)


def test_the_addresses_are_those_of_the_instance() -> None:
    known = HALOPSA.complete({"instance": "acme", "currencies": "GBP"})
    assert known["base_url"] == "https://acme.halopsa.com/api"
    assert known["token_url"] == "https://acme.halopsa.com/auth/token?tenant=acme"
