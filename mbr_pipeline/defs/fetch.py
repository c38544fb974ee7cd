"""Fetching: one asset per vendor system, with retries and a pool of its own, and the schedule
that takes daily snapshots.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import dagster as dg

from connectors.counted import plural
from connectors.registry import CONNECTORS
from connectors.spec import SourceSpec
from mbr_pipeline.decide import in_force
from mbr_pipeline.defs.closing_times import ClosingTime
from mbr_pipeline.defs.metadata import OWNERS
from mbr_pipeline.defs.partitions import MSPS, partition_key
from mbr_pipeline.defs.resources import WorkspaceResource
from mbr_pipeline.defs.spread_runs import FETCHED
from mbr_pipeline.errors import MbrError
from mbr_pipeline.ingest.fetching.fetch import Outcome, fetch
from mbr_pipeline.ingest.fetching.fetch_tasks import tasks
from mbr_pipeline.ingest.fetching.missed_snapshots import missed_snapshots
from mbr_pipeline.periods import Period, month_before
from mbr_pipeline.workspace.spread import keep

GROUP = "fetch"
JOB_NAME = "fetch_month"

_RETRIES = dg.RetryPolicy(
    max_retries=3, delay=120, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS
)
"""In addition to the transport's own retries, which last minutes: a vendor may be down for an hour."""


class FetchConfig(dg.Config):
    """What a launch may ask for: only today's snapshots, or also what is there already."""

    snapshots_only: bool = False
    again: bool = False


def asset_key(connector: str) -> dg.AssetKey:
    """Return the key of a system's asset."""
    return dg.AssetKey(["fetch", connector])


def systems(resource: WorkspaceResource) -> list[SourceSpec]:
    """Return the systems that the workspace fetches from."""
    names = {
        source.connector
        for msp in resource.workspace.settings.msps.values()
        for source in msp.sources.values()
    }
    return [spec for name in sorted(names) if (spec := CONNECTORS[name].spec)]


def build(resource: WorkspaceResource) -> list[dg.AssetsDefinition]:
    """Return an asset per system that the workspace fetches from."""
    return [_system(resource, spec) for spec in systems(resource)]


def _system(resource: WorkspaceResource, spec: SourceSpec) -> dg.AssetsDefinition:
    @dg.asset(
        key=asset_key(spec.name),
        group_name=GROUP,
        kinds={"rest", "file"},
        owners=OWNERS,
        partitions_def=resource.partitions,
        description=f"{spec.doc} Landed as whole files, each dataset complete or not at all.",
        pool=spec.name,
        retry_policy=_RETRIES,
        op_tags={"step": "fetch"},
        tags={"system": spec.name},
        metadata={
            "datasets": ", ".join(spec.datasets),
            "rate": f"{spec.rate.requests} requests in {spec.rate.seconds} s",
        },
    )
    def system(context: dg.AssetExecutionContext, config: FetchConfig) -> dg.MaterializeResult[Any]:
        month = resource.month(context.partition_key)
        today = datetime.now(UTC).date()
        keep(month.paths, FETCHED)
        wanted = tasks(
            month.workspace,
            month.paths.period,
            today,
            msp_id=month.paths.msp_id,
            connector=spec.name,
        )
        chosen = [task for task in wanted if task.feed.is_snapshot or not config.snapshots_only]
        try:
            outcomes = list(fetch(month.workspace, chosen, again=config.again))
        except MbrError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from None
        failed = [outcome for outcome in outcomes if outcome.state == "failed"]
        if failed:
            told = "; ".join(f"{outcome.task.label}: {outcome.problem}" for outcome in failed)
            raise dg.Failure(
                description=told, allow_retries=any(outcome.can_retry_help for outcome in failed)
            )
        named = {task.source for task in wanted}
        missed = missed_snapshots(
            month.workspace.paths, month.paths.msp_id, month.msp, month.paths.period, today
        )
        said = [each.told for each in missed if each.source in named]
        for line in said:
            context.log.warning(line)
        return dg.MaterializeResult(metadata=_metadata(outcomes) | ({"missed_days": said} if said else {}))

    return system


