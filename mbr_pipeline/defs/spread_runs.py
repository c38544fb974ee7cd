"""Runs of workers on several machines: those whose worker is gone, and large months beside small ones.

What belongs here: what Dagster is told of a run because of its month's lease or size. What does not: the
leases (``mbr_pipeline.workspace.spread``), the workers (``mbr_pipeline.cli.deploy.worker``), and running a
month again: Dagster's run retries do, of runs that no step of their own made fail (deploy/distributed).
"""

from collections.abc import Mapping, Sequence

import dagster as dg

from mbr_pipeline.defs.resources import WorkspaceResource
from mbr_pipeline.periods import Period
from mbr_pipeline.storage.database.leases import Leases
from mbr_pipeline.workspace.paths import EarlyPaths, MonthPaths, WorkspacePaths
from mbr_pipeline.workspace.spread import is_distributed, keep, leases_of, month_name

SIZE, LARGE = "mbr/size", "large"
"""The tag whose runs are limited to fewer than all workers, so that some are left for small months."""

FETCHED = ".fetch"
"""The part of a month's work that has a lease of its own: it is fetched while an earlier state is closed."""

_LARGE_BYTES = 500_000_000
_PARTITION = "dagster/partition"
_AT_WORK = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
"""Not those that somebody cancels: their worker's process is ended, and they are not to be run again."""


def job_tags() -> Mapping[str, str]:
    """Return the tags of runs that close a month: what is run again begins at the start, because the next
    worker has another warehouse.
    """
    return {"dagster/retry_strategy": "ALL_STEPS"} if is_distributed() else {}


def size_tags(month: MonthPaths) -> Mapping[str, str]:
    """Return the tags of a run that a schedule asks for: small months come first, and large ones never take
    every worker.
    """
    if not is_distributed():
        return {}
    return {SIZE: LARGE, "dagster/priority": "-1"} if month.landed_bytes > _LARGE_BYTES else {}


def leased(workspace: WorkspacePaths, run: dg.DagsterRun) -> tuple[MonthPaths, str] | None:
    """Return the month, and the part of its work, whose lease a run holds; None if it is of no month."""
    msp_id, _, text = run.tags.get(_PARTITION, "").partition("|")
    if not Period.is_written(text):
        return None
    if run.job_name == "look_early":
        return EarlyPaths(workspace, msp_id, Period(text)), ""
    return workspace.month(msp_id, Period(text)), FETCHED if run.job_name == "fetch_month" else ""


def keep_for(workspace: WorkspacePaths, run: dg.DagsterRun) -> None:
    """Have the lease of a run's month for that run, before its first step.

    Raises:
        HeldElsewhere: Another process works on the month.
    """
    if found := leased(workspace, run):
        keep(*found, run.run_id)


def build(resource: WorkspaceResource) -> Sequence[dg.SensorDefinition]:
    """Return the sensor that ends lost runs, on from the start; none on one machine."""
    return [_lost_runs(resource)] if is_distributed() else []


def _lost_runs(resource: WorkspaceResource) -> dg.SensorDefinition:
    @dg.sensor(
        name="lost_runs",
        minimum_interval_seconds=15,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Ends runs whose worker was not heard of in time, or could not say how they ended:"
        " Dagster then runs them again.",
    )
    def lost_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        leases = leases_of(resource.paths)
        runs = context.instance.get_runs(dg.RunsFilter(statuses=_AT_WORK))
        lost = [run for run in runs if _is_lost(run, leases, resource.paths, context.instance)]
        for run in lost:
            said = (
                f"Its worker was not heard of for {leases.seconds} s, or gave up without a word: it died,"
                " stands still or is cut off."
            )
            context.instance.report_run_failed(run, said)
        return dg.SkipReason(f"{len(lost)} of {len(runs)} runs were lost")

    return lost_runs


def _is_lost(
    run: dg.DagsterRun, leases: Leases, workspace: WorkspacePaths, instance: dg.DagsterInstance
) -> bool:
    month = leased(workspace, run)
    found = leases.find(month_name(*month)) if month else None
    if found is None or found.run != run.run_id:
        return False
    if found.holder is None:
        # its worker gave up before it could tell: a run that has ended tells before its lease is given back
        now = instance.get_run_by_id(run.run_id)
        return now is not None and now.status in _AT_WORK
    return found.is_stale
