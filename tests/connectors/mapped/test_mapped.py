"""Any vendor's CSV and XLSX by a declared profile: exact values, visible refusals, and settings that say what
is wrong.

Belongs here: the connector ``mapped`` on real files, and the words of its settings. Does not: proposing a
profile (tests/cli/test_profile_command.py), a whole month (tests/e2e/test_mapped_files.py).
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.datasets import DATASETS
from connectors.files.records import RecordFile, UnreadableFile
from connectors.mapped.values import DateFormat, NumberStyle
from connectors.registry import CONNECTORS

MAPPED = CONNECTORS["mapped"]
Write = Callable[..., Path]

GERMAN = {
    "encoding": "cp1252", "delimiter": ";", "dates": "DD.MM.YYYY", "decimals": ",", "thousands": ".",
    "columns": {
        "line_id": "Pos", "invoice_id": "Rechnung", "vendor_customer_id": "Kunde", "sku_id": "Artikel",
        "charge_category": {"heading": "Art", "values": {"Lizenz": "recurring", "Gutschrift": "credit"}},
        "quantity": "Menge", "unit_cost": "Preis", "amount": "Betrag", "currency": {"constant": "EUR"},
        "charge_period_start": "von", "charge_period_end": {"heading": "bis", "take": "day_after"},
    },
}  # fmt: skip
HEADINGS = "Pos;Rechnung;Kunde;Artikel;Art;Menge;Preis;Betrag;von;bis"
LINE = "1;R-1;Müller;S-1;Lizenz;1.200;0,50;600,00;01.10.2026;31.10.2026"


def opened(path: Path, profile: dict[str, Any], dataset: str = "vendor_charges") -> RecordFile:
    checked = MAPPED.check({dataset: profile})
    # as a run does: settings go through JSON
    return MAPPED.open(path, DATASETS[dataset], json.loads(json.dumps(checked)))


def records(file: RecordFile) -> list[dict[str, Any]]:
    return [
        {k: v for k, v in row.items() if v is not None}
        for batch in file.batches()
        for row in batch.to_pylist()
    ]


def german(
    *lines: str, profile: dict[str, Any] | None = None, write: Write
) -> tuple[list[dict[str, Any]], RecordFile]:
    text = "\r\n".join([HEADINGS, *lines, ""])
    file = opened(write("vendor_charges.csv", text.encode("cp1252")), GERMAN | (profile or {}))
    return records(file), file


def with_column(name: str, words: Any) -> dict[str, Any]:
    return GERMAN | {"columns": {**GERMAN["columns"], name: words}}


def lines_and_reasons(file: RecordFile) -> list[tuple[int, str | None, str | None]]:
    return [(fault.line, fault.column, fault.value) for fault in file.faults]


def test_a_german_bill_comes_out_canonical_and_keeps_the_vendor_s_own_row(write: Write) -> None:
    (row,), file = german(LINE, write=write)
    native = json.loads(row.pop("_extra"))
    assert row == {
        "_line": 2,
        "line_id": "1",
        "invoice_id": "R-1",
        "vendor_customer_id": "Müller",
        "sku_id": "S-1",
        "charge_category": "recurring",
        "quantity": "1200",
        "unit_cost": "0.5",
        "amount": "600",
        "currency": "EUR",
        "charge_period_start": "2026-10-01",
        "charge_period_end": "2026-11-01",
    }
    assert native == dict(zip(HEADINGS.split(";"), LINE.split(";"), strict=True))
    assert (file.faults, file.warnings) == ([], [])


def test_a_text_without_a_meaning_a_wrong_date_and_a_wrong_number_are_refused_by_line_heading_and_value(
    write: Write,
) -> None:
    rows, file = german(
        LINE,
        LINE.replace("Lizenz", "Miete"),
        LINE.replace("01.10.2026", "10/01/2026"),
        LINE.replace("01.10.2026", "31.02.2026"),
        LINE.replace("600,00", "600.00"),
        LINE.replace("600,00", "6e2"),
        LINE.replace("600,00", "6²,00"),
        LINE.replace("01.10.2026", "2026-10-01"),
        write=write,
    )
    assert [row["_line"] for row in rows] == [2]
    assert lines_and_reasons(file) == [
        (3, "Art", "Miete"),
        (4, "von", "10/01/2026"),
        (5, "von", "31.02.2026"),
        (6, "Betrag", "600.00"),
        (7, "Betrag", "6e2"),
        (8, "Betrag", "6²,00"),
        (9, "von", "2026-10-01"),
    ]
    assert "`values` in mbr.yml" in file.faults[0].reason


def test_an_empty_required_cell_stays_null_for_the_typing_to_refuse(write: Write) -> None:
    (row,), file = german(LINE.replace("Lizenz", "").replace("600,00", " "), write=write)
    assert {"charge_category", "amount"}.isdisjoint(row)
    assert file.faults == []


def test_records_over_several_lines_keep_their_physical_lines_and_ragged_ones_are_refused(
    write: Write,
) -> None:
    rows, file = german(
        LINE.replace("S-1", '"S\r\n1"'),  # lines 2 and 3
        "",
        LINE.replace("Müller", "Maier"),  # line 5
        LINE + ";",  # one cell too many
        "9;R-1;Müller",  # short: the rest is empty
        'kaputt;"nie geschlossen',
        LINE,
        write=write,
    )
    assert [(row["_line"], row["line_id"]) for row in rows] == [(2, "1"), (5, "1"), (7, "9"), (9, "1")]
    assert [fault.line for fault in file.faults] == [6, 8]


def test_lines_above_the_headings_are_not_read_whatever_they_hold(write: Write) -> None:
    text = f'Rechnung "R-1\r\n;;;;;;;;;;;;;;\r\n\r\n{HEADINGS}\r\n{LINE}\r\n'
    file = opened(write("vendor_charges.csv", text.encode("cp1252")), GERMAN | {"header_row": "3"})
    assert [row["_line"] for row in records(file)] == [5]


@pytest.mark.parametrize("header_row", ["1", "6", "900"])
def test_a_wrong_header_row_is_drift_that_says_what_is_missing(write: Write, header_row: str) -> None:
    path = write("vendor_charges.csv", f"Titel\n\n{HEADINGS}\n{LINE}\n".encode("cp1252"))
    with pytest.raises(
        UnreadableFile,
        match=r"has no column 'Pos' \(for line_id\)|has no column .*'Betrag' \(for amount\).*header_row",
    ):
        opened(path, GERMAN | {"header_row": header_row})


def test_a_missing_or_repeated_heading_is_drift_even_where_the_canonical_column_is_optional(
    write: Write,
) -> None:
    profile = with_column("term", "Laufzeit")
    text = f"{HEADINGS}\n{LINE}\n".encode("cp1252")
    with pytest.raises(
        UnreadableFile, match=r"^vendor_charges.csv: has no column 'Laufzeit' \(for term\); correct"
    ):
        opened(write("vendor_charges.csv", text), profile)
    with pytest.raises(UnreadableFile, match=r"has no column 'Stück' \(for unit_cost\)"):
        opened(
            write("vendor_charges.csv", text),
            with_column("unit_cost", {"heading": "Betrag", "divided_by": "Stück"}),
        )
    with pytest.raises(UnreadableFile, match=r"has no column 'Konto' \(for where\)"):
        opened(write("vendor_charges.csv", text), GERMAN | {"where": {"only": {"Konto": "7"}}})
    with pytest.raises(UnreadableFile, match="has the column 'Betrag' more than once"):
        opened(write("vendor_charges.csv", f"{HEADINGS};Betrag\n{LINE};1\n".encode("cp1252")), GERMAN)
    unused = opened(write("vendor_charges.csv", f"{HEADINGS};X;X\n{LINE};1;2\n".encode("cp1252")), GERMAN)
    assert len(records(unused)) == 1


def test_a_file_of_a_dataset_without_a_profile_says_so(write: Write) -> None:
    with pytest.raises(UnreadableFile, match="settings.license_counts is missing in mbr.yml"):
        MAPPED.open(
            write("license_counts.csv", "a\n1\n"), DATASETS["license_counts"], {"vendor_charges": GERMAN}
        )
    with pytest.raises(UnreadableFile, match="mapped files are .csv or .xlsx"):
        opened(write("vendor_charges.jsonl", "{}\n"), GERMAN)


# encodings


@pytest.mark.parametrize(
    ("wrong", "declared", "message"),
    [
        ("utf-8-sig", "cp1252", "declare `encoding: utf-8`"),
        ("utf-16", "cp1252", "declare `encoding: utf-16`"),
        ("utf-16", "utf-8", "declare `encoding: utf-16`"),
        ("utf-16-le", "utf-16", "has no byte order mark"),
        ("utf-16-le", "utf-8", "UTF-16 or binary"),
        ("cp850", "cp1252", "is not cp1252"),
        ("cp1252", "utf-16-le", "is not utf-16-le|has no column"),
    ],
)
def test_a_file_of_another_encoding_than_declared_is_not_read(
    write: Write, wrong: str, declared: str, message: str
) -> None:
    path = write("vendor_charges.csv", f"{HEADINGS}\n{LINE}\n".encode(wrong))
    with pytest.raises(UnreadableFile, match=message):
        records(opened(path, GERMAN | {"encoding": declared}))


def test_headings_that_are_not_utf_8_say_which_word_to_correct(write: Write) -> None:
    path = write("vendor_charges.csv", f"Währung;{HEADINGS}\n".encode("cp1252"))
    with pytest.raises(UnreadableFile, match="line 1 are not utf-8; correct `encoding`"):
        opened(path, GERMAN | {"encoding": "utf-8"})


def test_a_byte_that_is_not_utf_8_refuses_its_row_alone(write: Write) -> None:
    text = f"{HEADINGS}\n{LINE}\n".encode() + LINE.encode("cp1252") + b"\n" + LINE.encode() + b"\n"
    file = opened(write("vendor_charges.csv", text), GERMAN | {"encoding": "utf-8"})
    assert [row["_line"] for row in records(file)] == [2, 4]
    assert lines_and_reasons(file) == [(3, "Kunde", "M\\xfcller")]


@pytest.mark.parametrize(("encoding", "block"), [("utf-16", 7), ("utf-16-le", 1)])
def test_a_character_cut_in_two_by_the_end_of_a_block_is_whole(
    write: Write, monkeypatch: pytest.MonkeyPatch, encoding: str, block: int
) -> None:
    monkeypatch.setattr("connectors.files.streams.BLOCK_BYTES", block)
    text = f"{HEADINGS}\r\n{LINE.replace('Müller', 'Müller😀')}\r\n{LINE}\r\n".encode(encoding)
    rows = records(opened(write("vendor_charges.csv.gz", text), GERMAN | {"encoding": encoding}))
    assert [(row["_line"], row["vendor_customer_id"]) for row in rows] == [(2, "Müller😀"), (3, "Müller")]


# dates and numbers


@pytest.mark.parametrize(
    ("form", "text", "day"),
    [
        ("DD.MM.YYYY", "03.04.2026", date(2026, 4, 3)),
        ("MM/DD/YYYY", "03/04/2026", date(2026, 3, 4)),
        ("DD/MM/YYYY", "03/04/2026", date(2026, 4, 3)),
        ("DD.MM.YYYY", "3.4.2026", None),
        ("D.M.YYYY", "3.4.2026", date(2026, 4, 3)),
        ("D.M.YYYY", "03.04.2026", date(2026, 4, 3)),
        ("DD.MM.YY", "03.04.26", date(2026, 4, 3)),
        ("DD.MM.YYYY", "03.04.26", None),
        ("YYYYMMDD", "20260403", date(2026, 4, 3)),
        ("MM/DD/YYYY", "13/04/2026", None),
        ("DD-MMM-YYYY", "03-apr-2026", date(2026, 4, 3)),
        ("MMM D, YYYY", "Apr 3, 2026", date(2026, 4, 3)),
        ("YYYY-MM-DDThh:mm:ssZ", "2026-04-03T23:59:59Z", date(2026, 4, 3)),
        ("M/D/YYYY h:mm:ss AM", "4/3/2026 12:00:00 PM", date(2026, 4, 3)),
        ("DD.MM.YYYY", "03x04x2026", None),
        ("YYYY-MM", "2026-04", date(2026, 4, 1)),
        ("DD.MM.YYYY", "03.04.2026 ", None),
        ("DD.MM.YYYY", "٠٣.٠٤.٢٠٢٦", None),
        ("DD.MM.YYYY", "03.04.0000", None),
    ],
)
def test_a_date_is_read_in_the_declared_form_only(form: str, text: str, day: date | None) -> None:
    assert DateFormat(form).read(text) == day


@pytest.mark.parametrize("form", ["", "DD.MM", "YYYY", "DD.MM.YYYY DD", "dd.mm.yyyy", "YYYY-YY-MM"])
def test_a_form_without_year_or_month_or_with_one_twice_is_none(form: str) -> None:
    with pytest.raises(ValueError, match="is no form of dates"):
        DateFormat(form)


_DE = NumberStyle(",", ".", signs=("€", "EUR"))
_US = NumberStyle(".", ",", "parentheses", ("$",))


@pytest.mark.parametrize(
    ("style", "text", "number"),
    [
        (_DE, "1.234,50", "1234.50"),
        (_DE, "1234,5", "1234.5"),
        (_DE, "1.234", "1234"),
        (_DE, "1.23", None),
        (_DE, "1.2345", None),
        (_DE, "12.34,5", None),
        (_DE, "1,234.50", None),
        (_DE, ",5", "0.5"),
        (_DE, "5,", None),
        (_DE, "-1,5", "-1.5"),
        (_DE, "1,5-", None),
        (_DE, "1,5 €", "1.5"),
        (_DE, "€ -1,5", "-1.5"),
        (_DE, "-€1,5", "-1.5"),
        (_DE, "EUR 1.000,00", "1000.00"),
        (_DE, "1,5 $", None),
        (_DE, "--1", None),
        (_DE, "-€-1", None),
        (_DE, "+1", None),
        (_DE, "", None),
        (_DE, "NaN", None),
        (_DE, "1_000", None),
        (_DE, "(1,5)", None),
        (_US, "$1,234.50", "1234.50"),
        (_US, "($1,234.50)", "-1234.50"),
        (_US, "$(5)", None),
        (_US, "(5", None),
        (_US, "(-5)", None),
        (NumberStyle(), "1,234", None),
        (NumberStyle(), "1234.5678901234567890123456789012345", "1234.5678901234567890123456789012345"),
        (NumberStyle(), "-1234.5678901234567890123456789012345", "-1234.5678901234567890123456789012345"),
        (NumberStyle(",", "space"), "1 234\u00a0567,8", "1234567.8"),
        (NumberStyle(".", "'"), "1'234.5", "1234.5"),
        (NumberStyle(negatives="trailing"), "12.50-", "-12.50"),
        (NumberStyle(negatives="trailing"), "-12.50-", None),
        (NumberStyle(), "9" * 80, "9" * 80),
        (NumberStyle(), "9" * 81, None),
    ],
)
def test_a_number_is_read_in_the_declared_style_only_and_exactly(
    style: NumberStyle, text: str, number: str | None
) -> None:
    read = style.read(text)
    assert (None if read is None else f"{read:f}") == number


def test_implied_decimals_shift_digits_and_refuse_a_decimal_mark() -> None:
    assert NumberStyle().read("-1250", 2) == Decimal("-12.50")
    assert NumberStyle().read("12.50", 2) is None


def test_a_month_becomes_its_first_day_and_the_first_of_the_next(write: Write) -> None:
    profile = with_column(
        "charge_period_start", {"heading": "von", "take": "month_start", "dates": "MM.YYYY"}
    )
    profile["columns"]["charge_period_end"] = {
        "heading": "von",
        "take": "next_month_start",
        "dates": "MM.YYYY",
    }
    rows, _ = german(
        *(LINE.replace("01.10.2026", month) for month in ("12.2026", "02.2024")), profile=profile, write=write
    )
    assert [(row["charge_period_start"], row["charge_period_end"]) for row in rows] == [
        ("2026-12-01", "2027-01-01"),
        ("2024-02-01", "2024-03-01"),
    ]


def test_the_day_after_the_last_day_of_the_calendar_is_refused(write: Write) -> None:
    _, file = german(LINE.replace("31.10.2026", "31.12.9999"), write=write)
    assert lines_and_reasons(file) == [(2, "bis", "31.12.9999")]


def test_another_column_makes_a_number_negative_and_never_twice(write: Write) -> None:
    profile = with_column(
        "amount",
        {"heading": "Betrag", "negative_if": {"Art": ["Gutschrift"]}, "as_written_if": {"Art": ["Lizenz"]}},
    )
    credit = LINE.replace("Lizenz", "Gutschrift")
    rows, file = german(
        LINE,
        credit,
        LINE.replace("600,00", "-600,00"),
        credit.replace("600,00", "0,00"),
        credit.replace("600,00", "-600,00"),
        credit.replace("600,00", "9" * 40),
        profile=profile,
        write=write,
    )
    assert [row["amount"] for row in rows] == ["600", "-600", "-600", "0", "-" + "9" * 40]
    assert lines_and_reasons(file) == [(6, "Betrag", "-600,00")]


def test_a_text_of_which_nobody_said_what_it_does_to_the_sign_is_rejected(write: Write) -> None:
    signs = {"negative_if": {"Art": ["Gutschrift", "Storno*"]}, "as_written_if": {"Art": ["Lizenz", ""]}}
    profile = with_column("amount", {"heading": "Betrag", **signs})
    texts = ("Lizenz", "Gutschrift", "Storno 7", "GUTSCHRIFT", "Gutschrift 7", "", "Rabatt")
    file_lines = [LINE.replace("Lizenz", text) for text in texts]
    profile["columns"]["charge_category"] = {"constant": "recurring"}
    rows, file = german(*file_lines, profile=profile, write=write)
    assert [row["amount"] for row in rows] == ["600", "-600", "-600", "600"]
    assert lines_and_reasons(file) == [
        (5, "Art", "GUTSCHRIFT"),
        (6, "Art", "Gutschrift 7"),
        (8, "Art", "Rabatt"),
    ]
    assert "is in neither `negative_if` nor `as_written_if` of amount" in file.faults[0].reason


def test_all_other_texts_can_be_said_to_leave_the_sign_alone(write: Write) -> None:
    profile = with_column(
        "amount",
        {"heading": "Betrag", "negative_if": {"Art": ["Gutschrift"]}, "as_written_if": {"Art": ["*"]}},
    )
    rows, file = german(LINE, LINE.replace("Lizenz", "Gutschrift"), profile=profile, write=write)
    assert ([row["amount"] for row in rows], file.faults) == (["600", "-600"], [])


def test_a_price_that_is_not_named_is_worked_out_to_ten_places_half_up(write: Write) -> None:
    profile = with_column("unit_cost", {"heading": "Betrag", "divided_by": "Menge"})
    rows, file = german(
        *(
            LINE.replace("1.200", quantity).replace("600,00", amount)
            for quantity, amount in (
                ("3", "2,00"),
                ("-4", "2,00"),
                ("0,5", "0"),
                ("20.000.000.000", "1"),
                ("20.000.000.000", "-1"),
                ("1", "9" * 40),
                ("0,00", "1"),
                ("", "1"),
            )
        ),
        profile=profile,
        write=write,
    )
    # 2/3; a sign on either side; 5e-11 lies half way and goes away from zero
    assert [row["unit_cost"] for row in rows] == [
        "0.6666666667",
        "-0.5",
        "0",
        "0.0000000001",
        "-0.0000000001",
        "9" * 40,
    ]
    assert lines_and_reasons(file) == [(8, "Menge", "0,00"), (9, "Menge", "")]


# rows


def test_rows_that_where_leaves_out_are_counted_in_a_warning(write: Write) -> None:
    profile = {"where": {"only": {"Rechnung": ["R-1", "R-2"]}, "skip": {"Art": ["Summe*", ""], "Pos": "99"}}}
    rows, file = german(
        LINE,
        LINE.replace("R-1", "R-2"),
        LINE.replace("R-1", "R-3"),
        LINE.replace("Lizenz", "Summe Oktober"),
        LINE.replace("Lizenz", " "),
        LINE.replace("1;", "99;", 1),
        "Gesamt;;;;;;;1.200,00;;",
        profile=profile,
        write=write,
    )
    assert [row["invoice_id"] for row in rows] == ["R-1", "R-2"]
    assert file.faults == []
    assert file.warnings == ["5 records are not vendor_charges and were passed over"]


def test_values_are_filled_down_within_their_group_only(write: Write) -> None:
    bare = LINE.replace("R-1;Müller", ";")
    rows, file = german(
        LINE,
        bare,
        LINE.replace("R-1;Müller", ";Maier"),
        LINE.replace("R-1;Müller", "R-2;"),
        bare,
        profile={"fill_down": ["Kunde", "Rechnung"]},
        write=write,
    )
    # a new customer ends the invoice of the one before: its own is not known until it is written
    assert [(row["vendor_customer_id"], row.get("invoice_id")) for row in rows] == [
        ("Müller", "R-1"),
        ("Müller", "R-1"),
        ("Maier", None),
        ("Maier", "R-2"),
        ("Maier", "R-2"),
    ]
    assert "Kunde" not in json.loads(rows[1]["_extra"])
    assert file.faults == []


def test_a_group_s_own_row_and_its_total_are_no_lines_and_a_total_is_never_filled_down(write: Write) -> None:
    bare = LINE.replace("Müller", "")
    rows, _ = german(
        ";;Müller",
        bare,
        ";;Summe Müller;;;;;600,00",
        bare,
        ";;Maier",
        bare,
        profile={"fill_down": ["Kunde"], "where": {"skip": {"Kunde": ["Summe*"], "Betrag": [""]}}},
        write=write,
    )
    assert [(row["_line"], row["vendor_customer_id"]) for row in rows] == [
        (3, "Müller"),
        (5, "Müller"),
        (7, "Maier"),
    ]


def test_behind_a_row_that_is_lost_nothing_is_filled_down_until_it_is_written_again(write: Write) -> None:
    bare = LINE.replace("Müller", "")
    rows, file = german(
        LINE,
        bare,
        LINE.replace("Müller", "Maier") + ";",
        bare,
        LINE,
        bare,
        profile={"fill_down": "Kunde"},
        write=write,
    )
    assert [fault.line for fault in file.faults] == [4]
    found = [(row["_line"], row.get("vendor_customer_id")) for row in rows]
    assert found == [(2, "Müller"), (3, "Müller"), (5, None), (6, "Müller"), (7, "Müller")]


def test_identifiers_made_of_content_are_stable_and_count_equal_rows(write: Write, tmp_path: Path) -> None:
    profile = with_column("line_id", {"made_of": "content"})
    other = LINE.replace("600,00", "700,00")
    first, _ = german(LINE, other, LINE, profile=profile, write=write)
    assert len({row["line_id"] for row in first}) == 3
    # another order, another spelling of the same numbers, another value in a column that is not used
    second, _ = german(
        other, LINE.replace("600,00", "600"), LINE.replace("1;", "77;", 1), profile=profile, write=write
    )
    assert sorted(row["line_id"] for row in first) == sorted(row["line_id"] for row in second)
    assert {row["amount"]: row["line_id"] for row in first}["700"] == {
        row["amount"]: row["line_id"] for row in second
    }["700"]


SEATS = {
    "columns": {
        "vendor_customer_id": "Tenant",
        "sku_id": "License",
        "as_of_date": {"constant": "2026-10-01"},
        "entitled_quantity": {"count": "rows"},
        "assigned_quantity": {"heading": "State", "values": {"on": "1", "off": "0"}},
    }
}
USERS = "Tenant,License,User,State\nT,A,ann,on\nT,A,bob,off\nT,A,ann,on\nT,B,ann,on\nT,A,,on\n"


def test_seats_are_counted_by_rows_or_once_for_each_distinct_text(write: Write) -> None:
    path = write("license_counts.csv", USERS)
    by_rows = records(opened(path, SEATS, "license_counts"))
    assert [(row["sku_id"], row["entitled_quantity"], row["assigned_quantity"]) for row in by_rows] == [
        ("A", "1", "1"),
        ("A", "1", "0"),
        ("A", "1", "1"),
        ("B", "1", "1"),
        ("A", "1", "1"),
    ]
    columns = {**SEATS["columns"], "entitled_quantity": {"count": "distinct", "heading": "User"}}
    file = opened(path, {"columns": columns}, "license_counts")
    assert [(row["_line"], row["entitled_quantity"]) for row in records(file)] == [
        (2, "1"),
        (3, "1"),
        (5, "1"),
    ]
    assert lines_and_reasons(file) == [(6, "User", None)]
    assert file.warnings == ["1 records repeat what is counted once"]


# workbooks


def _book(tmp_path: Path, *rows: tuple[Any, ...], sheet: str = "Charges") -> Path:
    workbook = openpyxl.Workbook()
    workbook.active.append(("cover",))
    page = workbook.create_sheet(sheet)
    for row in rows:
        page.append(row)
    workbook.save(tmp_path / "vendor_charges.xlsx")
    return tmp_path / "vendor_charges.xlsx"


def test_a_named_sheet_with_titles_mixes_typed_cells_and_texts_of_the_declared_style(tmp_path: Path) -> None:
    headings = tuple(HEADINGS.split(";"))
    typed = (1, "R-1", "T", "S", "Lizenz", 10, 0.125, 1.25, date(2026, 10, 1), date(2026, 10, 31))
    texts = (2, "R-1", "T", "S", "Lizenz", "1.200", "0,125", "1.234,5", "01.10.2026", "31.10.2026")
    path = _book(tmp_path, ("Bill",), (), headings, typed, texts)
    file = opened(path, GERMAN | {"sheet": "Charges", "header_row": "3"})
    rows = records(file)
    assert [(row["_line"], row["quantity"], row["unit_cost"], row["amount"]) for row in rows] == [
        (4, "10", "0.125", "1.25"),
        (5, "1200", "0.125", "1234.5"),
    ]
    assert {(row["charge_period_start"], row["charge_period_end"]) for row in rows} == {
        ("2026-10-01", "2026-11-01")
    }
    assert (file.faults, file.warnings) == ([], [])


def test_a_cell_that_holds_one_and_a_quarter_thousandth_is_not_taken_for_thousands(tmp_path: Path) -> None:
    path = _book(
        tmp_path,
        tuple(HEADINGS.split(";")),
        (1, "R", "T", "S", "Lizenz", 1, 1.125, 1.125, date(2026, 10, 1), date(2026, 10, 31)),
    )
    (row,) = records(opened(path, GERMAN | {"sheet": "Charges"}))
    assert (row["unit_cost"], row["amount"]) == ("1.125", "1.125")


def test_a_sheet_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(
        UnreadableFile, match="has no visible sheet 'Bill', only 'Sheet', 'Charges'; correct `sheet`"
    ):
        opened(_book(tmp_path, ("a",)), GERMAN | {"sheet": "Bill"})


# the same table, whatever it is written in

_STYLES = {
    (".", ""): ("none", "."),
    (",", "."): (".", ","),
    (".", ","): (",", "."),
    (",", " "): ("space", ","),
    (".", "'"): ("'", "."),
}
_FORMS = {"DD.MM.YYYY": "%d.%m.%Y", "MM/DD/YYYY": "%m/%d/%Y", "YYYY-MM-DD": "%Y-%m-%d", "YYYYMMDD": "%Y%m%d"}
_ENCODINGS = {
    "utf-8": "utf-8",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "cp1252": "cp1252",
    "iso-8859-1": "latin-1",
}
_NAMES = st.text("abcÄöß é,;|'\".\t-\n", min_size=1, max_size=12).map(str.strip).filter(bool)
_AMOUNTS = st.decimals("-99999999.999999", "99999999.999999", places=6)
_DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 30))
_ROWS = st.lists(st.tuples(_NAMES, _AMOUNTS, _DAYS, st.integers(0, 60)), min_size=1, max_size=8)


def _number(value: Decimal, point: str, group: str) -> str:
    """The vendor's way to write a number: an oracle that shares nothing with the reader."""
    whole, _, rest = f"{abs(value):.6f}".partition(".")
    parts = [whole[max(at - 3, 0) : at] for at in range(len(whole), 0, -3)][::-1]
    return ("-" if value < 0 else "") + group.join(parts) + point + rest


