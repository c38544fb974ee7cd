"""How often a server that this process needs was away, or went away in the middle: a database's or a store's.

What belongs here: counting. What does not: noticing (``database.pooled``, ``objects.s3``) and what follows: a
worker has such a month run again (``mbr_pipeline.cli.deploy.worker``).
"""

from __future__ import annotations

_noted = [0]


def note() -> None:
    """Count one more."""
    _noted[0] += 1


def noted() -> int:
    """Return how many there were since this process began."""
    return _noted[0]
