"""QuickBooks Online: the conformance suite, what is asked for, customers and items.

Belongs here: months, statements, connections. Does not: the money of a line (``test_lines``), faults
(``test_faults``).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connectors.dated_months import shifted
from connectors.http.errors import CredentialsRefused, FetchError
from connectors.sources.quickbooks.online import QUICKBOOKS
from connectors.testing.conformance import SourceConformance
from connectors.testing.fetching import fetch, fetch_with
from connectors.testing.server import Asked, Reply, serving
from connectors.testing.vendors.quickbooks import REALM, FakeQuickBooks
from tests.connectors.sources.quickbooks.books import BESIDE, BOOKS, got


class TestQuickBooks(SourceConformance):
    spec, vendor, books, hostile = QUICKBOOKS, FakeQuickBooks, BOOKS, "invoice_lines"
    beside = BESIDE


def test_records_are_counted_before_they_are_read_to_an_empty_page(tmp_path: Path) -> None:
    vendor = FakeQuickBooks(BOOKS)
    with serving(vendor) as server:
        fetch_with(QUICKBOOKS, vendor, vendor.settings(server.url), "invoice_lines", tmp_path)
        asked = [each for each in server.asked if each.method == "GET"]
    window = "where TxnDate >= '2026-09-30' and TxnDate <= '2026-11-01'"
    assert [each.query["query"] for each in asked] == [
        "select * from Preferences",
        f"select count(*) from Invoice {window}",
        # a page of this vendor holds three, whatever is asked for
        f"select * from Invoice {window} orderby Id startposition 1 maxresults 250",
        f"select * from Invoice {window} orderby Id startposition 4 maxresults 250",
        f"select * from Invoice {window} orderby Id startposition 6 maxresults 250",
        "select * from Preferences",
        f"select count(*) from CreditMemo {window}",
        f"select * from CreditMemo {window} orderby Id startposition 1 maxresults 250",
        f"select * from CreditMemo {window} orderby Id startposition 2 maxresults 250",
    ]
    assert {(each.path, each.query["minorversion"]) for each in asked} == {
        (f"/v3/company/{REALM}/query", "75")
    }


def test_only_the_home_currency_of_the_preferences_is_landed(tmp_path: Path) -> None:
    fetched, _ = fetch(QUICKBOOKS, FakeQuickBooks(BOOKS), "invoice_lines", tmp_path)
    assert {name for name in fetched.fields if name.startswith("preferences.")} == {
        "preferences.CurrencyPrefs.HomeCurrency.value"
    }


@pytest.mark.parametrize(("dated", "month"), [("month_before", -1), ("same_month", 0), ("month_after", 1)])
def test_documents_of_a_month_may_be_dated_in_the_month_beside_it(
    dated: str, month: int, tmp_path: Path
) -> None:
    # the books' documents are dated on the first and on the last day of October
    october = date(2026, 10, 1)
    for period, found in (
        (shifted(october, -month), 9),
        (shifted(october, -month - 1), 0),
        (shifted(october, -month + 1), 0),
    ):
        rows, faults, _ = got(tmp_path, FakeQuickBooks(BOOKS), period=f"{period:%Y-%m}", dated=dated)
        assert (len(rows), faults) == (found, [])
        spans = {(row["service_period_start"], row["service_period_end"]) for row in rows}
        assert spans == ({(str(period), str(shifted(period, 1)))} if found else set())


def test_a_refresh_token_is_replaced_at_each_use_and_by_its_owner_only(tmp_path: Path) -> None:
    vendor = FakeQuickBooks(BOOKS)
    for number in (1, 2, 3):
        fetch(QUICKBOOKS, vendor, "clients", tmp_path)
        assert vendor.token_file.read_text() == f"canary-quickbooks-refresh-{number}\n"
        assert vendor.token_file.stat().st_mode & 0o777 == 0o600


def test_the_token_asked_for_again_after_a_lost_answer_is_the_one_that_is_kept(tmp_path: Path) -> None:
    vendor = FakeQuickBooks(BOOKS)
    lost = 0

    def app(asked: Asked) -> Reply:
        nonlocal lost
        reply = vendor(asked)
        if vendor.is_token_request(asked) and not lost:
            lost += 1
            return Reply(wire="reset")
        return reply

    _, rows = fetch(QUICKBOOKS, vendor, "clients", tmp_path, app)
    assert (len(rows), lost, vendor.token_file.read_text()) == (4, 1, "canary-quickbooks-refresh-2\n")


def test_a_refresh_token_that_the_vendor_gave_up_is_asked_for_once_and_stays(tmp_path: Path) -> None:
    vendor = FakeQuickBooks(BOOKS)
    vendor.token_file.write_text("canary-quickbooks-refresh-old")
    with serving(vendor) as server, pytest.raises(CredentialsRefused, match="invalid_grant") as caught:
        fetch_with(QUICKBOOKS, vendor, vendor.settings(server.url), "clients", tmp_path)
    assert "refresh-old" not in str(caught.value)
    assert "environment" not in str(caught.value)
    assert str(caught.value).endswith(
        f": the refresh token in {vendor.token_file} is worth nothing any more; allow the access again and"
        " put the new one there"
    )
    assert (len(server.asked), vendor.token_file.read_text()) == (1, "canary-quickbooks-refresh-old")


@pytest.mark.parametrize("path", ["token", "./token", "~/token"])
def test_the_file_of_the_refresh_token_is_named_from_the_root(path: str) -> None:
    with pytest.raises(ValueError, match=r"settings\.token_file: write the whole path, from the root"):
        QUICKBOOKS.complete({"realm_id": "1", "token_file": path})


def test_another_company_is_refused(tmp_path: Path) -> None:
    vendor = FakeQuickBooks(BOOKS)
    with serving(vendor) as server, pytest.raises(FetchError, match="404"):
        settings = {**vendor.settings(server.url), "realm_id": "1/../2"}
        fetch_with(QUICKBOOKS, vendor, settings, "clients", tmp_path)
    assert server.asked[-1].path == "/v3/company/1%2F..%2F2/query"


def test_items_that_only_sort_or_bundle_others_are_no_products(tmp_path: Path) -> None:
    vendor = FakeQuickBooks(BOOKS)
    for item, kind in zip(
        vendor.entities["Item"], ("Category", "Group", "Inventory", "NonInventory"), strict=True
    ):
        item["Type"] = kind
    rows, faults, _ = got(tmp_path, vendor, "products")
    assert ([row["product_code"] for row in rows], faults) == (["21", "22", "no-item"], [])


def test_a_price_with_tax_inside_is_not_taken_for_one_without(tmp_path: Path) -> None:
    vendor = FakeQuickBooks(BOOKS)
    vendor.entities["Item"][0]["SalesTaxIncluded"] = True
    rows, _, _ = got(tmp_path, vendor, "products")
    assert [row["default_unit_price"] for row in rows] == [None, "4.5", None, "120", None]


def test_prices_are_in_the_home_currency_of_the_company(tmp_path: Path) -> None:
    vendor = FakeQuickBooks(BOOKS)
    vendor.entities["Preferences"][0]["CurrencyPrefs"]["HomeCurrency"]["value"] = "CAD"
    rows, _, _ = got(tmp_path, vendor, "products")
    assert [row["currency"] for row in rows] == ["CAD", "CAD", None, "CAD", None]
    lines, _, _ = got(tmp_path, vendor)
    # the books' invoice in euro says so, the others say nothing
    assert sorted({(row["invoice_id"], row["currency"]) for row in lines}) == [
        ("1040", "CAD"), ("1041", "CAD"), ("1042", "CAD"), ("1043", "EUR"), ("1044", "CAD"), ("1060", "CAD"),
    ]  # fmt: skip
