"""Vendors' own records as canonical ones: what becomes of a record, also of one that cannot be used.

Belongs here: ``connectors.native_file``. Does not: single values (``test_native_values``), any one source's
mapping (``tests/connectors/sources``), typing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.datasets import DATASETS
from connectors.files.records import Fault
from connectors.mapping import Native, Row, after, plain
from connectors.native_file import NativeFile

SEATS = DATASETS["license_counts"]


# --- files


Mapping = Callable[[Native], Iterator[Row]]


def seat(record: Native) -> Iterator[Row]:
    if record.text("kind") == "other":
        return
    yield {
        "vendor_customer_id": record.needed("customer"),
        "sku_id": record.needed("sku"),
        "as_of_date": str(record.day("day")),
        "entitled_quantity": plain(record.number("seats")),
    }


def read(path: Path, mapper: Mapping = seat, **more: Any) -> tuple[list[dict[str, Any]], NativeFile]:
    file = NativeFile(path, SEATS, mapper, {"setting": "x"}, **more)
    rows = [row for batch in file.batches() for row in batch.to_pylist()]
    return rows, file


def lines(folder: Path, *records: object) -> Path:
    path = folder / "seats.jsonl"
    path.write_text(
        "".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in records),
        encoding="utf-8",
    )
    return path


GOOD = {"customer": "c1", "sku": "s1", "day": "2026-10-14T23:00:00-02:00", "seats": 5}


def test_a_canonical_row_names_the_line_and_keeps_the_native_record_whole(tmp_path: Path) -> None:
    rows, file = read(lines(tmp_path, GOOD, {**GOOD, "sku": "s2", "more": {"x": [1.50, None]}}))
    assert [(row["_line"], row["sku_id"], row["as_of_date"], row["entitled_quantity"]) for row in rows] == [
        (1, "s1", "2026-10-15", "5"),
        (2, "s2", "2026-10-15", "5"),
    ]
    assert json.loads(rows[1]["_extra"]) == {
        "customer": "c1",
        "sku": "s2",
        "day": GOOD["day"],
        "seats": "5",
        "more": '{"x":[1.5,null]}',
    }
    assert (file.faults, file.warnings, file.header) == ([], [], SEATS.column_names)
    assert rows[0]["_extra"] is not None and set(rows[0]) == {"_line", "_extra", *SEATS.column_names}


def test_a_record_that_cannot_be_used_becomes_a_fault_with_line_column_and_value(tmp_path: Path) -> None:
    rows, file = read(
        lines(
            tmp_path,
            {**GOOD, "seats": "five"},
            GOOD,
            {**GOOD, "day": "soon" * 100},
            {**GOOD, "customer": None},
            "",
            {**GOOD, "seats": "1,5"},
            "{broken",
            {**GOOD, "sku": "last"},
        )
    )
    assert [(row["_line"], row["sku_id"]) for row in rows] == [(2, "s1"), (8, "last")]
    assert [
        (fault.line, fault.column, fault.value) for fault in sorted(file.faults, key=lambda fault: fault.line)
    ] == [
        (1, "seats", "five"),
        (3, "day", ("soon" * 100)[:200]),
        (4, "customer", None),
        (6, "seats", "1,5"),
        (7, None, "{broken"),
    ]
    assert [fault.reason for fault in file.faults if fault.line == 1] == [
        "is not a number; write it with plain digits and a decimal point"
    ]


def test_records_about_something_else_are_counted_and_said(tmp_path: Path) -> None:
    rows, file = read(lines(tmp_path, GOOD, {"kind": "other"}, {**GOOD, "kind": "other"}, {"kind": "bad"}))
    assert (len(rows), len(file.faults)) == (1, 1)
    assert file.warnings == ["2 records are not license_counts and were passed over"]


def test_a_record_is_mapped_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    def two(record: Native) -> Iterator[Row]:
        yield {"sku_id": "first"}
        yield {"sku_id": record.needed("second")}

    rows, file = read(lines(tmp_path, {"second": "x"}, {"second": None}), two)
    assert [(row["_line"], row["sku_id"]) for row in rows] == [(1, "first"), (1, "x")]
    assert [fault.line for fault in file.faults] == [2]


@pytest.mark.parametrize(
    "mapper",
    [
        lambda record: iter([{"as_of_date": str(after(record.day("day")))}]),
        lambda record: iter(
            [{"entitled_quantity": plain(record.number("seats").quantize(Decimal("1e-10")))}]
        ),
        lambda record: iter([{"entitled_quantity": plain(record.number("seats") / record.number("zero"))}]),
    ],
    ids=["the day after the last one", "more digits than are kept", "divided by nothing"],
)
def test_a_value_beyond_all_bounds_rejects_its_record_and_not_the_file(
    mapper: Mapping, tmp_path: Path
) -> None:
    """9999-12-31 is how many a vendor writes that something never ends."""
    bad = {"day": "9999-12-31", "seats": "9" * 30, "zero": 0}
    rows, file = read(lines(tmp_path, bad, {"day": "2026-10-14", "seats": 5, "zero": 1}), mapper)
    assert [row["_line"] for row in rows] == [2]
    assert [(fault.line, fault.column) for fault in file.faults] == [(1, None)]
    assert "bounds" in file.faults[0].reason


def test_half_a_character_is_rejected_where_it_stands(tmp_path: Path) -> None:
    rows, file = read(
        lines(tmp_path, '{"customer": "c\\ud800", "sku": "s", "day": "2026-10-14", "seats": 1}', GOOD)
    )
    assert [row["_line"] for row in rows] == [2]
    assert file.faults == [
        Fault(1, "customer", "c\\ud800", "is not valid UTF-8; save the file with encoding UTF-8")
    ]


def test_no_records_are_no_rows(tmp_path: Path) -> None:
    rows, file = read(lines(tmp_path))
    assert (rows, file.faults, file.warnings) == ([], [], [])


def test_a_table_without_the_columns_that_one_needs_has_drifted(tmp_path: Path) -> None:
    """What a column needs is any of several names; lines of JSON have no heading that could lack one."""
    table = tmp_path / "seats.csv"
    table.write_text("Customer,sku,day\nc1,s1,2026-10-14\n")
    needs = {
        "entitled_quantity": ("seats", "licences"),
        "vendor_customer_id": ("customer", "client"),
        "sku_id": ("sku",),
    }
    _, file = read(
        table, lambda record: iter([{"sku_id": record.text("sku")}]), needs=needs, rename=str.lower
    )
    assert set(SEATS.column_names) - set(file.header) == {"entitled_quantity"}
    assert file.warnings == ["entitled_quantity needs the column seats or licences"]
    _, of_lines = read(lines(tmp_path, {"sku": "s1"}), lambda record: iter([{"sku_id": "x"}]), needs=needs)
    assert (of_lines.header, of_lines.warnings) == (SEATS.column_names, [])


def test_settings_reach_the_mapping(tmp_path: Path) -> None:
    rows, _ = read(lines(tmp_path, GOOD), lambda record: iter([{"sku_id": record.settings["setting"]}]))
    assert [row["sku_id"] for row in rows] == ["x"]
