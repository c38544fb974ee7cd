"""Invoice import files of Xero and QuickBooks Online, worked out by hand and read with the csv module.

Belongs here: what stands in the files. Does not: entries and folders (``test_once``), later versions
(``test_versions``).
"""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from tests.release.exports.months import GATE, ExportMonth, Rows, line


def read(path: Path) -> list[dict[str, str]]:
    """Read a file as any program would."""
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def shown(row: dict[str, str]) -> list[str]:
    """The cells of a Xero row that are filled, but contact and words."""
    names = ("InvoiceNumber", "InvoiceDate", "DueDate", "Description", "Quantity", "UnitAmount")
    return [*(row[f"*{name}"] for name in names), row["Currency"]]


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> ExportMonth:
    made = ExportMonth(tmp_path_factory.mktemp("month"))
    made.publish(
        [
            line("L-1", "C-1", "I-2", "80.00", quantity="10", unit_price="8.00"),
            line("L-2", "C-1", "I-1", "0", quantity="0", unit_price="8", change="removed", landed="8.00"),
            line("L-3", "C-1", "I-3", "700", currency="JPY", invoice_date="2026-10-05"),
            # 3 × 3.33 = 9.99, not 10.00
            line("L-4", "C-1", "I-2", "10.00", quantity="3", unit_price="3.33", product_code="DISK"),
            line("L-5", "C-1", "I-2", "0.12", quantity="1", unit_price="0.12345", description=None),
            line("L-6", "C-1", "I-2", "0.50", quantity="0.00005", unit_price="10000"),
            line("L-7", "C-1", "I-2", "1.23", quantity="1", unit_price="1.2345"),
            line("MBR-1", "C-1", None, "16.00", quantity="2", unit_price="8.00", landed="0"),
            line("MBR-2", "C-1", None, "-1.005", currency="KWD", quantity="-1", unit_price="1.005"),
            line("L-8", "C-2", "I-8", "-5.00", quantity="-1", unit_price="5.00", description="-5 credit"),
            line(
                "L-9",
                "C-2",
                "I-9",
                "2.00",
                description='Ein "Wort", 😀\nund mehr',
                invoice_date="2026-10-03",
                due_date="2026-10-17",
            ),
            line("L-10", "C-3", "I-10", "99.00"),
        ]
    )
    made.close()
    return made


def test_a_xero_file_has_the_vendors_columns_and_the_lines_worked_out_by_hand(month: ExportMonth) -> None:
    told = month.export("xero")
    rows = read(month.folder(1, "xero") / "xero-001.csv")
    end, due = "2026-10-31", "2026-11-30"
    assert [shown(row) for row in rows] == [
        ["I-3", "2026-10-05", "2026-11-04", "Seats L-3", "1", "700", "JPY"],
        ["MBR-2026-10-C-1-KWD", end, due, "Seats MBR-2", "-1", "1.005", "KWD"],
        # I-1 is the least invoice of C-1 in USD, although its one line is removed
        ["I-1", end, due, "Seats MBR-1", "2", "8.00", "USD"],
        ["I-2", end, due, "Seats L-1", "10", "8.00", "USD"],
        ["I-2", end, due, "Seats L-4 (3 × 3.33 USD)", "1", "10.00", "USD"],
        ["I-2", end, due, "A seat (1 × 0.12345 USD)", "1", "0.12", "USD"],
        ["I-2", end, due, "Seats L-6 (0.00005 × 10000.00 USD)", "1", "0.50", "USD"],
        ["I-2", end, due, "Seats L-7", "1", "1.2345", "USD"],
        ["I-8", end, due, "'-5 credit", "-1", "5.00", "USD"],
        ["I-9", "2026-10-03", "2026-10-17", 'Ein "Wort", 😀\nund mehr', "1", "2.00", "USD"],
    ]
    assert {row["*ContactName"] for row in rows[:8]} == {'Alder, "Sons" & Co'}
    assert {row["*ContactName"] for row in rows[8:]} == {"'=HYPERLINK(1)"}
    words = {(row["*AccountCode"], row["*TaxType"], row["InventoryItemCode"]) for row in rows}
    assert words == {("200", "OUTPUT2", "Seat item"), ("210", "OUTPUT2", "")}
    assert list(rows[0])[:2] == ["*ContactName", "EmailAddress"]
    # 16 + 80 + 10 + 0.12 + 0.50 + 1.23 - 5 + 2; landed: that without the 16 added, and the 8 removed
    assert told["exported"] == {"JPY": "700", "KWD": "-1.005", "USD": "104.85"}
    assert told["totals"] == {
        "JPY": {"before": "700", "after": "700"},
        "KWD": {"before": "0.000", "after": "-1.005"},
        "USD": {"before": "96.85", "after": "104.85"},
    }
    assert [(n["invoice"], n["total"]) for n in told["credit_notes"]] == [
        ("MBR-2026-10-C-1-KWD", "-1.005"),
        ("I-8", "-5.00"),
    ]
    assert (told["held"], told["tax_mode"], told["compared_with"]) == (["C-3"], "exclusive", None)
    assert told["files"][0]["rows"] == 10


