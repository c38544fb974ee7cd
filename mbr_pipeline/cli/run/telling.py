"""Alerts around `mbr run`: what an earlier run left untold, what this one failed in, and sending it.

What belongs here: calling ``mbr_pipeline.alerts`` so that no problem of it changes what the run does or its
exit code. Every such problem is one line on standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from mbr_pipeline.alerts import watch
from mbr_pipeline.alerts.run_records import recorded
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
        self._records: dict[str, ExitStack] = {}

    @contextmanager
    def of_runs(self, months: Sequence[MonthPaths]) -> Iterator[None]:
        """Record the runs that died, then that these go on: a kill is told of those, too, whose turn had not
        come.
        """
        with _as_a_warning("runs that died are not told"):
            watch.tell_dead_runs(self._workspace)
        with ExitStack() as all_of_them:
            for month in months:
                self._records[month.msp_id] = all_of_them.enter_context(ExitStack())
                with _as_a_warning(f"{month.msp_id}: the run is not recorded, a kill of it is not told"):
                    self._records[month.msp_id].enter_context(recorded(month))
            yield

    def ended(self, month: MonthPaths, outcome: Outcome) -> None:
        """End the record of a month's run, and record that it failed or was refused, if so."""
        self._records[month.msp_id].close()
        if outcome.problem:
            self.failed(month, outcome.problem)

    def failed(self, month: MonthPaths, problem: str) -> None:
        """Record that a month's run failed, or could not start."""
        with _as_a_warning("the failure is not told"):
            watch.record_failed(self._workspace, month, problem)

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
