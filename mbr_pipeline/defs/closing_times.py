"""When the schedules fire: one set of schedules for each closing time that MSPs have.

What belongs here: which MSPs close at the same time, when that was last, and what Dagster calls their
schedules. What does not: what a schedule asks for (``jobs``, ``fetch``), what a missed one means
(``alerts``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from mbr_pipeline.periods import Period, month_before
from mbr_pipeline.workspace.settings import Schedule, Settings

_SIGNS = {"+": "_plus_", "-": "_minus_", "/": "_"}


@dataclass(frozen=True)
class Planned:
    """A close that a schedule planned: the moment, UTC; the month it closes; and the moment in words, where
    the MSP is, such as ``2026-11-05 06:00 Europe/Vienna``.
    """

    at: datetime
    period: Period
    told: str


@dataclass(frozen=True)
class ClosingTime:
    """A time of the month and the MSPs that close at it. ``suffix`` is empty for the common time."""

    when: Schedule
    msp_ids: tuple[str, ...]
    suffix: str

    @property
    def told(self) -> str:
        """The day and hour in words, such as ``Day 5, 06:00 UTC``."""
        return f"Day {self.when.day}, {self.when.hour:02d}:00 {self.when.time_zone}"

    def last_before(self, at: datetime) -> Planned:
        """Return the last close planned at or before a moment, which must know its own time zone."""
        here = at.astimezone(ZoneInfo(self.when.time_zone))
        this_month = self._planned(here.year, here.month)
        if this_month.at <= at:
            return this_month
        earlier = month_before(here.date()).start
        return self._planned(earlier.year, earlier.month)

    def _planned(self, year: int, month: int) -> Planned:
        zone = ZoneInfo(self.when.time_zone)
        local = datetime(year, month, self.when.day, self.when.hour, tzinfo=zone)
        # where clocks change, an hour is twice or not at all: Dagster then takes the later time, or the first
        # one that there is, and so is the later of the two that zoneinfo knows
        moment = max(local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        told = f"{moment.astimezone(zone):%Y-%m-%d %H:%M} {self.when.time_zone}"
        return Planned(moment, month_before(local.date()), told)


def closing_times(settings: Settings) -> list[ClosingTime]:
    """Return every closing time with its MSPs; the common one is first, and there even without an MSP, so
    that its schedules keep their name and what Dagster remembers of them.
    """
    common = _time_of(settings.schedule)
    by_time: dict[Schedule, list[str]] = {common: []}
    for msp_id in settings.msps:
        by_time.setdefault(_time_of(settings.schedule_of(msp_id)), []).append(msp_id)
    return [
        ClosingTime(when, tuple(msp_ids), "" if when == common else _suffix(when))
        for when, msp_ids in by_time.items()
    ]


def _time_of(schedule: Schedule) -> Schedule:
    """Return a schedule without what does not tell times apart."""
    return Schedule(day=schedule.day, hour=schedule.hour, time_zone=schedule.time_zone)


def _suffix(when: Schedule) -> str:
    zone = re.sub("[+/-]", lambda sign: _SIGNS[sign.group()], when.time_zone)
    return f"_day_{when.day}_hour_{when.hour}_{zone}"
