"""How far DuckDB's memory is raised.

Belongs here: ``mbr_pipeline.storage.memory``. A statement that gets more is tests/transform's part.
"""

from __future__ import annotations

import duckdb
import pytest

from mbr_pipeline.storage import memory
from mbr_pipeline.storage.control_groups import MemoryGroup
from mbr_pipeline.storage.memory import Memory

GB = 1_000_000_000


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(memory.SETTING, raising=False)
    monkeypatch.setattr(memory, "whole", lambda: 9 * GB)


def test_it_is_doubled_up_to_half_of_the_machine() -> None:
    with duckdb.connect() as connection:
        grown = Memory()
        assert grown.raise_above(1 * GB, connection)
        assert grown.raise_above(2 * GB, connection)
        assert not grown.raise_above(4 * GB, connection)
        assert connection.execute("select current_setting('memory_limit')").fetchone() == ("3.7 GiB",)


def test_of_two_statements_that_failed_with_the_same_limit_one_raises_it() -> None:
    with duckdb.connect() as connection:
        grown = Memory()
        assert [grown.raise_above(1 * GB, connection) for _ in range(2)] == [True, True]
        assert grown.limit == 2 * GB


def test_what_somebody_set_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(memory.SETTING, "1200MB")
    with duckdb.connect() as connection:
        assert not Memory().raise_above(1 * GB, connection)
    assert memory.first_limit() == "1200MB"


@pytest.mark.parametrize(
    ("size", "limit"), [(None, 1000), (288_000_000, 1000), (2_880_000_000, 2880), (5_000_000_000, 4500)]
)
def test_it_begins_with_what_a_million_lines_need_and_more_for_larger_months(
    size: int | None, limit: int
) -> None:
    assert memory.first_limit(size) == f"{limit}MB"
    assert Memory(size).limit == limit * 1_000_000


@pytest.mark.parametrize(("limits", "found"), [([], 8), ([4, 9], 4), ([9], 8)])
def test_a_control_group_has_what_it_is_given(
    limits: list[int], found: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # of the machine
    groups = [MemoryGroup(limit * GB, 0) for limit in limits]
    monkeypatch.setattr(memory, "memory_groups", lambda: groups)
    monkeypatch.setattr("os.sysconf", {"SC_PAGE_SIZE": 4000, "SC_PHYS_PAGES": 2_000_000}.__getitem__)
    assert memory.whole() == found * GB


def test_what_a_group_uses_is_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "memory_groups", lambda: [MemoryGroup(500_000, 400_000)])
    assert memory.free() == 100_000
