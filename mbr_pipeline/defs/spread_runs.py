"""Runs of workers on several machines: those whose worker is gone, and large months beside small ones.

What belongs here: what Dagster is told of a run because of its month's lease or size. What does not: the
leases (``mbr_pipeline.workspace.spread``), the workers (``mbr_pipeline.cli.deploy.worker``), and running a
month again: Dagster's run retries do, of runs that no step of their own made fail (deploy/distributed).
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import dagster as dg
from dagster._core.events import RunFailureReason
from dagster._core.execution.retries import auto_reexecution_should_retry_run
from dagster._core.storage.tags import MAX_RETRIES_TAG, PARENT_RUN_ID_TAG, RUN_FAILURE_REASON_TAG

from mbr_pipeline.defs.resources import WorkspaceResource
from mbr_pipeline.periods import Period
from mbr_pipeline.storage.database.leases import Leases
from mbr_pipeline.storage.database.times import now as clock
from mbr_pipeline.workspace.paths import EarlyPaths, MonthPaths, WorkspacePaths
from mbr_pipeline.workspace.spread import is_distributed, keep, leases_of, month_name

SIZE, LARGE = "mbr/size", "large"
"""The tag whose runs are limited to fewer than all workers, so that some are left for small months."""

FETCHED = ".fetch"
"""The part of a month's work that has a lease of its own: it is fetched while an earlier state is closed."""

_LARGE_BYTES = 500_000_000
_PARTITION = "dagster/partition"
_SOON = timedelta(seconds=30)
"""By then Dagster's daemon, which looks every five seconds, has begun again what it runs again."""

_TOLD_AT_MOST = 10
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
        " Dagster then runs them again, and is told once more where it does not.",
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
        overlooked = _overlooked(context.instance)
        for run in overlooked:
            _tell_again(context.instance, run)
        said = f", {len(overlooked)} that ended earlier were not run again yet" if overlooked else ""
        return dg.SkipReason(f"{len(lost)} of {len(runs)} runs were lost{said}")

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


def _overlooked(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """Return the failed runs that Dagster is to run again and does not. Its daemon looks at each failure
    once: too early where it comes between the event and the run's new status, in vain where no code server
    answers at that moment.
    """
    at = clock()
    failed = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], updated_after=at - timedelta(hours=1))
    return [
        record.dagster_run
        for record in instance.get_run_records(failed)
        if record.end_time is not None and record.end_time < (at - _SOON).timestamp()
        if _is_to_come_again(instance, record.dagster_run)
    ]


def _is_to_come_again(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    reason = run.tags.get(RUN_FAILURE_REASON_TAG)
    if not auto_reexecution_should_retry_run(instance, run, RunFailureReason(reason) if reason else None):
        return False
    return not instance.get_runs(dg.RunsFilter(tags={PARENT_RUN_ID_TAG: run.run_id}), limit=1)


def _tell_again(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Report a failure once more, which the daemon then looks at once more; the last time, as one that is
    not to be run again, so that alerts tell of it.
    """
    if len(instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE)) < _TOLD_AT_MOST:
        instance.report_run_failed(run, "It was not run again yet: Dagster is told of its failure once more.")
    else:
        instance.add_run_tags(run.run_id, {MAX_RETRIES_TAG: "0"})
        instance.report_run_failed(run, "Dagster could not run it again: see the log of its daemon.")
