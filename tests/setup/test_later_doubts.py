"""What a later file shows that no landed file of its source did is asked, once.

Belongs here: doubts about a file that a known profile reads. Does not: which source a file is of
(``test_next_month_files``), doubts about a first file (``tests/profiling``).
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from mbr_pipeline.cli import main
from mbr_pipeline.profiling.decided.later import new_doubts
from mbr_pipeline.setup.known_files import AS_BEFORE, LEAVE
from mbr_pipeline.setup.landed_before import warnings_of
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.setup.books import AGREEMENTS, CLIENTS, INVOICES, asked, landed, of_november, planned, setup, write

_LINES = (
    "Invoice Number,Stage,Type,Client ID,Product Code,Quantity,Unit Price,Net Amount,Currency,"
    "Service From,Service To,Line Type,Tax,Due Date\n"
    "I1,Sent,Invoice,101,BP,10,22.00,220.00,USD,2026-10-01,2026-10-31,Recurring,0.00,2026-12-15\n"
    "I1,Sent,Invoice,101,EDR,10,2.00,20.00,USD,2026-10-01,2026-10-31,Recurring,0.00,2026-12-15\n"
    "I2,Paid,Invoice,102,BP,5,22.00,110.00,USD,2026-10-01,2026-10-31,Recurring,0.00,2026-12-15\n"
)
_SEATS = (
    "Customer ID,SKU,Snapshot Date,Purchased Seats,Note\n"
    "C1,EDR,2026-10-31,5,renewed\nC2,EDR,2026-10-31,7,\nC3,EDR,2026-10-31,7,\n"
)
_TERMS = (
    "Agreement ID,Line ID,Client ID,Product Code,Quantity,Monthly Price,Currency,Start Date,End Date\n"
    "A1,L1,101,BP,12,26.40,USD,2026-01-01,keins\nA2,L2,102,BP,17,4.00,USD,2026-02-15,keins\n"
)
_NO_END = {"columns": {"effective_end": None}}


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A workspace whose invoices, seats and agreements are read by profiles."""
    october = tmp_path / "exports"
    write(october, psa_clients=CLIENTS, books_invoices=_LINES, vend_seats=_SEATS, crm_agreements=_TERMS)
    answers = tmp_path / "first.yml"
    answers.write_text(yaml.safe_dump({"crm agreements.csv": {"columns.effective_end": _NO_END}}))
    done = setup(october, tmp_path / "books", "--answers", str(answers))
    assert done.exit_code == 0, (done.output, done.exception)
    return tmp_path / "books"


def _november(tmp_path: Path, **files: str) -> Path:
    new = {
        "psa_clients": CLIENTS,
        "books_invoices": _later(_LINES),
        "vend_seats": _later(_SEATS),
        "crm_agreements": _TERMS + "A3,L3,101,BP,1,26.40,USD,2026-11-01,keins\n",
    }
    return write(tmp_path / "new", **(new | files))


def _later(text: str) -> str:
    return of_november(text).replace("I2,", "I3,")


def test_a_month_like_the_last_is_not_asked_about(office: Path, tmp_path: Path) -> None:
    assert asked(planned(_november(tmp_path), office)) == []


def test_a_status_that_no_month_had_is_asked_once(office: Path, tmp_path: Path) -> None:
    more = "I4,Void,Invoice,102,BP,8,22.00,176.00,USD,2026-11-01,2026-11-30,Recurring,0.00,2026-12-15\n"
    folder = _november(tmp_path, books_invoices=_later(_LINES) + more)
    found = planned(folder, office)
    both = (AS_BEFORE, LEAVE)
    assert asked(found) == [("books invoices.csv", "where in 2026-11", both)]
    assert "“Stage” says Void" in found.questions[0][1].text
    assert "where: {skip: {Stage: [Void]}}" in found.questions[0][1].text
    left = planned(folder, office, {"books invoices.csv": {"where in 2026-11": LEAVE}})
    assert ("books invoices.csv", "as answered") in left.left and len(left.arrivals) == 3

    answers = tmp_path / "answers.yml"
    answers.write_text(yaml.safe_dump({"books invoices.csv": {"where in 2026-11": AS_BEFORE}}))
    assert setup(folder, office, "--answers", str(answers)).exit_code == 0
    december = (_later(_LINES) + more).replace("2026-11-30", "2026-12-31").replace("2026-11-01", "2026-12-01")
    seats = _SEATS.replace("2026-10-31", "2026-12-31")
    third = write(tmp_path / "third", psa_clients=CLIENTS, books_invoices=december, vend_seats=seats)
    assert asked(planned(third, office)) == []