def _written(rows: list[Any], encoding: str, delimiter: str, style: tuple[str, str], form: str) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(["Nr", "Name", "Betrag", "von", "bis"])
    for at, (name, amount, day, length) in enumerate(rows):
        last = min(day + timedelta(days=length), date(2099, 12, 31))
        writer.writerow([at, name, _number(amount, *style), day.strftime(form), last.strftime(form)])
    return buffer.getvalue().encode(encoding)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=_ROWS, seed=st.integers(0, 2**32))
def test_one_table_in_any_encoding_delimiter_and_style_gives_the_same_records(
    rows: list[Any], seed: int, tmp_path: Path
) -> None:
    every = list(itertools.product(_ENCODINGS, ",;|\t", _STYLES, _FORMS))
    expected = [
        {
            "_line": None,
            "line_id": str(at),
            "invoice_id": "I",
            "vendor_customer_id": name,
            "sku_id": "S",
            "charge_category": "usage",
            "quantity": "1",
            "unit_cost": "1",
            "amount": amount,
            "currency": "EUR",
            "charge_period_start": day.isoformat(),
            "charge_period_end": (
                (min(day + timedelta(days=length), date(2099, 12, 31)) + timedelta(days=1)).isoformat()
            ),
        }
        for at, (name, amount, day, length) in enumerate(rows)
    ]
    for encoding, delimiter, style, form in random.Random(seed).sample(every, 4):
        thousands, decimals = _STYLES[style]
        profile = {
            "encoding": encoding,
            "delimiter": delimiter,
            "dates": form,
            "decimals": decimals,
            "thousands": thousands,
            "columns": {
                "line_id": "Nr",
                "invoice_id": {"constant": "I"},
                "vendor_customer_id": "Name",
                "sku_id": {"constant": "S"},
                "charge_category": {"constant": "usage"},
                "quantity": {"constant": "1"},
                "unit_cost": {"constant": "1"},
                "amount": "Betrag",
                "currency": {"constant": "EUR"},
                "charge_period_start": "von",
                "charge_period_end": {"heading": "bis", "take": "day_after"},
            },
        }
        path = tmp_path / "vendor_charges.csv"
        path.write_bytes(_written(rows, _ENCODINGS[encoding], delimiter, style, _FORMS[form]))
        file = opened(path, profile)
        found = [{k: v for k, v in row.items() if k != "_extra"} for row in records(file)]
        assert file.faults == []
        assert [{**row, "_line": None, "amount": Decimal(row["amount"])} for row in found] == expected


