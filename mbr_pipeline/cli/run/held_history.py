"""Dagster's run history as a process holds it that runs months: opened once, and asked once.

What belongs here: what Dagster would make or ask anew for each of a month's five hundred events. What does
not: opening the history (``run_history``) and running months (``months``).
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import dagster as dg

from mbr_pipeline.cli.run.own_events import own_events_known

_STORES = (
    "dagster._core.storage.event_log.sqlite.sqlite_event_log",
    "dagster._core.storage.runs.sqlite.sqlite_run_storage",
)


@contextmanager
def history_held(instance: dg.DagsterInstance) -> Iterator[None]:
    """Keep what Dagster would make anew for every event, if the history is kept in SQLite: an SQLAlchemy
    engine, which compiles every statement again, and a connection, after whose end SQLite writes its log
    back into the file.

    And events wait for no disk: what is lost when the power fails are the last events of a run, never the
    history.

    What cannot change while months run is asked once, whatever keeps the history: which tables and columns it
    has, and that a partition of theirs is there, which Dagster asks four times for every asset.
    """
    with ExitStack() as stack:
        for storage in (instance.event_log_storage, instance.run_storage):
            stack.enter_context(_asked_once(storage))
        stack.enter_context(own_events_known(instance.event_log_storage))
        for name in _STORES:
            if name in sys.modules:
                stack.enter_context(_engines_kept(sys.modules[name]))
        yield


_MOST_ENGINES = 4
"""The newest are kept: every run has a file of its own, and a command may run hundreds of months."""


@contextmanager
def _engines_kept(store: Any) -> Iterator[None]:
    from sqlalchemy import event

    make, engines = store.create_engine, dict[str, Any]()

    def kept(url: str, **options: Any) -> Any:
        if url not in engines:
            while len(engines) >= _MOST_ENGINES:
                _dispose(engines.pop(next(iter(engines))))
            options.pop("poolclass", None)  # which keeps no connection
            engines[url] = make(url, **options)
            event.listen(engines[url], "connect", _wait_for_no_disk)
            engines[url].dispose = lambda: None  # Dagster does it after every event
        engines[url] = engines.pop(url)  # the newest
        return engines[url]

    store.create_engine = kept
    try:
        yield
    finally:
        store.create_engine = make
        for engine in engines.values():
            _dispose(engine)


def _dispose(engine: Any) -> None:
    type(engine).dispose(engine)


def _wait_for_no_disk(connection: sqlite3.Connection, _: Any) -> None:
    connection.execute("pragma synchronous = normal")


_YES_FOR_GOOD = (
    *("has_table", "has_asset_key_col", "has_secondary_index", "has_dynamic_partition"),
    "has_run_stats_index_cols",
)
_HAS_COLUMNS = "_has_asset_key_index_cols_on_connection"


@contextmanager
def _asked_once(store: Any) -> Iterator[None]:
    own = {name: _remembered(getattr(store, name)) for name in _YES_FOR_GOOD if hasattr(store, name)}
    if hasattr(store, _HAS_COLUMNS):
        has_columns = store.has_asset_key_index_cols()
        own[_HAS_COLUMNS] = lambda _connection: has_columns
    vars(store).update(own)
    try:
        yield
    finally:
        for name in own:
            delattr(store, name)


def _remembered(ask: Callable[..., bool]) -> Callable[..., bool]:
    """Return a question that is not asked again once the answer was yes."""
    known = set()

    def answer(*words: str, **named: str) -> bool:
        question = (words, *sorted(named.items()))
        if question not in known:
            if not ask(*words, **named):
                return False
            known.add(question)
        return True

    return answer
