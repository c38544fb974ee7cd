"""What a step of `mbr run` prints goes to its terminal, and nowhere else.

What belongs here: keeping Dagster from capturing it. It would write it into a file and have two processes of
`tail` print that file: with one more each to end them where this process is killed, which comes too late for
a kill before it has started. What does not: the run's events, which the history holds as ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster import DagsterInstance


def capture_nothing(instance: DagsterInstance) -> None:
    """Leave what is printed where it is, unless the settings of the history want it somewhere else."""
    from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager
    from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager

    if type(manager := instance.compute_log_manager) is LocalComputeLogManager:
        manager.capture_logs = NoOpComputeLogManager().capture_logs  # type: ignore[method-assign]
