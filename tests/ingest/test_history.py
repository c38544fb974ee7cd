"""Which earlier records are read for a month: as if all were looked through, though only keys are.

Belongs here: choosing among typed files by their keys, and keys that were damaged. Does not: which of several
records stands (``test_load_history``).
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from connectors.datasets import DATASETS
from mbr_pipeline.ingest import history
from mbr_pipeline.ingest.landing import LandedFile
from mbr_pipeline.ingest.parse import ParsedFile, Parser, parse
from mbr_pipeline.storage.atomic_files import sha256_of
from tests.ingest.loading import HEADERS, Land, P, charge, in_raw
from tests.ingest.parsing import read_rows

DAYS = [
    "2026-07-01",
    "2026-08-01",
    "2026-09-01",
    "2026-09-15",
    "2026-09-30",
    "2026-10-01",
    "2026-10-02",
    "2026-11-01",
    "2027-01-01",
]

NOT_THE_CHARGE = {"line_id", "invoice_id", "vendor_customer_name", "sku_name"}
"""What may differ between two lines that charge the same thing (contract §5)."""


def _bill(dice: random.Random) -> str:
    return f"V-{dice.randrange(3)},2026-0{dice.randrange(7, 10)}-28,USD,50.00"


def _charge(dice: random.Random) -> str:
    start, end = dice.choice(
        [("2026-08-01", "2026-09-01"), sorted(dice.choices(DAYS, k=2))]
    )  # most are equal
    amount, customer = dice.choice(["50.00", "51.00"]), dice.choice(["T-1", "T-2"])
    return charge(str(dice.randrange(9)), amount, start, end, customer)


def _line(dice: random.Random) -> str:
    start, end = sorted(dice.choices(DAYS, k=2))
    number = dice.randrange(6)
    return f"L-{number},I-{number % 2},C-1,SEAT,1,8.00,8.00,USD,{start},{end},"


LINES: dict[str, Callable[[random.Random], str]] = {
    "vendor_invoices": _bill,
    "vendor_charges": _charge,
    "invoice_lines": _line,
}


def _histories(name: str, seed: int, folder: Path) -> list[ParsedFile]:
    """Files of some months and two sources, some with the same bytes; the first are the period's own."""
    dice = random.Random(f"{name} {seed}")
    periods = [P.text, P.text, "2026-07", "2026-08", "2026-08", "2026-09"]
    files, texts = [], []
    for number, period in enumerate(periods[dice.randrange(2) :]):
        if not texts or dice.random() < 0.8:
            rows = [LINES[name](dice) for _ in range(dice.randrange(4))]
            texts.append("\n".join([HEADERS[name], *rows]) + "\n")
        source = dice.choice(["vendor", "other"])
        path = folder / period / source / f"{name}.{number}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts[-1], encoding="utf-8")
        landed = LandedFile(path, period, source, name, "canonical", sha256_of(path), path.stat().st_size)
        files.append(parse(landed, folder / "cache", folder / "tmp"))
    return files


def _looked_through(files: list[ParsedFile]) -> set[str]:
    """The earlier records that §2 and §3 let matter, by looking at every record."""
    dataset = DATASETS[files[0].landed.dataset]

    def identity(file: ParsedFile, row: dict[str, Any]) -> tuple[Any, ...]:
        return file.landed.source, *(row[column] for column in dataset.identity)

    def charged(file: ParsedFile, row: dict[str, Any]) -> tuple[Any, ...]:
        return file.landed.source, *(row[c] for c in dataset.column_names if c not in NOT_THE_CHARGE)

    records = [(file, row) for file in files for row in read_rows(file)]
    own = [each for each in records if each[0].landed.period == P.text]
    before = [each for each in records if each[0].landed.period != P.text]
    wanted = {identity(*each) for each in own}
    for file, row in before:
        if dataset.interval:
            start, end = (row[column] for column in dataset.interval)
            if end > date(2026, 10, 1) or start >= date(2026, 10, 1):
                wanted.add(identity(file, row))
        if dataset.name == "vendor_charges" and charged(file, row) in {charged(*each) for each in own}:
            wanted.add(identity(file, row))
    return {f"{f.landed.name}:{row['record_line']}" for f, row in before if identity(f, row) in wanted}


