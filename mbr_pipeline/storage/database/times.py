"""Times as the ledger's database keeps them.

What belongs here: text and back. What does not: reading a clock, but for :func:`now`.
"""

from __future__ import annotations

from datetime import UTC, datetime

_FORM = "%Y-%m-%dT%H:%M:%S.%fZ"


def now() -> datetime:
    """Return the time, UTC."""
    return datetime.now(UTC)


def written(at: datetime) -> str:
    """Return a time as text that sorts as time does."""
    return at.astimezone(UTC).strftime(_FORM)


def read(text: str) -> datetime:
    """Return the time of a text."""
    return datetime.strptime(text, _FORM).replace(tzinfo=UTC)
