"""Ctrl+C in the middle of a query of DuckDB, which makes an error of its own of it.

Belongs here: pressing it while the query runs, and at no other time. Does not: what a test expects of it.
"""

from __future__ import annotations

import os
import signal
import threading

import duckdb

_PROGRESS = "set enable_progress_bar = true; set enable_progress_bar_print = false; set progress_bar_time = 1"
_LONG = "select count(*) from range(1_000_000_000) a(x), range(100) b(y) where x % 7 = y % 3"


def interrupted_query() -> None:
    """Run a query that takes minutes, and press Ctrl+C as soon as DuckDB says that it is at it."""
    with duckdb.connect() as connection:
        connection.execute(_PROGRESS)
        threading.Thread(target=_press, args=(connection,), daemon=True).start()
        connection.execute(_LONG)


def _press(connection: duckdb.DuckDBPyConnection) -> None:
    while connection.query_progress() < 0:
        pass
    os.kill(os.getpid(), signal.SIGINT)
