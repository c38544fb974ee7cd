"""Runs that `mbr run` began and whose process is gone: Dagster would show them as running for ever, and let
the UI run no month of theirs again.

What belongs here: finding and ending them. What does not: runs of an installation
(``mbr_pipeline.defs.alerts``).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster import DagsterInstance, DagsterRun

_LAUNCHED_BY = {"launched_by": "mbr run"}


def tags_of_this_process() -> dict[str, str]:
    """Return what a run is marked with, so that a later process can see whether this one lives."""
    return {**_LAUNCHED_BY, "pid": str(os.getpid()), "host": socket.gethostname()}


def runs_without_an_end(instance: DagsterInstance, partition: str | None = None) -> Iterator[DagsterRun]:
    """Yield those runs, of one MSP's month or of all. Runs of other machines are none of this one's
    business.
    """
    import dagster as dg

    unfinished = dg.RunsFilter(
        statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING],
        tags={**_LAUNCHED_BY, **({"dagster/partition": partition} if partition else {})},
    )
    for run in instance.get_runs(unfinished):
        if run.parent_run_id:
            continue  # run again from the UI, with the tags of its parent
        is_of_another = run.tags.get("host", socket.gethostname()) != socket.gethostname()
        if is_of_another or (run.tags.get("pid") and Path(f"/proc/{run.tags['pid']}/stat").exists()):
            continue
        yield run


def end(instance: DagsterInstance, run: DagsterRun, teller: str) -> str:
    """Mark a run as failed; returns its name for people."""
    instance.report_run_failed(run, f"Its process ended without a word; told by `{teller}`.")
    return name_of(run)


def name_of(run: DagsterRun) -> str:
    """Return what people call a run."""
    return f"run {run.run_id[:8]} of {run.tags.get('dagster/partition', 'no month')}"
