"""The other targets, worked out by hand: ready lines as CSV and XLSX, the PSA's changes, claims, FOCUS.

Belongs here: what stands in these files. Does not: invoice files (``test_import_files``).
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from connectors.focus.reader import focus_records
from tests.release.exports.months import ExportMonth, Rows, charge, line

DECISIONS: Rows = [
    {
        "decision_id": "d1",
        "exception_id": "e1",
        "action": "approve",
        "actor": "clerk1",
        "reason": "@once",
        "state": "in_force",
    },
    {
        "decision_id": "d2",
        "exception_id": "x1",
        "action": "dispute",
        "actor": "clerk1",
        "reason": "billed twice",
        "state": "in_force",
    },
    {
        "decision_id": "d3",
        "exception_id": "x2",
        "action": "dispute",
        "actor": "clerk1",
        "reason": "too many seats",
        "state": "in_force",
    },
    {
        "decision_id": "d4",
        "exception_id": "x3",
        "action": "dispute",
        "actor": "clerk1",
        "reason": "not any more",
        "state": "stale",
    },
]


def claim(exception_id: str, code: str, amount: str, **more: object) -> dict[str, object]:
    """A row of fct_exceptions that a vendor owes money by."""
    row: dict[str, object] = {
        "exception_id": exception_id,
        "exception_code": code,
        "client_id": "C-3",
        "source": "vendor",
        "vendor_customer_id": "T-1",
        "sku_id": "SKU-1",
        "currency": "USD",
        "vendor_claim": amount,
        "explanation": "It was billed, twice.",
        "evidence": [],
    }
    return row | more


EXCEPTIONS: Rows = [
    claim("x1", "DUPLICATE_VENDOR_CHARGE", "12.35", invoice_id="V-1", line_id="2", evidence=["a:1", "b:2"]),
    # two lines of the bill cover what was counted as 3 seats too many
    claim(
        "x2",
        "VENDOR_QUANTITY_OVER",
        "15.00",
        source=None,
        vendor_customer_id=None,
        sku_id=None,
        evidence=[
            "2026-10/vendor/vendor_charges.csv:2",
            "2026-10/vendor/vendor_charges.csv:4",
            "2026-10/other/license_counts.csv:2",
        ],
    ),
    claim("x3", "VENDOR_PRICE_CHANGE", "1.00", invoice_id="V-1", line_id="1"),
]
CHANGES: Rows = [
    {
        "client_id": client,
        "product_code": product,
        "agreement_line_id": "A-1",
        "current_quantity": "10",
        "proposed_quantity": "12.500000",
        "effective_date": "2026-11-01",
        "reason": "UNDERBILLED_QUANTITY",
        "decision": decision,
    }
    for client, product, decision in (
        ("C-1", "DISK", "open"),
        ("C-1", "SEAT", "approved"),
        ("C-2", "SEAT", None),
        ("C-3", "SEAT", "approved"),
    )
]
BILL = [
    charge("1", "50.00", quantity="10", unit_cost="5.00"),
    charge("2", "12.345", charge_category="usage", unit_cost="12.345", detail="=cmd()"),
    charge("3", "25.000000000001", quantity="5", unit_cost="5.00", subscription_id="sub-1"),
    charge("4", "-3.00", charge_category="credit", quantity="-1", unit_cost="3.00"),
]


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> ExportMonth:
    made = ExportMonth(tmp_path_factory.mktemp("month"))
    made.publish(
        [
            line(
                "L-1",
                "C-1",
                "I-1",
                "96.00",
                quantity="12",
                unit_price="8",
                change="corrected",
                exception_id="e1",
                exception_ids=["e1"],
                decision_ids=["d1"],
                landed="80.00",
            ),
            line("L-2", "C-2", "I-2", "0", change="removed", landed="4.00"),
            line("L-3", "C-2", "I-2", "-7.00", description="=1+1\x07 \r\nend", quantity="-0.333333"),
            line("L-4", "C-3", "I-3", "9.00"),
        ],
        BILL,
        fct_decisions=DECISIONS,
        fct_exceptions=EXCEPTIONS,
        fct_psa_changes=CHANGES,
    )
    made.close()
    return made


def test_csv_has_all_ready_lines_with_their_decisions(month: ExportMonth) -> None:
    told = month.export("csv")
    with (month.folder(1, "csv") / "invoice_lines.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [
        (r["invoice_line_id"], r["quantity"], r["unit_price"], r["amount"], r["change"]) for r in rows
    ] == [
        ("L-1", "12", "8.00", "96.00", "corrected"),
        ("L-2", "1", "0.00", "0.00", "removed"),
        ("L-3", "-0.333333", "-7.00", "-7.00", "unchanged"),
    ]
    assert [(r["client_name"], r["description"]) for r in rows[1:]] == [
        ("'=HYPERLINK(1)", "Seats L-2"),
        ("'=HYPERLINK(1)", "'=1+1\x07 \r\nend"),
    ]
    first = rows[0]
    assert (first["decision"], first["decided_by"], first["decision_reason"]) == (
        "approve",
        "clerk1",
        "'@once",
    )
    assert (first["decision_ids"], first["exception_ids"], first["service_period_end"]) == (
        "d1",
        "e1",
        "2026-11-01",
    )
    assert told["totals"] == {"USD": {"before": "77.00", "after": "89.00"}}
    assert told["exported"] == {"USD": "89.00"}


def test_xlsx_has_the_same_with_numbers_as_numbers_and_no_formula(month: ExportMonth) -> None:
    told = month.export("xlsx")
    sheet = load_workbook(month.folder(1, "xlsx") / "invoice_lines.xlsx")["invoice_lines"]
    heading, *rows = sheet.iter_rows()
    names = [cell.value for cell in heading]
    amounts = [row[names.index("amount")] for row in rows]
    assert [(cell.value, cell.data_type) for cell in amounts] == [(96, "n"), (0, "n"), (-7, "n")]
    assert {cell.data_type for row in rows for cell in row} == {"n", "s"}
    assert rows[2][names.index("description")].value == "'=1+1\\x07 \nend"
    assert rows[2][names.index("quantity")].value == -0.333333
    assert told["exported"] == {"USD": "89.00"}


def test_psa_has_approved_changes_and_those_without_an_exception(month: ExportMonth) -> None:
    month.export("psa")
    with (month.folder(1, "psa") / "psa_changes.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [(r["client_id"], r["product_code"], r["decision"]) for r in rows] == [
        ("C-1", "SEAT", "approved"),
        ("C-2", "SEAT", ""),
    ]
    [first, _] = rows
    assert (first["agreement_line_id"], first["current_quantity"], first["new_quantity"]) == (
        "A-1",
        "10",
        "12.5",
    )
    assert first["effective_date"] == "2026-11-01"
    told = month.export("psa", "--all", "--again")
    assert [file["rows"] for file in told["files"]] == [3]


def test_claims_are_what_is_disputed_and_in_force_by_source(month: ExportMonth) -> None:
    told = month.export("claims")
    assert [(f["name"], f["rows"]) for f in told["files"]] == [("claims.csv", 1), ("claims-vendor.csv", 1)]
    assert told["exported"] == {"USD": "27.35"}
    folder = month.folder(1, "claims")
    with (folder / "claims-vendor.csv").open(encoding="utf-8", newline="") as handle:
        assert list(csv.reader(handle)) == [
            [
                "exception_id", "exception_code", "invoice_id", "line_id", "vendor_customer_id", "sku_id",
                "billed", "right", "claimed", "currency", "reason", "explanation", "evidence",
            ],
            [
                "x1", "DUPLICATE_VENDOR_CHARGE", "V-1", "2", "T-1", "SKU-1",
                "12.35", "0.00", "12.35", "USD", "billed twice", "It was billed, twice.", "a:1; b:2",
            ],
        ]  # fmt: skip
    with (folder / "claims.csv").open(encoding="utf-8", newline="") as handle:
        [row] = csv.DictReader(handle)
    # 50.00 and 25.000000000001 are on lines 2 and 4 of the file
    assert (row["billed"], row["right"], row["claimed"]) == ("75.00", "60.00", "15.00")


def test_focus_is_read_back_by_the_reader_of_focus(month: ExportMonth) -> None:
    told = month.export("focus")
    path = month.folder(1, "focus") / "focus.csv"
    # 50 + 12.345 + 25.000000000001 - 3
    assert told["exported"] == {"USD": "84.345000000001"}
    records = focus_records(path)
    found = [row for batch in records.batches() for row in batch.to_pylist()]
    assert (records.faults, len(found)) == ([], 4)
    names = ("invoice_id", "vendor_customer_id", "sku_id", "charge_category", "quantity", "amount")
    assert [tuple(row[name] for name in names) for row in found] == [
        ("V-1", "T-1", "SKU-1", "recurring", "10", "50"),
        ("V-1", "T-1", "SKU-1", "usage", "1", "12.345"),
        ("V-1", "T-1", "SKU-1", "recurring", "5", "25.000000000001"),
        ("V-1", "T-1", "SKU-1", "credit", "-1", "-3"),
    ]
    assert {(row["charge_period_start"], row["charge_period_end"]) for row in found} == {
        ("2026-10-01", "2026-11-01")
    }
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert json.loads(rows[0]["Tags"]) == {
        "client_id": "C-1",
        "client_name": "Alder & Sons",
        "product_code": "SEAT",
    }
    assert [(r["ChargeCategory"], r["ChargeFrequency"]) for r in rows] == [
        ("Purchase", "Recurring"),
        ("Usage", "Usage-Based"),
        ("Purchase", "Recurring"),
        ("Credit", "One-Time"),
    ]
    assert rows[0]["ChargePeriodEnd"] == "2026-11-01T00:00:00Z"


def test_what_was_landed_after_the_close_changes_nothing_and_what_was_changed_is_refused(
    tmp_path: Path,
) -> None:
    month = ExportMonth(tmp_path)
    month.publish([line("L-1", "C-1", "I-1", "80.00", invoice_date="2026-10-05")], BILL)
    month.close()
    late = month.month.landing / "psa/invoice_lines.late.csv"
    landed = month.month.landing / "psa/invoice_lines.csv"
    text = landed.read_text(encoding="utf-8")
    late.write_text(text.replace("2026-10-05", "2026-10-01"), encoding="utf-8")
    month.export("xero")
    assert b"2026-10-05" in month.files()["acme/2026-10/v1/xero/xero-001.csv"]
    landed.write_text(text.replace("2026-10-05", "2026-10-06"), encoding="utf-8")
    said = month.refused("quickbooks", code=3)
    assert "landing/acme/2026-10/psa/invoice_lines.csv was changed since version 1 was closed" in said
    landed.unlink()
    assert "line L-1 of invoice I-1 is no longer in the files of psa" in month.refused("quickbooks", code=3)
