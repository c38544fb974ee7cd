"""Opening DuckDB with the project's settings.

Belongs here: what a user may set, how a wrong setting is told, and threads. Does not: what is in a month's
tables.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.storage.warehouse import connected


@pytest.mark.parametrize("written", ["lots", "0", "12 parsecs"])
def test_a_limit_that_is_no_size_is_told_by_its_name(
    written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MBR_MEMORY_LIMIT", written)
    told = f"^MBR_MEMORY_LIMIT: '{written}' is no size: write such as 2500MB$"
    with pytest.raises(ConfigError, match=told), connected(None, tmp_path):
        pass


def test_the_limit_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MBR_MEMORY_LIMIT", "1200MB")
    with connected(None, tmp_path) as connection:
        assert connection.execute("select current_setting('memory_limit')").fetchone() == ("1.1 GiB",)


@pytest.mark.parametrize(
    ("size", "threads"), [(0, 1), (4 * 1024 * 1024, 1), (4 * 1024 * 1024 + 1, 3), (None, 3)]
)
def test_little_is_worked_on_by_one_thread(
    size: int | None, threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    with connected(None, tmp_path, size=size) as connection:
        assert connection.execute("select current_setting('threads')").fetchone() == (threads,)
