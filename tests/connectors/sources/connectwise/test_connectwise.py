"""ConnectWise PSA: the conformance suite, and that both sides keep to the vendor's document.

Belongs here: what is walked and counted, companies and items. Does not: agreement lines
(``test_agreement_lines``) and invoices (``test_invoices``, ``test_prorated``, ``test_invoice_kinds``).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.http.errors import FetchError, Inconsistent, Malformed
from connectors.sources.connectwise import CONNECTWISE
from connectors.testing.conformance import SourceConformance
from connectors.testing.fetching import fetch_with, ordered
from connectors.testing.server import serving
from connectors.testing.vendor import Books
from connectors.testing.vendors.connectwise import FakeConnectWise
from tests.connectors.sources.connectwise.books import BOOKS, landed, tampered
from tests.connectors.sources.referee import complaints_about, judged, specification

ACCEPT = "application/vnd.connectwise.com+json; version=2026.4"


class _OneUnnamed(FakeConnectWise):
    """A product of an agreement's invoice names no agreement: its additions are those of the invoice's."""

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self.patches["products", 7005] = {"agreement": None}


class TestConnectWise(SourceConformance):
    spec, vendor, books, hostile = CONNECTWISE, _OneUnnamed, BOOKS, "invoice_lines"


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
