"""When a cause is told: on its beginning, on changed reasons, every so many hours, and once when it ends
(contract §11).

What belongs here: that decision, as a function. What does not: keeping causes and messages (``outbox``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from mbr_pipeline.alerts.causes import Fact

FIRING, RESOLVED = "firing", "resolved"


@dataclass(frozen=True)
class Known:
    """What is kept of a cause. ``notified_at``: its last firing message since it began; None: none yet."""

    is_open: bool
    reasons: tuple[str, ...]
    first_at: datetime
    notified_at: datetime | None


@dataclass(frozen=True)
class Step:
    """What becomes of a cause, and the status of the message to queue, if any."""

    is_open: bool
    first_at: datetime
    notified_at: datetime | None
    status: str | None


def step(known: Known | None, fact: Fact | None, now: datetime, repeat_hours: int) -> Step | None:
    """Return what follows from a fact, or from its absence; None if nothing does."""
    stood = known if known and known.is_open else None
    if fact is None:
        if stood is None:
            return None
        return Step(False, stood.first_at, None, RESOLVED if stood.notified_at else None)
    first_at = stood.first_at if stood else now
    told = stood.notified_at if stood else None
    is_news = stood is None or told is None or stood.reasons != fact.reasons
    # a clock that was set back must not silence a cause for years: the distance counts
    is_due = told is not None and abs(now - told) >= timedelta(hours=repeat_hours)
    if not fact.follows and (is_news or is_due):
        return Step(True, first_at, now, FIRING)
    return Step(True, first_at, told, None)


def is_repeat_due(notified_at: datetime | None, now: datetime, repeat_hours: int) -> bool:
    """Whether a cause that stands is to be told again."""
    return notified_at is not None and abs(now - notified_at) >= timedelta(hours=repeat_hours)
