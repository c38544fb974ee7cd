"""Microsoft's own samples are read: what they contradict is told, and nothing of them is lost.

Belongs here: the real documents, which are not ours to publish. Where the folder beside the checkout is
absent, the tests say so and are skipped. Expected values are read off the documents by eye.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from connectors.fetch_feed import facts, open_walk, write_feed
from connectors.sources.microsoft.graph_billing import GRAPH_BILLING
from connectors.sources.microsoft.graph_licenses import GRAPH_LICENSES
from connectors.sources.microsoft.partner_center import PARTNER_CENTER
from connectors.testing.fetching import fetch, opened, ordered
from connectors.testing.server import App, Asked, Reply, serving
from connectors.testing.vendors.microsoft import FakePartnerCenter
from connectors.testing.vendors.microsoft_graph import FakeGraphBilling, FakeGraphLicenses
from mbr_pipeline.ingest.landing import LandedFile
from mbr_pipeline.ingest.parse import ParsedFile, parse
from tests.connectors.sources.microsoft.books import ALDER, BOOKS

SAMPLES = Path(__file__).resolve().parents[5] / "shared" / "samples"
NOTHING = {
    "totalCount": 0,
    "items": [],
    "links": {"self": {"uri": "/invoices", "method": "GET", "headers": []}},
}
Rows = list[dict[str, Any]]


def sample(name: str) -> dict[str, Any]:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"Microsoft's sample {name} is not beside this checkout (shared/samples)")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def typed(path: Path, dataset: str, **settings: str) -> tuple[Rows, ParsedFile]:
    """Type a file as the pipeline does; values of the rows are shown as text."""
    complete = json.dumps(PARTNER_CENTER.complete({"tenant": "t", **settings}), sort_keys=True)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    landed = LandedFile(
        path, "2026-10", "microsoft", dataset, PARTNER_CENTER.name, sha256, path.stat().st_size, complete
    )
    parsed = parse(landed, path.parent / "parsed", path.parent)
    rows = pq.read_table(parsed.rows_path).to_pylist()
    return [{name: str(value) for name, value in row.items() if value is not None} for row in rows], parsed


def lines(
    tmp_path: Path, name: str, context: dict[str, str] | None = None, **settings: str
) -> tuple[Rows, ParsedFile]:
    """Type the records of a sample as a walk lands them."""
    path = tmp_path / "vendor_charges.jsonl"
    items = sample(f"microsoft_partner_center/{name}.json")["items"]
    records = [
        {
            **(context or {}),
            **{key: value for key, value in item.items() if key != "attributes"},
            **nested(item),
        }
        for item in items
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return typed(path, "vendor_charges", **settings)


def short(number: str) -> str:
    return f"{Decimal(number).normalize():f}"


def nested(item: dict[str, Any]) -> dict[str, str]:
    return {f"attributes.{name}": value for name, value in item["attributes"].items()}


def fetched(tmp_path: Path, dataset: str, first: date, app: App) -> tuple[Rows, ParsedFile]:
    """Fetch from Partner Center for the month beginning with ``first``, and type what was landed."""
    path, vendor = tmp_path / f"{dataset}.jsonl.gz", FakePartnerCenter(BOOKS)
    with serving(lambda asked: vendor(asked) if vendor.is_token_request(asked) else app(asked)) as server:
        known = PARTNER_CENTER.complete(vendor.settings(server.url))
        with opened(PARTNER_CENTER, vendor, known) as client:
            write_feed(
                path,
                open_walk(client, PARTNER_CENTER, facts(known, first, first)),
                PARTNER_CENTER.feed(dataset),
            )
    return typed(path, dataset)


def test_the_list_of_invoices_says_two_of_two_and_yet_has_a_next_page_and_a_void_note_of_no_known_sign(
    tmp_path: Path,
) -> None:
    found = sample("microsoft_partner_center/get-a-collection-of-invoices.1.json")
    asked_for: list[str] = []

    def app(asked: Asked) -> Reply:
        asked_for.append(asked.query["offset"])
        return Reply.json(found if asked.query["offset"] == "0" else NOTHING)

    rows, parsed = fetched(tmp_path, "vendor_invoices", date(2018, 1, 1), app)
    assert asked_for == ["0", "2"]
    # a void note and an adjustment to it, both above zero: whether they charge, give back or replace is said
    # nowhere
    assert (rows, parsed.rejected) == ([], 1)


def test_a_single_invoice_is_read(tmp_path: Path) -> None:
    path = tmp_path / "vendor_invoices.jsonl"
    path.write_text(json.dumps(sample("microsoft_partner_center/get-invoice-by-id.1.json")), encoding="utf-8")
    rows, _ = typed(path, "vendor_invoices")
    assert [
        (row["invoice_id"], row["invoice_date"], row["currency"], short(row["invoice_total"])) for row in rows
    ] == [("G000024135", "2018-02-08", "USD", "2076.63")]


def test_new_commerce_lines_break_the_rule_have_no_charge_dates_and_a_damaged_next_address(
    tmp_path: Path,
) -> None:
    found = sample("microsoft_partner_center/get-invoiceline-items.4.json")
    invoice = sample("microsoft_partner_center/get-invoice-by-id.1.json")

    def app(asked: Asked) -> Reply:
        if asked.path == "/v1/invoices":
            return Reply.json({**NOTHING, "totalCount": 1, "items": [invoice]})
        is_first = (
            asked.query["invoicelineitemtype"] == "billinglineitems"
            and "ms-continuationtoken" not in asked.headers
        )
        return Reply.json(found if is_first else NOTHING)

    rows, parsed = fetched(tmp_path, "vendor_charges", date(2018, 1, 1), app)
    assert parsed.rejected == 0
    assert [(row["charge_category"], short(row["amount"])) for row in rows] == [
        ("usage", "431.8"),
        ("tax", "38.87"),
        ("usage", "26.35"),
        ("tax", "2.37"),
    ]
    assert {row["invoice_id"] for row in rows} == {
        "G000024135"
    }  # the invoice that was asked for; the lines name another
    assert {row["vendor_customer_id"] for row in rows} == {
        "9060d13d-c5ed-482e-b059-a15a38000000",
        "9060d13d-c5ed-482e-b059-a15a38cbb28e",
    }
    assert {(row["charge_period_start"], row["charge_period_end"]) for row in rows} == {
        ("2019-01-03", "2019-02-03")
    }
    assert sorted(parsed.warnings) == [
        "2 records have a subtotal that is not what Microsoft's rounding rule gives; it was kept as it is",
        "2 records have no charge dates, and those of their subscription were taken",
    ]


def test_legacy_licences_have_no_invoice_of_their_own_and_a_last_day(tmp_path: Path) -> None:
    rows, parsed = lines(tmp_path, "get-invoiceline-items.1", {"invoice.id": "Recurring-1"})
    assert (parsed.rejected, parsed.warnings) == (0, ())
    assert [
        (short(row["quantity"]), short(row["amount"]), row["charge_category"], row["charge_period_end"])
        for row in rows
    ] == [
        ("3", "0", "recurring", "2017-06-10"),
        ("1", "0", "recurring", "2017-06-10"),
    ]
    rows, parsed = lines(tmp_path, "get-invoiceline-items.1")
    assert (rows, parsed.rejected) == (
        [],
        2,
    )  # without the invoice they were asked by, nobody knows whose they are


def test_legacy_usage_is_read_with_its_tax(tmp_path: Path) -> None:
    rows, parsed = lines(tmp_path, "get-invoiceline-items.2")
    assert (parsed.rejected, parsed.warnings) == (0, ())
    assert [(row["charge_category"], row["sku_id"], short(row["amount"])) for row in rows] == [
        ("usage", "7UD-00001", "63.33"),
        ("tax", "7UD-00001", "6.34"),
        ("usage", "7UD-00001", "0"),
    ]
    assert rows[0]["charge_type"] == "Assess usage fee for current cycle: S1"
    assert (rows[0]["charge_period_start"], rows[0]["charge_period_end"]) == (
        "2019-08-02",
        "2019-09-02",
    )  # 31 days


def test_legacy_daily_usage_names_no_money_and_is_counted_as_passed_over(tmp_path: Path) -> None:
    rows, parsed = lines(tmp_path, "get-invoiceline-items.3")
    assert (rows, parsed.rejected) == ([], 0)
    assert (
        parsed.warnings[0]
        == "2 records are daily usage of a legacy bill, which names no money, and were passed over"
    )


def test_daily_usage_has_more_digits_than_its_rule_says_and_no_customer(tmp_path: Path) -> None:
    rows, parsed = lines(tmp_path, "get-invoice-billed-consumption-lineitems.1", usage="daily")
    assert parsed.rejected == 0
    # 0.486031696515|249 and 0.490235765325|545
    assert [row["amount"] for row in rows] == ["0.486031696515", "0.490235765326"]
    assert {(row["vendor_customer_id"], row["sku_id"], row["currency"]) for row in rows} == {
        ("partner", "1core", "USD")
    }
    assert {(row["charge_period_start"], row["charge_period_end"]) for row in rows} == {
        ("2018-11-13", "2018-11-14")
    }
    assert sorted(parsed.warnings) == [
        "2 records have an amount of more than 12 places, which was rounded to 12",
        "2 records name no customer and are taken as the partner's own",
    ]
    rows, parsed = lines(tmp_path, "get-invoice-billed-consumption-lineitems.1")
    assert rows == [] and parsed.warnings[0].startswith("2 records are daily usage, which counts by the bill")


def test_the_operations_of_the_samples_lead_to_the_manifest(tmp_path: Path) -> None:
    running, succeeded = (
        sample(f"microsoft_graph/billing.operation.{state}.json") for state in ("running", "succeeded")
    )
    vendor = FakeGraphBilling(BOOKS)
    seen: list[str] = []

    def app(asked: Asked) -> Reply:
        watched = re.search(r"/operations/op-(\d+)$", asked.path)
        if not watched:
            return vendor(asked)
        vendor(asked)
        seen.append(asked.path)
        if seen.count(asked.path) == 1:
            return Reply.json(running)
        link = succeeded["resourceLocation@odata.navigationLink"]
        link = re.sub("^https://graph.microsoft.com(.*/)[^/]+$", rf"{vendor.address}\g<1>{watched[1]}", link)
        return Reply.json({**succeeded, "resourceLocation@odata.navigationLink": link})

    _, rows = fetch(GRAPH_BILLING, vendor, "vendor_charges", tmp_path, app)
    assert ordered(rows) == ordered(BOOKS["vendor_charges"])


def test_subscribed_skus_count_enabled_units_and_not_suspended_ones(tmp_path: Path) -> None:
    found = sample("microsoft_graph/subscribedSkus.list.json")
    vendor = FakeGraphLicenses({"license_counts": [{"vendor_customer_id": ALDER}]})

    def app(asked: Asked) -> Reply:
        return vendor(asked) if vendor.is_token_request(asked) else Reply.json(found)

    _, rows = fetch(GRAPH_LICENSES, vendor, "license_counts", tmp_path, app)
    assert [(row["sku_id"], row["entitled_quantity"], row["assigned_quantity"]) for row in rows] == [
        ("c7df2760-2c81-4ef7-b578-5b5392b571df", "25", "14"),
        ("d17b27af-3f49-4822-99f9-56a661538792", "0", "14"),
    ]
