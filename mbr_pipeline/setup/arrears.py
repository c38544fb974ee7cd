"""How many months the rows of a file lie before the month it is landed for: bills in arrears.

What belongs here: counting months, and what is usual for a dataset. What does not: deciding (``next_month``).
"""

from __future__ import annotations

from collections.abc import Sequence

from mbr_pipeline.setup.landed_before import Before
from mbr_pipeline.setup.months import months_shown


def usually_behind(landed: Sequence[Before]) -> int | None:
    """Return how many months behind its folder's month a dataset's last landed file was; None if there is
    none, or it shows no month.
    """
    if not landed:
        return None
    last, known = landed[-1], landed[-1].known
    months = months_shown(last.path, last.path.name, known.connector, known.dataset, known.settings)
    return months_behind(months.most_common(1)[0][0], last.month) if months else None


def months_behind(earlier: str, later: str) -> int:
    """Return how many months lie between two, below zero if the first is the later."""
    (one_year, one), (other_year, other) = (text.split("-") for text in (earlier, later))
    return (int(other_year) - int(one_year)) * 12 + int(other) - int(one)