def test_another_text_in_a_column_that_was_asked_before_is_asked(office: Path, tmp_path: Path) -> None:
    more = "I4,{},Invoice,102,BP,8,22.00,176.00,USD,2026-11-01,2026-11-30,Recurring,0.00,2026-12-15\n"
    lines = of_november(_LINES).replace("I2,", "I3,")
    folder = _november(tmp_path, books_invoices=lines + more.format("Draft"))
    answers = tmp_path / "answers.yml"
    answers.write_text(yaml.safe_dump({"books invoices.csv": {"where in 2026-11": AS_BEFORE}}))
    assert setup(folder, office, "--answers", str(answers)).exit_code == 0
    for text, is_asked in (("Draft", False), ("storniert", True), ("zu klären", True), ("Paid", False)):
        december = (lines + more.format(text)).replace("11-30", "12-31").replace("2026-11-01", "2026-12-01")
        third = write(tmp_path / text, psa_clients=CLIENTS, books_invoices=december)
        assert bool(asked(planned(third, office))) == is_asked, text


def test_once_the_profile_says_it_nothing_is_asked(office: Path, tmp_path: Path) -> None:
    more = "I4,Void,Invoice,102,BP,8,22.00,176.00,USD,2026-11-01,2026-11-30,Recurring,0.00,2026-12-15\n"
    folder = _november(tmp_path, books_invoices=_later(_LINES) + more)
    _edit(office, "invoice_lines", where={"skip": {"Stage": ["Void"]}})
    assert asked(planned(folder, office)) == []


def test_rows_that_the_profile_does_not_read_are_asked_when_their_text_is_new(
    office: Path, tmp_path: Path
) -> None:
    _edit(office, "invoice_lines", where={"only": {"Stage": ["Sent", "Paid"]}})
    assert asked(planned(_november(tmp_path), office)) == []
    more = "I4,Overdue,Invoice,102,BP,8,22.00,176.00,USD,2026-11-01,2026-11-30,Recurring,0.00,2026-12-15\n"
    found = planned(_november(tmp_path, books_invoices=_later(_LINES) + more), office)
    assert [key for _, key, _ in asked(found)] == ["where in 2026-11"]
    assert "“Stage” says Overdue in some rows: `where` does not read such rows" in found.questions[0][1].text


def test_rows_that_the_profile_does_not_read_and_that_say_why_are_not_asked(
    office: Path, tmp_path: Path
) -> None:
    _edit(office, "invoice_lines", where={"only": {"Stage": ["Sent", "Paid"]}})
    more = "I4,Void,Invoice,102,BP,8,22.00,176.00,USD,2026-11-01,2026-11-30,Recurring,0.00,2026-12-15\n"
    assert asked(planned(_november(tmp_path, books_invoices=_later(_LINES) + more), office)) == []


def test_how_days_are_written_is_what_the_profile_says_in_a_month_that_does_not_show_it(
    tmp_path: Path,
) -> None:
    head = "Customer ID,SKU,Snapshot Date,Purchased Seats\n"
    october, november = tmp_path / "october.csv", tmp_path / "november.csv"
    october.write_text(head + "C1,EDR,10/31/2026,5\nC2,EDR,10/31/2026,7\n")
    november.write_text(head + "C1,EDR,11/01/2026,5\nC2,EDR,11/01/2026,7\n")
    names = ("vendor_customer_id", "sku_id", "as_of_date", "entitled_quantity")
    columns = dict(zip(names, head.strip().split(","), strict=True))
    profile = {"dates": "MM/DD/YYYY", "columns": columns}
    assert new_doubts(november, "license_counts", profile, [october]) == []


def test_a_credit_note_without_a_minus_is_asked_for_all_its_columns_at_once(
    office: Path, tmp_path: Path
) -> None:
    more = "C1,Sent,Credit Note,102,BP,2,22.00,44.00,USD,2026-11-01,2026-11-30,Recurring,0.00,2026-12-15\n"
    found = planned(_november(tmp_path, books_invoices=_later(_LINES) + more), office)
    assert [key for _, key, _ in asked(found)] == ["columns.amount in 2026-11"]
    for column in ("columns.amount: {heading: Net Amount", "columns.quantity: {heading: Quantity"):
        assert f"{column}, negative_if: {{Type: [Credit Note]}}" in found.questions[0][1].text