# settings


def _problem(profile: Any) -> str:
    with pytest.raises(ValueError) as caught:
        MAPPED.check({"vendor_charges": profile})
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("word", "value", "message"),
    [
        ("encoding", "ansi", "vendor_charges.encoding is 'ansi': use one of utf-8, "),
        ("encoding", "", "vendor_charges.encoding is empty: use one of"),
        ("encoding", ["utf-8"], "vendor_charges.encoding is a list: use one of"),
        ("delimiter", "a", "vendor_charges.delimiter is 'a': use one of"),
        (
            "dates",
            "TT.MM.JJJJ",
            "vendor_charges.dates: 'TT.MM.JJJJ' is no form of dates: write it like DD.MM.YYYY",
        ),
        ("dates", {"a": "b"}, "vendor_charges.dates is a mapping: write one text"),
        ("decimals", ";", "vendor_charges.decimals is ';': use one of ., ,"),
        ("thousands", ",", "vendor_charges.thousands is ',', and so is decimals: only one of them can be"),
        ("negatives", "red", "vendor_charges.negatives is 'red': use one of leading, trailing, parentheses"),
        ("currency_signs", ["-"], "vendor_charges.currency_signs may have no digits and no marks"),
        ("header_row", "0", "vendor_charges.header_row is '0': write a whole number from 1 to 1000"),
        ("header_row", "²", "vendor_charges.header_row is '²': write a whole number"),
        ("fill_down", {"Kunde": "x"}, "vendor_charges.fill_down is a mapping: write one text or a list"),
        ("where", {"Kunde": "x"}, "vendor_charges.where.Kunde is unknown: use any of only, skip"),
        (
            "where",
            {"only": {"Kunde": []}},
            "vendor_charges.where.only.Kunde is empty: write one text or a list",
        ),
        ("where", "", "vendor_charges.where is empty: write `name: value`"),
        ("datums", "x", "vendor_charges.datums is unknown: use any of encoding, "),
        ("columns", {}, "vendor_charges.columns is empty"),
        ("dates", "TODO", "vendor_charges.dates still says TODO: write what"),
    ],
)
def test_a_wrong_word_is_one_line_that_names_key_and_fix(word: str, value: Any, message: str) -> None:
    assert _problem(GERMAN | {word: value}).startswith(message)


