"""When an MSP's month is closed, where clocks differ and where they change (contract §2.3).

Belongs here: the moments, worked by hand and held against Dagster's own. Does not: what a missed one is told
as (test_alert_sensors).
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from mbr_pipeline.defs.closing_times import ClosingTime, closing_times
from mbr_pipeline.workspace.settings import Schedule, load_settings
from tests.support.small import settings, write


def _closing(day: int, hour: int, zone: str) -> ClosingTime:
    return ClosingTime(Schedule(day=day, hour=hour, time_zone=zone), ("acme",), "")


@pytest.mark.parametrize(
    ("when", "at", "planned", "period"),
    [
        ((5, 6, "UTC"), (2026, 11, 5, 6), (2026, 11, 5, 6), "2026-10"),
        ((5, 6, "UTC"), (2026, 11, 5, 5, 59), (2026, 10, 5, 6), "2026-09"),
        ((5, 6, "UTC"), (2026, 1, 1), (2025, 12, 5, 6), "2025-11"),
        # New Zealand in November is 13 hours ahead: the first, 6:00, is still October in UTC
        ((1, 6, "Pacific/Auckland"), (2026, 10, 31, 17), (2026, 10, 31, 17), "2026-10"),
        ((1, 6, "Pacific/Auckland"), (2026, 10, 31, 16, 59), (2026, 9, 30, 17), "2026-09"),
        # Los Angeles in November is 8 hours behind: the fifth, 20:00, is the sixth in UTC
        ((5, 20, "America/Los_Angeles"), (2026, 11, 6, 4), (2026, 11, 6, 4), "2026-10"),
        # Vienna: in winter an hour ahead, in summer two
        ((5, 6, "Europe/Vienna"), (2026, 11, 5, 12), (2026, 11, 5, 5), "2026-10"),
        ((5, 6, "Europe/Vienna"), (2026, 7, 5, 12), (2026, 7, 5, 4), "2026-06"),
        # on 2027-03-28 there is no 2:00 in Vienna: the clock goes from 2:00 to 3:00, at 1:00 UTC
        ((28, 2, "Europe/Vienna"), (2027, 3, 28, 12), (2027, 3, 28, 1), "2027-02"),
        # on 2026-10-25 2:00 is twice, at 0:00 and at 1:00 UTC: the later one is meant
        ((25, 2, "Europe/Vienna"), (2026, 10, 25, 12), (2026, 10, 25, 1), "2026-09"),
    ],
)
def test_the_last_planned_close(
    when: tuple[int, int, str], at: tuple[int, ...], planned: tuple[int, ...], period: str
) -> None:
    last = _closing(*when).last_before(datetime(*at, tzinfo=UTC))  # type: ignore[misc, arg-type]
    assert (last.at, last.period.text) == (datetime(*planned, tzinfo=UTC), period)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Vienna", "America/Los_Angeles", "Australia/Lord_Howe"])
@pytest.mark.parametrize(("day", "hour"), [(1, 0), (5, 2), (8, 2), (25, 2), (28, 2), (28, 23)])
def test_dagster_closes_at_the_same_moments(zone: str, day: int, hour: int) -> None:
    closing = _closing(day, hour, zone)
    start = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    moments = schedule_execution_time_iterator(start, f"0 {hour} {day} * *", zone)
    for _ in range(24):
        moment = next(moments).astimezone(UTC)
        assert closing.last_before(moment).at == moment


def test_an_msp_closes_when_its_own_schedule_says(tmp_path: Path) -> None:
    text = settings(["acme", "birch", "cedar"], "schedule: {day: 12, time_zone: Europe/Vienna}\n")
    text = text.replace("  birch:\n", "  birch:\n    schedule: {hour: 6}\n", 1)  # the common hour, said again
    write(tmp_path / "mbr.yml", text.replace("  cedar:\n", "  cedar:\n    schedule: {hour: 7}\n", 1))
    common, own = closing_times(load_settings(tmp_path))
    assert (common.msp_ids, common.told) == (("acme", "birch"), "Day 12, 06:00 Europe/Vienna")
    assert (own.msp_ids, own.told) == (("cedar",), "Day 12, 07:00 Europe/Vienna")
    assert own.last_before(datetime(2026, 11, 20, tzinfo=UTC)).told == "2026-11-12 07:00 Europe/Vienna"
