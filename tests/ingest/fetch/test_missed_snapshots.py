"""Days on which no licence snapshot was fetched are said, and where a month stands with them (contract §4).

Belongs here: which days these are, on days that the test names, and who says so. Does not: fetching.
"""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from mbr_pipeline.ingest.fetching.missed_snapshots import in_words, missed_snapshots
from mbr_pipeline.periods import Period
from mbr_pipeline.release.next_step import Facts, next_step
from mbr_pipeline.upkeep.checks import find
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.monthly_close.months import hold, month_of
from tests.support.handmade_marts import write_marts
from tests.support.small import PERIOD, settings, write, write_msp


@pytest.fixture
def root(tmp_path: Path) -> Path:
    fetched = "      pax8: {datasets: [license_counts], connector: pax8}\n      psa:"
    write(tmp_path / "mbr.yml", settings(["acme"]).replace("      psa:", fetched))
    write_msp(tmp_path, "acme")
    return tmp_path


def _fetched(root: Path, *days: str) -> None:
    for day in days:
        file = root / f"landing/acme/{day[:7]}/pax8/license_counts.{day}.jsonl.gz"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(gzip.compress(b""))


def _missed(root: Path, today: date, period: str = PERIOD) -> list[str]:
    workspace = Workspace.open(WorkspacePaths(root))
    missed = missed_snapshots(workspace.paths, "acme", workspace.msp("acme"), Period(period), today)
    return [f"{each.source} {in_words(each.days)}" for each in missed]


def test_days_between_and_after_those_that_were_fetched_are_missed_up_to_yesterday(root: Path) -> None:
    november = date(2026, 11, 20)
    assert _missed(root, november) == []  # never fetched: it has no counts, or others
    _fetched(root, "2026-10-03", "2026-10-04", "2026-10-07", "2026-10-30", "2026-10-31")
    # nobody fetched before the third
    assert _missed(root, november) == ["pax8 2026-10-05 to 2026-10-06, 2026-10-08 to 2026-10-29"]
    assert _missed(root, date(2026, 10, 7)) == ["pax8 2026-10-05 to 2026-10-06"]
    assert _missed(root, date(2026, 10, 5)) == []  # today's is still to come
    _fetched(root, "2026-09-30")
    assert _missed(root, date(2026, 10, 5)) == ["pax8 2026-10-01 to 2026-10-02"]
    _fetched(root, *(f"2026-10-{day:02d}" for day in range(1, 31)))
    assert _missed(root, november) == []


def test_a_month_with_missed_days_says_so_in_its_gate_json(root: Path) -> None:
    _fetched(root, "2026-10-01", "2026-10-30")
    month = month_of(root)
    month.load()
    with duckdb.connect(str(month.paths.warehouse_file)) as connection:
        write_marts(connection, schemas=("marts", "intermediate"))
    [said] = [text for text in month.audit(hold)["warnings"] if text.startswith("pax8 license_counts: ")]
    assert said.startswith("pax8 license_counts: not fetched on 2026-10-02 to 2026-10-29, 2026-10-31, which")


def test_status_says_them_after_what_is_next() -> None:
    facts = Facts("acme", PERIOD, missed=["pax8 license_counts: not fetched on 2026-10-02"])
    run = f"mbr run --period {PERIOD} --msp acme"
    assert next_step(facts) == f"run it: {run}; pax8 license_counts: not fetched on 2026-10-02"


def test_doctor_names_a_source_that_is_not_fetched_any_more(root: Path) -> None:
    before_yesterday = datetime.now(UTC).date() - timedelta(days=2)
    workspace = Workspace.open(WorkspacePaths(root))

    def named() -> list[str]:
        found = find(workspace, repair=True)
        return [each.said for each in found if each.what == "licence counts" and each.left]

    assert named() == []
    _fetched(root, before_yesterday.isoformat())
    [said] = named()
    assert f"no licence snapshot of pax8 since {before_yesterday.isoformat()}." in said
    assert said.endswith(" --msp acme --source pax8`") and "`mbr fetch --period 20" in said
    _fetched(root, (before_yesterday + timedelta(days=2)).isoformat())
    assert named() == []