def _collected(warehouse: duckdb.DuckDBPyConnection, files: list[ParsedFile]) -> tuple[set[str], set[str]]:
    """The records that were read by their keys, and the files that were opened for it."""
    dataset = DATASETS[files[0].landed.dataset]
    opened: list[ParsedFile] = []
    own = [f for f in files if f.landed.period == P.text]
    before = [f for f in files if f.landed.period != P.text]
    if not history.collect(warehouse, dataset, own, before, P, opened.append):
        return set(), {f.landed.name for f in opened}
    found = warehouse.execute(f"select record_id from {history.EARLIER}").fetchall()
    warehouse.execute(f"drop table {history.EARLIER}")
    assert len(found) == len(set(found))
    return {record for (record,) in found}, {f.landed.name for f in opened}


@pytest.mark.parametrize("name", LINES)
def test_of_any_history_the_records_found_by_keys_are_those_found_by_looking_through_all(
    name: str, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, left = 0, 0
    for seed in range(30):
        if seed == 20:  # as where the keys are too many for the memory
            monkeypatch.setattr(history, "_MOST_IN_MEMORY", 0)
        files = _histories(name, seed, tmp_path / str(seed))
        expected = _looked_through(files)
        records, opened = _collected(warehouse, files)
        assert records == expected, f"seed {seed}"
        assert opened == {record.rpartition(":")[0] for record in expected}, f"seed {seed}"
        before = sum(f.rows for f in files if f.landed.period != P.text)
        found, left = found + len(expected), left + before - len(expected)
    assert found > 20 and left > 20, "histories of both kinds"


def test_every_dataset_whose_records_carry_over_is_tried() -> None:
    assert set(LINES) == {name for name, dataset in DATASETS.items() if dataset.carries_over}


def test_a_month_before_which_nothing_reaches_in_is_a_view_of_its_own_files(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    earlier = land("vendor_charges", charge("0", start="2026-09-01", end="2026-10-01"), period="2026-09")
    earlier.rows_path.write_bytes(b"torn, and never read")
    assert in_raw(warehouse, "vendor_charges", land("vendor_charges", charge("1")), earlier) == [
        ("2026-10", "2026-10/vendor/vendor_charges.1.csv:2")
    ]
    kinds = "select table_type from information_schema.tables where table_name = 'vendor_charges'"
    assert warehouse.execute(kinds).fetchall() == [("VIEW",)]


# ----- keys that are not what was written


def _swap_keys(file: ParsedFile, other: ParsedFile) -> None:
    shutil.copy(other.keys_path, file.keys_path)


DAMAGE: dict[str, Callable[[ParsedFile, ParsedFile], Any]] = {
    "missing": lambda file, _: file.keys_path.unlink(),
    "empty": lambda file, _: file.keys_path.write_bytes(b""),
    "torn": lambda file, _: file.keys_path.write_bytes(file.keys_path.read_bytes()[:-20]),
    "of another file": _swap_keys,
}


@pytest.mark.parametrize("what", DAMAGE)
def test_damaged_keys_are_made_anew_before_they_are_asked(what: str, land: Land, tmp_path: Path) -> None:
    file = land("vendor_charges", charge("1"), period="2026-09")
    other = land("vendor_charges", charge("2", end="2026-10-15"), period="2026-08")
    right = pq.ParquetFile(file.keys_path).read().to_pylist()
    DAMAGE[what](file, other)
    with Parser(tmp_path / "cache", tmp_path / "tmp") as parser:
        again = parser.parse(file.landed, only_keys=True)
    assert again == file
    assert pq.ParquetFile(again.keys_path).read().to_pylist() == right


def test_records_that_are_not_read_are_not_checked_and_those_that_are_read_are(
    land: Land, tmp_path: Path
) -> None:
    file = land("vendor_charges", charge("1"), period="2026-09")
    file.rows_path.write_bytes(b"torn")
    with Parser(tmp_path / "cache", tmp_path / "tmp") as parser:
        parser.parse(file.landed, only_keys=True)
        assert file.rows_path.read_bytes() == b"torn"
        parser.parse(file.landed)
    assert [row["line_id"] for row in read_rows(file)] == ["1"]