def _metadata(outcomes: list[Outcome]) -> dict[str, Any]:
    said = {
        f"{o.task.source} {o.task.feed.dataset}": o.problem
        or f"{o.state}: {plural(o.manifest['records'], 'record')}"
        for o in outcomes
    }
    files = [o.task.place.name for o in outcomes if o.manifest]
    return {"dagster/row_count": sum(o.manifest.get("records", 0) for o in outcomes), "files": files, **said}


def build_job(resource: WorkspaceResource) -> Any:
    """Return the job that fetches one MSP's month from every system."""
    return dg.define_asset_job(
        JOB_NAME,
        selection=dg.AssetSelection.groups(GROUP),
        partitions_def=resource.partitions,
        executor_def=dg.in_process_executor,
        description="Fetch one MSP's month from the vendors' systems into the landing zone.",
    )


def build_schedule(resource: WorkspaceResource, job: Any, closing: ClosingTime) -> dg.ScheduleDefinition:
    """Return the schedule that takes today's snapshots every day, and fetches the previous month one hour
    before it is closed, for every MSP that closes at this time. It is on from the start.
    """
    when = closing.when
    hour = (when.hour - 1) % 24

    @dg.schedule(
        name=f"fetch_daily{closing.suffix}",
        job=job,
        cron_schedule=f"0 {hour} * * *",
        execution_timezone=when.time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=(
            f"Every day {hour:02d}:00 {when.time_zone}: licence counts as they are today; an hour before the"
            f" close of day {when.day} also the month that it closes, later what is missing of it."
        ),
    )
    def fetch_daily(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        now = context.scheduled_execution_time
        today = now.astimezone(UTC).date()  # snapshots are of UTC days, wherever the MSP is
        closed_on = (now + timedelta(hours=1)).date()
        context.instance.add_dynamic_partitions(MSPS.name or "msp", list(closing.msp_ids))
        for msp_id in closing.msp_ids:
            yield _request(
                resource, msp_id, Period.parse(today.isoformat()[:7]), today.isoformat(), snapshots_only=True
            )
            is_due = closed_on.day == when.day
            if is_due or (closed_on.day > when.day and _is_left(context, resource, msp_id, closed_on)):
                yield _request(
                    resource, msp_id, month_before(closed_on), closed_on.isoformat(), snapshots_only=False
                )

    return fetch_daily


def _is_left(
    context: dg.ScheduleEvaluationContext, resource: WorkspaceResource, msp_id: str, day: date
) -> bool:
    """Whether something of the month before was never fetched and still can be: a system or this machine was
    down when the month was closed.

    What is there stays as it is, whoever landed it: a file more in a month that somebody works on is news,
    another one is not.
    """
    try:
        month = resource.month(partition_key(msp_id, month_before(day).text))
        wanted = tasks(month.workspace, month.paths.period, day, msp_id=msp_id)
        is_open = in_force.closing(month.paths).state == "open"
    except (MbrError, OSError) as error:
        # today's snapshots must be taken all the same: nothing else can give them
        context.log.warning(f"{msp_id}: what is left of the month before is not known: {error}")
        return False
    return is_open and any(
        not task.feed.is_snapshot and not any(task.folder.glob(f"{task.feed.dataset}.*")) for task in wanted
    )


def _request(
    resource: WorkspaceResource, msp_id: str, period: Period, day: str, snapshots_only: bool
) -> dg.RunRequest:
    config = {"config": {"snapshots_only": snapshots_only, "again": False}}
    ops = {asset_key(spec.name).to_python_identifier(): config for spec in systems(resource)}
    key = f"{msp_id}:{period.text}:{day}:fetch:{'snapshots' if snapshots_only else 'month'}"
    return dg.RunRequest(
        run_key=key, partition_key=partition_key(msp_id, period.text), run_config={"ops": ops}
    )
