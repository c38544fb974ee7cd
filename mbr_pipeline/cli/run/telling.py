"""Alerts around `mbr run`: what an earlier run left untold, what this one failed in, and sending it.

What belongs here: calling ``mbr_pipeline.alerts`` so that no problem of it changes what the run does or its
exit code. Every such problem is one line on standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from mbr_pipeline.alerts import watch
from mbr_pipeline.cli.run.outcome import Outcome
from mbr_pipeline.errors import MbrError
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.workspace import Workspace


class Telling:
    """The alerts of one command."""

    def __init__(self, workspace: Workspace) -> None:
        """Nothing is opened or sent yet."""
        self._workspace = workspace

    def begin(self) -> None:
        """Record the runs that died."""
        with _as_a_warning("runs that died are not told"):
            watch.tell_dead_runs(self._workspace)

    def of_failure(self, month: MonthPaths, outcome: Outcome) -> None:
        """Record that a month's run failed, if it did."""
        if outcome.failed:
            with _as_a_warning("the failure is not told"):
                watch.record_failed(self._workspace, month, outcome.problem)

    def send(self) -> None:
        """Send what is due, after the result was printed."""
        sys.stdout.flush()
        with _as_a_warning("alerts are not sent"):
            done = watch.round_of(self._workspace)
            for name, problem in sorted(done.problems.items()) if done else []:
                print(f"mbr: alerts by {name}: {one_line(problem)}; tried again later", file=sys.stderr)


@contextmanager
def _as_a_warning(what: str) -> Iterator[None]:
    try:
        yield
    except (MbrError, OSError) as error:
        print(f"mbr: {what}: {one_line(error)}", file=sys.stderr)
