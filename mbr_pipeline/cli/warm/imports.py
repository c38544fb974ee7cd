"""What the warm process imports, and whether that is still what is installed.

What belongs here: which modules, which variables they asked for, which files they came from. What does not:
when it is looked at (``parent``).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from expectations import runner
from mbr_pipeline.report import render

_MODULES = (
    "mbr_pipeline.cli.run.held_history",
    "mbr_pipeline.cli.run_history",
    "mbr_pipeline.definitions",
    "mbr_pipeline.transform.dbt_server",
    # what these import when they are at work
    "dagster._core.execution.execute_in_process",
    "dagster._core.executor.in_process",
    "dagster._core.instance.runs.run_domain",
    "dagster._core.storage.local_compute_log_manager",
    "dagster._core.storage.noop_compute_log_manager",
    "dagster._core.storage.sqlite_storage",
    "dagster._core.workspace.context",
    "pyarrow.pandas_compat",
    "rich.console",
    "upath.core",
)


class _Recording(type(os.environ)):  # type: ignore[misc]
    """The environment, which keeps the names it was asked for."""

    asked: set[str]

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        found: str = super().__getitem__(name)
        return found


class Imports:
    """What this process has imported."""

    def __init__(self, modules: Iterable[str] = _MODULES) -> None:
        """Import it."""
        with _recorded() as asked:
            for name in modules:
                import_module(name)
            runner.warm_up()
            render.warm_up()
        self._unset = asked - os.environ.keys()
        files = {_file_of(module) for module in list(sys.modules.values())}
        self._files = {path: _state(path) for path in map(Path, filter(None, files))}

    def suit(self, environment: dict[str, str]) -> bool:
        """Whether modules would have been told the same in this environment: none of the variables that they
        asked for, and that this process lacks, is set in it.
        """
        return self._unset.isdisjoint(environment)

    def are_unchanged(self) -> bool:
        """Whether all files are as they were."""
        return all(_state(path) == state for path, state in self._files.items())

    def are_older_than(self, moment: float) -> bool:
        """Whether no file was changed since this moment: what was imported then is what is there."""
        return all(state and state[2] < moment * 1e9 for state in self._files.values())


@contextmanager
def _recorded() -> Iterator[set[str]]:
    plain = os.environ.__class__
    _Recording.asked = set()
    os.environ.__class__ = _Recording
    try:
        yield _Recording.asked
    finally:
        os.environ.__class__ = plain


def _file_of(module: object) -> str | None:
    """Return it without asking the module, which may wait to be used before it imports anything."""
    try:
        found: str | None = object.__getattribute__(module, "__dict__").get("__file__")
    except AttributeError:
        return None
    return found


def _state(path: Path) -> tuple[int, int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino
