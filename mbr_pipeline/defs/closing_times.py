"""When the schedules fire: one set of schedules for each closing time that MSPs have.

What belongs here: which MSPs close at the same time, and what Dagster calls their schedules. What does not:
what a schedule asks for (``jobs``, ``fetch``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mbr_pipeline.workspace.settings import Schedule, Settings

_SIGNS = {"+": "_plus_", "-": "_minus_", "/": "_"}


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


def closing_times(settings: Settings) -> list[ClosingTime]:
    """Return every closing time with its MSPs; the common one is first, and there even without an MSP, so
    that its schedules keep their name and what Dagster remembers of them.
    """
    by_time: dict[Schedule, list[str]] = {settings.schedule: []}
    for msp_id in settings.msps:
        by_time.setdefault(settings.schedule_of(msp_id), []).append(msp_id)
    return [
        ClosingTime(when, tuple(msp_ids), "" if when == settings.schedule else _suffix(when))
        for when, msp_ids in by_time.items()
    ]


def _suffix(when: Schedule) -> str:
    zone = re.sub("[+/-]", lambda sign: _SIGNS[sign.group()], when.time_zone)
    return f"_day_{when.day}_hour_{when.hour}_{zone}"
