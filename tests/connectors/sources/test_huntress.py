"""Huntress: the conformance suite for an account and for a reseller, and what is peculiar to it."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.datasets import DATASETS
from connectors.http.errors import FetchError
from connectors.registry import CONNECTORS
from connectors.sources.huntress import HUNTRESS, HUNTRESS_RESELLER
from connectors.testing.conformance import SourceConformance, fetch, fetch_with, ordered, read
from connectors.testing.hostile import Behaviour, Hostile
from connectors.testing.server import Reply, serving
from connectors.testing.vendor import FakeVendor, basic_header
from connectors.testing.vendors.huntress import FakeHuntress, FakeHuntressReseller
from tests.connectors.sources.referee import complaints_about, judged, specification

PLAN = "Huntress Partner 100 Agents"


def counts(customer: str, **of: str) -> list[dict[str, str]]:
    return [
        {
            "vendor_customer_id": customer,
            "sku_id": sku,
            "as_of_date": "2026-10-14",
            "entitled_quantity": quantity,
        }
        for sku, quantity in of.items()
    ]


def invoice(number: str, day: str, currency: str, total: str) -> dict[str, str]:
    return {"invoice_id": number, "invoice_date": day, "currency": currency, "invoice_total": total}


def charge(number: str, day: str, currency: str, total: str, category: str = "recurring") -> dict[str, str]:
    return {
        "line_id": number,
        "invoice_id": number,
        "vendor_customer_id": "account",
        "sku_id": PLAN,
        "sku_name": PLAN,
        "charge_category": category,
        "charge_type": "invoice",
        "quantity": "1",
        "unit_cost": total,
        "amount": total,
        "currency": currency,
        "charge_period_start": day,
        "charge_period_end": day,
    }


BOOKS = {
    "license_counts": [
        *counts("11", edr="42", itdr="30", sat="25", siem="3"),
        *counts("12", edr="7"),
        *counts("13", edr="0", itdr="0"),
        *counts("14", edr="1200", siem="0"),
        *counts("15", edr="5", sat="5", ispm="100"),
    ],
    "vendor_invoices": [
        invoice("1", "2026-10-01", "USD", "3.03"),
        invoice("2", "2026-10-10", "USD", "125000"),
        invoice("3", "2026-10-12", "JPY", "48000"),
        invoice("4", "2026-10-31", "KWD", "92.125"),
    ],
    "vendor_charges": [
        charge("1", "2026-10-01", "USD", "3.03"),
        charge("2", "2026-10-10", "USD", "125000"),
        charge("3", "2026-10-12", "JPY", "48000", "one_time"),
        charge("4", "2026-10-31", "KWD", "92.125"),
    ],
}
RESELLER_BOOKS = {
    **BOOKS,
    "vendor_charges": [{**row, "vendor_customer_id": "reseller"} for row in BOOKS["vendor_charges"]],
}


class TestHuntress(SourceConformance):
    spec, vendor, books, hostile = HUNTRESS, FakeHuntress, BOOKS, "vendor_invoices"


class TestHuntressReseller(SourceConformance):
    spec, vendor, books, hostile = HUNTRESS_RESELLER, FakeHuntressReseller, RESELLER_BOOKS, "license_counts"


def corrected(document: Path, folder: Path) -> Path:
    """Return a copy without three slips of the document: the type "Object", required fields of organizations
    that they have nowhere, and actual_usages, which is called a text and shown as an object."""
    content = json.loads(re.sub(r'"type": ?"Object"', '"type": "object"', document.read_text()))
    for name in ("Organization", "OrganizationWithActualProductUsages"):
        organization = content["definitions"][name]
        assert not set(organization.pop("required")) & set(organization["properties"])
    usages = organization["properties"]["actual_usages"]
    assert (usages["type"], type(usages["example"])) == ("string", dict)
    usages["type"] = "object"
    copy = folder / "huntress.json"
    copy.write_text(json.dumps(content))
    return copy


@pytest.mark.parametrize(
    ("spec", "vendor", "path"),
    [
        (HUNTRESS, FakeHuntress(BOOKS), "organizations"),
        (HUNTRESS_RESELLER, FakeHuntressReseller(RESELLER_BOOKS), "reseller/invoices"),
    ],
    ids=["account", "reseller"],
)
def test_the_document_finds_no_fault_with_either_side(
    spec: Any, vendor: FakeVendor, path: str, tmp_path: Path
) -> None:
    document = corrected(specification("huntress/huntress-rest-openapi.json"), tmp_path)
    with judged(document, vendor) as judge:
        for dataset in spec.datasets:
            _, rows = fetch_with(spec, vendor, vendor.settings(judge.url), dataset, tmp_path)
            assert ordered(rows) == ordered(vendor.books[dataset])
        assert judge.violations == []
        # the judge is awake: a page size over the documented maximum is a violation of the request
        known = basic_header(":".join(vendor.credentials.values()))
        assert "422" in complaints_about(judge, f"/v1/{path}?limit=501", Authorization=known)[0]


class With(FakeHuntress):
    """One more invoice, like the first but for some fields; None leaves one out."""

    fields: dict[str, Any] = {}

    def invoices(self) -> list[dict[str, Any]]:
        found = super().invoices()
        more = {**found[0], "id": 99, **self.fields}
        return [*found, {name: value for name, value in more.items() if value is not None}]


def fetched_with(folder: Path, dataset: str, **fields: Any) -> list[dict[str, str]]:
    """Return what comes of the books with one more invoice."""
    vendor = With(BOOKS)
    vendor.fields = fields
    return fetch(HUNTRESS, vendor, dataset, folder)[1]


def fault_with(folder: Path, **fields: Any) -> tuple[str, str | None, str]:
    """Return what is rejected, and why, of the books with one more invoice; all others must be landed."""
    with pytest.raises(AssertionError):
        fetched_with(folder, "vendor_invoices", **fields)
    records = CONNECTORS["huntress"].open(
        folder / "vendor_invoices.jsonl.gz", DATASETS["vendor_invoices"], {}
    )
    assert sum(batch.num_rows for batch in records.batches()) == len(BOOKS["vendor_invoices"])
    [fault] = records.faults
    return fault.column, fault.value, fault.reason


@pytest.mark.parametrize(
    ("currency", "amount", "total"),
    [
        ("usd", 303, "3.03"),
        ("usd", 1, "0.01"),
        ("usd", 100, "1"),
        ("usd", -250, "-2.5"),
        ("usd", 0, "0"),
        ("eur", 2147483647, "21474836.47"),
        ("jpy", 303, "303"),
        ("kwd", 303, "0.303"),
        ("bhd", 1000, "1"),
        ("clp", 990, "990"),
    ],
)
def test_an_amount_is_in_the_smallest_unit_of_its_currency(
    currency: str, amount: int, total: str, tmp_path: Path
) -> None:
    rows = fetched_with(tmp_path, "vendor_invoices", currency_type=currency, amount=amount)
    [found] = [row for row in rows if row["invoice_id"] == "99"]
    assert (found["currency"], found["invoice_total"]) == (currency.upper(), total)


@pytest.mark.parametrize("currency", ["isk", "mga", "ugx", "xau", "zzz", "dollars"])
def test_a_currency_whose_smallest_unit_is_not_sure_is_rejected(currency: str, tmp_path: Path) -> None:
    column, value, reason = fault_with(tmp_path, currency_type=currency)
    assert (column, value) == ("currency_type", currency.upper())
    assert reason == "has no smallest unit that is sure; ask Huntress what amount counts"


def test_an_amount_with_a_fraction_of_the_smallest_unit_is_rejected(tmp_path: Path) -> None:
    assert fault_with(tmp_path, amount=303.5)[:2] == ("amount", "303.5")


@pytest.mark.parametrize("status", ["open", "paid", "failed", "partial_refund", "processing"])
def test_what_was_billed_counts_whatever_became_of_the_payment(status: str, tmp_path: Path) -> None:
    rows = fetched_with(tmp_path, "vendor_invoices", status=status)
    assert [row["invoice_total"] for row in rows if row["invoice_id"] == "99"] == ["3.03"]
    charges = fetched_with(tmp_path, "vendor_charges", status=status)
    assert [
        (row["line_id"], row["quantity"], row["amount"]) for row in charges if row["invoice_id"] == "99"
    ] == [("99", "1", "3.03")]


def test_a_full_refund_gives_all_of_its_invoice_back_and_shows_both(tmp_path: Path) -> None:
    [bill] = [
        row
        for row in fetched_with(tmp_path, "vendor_invoices", status="full_refund")
        if row["invoice_id"] == "99"
    ]
    assert bill["invoice_total"] == "0"
    charges = [
        row
        for row in fetched_with(tmp_path, "vendor_charges", status="full_refund")
        if row["invoice_id"] == "99"
    ]
    columns = ("line_id", "charge_category", "charge_type", "quantity", "unit_cost", "amount")
    assert [tuple(row[name] for name in columns) for row in charges] == [
        ("99", "recurring", "invoice", "1", "3.03", "3.03"),
        ("99-refund", "recurring", "refund", "-1", "3.03", "-3.03"),
    ]


def test_a_partial_refund_is_told_for_nobody_knows_how_much_went_back(tmp_path: Path) -> None:
    fetched_with(tmp_path, "vendor_charges", status="partial_refund")
    records = CONNECTORS["huntress"].open(
        tmp_path / "vendor_charges.jsonl.gz", DATASETS["vendor_charges"], {}
    )
    assert sum(batch.num_rows for batch in records.batches()) == 5
    assert records.warnings == [
        "1 records were refunded in part and count in full: Huntress does not say how much went back"
    ]


def test_a_voided_invoice_was_never_billed(tmp_path: Path) -> None:
    for dataset in ("vendor_invoices", "vendor_charges"):
        assert ordered(fetched_with(tmp_path, dataset, status="voided")) == ordered(BOOKS[dataset])


def test_a_draft_is_rejected_for_it_would_be_missing_once_it_is_issued(tmp_path: Path) -> None:
    reason = "is not final; fetch the month again when Huntress has issued or voided the invoice"
    assert fault_with(tmp_path, status="draft") == ("status", "draft", reason)


def test_a_status_nobody_knows_is_rejected(tmp_path: Path) -> None:
    column, value, reason = fault_with(tmp_path, status="written_off")
    assert (column, value) == ("status", "written_off")
    assert reason.startswith("is no status Huntress documents")


@pytest.mark.parametrize(
    ("moment", "is_landed"),
    [
        ("2026-09-30T23:59:59Z", False),
        ("2026-10-01T00:00:00Z", True),
        ("2026-10-31T23:59:59Z", True),
        ("2026-11-01T00:00:00Z", False),
        ("2026-10-31T23:30:00-05:00", False),
        ("2026-09-30T23:30:00-05:00", True),
        ("2025-10-05T00:00:00Z", False),
    ],
)
def test_only_invoices_made_in_the_month_by_utc_are_of_the_month(
    moment: str, is_landed: bool, tmp_path: Path
) -> None:
    for dataset in ("vendor_invoices", "vendor_charges"):
        rows = fetched_with(tmp_path, dataset, created_at=moment)
        assert ("99" in {row["invoice_id"] for row in rows}) is is_landed


def test_a_draft_of_another_month_is_no_trouble(tmp_path: Path) -> None:
    rows = fetched_with(tmp_path, "vendor_invoices", status="draft", created_at="2026-11-01T00:00:00Z")
    assert ordered(rows) == ordered(BOOKS["vendor_invoices"])


def test_the_charges_of_an_invoice_sum_to_its_total(tmp_path: Path) -> None:
    _, bills = fetch(HUNTRESS, FakeHuntress(BOOKS), "vendor_invoices", tmp_path)
    _, charges = fetch(HUNTRESS, FakeHuntress(BOOKS), "vendor_charges", tmp_path)
    for bill in bills:
        lines = [
            line
            for line in charges
            if (line["invoice_id"], line["currency"]) == (bill["invoice_id"], bill["currency"])
        ]
        assert sum(Decimal(line["amount"]) for line in lines) == Decimal(bill["invoice_total"])
        assert all(
            Decimal(line["quantity"]) * Decimal(line["unit_cost"]) == Decimal(line["amount"])
            for line in lines
        )


def test_an_invoice_without_a_plan_still_has_a_charge(tmp_path: Path) -> None:
    rows = fetched_with(tmp_path, "vendor_charges", plan=None, has_usage=False)
    assert [(row["sku_id"], row["charge_category"]) for row in rows if row["line_id"] == "99"] == [
        ("no plan", "one_time")
    ]


def test_one_organization_gives_a_count_for_each_product_it_states_and_none_for_the_others(
    tmp_path: Path,
) -> None:
    fetched, rows = fetch(HUNTRESS, FakeHuntress(BOOKS), "license_counts", tmp_path)
    assert fetched.rows == 5
    assert ordered(row for row in rows if row["vendor_customer_id"] == "13") == ordered(
        counts("13", edr="0", itdr="0")
    )


class Using(FakeHuntress):
    """Organizations that all use the same."""

    used: Any = {}

    def usages(self, number: int) -> dict[str, Any]:
        return self.used  # type: ignore[no-any-return]


def counted(folder: Path, used: Any) -> set[tuple[str, str]]:
    """Return what is counted of an organization that uses this."""
    vendor = Using({"license_counts": counts("11", edr="1")})
    vendor.used = used
    return {
        (row["sku_id"], row["entitled_quantity"])
        for row in fetch(HUNTRESS, vendor, "license_counts", folder)[1]
    }


def test_what_counts_is_billable_and_not_all_there_is(tmp_path: Path) -> None:
    # the vendor's own example: 100 of 150 identities with Microsoft and 50 of 75 with Google are billable
    used = {
        "siem": {"billable_log_sources_count": 5, "retention": "90/7"},
        "edr": {
            "billable_agents_count": 42,
            "unresponsive_agents_count": 2,
            "outdated_agents_count": 1,
            "isolated_agents_count": 0,
        },
        "sat": {"learners_count": 25},
        "ispm": [{"type": "microsoft", "billable_identities_count": 100, "total_identities_count": 150}],
        "itdr": [
            {"type": "microsoft", "billable_identities_count": 100, "total_identities_count": 150},
            {"type": "google", "billable_identities_count": 50, "total_identities_count": 75},
        ],
    }
    assert counted(tmp_path, used) == {
        ("edr", "42"),
        ("siem", "5"),
        ("sat", "25"),
        ("ispm", "100"),
        ("itdr", "150"),
    }


@pytest.mark.parametrize(
    ("used", "expected"),
    [({}, {("edr", "0")}), ({"itdr": []}, {("itdr", "0")}), ({"sat": {"learners_count": 3}}, {("sat", "3")})],
)
def test_an_organization_without_any_product_is_counted_as_having_none(
    used: Any, expected: set[tuple[str, str]], tmp_path: Path
) -> None:
    assert counted(tmp_path, used) == expected


@pytest.mark.parametrize(
    ("used", "column"),
    [
        (None, "actual_usages"),
        ({"edr": {"agents": 3}}, "actual_usages.edr.billable_agents_count"),
        ({"edr": {}}, "actual_usages.edr"),
        ({"itdr": [{"total_identities_count": 4}]}, "billable_identities_count"),
        ({"itdr": [7]}, "actual_usages.itdr"),
        ({"sat": "twenty-five"}, "actual_usages.sat"),
    ],
)
def test_a_count_that_cannot_be_read_is_rejected_and_no_count_of_nothing(
    used: Any, column: str, tmp_path: Path
) -> None:
    with pytest.raises(AssertionError):
        counted(tmp_path, used)
    records = CONNECTORS["huntress"].open(
        tmp_path / "license_counts.jsonl.gz", DATASETS["license_counts"], {}
    )
    assert sum(batch.num_rows for batch in records.batches()) == 0
    assert [fault.column for fault in records.faults] == [column]


def test_a_reseller_sees_the_organizations_of_all_its_accounts(tmp_path: Path) -> None:
    vendor = FakeHuntressReseller(RESELLER_BOOKS)
    with serving(vendor) as server:
        _, rows = fetch_with(
            HUNTRESS_RESELLER, vendor, vendor.settings(server.url), "license_counts", tmp_path
        )
        asked = [one.path for one in server.asked]
    assert {row["vendor_customer_id"] for row in rows} == {"11", "12", "13", "14", "15"}
    lists = ["/v1/accounts/5/organizations", *["/v1/accounts/6/organizations"] * 2]
    details = [
        "/v1/accounts/5/organizations/11",
        *(f"/v1/accounts/6/organizations/{number}" for number in (12, 13, 14, 15)),
    ]
    assert asked == ["/v1/accounts", *lists, *details]


def test_a_page_without_pagination_is_an_error_and_not_the_last_page(tmp_path: Path) -> None:
    def without(reply: Reply) -> Reply:
        body: Any = reply.content
        return Reply.json({"invoices": body["invoices"]})

    vendor = FakeHuntress(BOOKS)
    hostile = Hostile(vendor, Behaviour("no pagination", "fails", without, lasts=1_000_000), 0)
    with pytest.raises(
        FetchError, match="answered without pagination, so that nobody knows whether more follows"
    ):
        fetch(HUNTRESS, vendor, "vendor_invoices", tmp_path, hostile)


def test_a_token_that_is_null_ends_the_walk_like_none_at_all(tmp_path: Path) -> None:
    class Nulls(FakeHuntress):
        def _listed(self, *asked: Any) -> Reply:
            body: Any = super()._listed(*asked).content
            return Reply.json(
                {**body, "pagination": {"next_page_token": None, "next_page_url": None, **body["pagination"]}}
            )

    _, rows = fetch(HUNTRESS, Nulls(BOOKS), "vendor_invoices", tmp_path)
    assert ordered(rows) == ordered(BOOKS["vendor_invoices"])


def test_requests_ask_for_the_largest_page_in_the_order_of_ids(tmp_path: Path) -> None:
    vendor = FakeHuntress(BOOKS)
    with serving(vendor) as server:
        fetch_with(HUNTRESS, vendor, vendor.settings(server.url), "vendor_invoices", tmp_path)
        first, second = (dict(one.query) for one in server.asked)
    assert first == {"limit": "500", "sort_field": "id", "sort_direction": "asc"}
    assert second.pop("page_token")
    assert second == first


def test_what_was_landed_is_read_again_without_the_vendor(tmp_path: Path) -> None:
    fetch(HUNTRESS, FakeHuntress(BOOKS), "vendor_charges", tmp_path)
    assert ordered(read(HUNTRESS, "vendor_charges", tmp_path / "vendor_charges.jsonl.gz", {})) == ordered(
        BOOKS["vendor_charges"]
    )