@pytest.mark.parametrize("text", ["trial", "Testversion", "gekündigt", "free"])
def test_a_text_in_any_column_that_says_seats_may_not_count_is_asked(
    office: Path, tmp_path: Path, text: str
) -> None:
    seats = _later(_SEATS) + f"C4,EDR,2026-11-30,25,{text}\n"
    found = planned(_november(tmp_path, vend_seats=seats), office)
    assert [(name, key) for name, key, _ in asked(found)] == [("vend seats.csv", "where in 2026-11")]
    assert text in found.questions[0][1].text


def test_an_end_that_had_no_day_before_is_asked(office: Path, tmp_path: Path) -> None:
    ended = _TERMS.replace("2026-02-15,keins", "2026-02-15,2026-10-31")
    found = planned(_november(tmp_path, crm_agreements=ended), office)
    assert [(name, key) for name, key, _ in asked(found)] == [
        ("crm agreements.csv", "columns.effective_end in 2026-11")
    ]


@pytest.mark.parametrize(
    ("end", "is_asked"), [("2026-11-12", True), ("2026-11-01", True), ("2026-11-30", False)]
)
def test_the_first_end_of_agreements_is_asked_unless_it_shows_what_it_is(
    tmp_path: Path, end: str, is_asked: bool
) -> None:
    terms = _TERMS.replace("keins", "")
    same = {"psa_clients": CLIENTS, "vend_seats": _SEATS}
    first = write(tmp_path / "exports", books_invoices=_LINES, crm_agreements=terms, **same)
    done = setup(first, tmp_path / "books")
    assert done.exit_code == 0, (done.output, done.exception)
    more = terms + f"A3,L3,101,BP,1,26.40,USD,2026-03-01,{end}\n"
    found = planned(_november(tmp_path, crm_agreements=more), tmp_path / "books")
    assert [key for _, key, _ in asked(found)] == ["columns.effective_end in 2026-11"] * is_asked


def test_mbr_land_warns_of_it(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    new = write(tmp_path / "new", seats=_later(_SEATS) + "C4,EDR,2026-11-30,25,trial\n", same=_later(_SEATS))
    where = ("--workspace", str(office), "--msp", "books", "--period", "2026-11", "--source", "vend")
    for name, is_told in (("same", False), ("seats", True)):
        file = str(new / f"{name}.csv")
        monkeypatch.setattr("sys.argv", ["mbr", "land", *where, "--dataset", "license_counts", file])
        with contextlib.suppress(SystemExit):
            main()
        assert ("warning: seats.csv: “Note” says trial" in capsys.readouterr().err) == is_told


def test_mbr_land_looks_at_a_file_that_is_called_as_last_months(office: Path, tmp_path: Path) -> None:
    [last] = (office / "landing/books/2026-10/vend").glob("license_counts*")
    new = tmp_path / last.name
    new.write_text(_later(_SEATS) + "C4,EDR,2026-11-30,25,trial\n", encoding="utf-8")
    workspace = Workspace.open(WorkspacePaths(office))
    [said] = warnings_of(workspace, "books", "vend/license_counts", [new])
    assert "“Note” says trial" in said
    assert warnings_of(workspace, "books", "vend/license_counts", [last]) == []


def test_files_of_canonical_columns_are_not_held_against_anything(books: Path, tmp_path: Path) -> None:
    new = {
        "psa_clients": CLIENTS,
        "psa_invoices": of_november(INVOICES),
        "psa_agreements": AGREEMENTS + "2,A2,102,",
    }
    write(tmp_path / "new", **new)
    assert all("in 2026-11" not in key for _, key, _ in asked(planned(tmp_path / "new", books)))
    assert landed(books)


def _edit(office: Path, dataset: str, **words: Any) -> None:
    path = office / "mbr.yml"
    content = yaml.safe_load(path.read_text())
    (msp,) = content["msps"].values()
    source = next(s for s in msp["sources"].values() if dataset in s.get("settings", {}))
    source["settings"][dataset] |= words
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))