@pytest.mark.parametrize(
    ("column", "words", "message"),
    [
        ("amount", "", "vendor_charges.columns.amount is empty: write one text"),
        (
            "amount",
            {"constant": "1,5"},
            "vendor_charges.columns.amount.constant is '1,5': write plain digits with a decimal point",
        ),
        (
            "amount",
            {"heading": "B", "take": "day"},
            "vendor_charges.columns.amount.take is unknown: use any of heading, constant, ",
        ),
        (
            "amount",
            {"heading": "B", "constant": "1"},
            "vendor_charges.columns.amount has a heading and something instead of one",
        ),
        (
            "amount",
            {"values": {"a": "1"}},
            "vendor_charges.columns.amount needs a heading, or nothing but a constant",
        ),
        (
            "amount",
            {"heading": "B", "implied_decimals": "-2"},
            "vendor_charges.columns.amount.implied_decimals is '-2': write a whole number",
        ),
        (
            "amount",
            {"heading": "B", "negative_if": {"a": "x", "b": "y"}},
            "vendor_charges.columns.amount.negative_if names more than one",
        ),
        (
            "amount",
            {"heading": "B", "negative_if": {"a": "x"}},
            "vendor_charges.columns.amount has only one of negative_if and as_written_if",
        ),
        (
            "amount",
            {"heading": "B", "as_written_if": {"a": "x"}},
            "vendor_charges.columns.amount has only one of negative_if and",
        ),
        (
            "amount",
            {"heading": "B", "negative_if": {"a": "x"}, "as_written_if": {"b": "y"}},
            "vendor_charges.columns.amount: negative_if looks at 'a' and as_written_if at 'b'",
        ),
        (
            "amount",
            {"heading": "B", "negative_if": {"a": "x"}, "as_written_if": {"a": "x"}},
            "vendor_charges.columns.amount: 'x' stands in negative_if and in as_written_if",
        ),
        (
            "amount",
            {"heading": "B", "divided_by": "M"},
            "vendor_charges.columns.amount.divided_by is unknown",
        ),
        ("amount", {"made_of": "content"}, "vendor_charges.columns.amount.made_of: only line_id,"),
        (
            "amount",
            {"count": "rows"},
            "vendor_charges.columns.amount.count: only entitled_quantity counts rows",
        ),
        (
            "line_id",
            {"made_of": "rows"},
            "vendor_charges.columns.line_id.made_of is 'rows': use one of content",
        ),
        (
            "charge_category",
            {"constant": "monthly"},
            "vendor_charges.columns.charge_category.constant is 'monthly': use one of recurring, ",
        ),
        (
            "charge_category",
            {"heading": "A", "values": {"x": "abo"}},
            "vendor_charges.columns.charge_category.values.x is 'abo': use one of",
        ),
        (
            "charge_category",
            {"heading": "A", "values": {"x": "TODO"}},
            "vendor_charges.columns.charge_category.values.x still says TODO",
        ),
        ("currency", {"constant": "€"}, "vendor_charges.columns.currency.constant is '€': write it like USD"),
        (
            "charge_period_start",
            {"constant": "1.10.2026"},
            "vendor_charges.columns.charge_period_start.constant is '1.10.2026': write it as",
        ),
        (
            "charge_period_end",
            {"heading": "b", "take": "last"},
            "vendor_charges.columns.charge_period_end.take is 'last': use one of day,",
        ),
        (
            "charge_period_end",
            {"heading": "b", "dates": "MM.YYYY"},
            "vendor_charges.columns.charge_period_end: MM.YYYY has no day: say `take:",
        ),
        ("gross", "B", "vendor_charges.columns.gross is unknown: use any of line_id, "),
    ],
)
def test_a_wrong_column_is_one_line_that_names_key_and_fix(column: str, words: Any, message: str) -> None:
    assert _problem(with_column(column, words)).startswith(message)


def test_every_required_column_must_be_given_and_every_dataset_known() -> None:
    for name in DATASETS["vendor_charges"].required_columns:
        columns = {key: words for key, words in GERMAN["columns"].items() if key != name}
        assert _problem(GERMAN | {"columns": columns}).startswith(
            f"vendor_charges.columns.{name} is missing: name the vendor's column"
        )
    with pytest.raises(ValueError, match="settings.charges is unknown: use any of clients, "):
        MAPPED.check({"charges": GERMAN})
    with pytest.raises(ValueError, match="settings is empty"):
        MAPPED.check({})
