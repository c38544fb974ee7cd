"""Tables that cannot be read: ``mbr_pipeline.storage.parquet``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mbr_pipeline.errors import GateClosed
from mbr_pipeline.storage.parquet import columns_of, rows_of, table_of

ROWS = [{"client_id": "C-1", "amount": "8.00"}, {"client_id": None, "amount": "9.00"}]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "fct.parquet"
    pq.write_table(pa.Table.from_pylist(ROWS), path)
    return path


def test_a_table_is_read_whole_or_in_part(file: Path) -> None:
    assert rows_of(file) == ROWS
    assert rows_of(file, columns=["amount"]) == [{"amount": "8.00"}, {"amount": "9.00"}]
    assert columns_of(file) == ["client_id", "amount"]


def _gone(file: Path) -> None:
    file.unlink()


def _emptied(file: Path) -> None:
    file.write_bytes(b"")


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


def _other(file: Path) -> None:
    file.write_text("client_id,amount\n" * 50)


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()
    (file / "x.parquet").write_text("x" * 50)


@pytest.mark.parametrize("damage", [_gone, _emptied, _cut, _other, _folder])
@pytest.mark.parametrize("read", [table_of, rows_of, columns_of])
def test_a_table_that_cannot_be_read_is_one_line_that_names_it(
    file: Path, damage: Callable[[Path], None], read: Callable[[Path], object]
) -> None:
    damage(file)
    with pytest.raises(GateClosed) as refused:
        read(file)
    assert str(refused.value).startswith(f"{file}: the table is damaged (")
    assert "\n" not in str(refused.value)


def test_memory_that_runs_out_says_nothing_of_the_table(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def end(*_: object) -> None:
        raise pa.ArrowMemoryError("malloc of size 64 failed")

    monkeypatch.setattr(pq, "read_table", end)
    with pytest.raises(MemoryError):
        rows_of(file)
