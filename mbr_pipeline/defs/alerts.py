"""Alerts from Dagster: a sensor of failed runs, and one that looks, repeats and sends every half minute.

What belongs here: reading Dagster's runs and schedules for facts. What does not: what the facts mean, sending
(``mbr_pipeline.alerts``).
"""

import json
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg

from mbr_pipeline.alerts import watch
from mbr_pipeline.alerts.causes import Fact, not_started
from mbr_pipeline.defs.closing_times import closing_times
from mbr_pipeline.defs.partitions import partition_key
from mbr_pipeline.defs.resources import WorkspaceResource
from mbr_pipeline.errors import MbrError
from mbr_pipeline.periods import Period
from mbr_pipeline.step_failures import reason_of
from mbr_pipeline.storage.database.times import now as clock
from mbr_pipeline.storage.database.times import read, written
from mbr_pipeline.workspace.spread import is_distributed
from mbr_pipeline.workspace.workspace import Workspace

_GATE = "audit__gate"
_PARTITION = "dagster/partition"
_ROUND_SECONDS = 20
_GRACE = timedelta(hours=1)
_AWAKE = timedelta(minutes=10)
"""A daemon that was down first starts what it missed; only then is something missing."""


def build(resource: WorkspaceResource, job: Any) -> Sequence[dg.SensorDefinition]:
    """Return the sensors, on from the start."""
    return [_failures(resource, job), _rounds(resource, job)]


def _failures(resource: WorkspaceResource, job: Any) -> dg.SensorDefinition:
    @dg.run_failure_sensor(
        name="alert_failed_runs",
        monitored_jobs=[job],
        minimum_interval_seconds=15,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells of every run of the monthly close that failed, but not twice of a blocked gate.",
    )
    def alert_failed_runs(context: dg.RunFailureSensorContext) -> None:
        run, instance = context.dagster_run, context.instance
        if _is_of_the_command(run) or _comes_again(instance, run):
            return  # the command tells of its own; what is run again is told if that fails too
        failed = {
            event.step_key: reason_of(event.step_failure_data) for event in context.get_step_failure_events()
        }
        gate = failed.pop(_GATE, None)
        if (gate and not failed) or not _is_newest(instance, run, job.name):
            return  # the gate told itself; or a later run says how things are
        said = [f"step {step} failed: {reason}" for step, reason in failed.items()]
        _tell(
            resource,
            run,
            "; ".join(said) or "no step of it failed: it was killed or did not start, see its log in the UI",
        )

    return alert_failed_runs


def _rounds(resource: WorkspaceResource, job: Any) -> dg.SensorDefinition:
    @dg.sensor(
        name="alerts",
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Looks for what is late, missing or dead, repeats what still stands, and sends alerts.",
    )
    def alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason | dg.SensorResult:
        workspace = Workspace.open(resource.paths)
        for run in context.instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
            if is_dead(context.instance, run):
                _end(resource, context.instance, run, job.name)
        box = watch.outbox_of(workspace)
        if box is None:
            return dg.SkipReason("no channel is set in mbr.yml")
        at = clock()
        awake = _awake(context.cursor, at)
        facts = missed(workspace, context.instance, job.name, awake, at)
        box.record(facts, lambda cause: (cause.kind, cause.subject) == ("RUN_FAILED", "schedule"), at)
        done = watch.round_of(workspace, seconds=_ROUND_SECONDS)
        said = f"{done.delivered} delivered, {done.waiting} waiting" if done else "nothing to do"
        return dg.SensorResult(skip_reason=dg.SkipReason(said), cursor=json.dumps(awake))

    return alerts


def _end(
    resource: WorkspaceResource, instance: dg.DagsterInstance, run: dg.DagsterRun, job_name: str
) -> None:
    """Tell of a run whose process is gone, and give back its place in the queue: as long as it counts as
    running, its month cannot run again.
    """
    problem = "it began and never ended: it was killed, or the machine was"
    # where Dagster runs it again, the sensor of failed runs tells if that fails too
    if run.job_name == job_name and _is_newest(instance, run, job_name) and not instance.run_retries_enabled:
        _tell(resource, run, problem)
    instance.report_run_failed(run, f"The process that executed the run is gone: {problem}.")


def _comes_again(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether Dagster's run retries, which an installation on several machines has, run it again."""
    ended = instance.get_run_by_id(run.run_id)
    return ended is not None and ended.tags.get("dagster/will_retry") == "true"


def _awake(cursor: str | None, at: datetime) -> dict[str, str]:
    """Since when this has looked at all, since when without a pause, and when it looked last."""
    before = (
        json.loads(cursor) if cursor else {"first": written(at), "since": written(at), "last": written(at)}
    )
    has_paused = abs(at - read(before["last"])) > _AWAKE
    return {**before, "since": written(at) if has_paused else before["since"], "last": written(at)}


def missed(
    workspace: Workspace, instance: dg.DagsterInstance, job_name: str, awake: dict[str, str], at: datetime
) -> list[Fact]:
    """Return the months whose planned run never started, an hour after their MSP's closing time; what was
    planned before anybody looked is not missed.
    """
    facts = []
    for closing in closing_times(workspace.settings):
        planned = closing.last_before(at)
        if (
            planned.at < read(awake["first"])
            or at < planned.at + _GRACE
            or at < read(awake["since"]) + _AWAKE
        ):
            continue
        period = planned.period.text
        for msp_id in closing.msp_ids:
            tags = {_PARTITION: str(partition_key(msp_id, period))}
            ran = instance.get_runs(dg.RunsFilter(job_name=job_name, tags=tags), limit=1)
            if not ran and not (workspace.month(msp_id, period).report / "gate.json").exists():
                facts.append(not_started(msp_id, period, planned.told))
    return facts


def is_dead(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether the process that Dagster says executes a run is gone. `mbr run` keeps a record of its own;
    where several machines work, a process may be of another, and leases say who lives (``spread_runs``).
    """
    if _is_of_the_command(run) or is_distributed():
        return False
    events = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ENGINE_EVENT)
    known = [pid for entry in events if entry.dagster_event and (pid := _pid(entry.dagster_event))]
    return bool(known) and not Path(f"/proc/{known[-1]}").exists() and Path("/proc/self").exists()


def _is_of_the_command(run: dg.DagsterRun) -> bool:
    """Whether `mbr run` executes it; run again from the UI, it keeps the tags but has a parent."""
    return "launched_by" in run.tags and run.parent_run_id is None


def _pid(event: Any) -> int | None:
    value = event.engine_event_data.metadata.get("pid")
    text = str(getattr(value, "value", "") or getattr(value, "text", ""))
    return int(text) if text.isdigit() and int(text) != os.getpid() else None


def _is_newest(instance: dg.DagsterInstance, run: dg.DagsterRun, job_name: str) -> bool:
    tags = {_PARTITION: run.tags.get(_PARTITION, "")}
    [newest] = instance.get_runs(dg.RunsFilter(job_name=job_name, tags=tags), limit=1) or [run]
    return newest.run_id == run.run_id


def _tell(resource: WorkspaceResource, run: dg.DagsterRun, problem: str) -> None:
    msp_id, _, period = run.tags.get(_PARTITION, "").partition("|")
    workspace = Workspace.open(resource.paths)
    if msp_id in workspace.settings.msps and Period.is_written(period):
        try:
            watch.record_failed(workspace, workspace.month(msp_id, period), problem)
        except MbrError as error:
            raise dg.Failure(description=str(error)) from error