def test_a_quickbooks_file_has_the_same_lines_with_their_amounts(month: ExportMonth) -> None:
    told = month.export("quickbooks")
    rows = read(month.folder(1, "quickbooks") / "quickbooks-001.csv")
    found = [
        (row["*Invoice number"], row["Item quantity"], row["Item rate"], row["*Item amount"], row["Currency"])
        for row in rows
    ]
    assert found[1:5] == [
        ("MBR-2026-10-C-1-KWD", "-1", "1.005", "-1.005", "KWD"),
        ("I-1", "2", "8.00", "16.00", "USD"),
        ("I-2", "10", "8.00", "80.00", "USD"),
        ("I-2", "1", "10.00", "10.00", "USD"),
    ]
    assert {row["Item (Product/Service)"] for row in rows} == {"Seat item", "DISK"}
    assert {row["*Customer"] for row in rows} == {'Alder, "Sons" & Co', "'=HYPERLINK(1)"}
    assert told["exported"] == {"JPY": "700", "KWD": "-1.005", "USD": "104.85"}


def test_settings_say_date_form_days_and_tax(tmp_path: Path) -> None:
    more = "exports:\n  xero: {invoice_date: period_start, due_days: 14, date_format: '%d/%m/%Y',"
    month = ExportMonth(tmp_path, f"{more} tax_mode: inclusive}}\n")
    month.publish([line("L-1", "C-1", "I-1", "80.00")])
    month.close()
    assert month.export("xero")["tax_mode"] == "inclusive"
    [row] = read(month.folder(1, "xero") / "xero-001.csv")
    assert (row["*InvoiceDate"], row["*DueDate"]) == ("01/10/2026", "15/10/2026")


def test_at_most_500_invoices_are_in_a_file_and_none_is_split(tmp_path: Path) -> None:
    month = ExportMonth(tmp_path)
    lines = [line(f"L-{n:04}", "C-1", f"I-{n:04}", "1.00") for n in range(1201)]
    lines += [line("M-1", "C-1", "I-0499", "1.00"), line("M-2", "C-1", "I-0500", "1.00")]
    month.publish(lines)
    month.close()
    told = month.export("xero")
    assert [(file["name"], file["rows"]) for file in told["files"]] == [
        ("xero-001.csv", 501),
        ("xero-002.csv", 501),
        ("xero-003.csv", 201),
    ]
    numbers: Counter[str] = Counter()
    for file in told["files"]:
        rows = read(month.folder(1, "xero") / file["name"])
        numbers.update({row["*InvoiceNumber"] for row in rows})
    assert len(numbers) == 1201 and set(numbers.values()) == {1}
    assert told["exported"] == {"USD": "1203.00"}
    assert len(month.export("quickbooks")["files"]) == 13  # at most 100 invoices each


def test_a_number_that_clients_or_currencies_share_is_made_one_for_each(tmp_path: Path) -> None:
    month = ExportMonth(tmp_path)
    month.publish(
        [
            line("L-1", "C-1", "I-1", "1.00"),
            line("L-2", "C-1", "I-1", "2.00", currency="EUR"),
            line("L-3", "C-3", "I-2", "4.00"),  # held, but the number is its too
            line("L-4", "C-2", "I-2", "3.00"),
        ]
    )
    month.close()
    told = month.export("xero")
    rows = read(month.folder(1, "xero") / "xero-001.csv")
    assert [row["*InvoiceNumber"] for row in rows] == ["I-1-C-1-EUR", "I-1-C-1-USD", "I-2-C-2-USD"]
    assert [(n["invoice"], n["number"]) for n in told["renumbered"]] == [
        ("I-1", "I-1-C-1-EUR"),
        ("I-1", "I-1-C-1-USD"),
        ("I-2", "I-2-C-2-USD"),
    ]


def test_missing_words_are_one_error_that_names_all_and_nothing_is_written(tmp_path: Path) -> None:
    month = ExportMonth(tmp_path)
    (tmp_path / "rules/acme/contacts.csv").unlink()
    month.publish(
        [
            line("L-1", "C-1", "I-1", "1.00", product_code="B"),
            line("L-2", "C-2", "I-2", "1.00", product_code="A"),
            line("L-3", "C-2", "I-2", "1.00"),
            line("L-4", "C-3", "I-4", "1.00", product_code="OF_HELD"),
        ]
    )
    month.close()
    said = month.refused("xero")
    assert said == (
        "rules/acme/contacts.csv has no client_id C-1, C-2; rules/acme/accounting.csv has no product_code"
        " A, B: add them, nothing was written"
    )
    assert month.refused("xero", "--dry-run") == said


def test_a_client_that_the_gate_does_not_let_pass_is_in_no_file(tmp_path: Path) -> None:
    month = ExportMonth(tmp_path)
    gate: Rows = [*GATE, {"client_id": "C-1", "verdict": "HOLD", "currency": "EUR"}]
    month.publish(
        [line("L-1", "C-1", "I-1", "80.00"), line("L-2", "C-2", "I-2", "5.00")], fct_client_gate=gate
    )
    month.close()
    for target in ("xero", "quickbooks", "csv", "xlsx"):
        told = month.export(target)
        assert (told["exported"], told["held"]) == ({"USD": "5.00"}, ["C-1", "C-3"]), target


def test_sums_are_exact_decimals(month: ExportMonth) -> None:
    rows = read(month.folder(1, "xero") / "xero-001.csv")
    usd = [Decimal(r["*Quantity"]) * Decimal(r["*UnitAmount"]) for r in rows if r["Currency"] == "USD"]
    assert round(sum(usd), 4) == Decimal("104.8545")  # 1.2345 is 1.23 on the invoice
