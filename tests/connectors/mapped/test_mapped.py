"""Any vendor's CSV and XLSX by a declared profile: exact values, visible refusals, and settings that say what
is wrong.

Belongs here: the connector ``mapped`` on real files, and the words of its settings. Does not: proposing a
profile (tests/cli/profile/test_profile_command.py), a whole month (tests/e2e/test_mapped_files.py).
"""

from __future__ import annotations

import json

import pytest

from connectors.datasets import DATASETS
from connectors.files.records import UnreadableFile
from tests.connectors.mapped.german import (
    GERMAN,
    HEADINGS,
    LINE,
    MAPPED,
    Write,
    german,
    lines_and_reasons,
    opened,
    records,
    with_column,
)


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
        LINE.replace("600,00", "6e"),
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
        (7, "Betrag", "6e"),
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
