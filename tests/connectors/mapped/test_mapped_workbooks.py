"""A declared profile on workbooks, and one table in every form.

Belongs here: sheets and typed cells, and that forms do not change records. Does not: what rows say together
(``test_mapped_rows``).
"""

from __future__ import annotations

import csv
import io
import itertools
import random
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from connectors.datasets import DATASETS
from connectors.files.records import UnreadableFile
from connectors.mapped.profile import profile_of
from connectors.mapped.reader import MappedFile
from tests.connectors.mapped.german import GERMAN, HEADINGS, opened, records

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


def test_a_percentage_of_a_workbook_is_what_it_shows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(("Qty", "Price", "Off", "Share"))
    for off, form, share in (
        (0.1, "0%", 0.5),
        (0.125, "0.0 %", 1),
        (10, '0.0"%"', 0.25),
        (10, "0\\%", 0.5),
        (2.5, "0.00", 1),
    ):
        book.active.append((10, 12, off, share))
        book.active.cell(book.active.max_row, 3).number_format = form
        book.active.cell(book.active.max_row, 4).number_format = "0%"
    book.save(tmp_path / "vendor_charges.xlsx")
    columns = {
        "quantity": {"constant": "1"},
        "unit_cost": {"heading": "Price", "less_percent": "Off"},
        "amount": {"product_of": ["Qty", "Price", "Share"], "less_percent": "Off"},
    }
    profile = profile_of(DATASETS["vendor_charges"], {"columns": columns}, is_complete=False)
    rows = records(MappedFile(tmp_path / "vendor_charges.xlsx", profile))
    assert [(row["unit_cost"], row["amount"]) for row in rows] == [
        ("10.8", "54"),  # 12 less a tenth; 10 x 12 / 2 less a tenth
        ("10.5", "105"),
        ("10.8", "27"),
        ("10.8", "54"),
        ("11.7", "117"),
    ]


@pytest.mark.parametrize("form", ["serial", "DD.MM.YYYY"])
def test_a_days_number_counted_from_1904_is_refused_and_a_date_is_none(tmp_path: Path, form: str) -> None:
    path = _book(
        tmp_path,
        tuple(HEADINGS.split(";")),
        (1, "R", "T", "S", "Lizenz", 1, 1, 1, date(2026, 10, 1), date(2026, 10, 31)),
        (2, "R", "T", "S", "Lizenz", 1, 1, 1, 44834, date(2026, 10, 31)),  # 1 October 2026, and in 1900 2022
    )
    book = openpyxl.load_workbook(path)
    book.epoch = CALENDAR_MAC_1904
    book.save(path)
    file = opened(path, GERMAN | {"sheet": "Charges", "dates": form})
    assert [row["charge_period_start"] for row in records(file)] == ["2026-10-01"]
    assert [(fault.line, fault.column, fault.value) for fault in file.faults] == [(3, "von", "44834")]
    assert "counts from 1904; format the column as dates" in file.faults[0].reason


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
