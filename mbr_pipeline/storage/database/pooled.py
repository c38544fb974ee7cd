"""Connections to PostgreSQL that stay: a server starts a process for each new one, which costs it more than a
hundred small statements.

What belongs here: an engine whose connections are used again, in the process that opened them, and never
after their server has gone. What does not: which database it is (``opening``) and
Dagster's (``mbr_pipeline.cli.deploy.pooled_history``).
"""

from __future__ import annotations

import os
import select
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from mbr_pipeline.storage import outages

_MOST_BEYOND = 20
"""Connections at once beyond the five that stay; these are closed after use."""

_WAITING = {"connect_timeout": 10}

_USED = "was used before"


@lru_cache(maxsize=8)
def pooled(url: sa.URL, **options: Any) -> sa.Engine:
    """Return the one engine of this process for a database."""
    engine = sa.create_engine(url, max_overflow=_MOST_BEYOND, connect_args=_WAITING, **options)
    sa.event.listen(engine, "checkout", _refuse_gone)
    sa.event.listen(engine, "handle_error", _note)
    # what the parent has open is the parent's: the child neither uses nor closes it
    os.register_at_fork(after_in_child=lambda: engine.dispose(close=False))
    return engine


def _note(context: Any) -> None:
    if isinstance(context.sqlalchemy_exception, sa.exc.OperationalError):
        outages.note()


def _refuse_gone(connection: Any, record: Any, _: Any) -> None:
    """Refuse a connection whose server was restarted: it has said something that it was not asked for, which
    is its end. A new one has yet to be used.
    """
    if not record.info.setdefault(_USED, False):
        record.info[_USED] = True
        return
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if waiting.poll(0):
        raise sa.exc.InvalidatePoolError
