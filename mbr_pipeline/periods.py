"""Calendar months as the contract counts them: half-open, UTC dates (contract §1).

What belongs here: turning ``YYYY-MM`` into dates and back. Nothing here reads a clock; the
caller of :func:`month_before` does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from mbr_pipeline.errors import ConfigError

# not 0999, which strftime writes as 999 on Linux, and not 9999, whose December ends in no year that
# a date can have
_PERIOD = re.compile(r"(?!9999)[1-9][0-9]{3}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, order=True)
class Period:
    """A calendar month ``[start, end)``."""

    text: str

    @staticmethod
    def is_written(text: str) -> bool:
        """Whether a text is a month, ``YYYY-MM`` of the years 1000 to 9998."""
        return _PERIOD.fullmatch(text) is not None

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``YYYY-MM``; anything else is a :class:`ConfigError`."""
        if not cls.is_written(text):
            raise ConfigError(f"period {text!r} is not a month: write it as YYYY-MM, for example 2026-10")
        return cls(text)

    @property
    def start(self) -> date:
        """First day of the month."""
        return date(int(self.text[:4]), int(self.text[5:]), 1)

    @property
    def end(self) -> date:
        """First day of the next month (exclusive)."""
        year, month = int(self.text[:4]), int(self.text[5:])
        return date(year + month // 12, month % 12 + 1, 1)


def month_before(day: date) -> Period:
    """Return the month that ended last before ``day``: the one the scheduled run closes."""
    year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
    return Period(f"{year:04d}-{month:02d}")
