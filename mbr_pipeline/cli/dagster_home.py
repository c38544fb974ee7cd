"""Dagster's run history of a workspace: the folder in which all its runs are recorded, so that the
UI shows them all.

What belongs here: finding or making that folder and opening it. DAGSTER_HOME, where it is set, wins: an
installation with PostgreSQL keeps its runs there.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from mbr_pipeline.storage.atomic_files import write_text
from mbr_pipeline.workspace.paths import WorkspacePaths, refuse_question_mark

_DAGSTER_YAML = """\
# Dagster's own settings for this workspace. Runs are kept beside this file (SQLite);
# docs/how-to says how to use PostgreSQL.
telemetry:
  enabled: false
nux:
  enabled: false
# What a run does is in its events; the terminal shows what is more than that.
python_logs:
  python_log_level: INFO
# As many months at once as the machine has cores, never two runs of one MSP's month; what comes more waits.
# Fetching speaks to one system at a time; a killed run must not hold its place for ever.
concurrency:
  runs:
    max_concurrent_runs: {cores}
    tag_concurrency_limits:
      - key: dagster/partition
        limit: 1
        value:
          applyLimitPerUniqueValue: true
  pools:
    default_limit: 1
run_monitoring:
  enabled: true
  free_slots_after_run_end_seconds: 60
"""


def place_of_history(workspace: WorkspacePaths) -> Path:
    """Return the folder of the run history, whether it exists or not."""
    home = Path(os.environ.get("DAGSTER_HOME") or workspace.dagster_home).resolve()
    refuse_question_mark(home, "DAGSTER_HOME")
    return home


def dagster_home(workspace: WorkspacePaths) -> Path:
    """Create the folder of the run history if needed, point this process and its children at
    it, and return it.
    """
    home = place_of_history(workspace)
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        write_text(home / "dagster.yaml", _DAGSTER_YAML.format(cores=len(os.sched_getaffinity(0))))
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ["MBR_WORKSPACE"] = str(workspace.root)
    # Dagster starts processes that start others: no file of the current folder may stand in for a module
    os.environ["PYTHONSAFEPATH"] = "1"
    return home


_STORES = (
    "dagster._core.storage.event_log.sqlite.sqlite_event_log",
    "dagster._core.storage.runs.sqlite.sqlite_run_storage",
)


@contextmanager
def history_held_open() -> Iterator[None]:
    """Keep what Dagster would make anew for every event, if the history is kept in SQLite: an SQLAlchemy
    engine, which compiles every statement again, and a connection, after whose end SQLite writes its log
    back into the file.

    And events wait for no disk: what is lost when the power fails are the last events of a run, never the
    history.
    """
    with ExitStack() as stack:
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
