"""`mbr deploy worker`: a worker of an installation on several machines, one of as many as there are.

What belongs here: Celery's worker with the launcher's own settings, what it executes, and the lease of each
run's month. What does not: what a run does (Dagster executes it as anywhere), what happens to a lost one
(``mbr_pipeline.defs.spread_runs``).

The application is the launcher's of ``dagster.yaml``, so that a worker cannot have another broker or another
place of results than the daemon that sends and asks. Its processes stay: what is imported, the connections to
Dagster's database, Great Expectations and the dbt process are there for the next month.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mbr_pipeline.cli.run_history import run_history
from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.storage.outages import noted
from mbr_pipeline.workspace import spread
from mbr_pipeline.workspace.paths import WorkspacePaths

if TYPE_CHECKING:
    from dagster import DagsterEvent, DagsterInstance

_MONTHS_OF_A_PROCESS = 200
"""Then another takes its place: what libraries never give back is bounded."""

_held = ExitStack()
"""What a process holds until it ends; a stack that nothing names would let go of it at once."""


def work(slots: int) -> None:
    """Take runs from the queue until told to stop; so many at once.

    Raises:
        ConfigError: Runs are not launched by Celery here, or its packages are not installed.
    """
    try:
        from dagster_celery.config import TASK_EXECUTE_JOB_NAME
        from dagster_celery.launcher import CeleryRunLauncher
    except ImportError as error:
        raise ConfigError(f"{error.name} is not installed: install requirements-distributed.lock") from error
    with run_history() as instance:
        launcher = instance.run_launcher
    if not isinstance(launcher, CeleryRunLauncher):
        raise ConfigError("dagster.yaml launches no runs by Celery: take deploy/distributed/dagster.yaml")
    launcher.celery.task(_executed, name=TASK_EXECUTE_JOB_NAME, track_started=True)
    launcher.celery.worker_main(
        [
            "worker", "--concurrency", str(slots), "--queues", launcher.default_queue,
            "--hostname", f"mbr-{os.getpid()}@{socket.gethostname()}", "--loglevel", "WARNING",
            "--max-tasks-per-child", str(_MONTHS_OF_A_PROCESS), "--without-gossip", "--without-mingle",
        ]
    )  # fmt: skip


def _executed(execute_job_args_packed: Any) -> int:
    """Execute a run as the launcher's own task does, with what stays in this process, and under the lease of
    its month: from the first moment on, a worker that dies is missed.
    """
    from dagster._cli.api import _execute_run_command_body
    from dagster._grpc.types import ExecuteRunArgs
    from dagster._serdes import unpack_value

    from mbr_pipeline.definitions import keep_for

    run_id = unpack_value(execute_job_args_packed, as_type=ExecuteRunArgs).run_id
    instance = _kept_instance()
    run = instance.get_run_by_id(run_id)
    if run is None or run.is_finished:  # cancelled, or thought lost, while it waited
        return 0
    # no tag is added here: Dagster reads, changes and writes them, and the launcher is adding its own
    try:
        keep_for(WorkspacePaths(Path(os.environ["MBR_WORKSPACE"])), run)
        return _execute_run_command_body(run_id, instance, _having_it_run_again(instance, run_id), True)
    except MbrError as error:
        instance.report_run_failed(run, str(error))
        return 1
    finally:
        spread.end()


def _having_it_run_again(instance: DagsterInstance, run_id: str) -> Callable[[DagsterEvent], None]:
    """Return what is called after each event: it has Dagster run a month again whose step failed while a
    database or the store was away, as it does where a worker died. Where it cannot, the run is lost
    (``spread_runs``).
    """
    from dagster._core.storage.tags import RETRY_ON_ASSET_OR_OP_FAILURE_TAG

    before = noted()

    def look(event: DagsterEvent) -> None:
        if event.is_step_failure and noted() > before:
            instance.add_run_tags(run_id, {RETRY_ON_ASSET_OR_OP_FAILURE_TAG: "true"})

    return look


@cache
def _kept_instance() -> DagsterInstance:
    """Open Dagster's history once for all runs of this process."""
    from expectations import runner
    from mbr_pipeline.cli.run.held_history import history_held

    runner.warm_up_beside()
    instance = _held.enter_context(run_history())
    _held.enter_context(history_held(instance))
    return instance
