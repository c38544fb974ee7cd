"""One MSP's month after another in this process: what `mbr run` does, and each of its workers.

What belongs here: opening Dagster once for many months, launching the job, and keeping what went wrong with
one MSP from the next. What does not: which MSPs and in which process (``mbr_pipeline.cli.run``,
``mbr_pipeline.cli.run.side_by_side``).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from mbr_pipeline.cli.dagster_home import dagster_home
from mbr_pipeline.cli.run.as_the_ui import name_location
from mbr_pipeline.cli.run.interrupts import noticed
from mbr_pipeline.cli.run.outcome import MonthWatch, Outcome
from mbr_pipeline.cli.run.uncaptured import capture_nothing
from mbr_pipeline.cli.run.without_an_end import end, runs_without_an_end, tags_of_this_process
from mbr_pipeline.periods import Period
from mbr_pipeline.transform.dbt_client import Transformer
from mbr_pipeline.workspace import spread
from mbr_pipeline.workspace.paths import WorkspacePaths


@dataclass
class Months:
    """The months of one period as this process runs them. ``started``: when it began, for the first one's
    start-up time.
    """

    _workspace: WorkspacePaths
    _period: Period
    _instance: Any
    _job: Any
    _started: float
    _is_quiet: bool

    def run(self, msp_id: str) -> tuple[Outcome, bool]:
        """Close one MSP's month; returns its outcome, and whether Ctrl+C was pressed meanwhile."""
        watch = MonthWatch(self._workspace.month(msp_id, self._period))
        with noticed() as is_interrupted:
            try:
                outcome = self._launched(msp_id, watch, is_interrupted)
            except Exception as error:  # noqa: BLE001 - whatever went wrong with this MSP, the next one runs
                outcome = watch.unexpected(error)
            finally:
                spread.end()
                self._started = time.monotonic()
            return outcome, is_interrupted()

    def _launched(self, msp_id: str, watch: MonthWatch, is_interrupted: Callable[[], bool]) -> Outcome:
        from mbr_pipeline.definitions import partition_key

        ready = time.monotonic()
        partition = partition_key(msp_id, self._period.text)
        self._instance.add_dynamic_partitions("msp", [msp_id])
        for dead in runs_without_an_end(self._instance, partition):
            print(
                f"mbr: {end(self._instance, dead, 'mbr run')} was killed: marked as failed", file=sys.stderr
            )
        result = self._job.execute_in_process(
            instance=self._instance,
            partition_key=partition,
            run_config={"loggers": {"console": {"config": {"is_quiet": self._is_quiet}}}},
            tags=tags_of_this_process(),
            raise_on_error=False,
        )
        watch.write_timings(result, ready - self._started)
        return watch.outcome(result, is_interrupted())


@contextmanager
def opened(
    workspace: WorkspacePaths,
    period: Period,
    transformer: Transformer,
    started: float,
    *,
    is_quiet: bool = False,
    refreshes_catalogue: bool = True,
) -> Iterator[Months]:
    """Open Dagster and its history for the months of a period. Steps are shown unless ``is_quiet``."""
    dagster_home(workspace)
    from expectations import runner
    from mbr_pipeline.cli.run.held_history import history_held
    from mbr_pipeline.cli.run_history import run_history
    from mbr_pipeline.definitions import WorkspaceResource, build_definitions

    resource = WorkspaceResource(workspace, refreshes_catalogue=refreshes_catalogue)
    resource.use(transformer, period)
    job = build_definitions(resource).resolve_job_def("close_month")
    # Great Expectations takes seconds to import: on another thread while files load and dbt builds
    runner.warm_up_beside()
    with ExitStack() as stack:
        instance = stack.enter_context(run_history())
        name_location(instance, job.name)
        capture_nothing(instance)
        stack.enter_context(history_held(instance))
        yield Months(workspace, period, instance, job, started, is_quiet)
