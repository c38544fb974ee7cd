"""The job that closes a month, the schedule that launches it, and how its steps show on a terminal."""

import logging
import sys
from collections.abc import Iterator
from typing import Any

import dagster as dg

from mbr_pipeline.decide import in_force
from mbr_pipeline.defs import early, fetch, spread_runs
from mbr_pipeline.defs.closing_times import ClosingTime
from mbr_pipeline.defs.partitions import MSPS, partition_key
from mbr_pipeline.defs.progress import ProgressHandler
from mbr_pipeline.defs.resources import WorkspaceResource
from mbr_pipeline.periods import month_before

JOB_NAME = "close_month"


def build_job(resource: WorkspaceResource) -> Any:
    """Return the job over the whole graph, in one process: sharing imports and one dbt process is
    faster than parallel steps.
    """
    return dg.define_asset_job(
        JOB_NAME,
        selection=dg.AssetSelection.all() - dg.AssetSelection.groups(fetch.GROUP, early.GROUP),
        partitions_def=resource.partitions,
        executor_def=dg.in_process_executor,
        tags=spread_runs.job_tags(),
        description="Land, load, reconcile, audit and publish one MSP's month.",
    )


def build_schedule(resource: WorkspaceResource, job: Any, closing: ClosingTime) -> dg.ScheduleDefinition:
    """Return the schedule that closes the previous month for every MSP that closes at this time.

    It is on from the start. The run key names MSP and month: a restart asks for none twice.
    """
    when = closing.when

    @dg.schedule(
        name=f"monthly_close{closing.suffix}",
        job=job,
        cron_schedule=f"0 {when.hour} {when.day} * *",
        execution_timezone=when.time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"{closing.told}: closes the month before, one run per MSP.",
    )
    def monthly_close(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        period = month_before(context.scheduled_execution_time.date()).text
        context.instance.add_dynamic_partitions(MSPS.name or "msp", list(closing.msp_ids))
        for msp_id in closing.msp_ids:
            month = resource.month(partition_key(msp_id, period)).paths
            if why := in_force.closing(month).told(msp_id, period):
                context.log.info(why)
                continue
            yield dg.RunRequest(
                run_key=f"{msp_id}:{period}:monthly_close",
                partition_key=partition_key(msp_id, period),
                tags=spread_runs.size_tags(month),
            )

    return monthly_close


@dg.logger(
    {"is_quiet": dg.Field(bool, default_value=False, description="Show no steps: many months run at once.")},
    description="One line per step on standard error: step, rows, seconds.",
)
def progress_logger(context: dg.InitLoggerContext) -> logging.Logger:
    """Return the logger that shows a run's progress in place of Dagster's debug lines."""
    logger = logging.Logger("mbr.progress", level=logging.DEBUG)
    is_quiet = context.logger_config["is_quiet"]
    logger.addHandler(logging.NullHandler() if is_quiet else ProgressHandler(sys.stderr))
    return logger
