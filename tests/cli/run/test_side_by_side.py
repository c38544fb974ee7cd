"""How many workers `mbr run` starts, what it says while they go on, and when it makes the catalogue.

Belongs here: decisions without a process. Does not: workers at work, and what becomes of the others when one
is killed (tests/e2e/msps/test_many_msps).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.cli.run.late_catalogue import LateCatalogue
from mbr_pipeline.cli.run.outcome import Outcome
from mbr_pipeline.cli.run.side_by_side import Progress, how_many, workers_for
from mbr_pipeline.periods import Period
from mbr_pipeline.workspace.paths import WorkspacePaths

GB = 1_000_000_000
PASSED, BLOCKED = Outcome({"gate": "passed"}, failed=False), Outcome({"gate": "blocked"}, failed=False)
FAILED = Outcome(None, failed=True)


@pytest.mark.parametrize(
    ("msps", "cores", "gigabytes", "largest_mb", "workers"),
    [
        (1, 8, 64, 0, 1),
        (3, 8, 64, 0, 1),  # the start of a second worker takes as long as one more month
        (4, 8, 64, 0, 2),
        (500, 8, 64, 0, 8),
        (500, 1, 64, 0, 1),
        (500, 8, 3, 0, 3),
        (500, 8, 64, 300, 8),
        (500, 8, 16, 300, 4),  # 4 GB each
        (500, 8, 3, 300, 1),  # one is tried, whatever it takes
        (500, 8, 0, 0, 1),
    ],
)
def test_workers_are_as_many_as_are_worth_it_on_these_cores_and_fit_into_the_memory(
    msps: int, cores: int, gigabytes: int, largest_mb: int, workers: int
) -> None:
    assert workers_for(msps, cores, gigabytes * GB, largest_mb * 1_000_000) == workers


def test_the_largest_month_is_measured_in_what_is_landed_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths, period = WorkspacePaths(tmp_path), Period("2026-10")
    months = [paths.month(f"msp{number}", period) for number in range(8)]
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2, 3})
    monkeypatch.setattr("mbr_pipeline.storage.memory.free", lambda: 4 * GB)
    assert how_many(months) == 4
    large = months[5].landing / "pax8" / "vendor_charges.csv"
    large.parent.mkdir(parents=True)
    with large.open("wb") as file:
        file.truncate(100_000_000)  # two gigabytes, it and its worker
    assert how_many(months) == 2


def test_what_is_left_is_told_at_the_pace_since_the_first_was_done() -> None:
    seconds = iter([0.0, 20.0, 23.0, 26.0, 36.0, 37.0])
    progress = Progress(5, lambda: next(seconds))
    assert [progress.line(outcome) for outcome in (PASSED, BLOCKED, FAILED, PASSED, PASSED)] == [
        "published, 1 of 5, about 1 min 20 s left",
        "blocked, 2 of 5, about 9 s left",
        "failed, 3 of 5, about 6 s left",
        "published, 4 of 5, about 5 s left",
        "published, 5 of 5, 37 s in all",
    ]


def test_hours_are_told_as_hours() -> None:
    seconds = iter([0.0, 10.0, 20.0])
    progress = Progress(500, lambda: next(seconds))
    assert progress.line(PASSED) == "published, 1 of 500, about 1 h 23 min left"
    assert progress.line(PASSED) == "published, 2 of 500, about 1 h 23 min left"


def test_a_catalogue_that_cannot_be_made_is_told_in_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "published/mbr.duckdb").mkdir(parents=True)
    catalogue = LateCatalogue(WorkspacePaths(tmp_path))
    catalogue.now_and_then()
    assert capsys.readouterr().err == ""
    problem = catalogue.problem_in_the_end()
    assert problem is not None and "Is a directory" in problem
    [line] = capsys.readouterr().err.splitlines()
    assert line == f"mbr: {problem}; run again"
    (tmp_path / "published/mbr.duckdb").rmdir()
    assert catalogue.problem_in_the_end() is None
    assert (tmp_path / "published/mbr.duckdb").is_file()
