"""Later versions: what differs from what is in the accounting system already (contract §10, n > 1).

Belongs here: differences, worked out by hand over three versions. Does not: the form of a file
(``test_import_files``).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.release.exports.months import ExportMonth, Rows, line
from tests.release.exports.test_import_files import read

HELD: Rows = [
    {"client_id": "C-1", "verdict": "PASS", "currency": "USD"},
    {"client_id": "C-2", "verdict": "HOLD", "currency": "USD"},
]
NONE_HELD: Rows = [
    {"client_id": "C-1", "verdict": "PASS", "currency": "USD"},
    {"client_id": "C-2", "verdict": "PASS", "currency": "USD"},
]
FIRST = [
    line("L-1", "C-1", "I-1", "80.00", quantity="10", unit_price="8.00"),
    line("L-2", "C-1", "I-1", "20.00"),
    line("L-3", "C-1", "I-1", "30.00"),
    line("L-4", "C-1", "I-9", "500", currency="JPY"),
]
SECOND = [
    line("L-1", "C-1", "I-1", "96.00", quantity="12", unit_price="8.00", change="corrected"),
    line("L-2", "C-1", "I-1", "20.00"),
    line("L-3", "C-1", "I-1", "0", quantity="0", change="removed", description="A seat: not provided"),
    # landed since: its date is not that of the invoice of differences
    line("L-6", "C-1", "I-2", "1.00", invoice_date="2026-10-02"),
    line("MBR-5", "C-1", None, "7.00", currency="EUR", quantity="2", unit_price="3.50"),
    line("L-8", "C-2", "I-8", "5.00", invoice_date="2026-10-03"),
]


@pytest.fixture
def month(tmp_path: Path) -> ExportMonth:
    """Version 1 is in Xero without C-2, which was held; version 2 is closed."""
    made = ExportMonth(tmp_path)
    made.publish(FIRST, fct_client_gate=HELD)
    made.close()
    made.export("xero")
    made.reopen()
    made.publish(SECOND, fct_client_gate=NONE_HELD)
    made.close()
    return made


def lines(month: ExportMonth, version: int) -> list[list[str]]:
    rows = read(month.folder(version, "xero") / "xero-001.csv")
    names = ("*InvoiceNumber", "*Description", "*Quantity", "*UnitAmount", "Currency")
    return [[row[name] for name in names] for row in rows]


def test_a_client_exported_before_gets_one_line_per_changed_line_and_a_new_one_everything(
    month: ExportMonth,
) -> None:
    told = month.export("xero")
    own = "MBR-2026-10-C-1"
    assert lines(month, 2) == [
        [f"{own}-EUR-v2", "Seats MBR-5", "2", "3.50", "EUR"],
        [f"{own}-JPY-v2", "Seats L-4: 0 instead of 500 JPY", "1", "-500", "JPY"],
        [f"{own}-USD-v2", "Seats L-1: 96.00 instead of 80.00 USD", "1", "16.00", "USD"],
        [f"{own}-USD-v2", "A seat: not provided: 0.00 instead of 30.00 USD", "1", "-30.00", "USD"],
        [f"{own}-USD-v2", "Seats L-6", "1", "1.00", "USD"],
        ["I-8", "Seats L-8", "1", "5.00", "USD"],
    ]
    dates = [row["*InvoiceDate"] for row in read(month.folder(2, "xero") / "xero-001.csv")]
    assert dates == ["2026-10-31"] * 5 + ["2026-10-03"]
    assert told["compared_with"] == 1
    # after - before: 117 + 5 - 130 USD
    assert told["exported"] == {"EUR": "7.00", "JPY": "-500", "USD": "-8.00"}
    assert [note["invoice"] for note in told["credit_notes"]] == [f"{own}-JPY-v2", f"{own}-USD-v2"]


def test_everything_is_written_where_it_is_asked_for_or_nothing_went_there_before(
    month: ExportMonth,
) -> None:
    told = month.export("xero", "--full")
    assert told["compared_with"] is None
    assert [row[0] for row in lines(month, 2)] == ["MBR-2026-10-C-1-EUR", "I-1", "I-1", "I-2", "I-8"]
    assert month.export("quickbooks")["compared_with"] is None
    assert month.export("csv")["files"][0]["rows"] == 6


def test_a_client_exported_before_and_held_now_is_only_named_and_later_compared_with_what_it_got(
    tmp_path: Path,
) -> None:
    month = ExportMonth(tmp_path)
    both = [line("L-1", "C-1", "I-1", "10.00"), line("L-2", "C-2", "I-2", "20.00")]
    month.publish(both, fct_client_gate=NONE_HELD)
    month.close()
    month.export("xero")
    month.reopen()
    month.publish(both[:1], fct_client_gate=HELD)
    month.close()
    told = month.export("xero")
    assert (told["files"], told["exported"], told["held_since_exported"]) == ([], {}, ["C-2"])
    assert told["totals"] == {"USD": {"before": "10.00", "after": "10.00"}}
    month.reopen()
    month.publish([both[0], line("L-2", "C-2", "I-2", "25.00")], fct_client_gate=NONE_HELD)
    month.close()
    told = month.export("xero")
    assert told["compared_with"] == 2
    # not 25.00: version 1 is in the accounting system
    assert lines(month, 3) == [
        ["MBR-2026-10-C-2-USD-v3", "Seats L-2: 25.00 instead of 20.00 USD", "1", "5.00", "USD"]
    ]


def test_a_cut_off_export_is_finished_before_a_later_version_is_compared_with_it(tmp_path: Path) -> None:
    month = ExportMonth(tmp_path)
    month.publish([line("L-1", "C-1", "I-1", "80.00")], fct_client_gate=HELD)
    month.close()
    month.export("xero")
    month.reopen()
    month.publish(
        [line("L-1", "C-1", "I-1", "96.00", landed="80.00", unit_price="80.00")], fct_client_gate=HELD
    )
    month.close()
    whole = month.files()
    assert len(whole) == 2
    shutil.rmtree(month.folder(1, "xero"))
    assert month.export("xero")["exported"] == {"USD": "16.00"}
    files = month.files()
    assert {path: files[path] for path in whole} == whole
    # nor is a difference made from what cannot be made again
    shutil.rmtree(month.folder(1, "xero"))
    (tmp_path / "rules/acme/contacts.csv").write_text("client_id,contact_name\nC-1,Elder\n", encoding="utf-8")
    assert "is not in" in month.refused("xero", "--again", code=3)
    assert month.export("xero", "--again", "--full")["compared_with"] is None


def test_a_version_that_was_not_exported_is_compared_with_none(tmp_path: Path) -> None:
    month = ExportMonth(tmp_path)
    month.publish([line("L-1", "C-1", "I-1", "10.00")], fct_client_gate=HELD)
    month.close()
    month.reopen()
    month.publish([line("L-1", "C-1", "I-1", "12.00")], fct_client_gate=HELD)
    month.close()
    assert month.export("xero")["compared_with"] is None
    assert lines(month, 2) == [["I-1", "Seats L-1", "1", "12.00", "USD"]]
