"""The early look: one asset for the month that goes on, and the schedule that asks for it every day.

What belongs here: wiring. What does not: the look itself (``mbr_pipeline.early_look``).
"""

from collections.abc import Iterator
from datetime import UTC
from typing import Any

import dagster as dg

from mbr_pipeline.decide import in_force
from mbr_pipeline.defs import month_page
from mbr_pipeline.defs.closing_times import ClosingTime
from mbr_pipeline.defs.metadata import OWNERS, failing
from mbr_pipeline.defs.partitions import MSPS, partition_key
from mbr_pipeline.defs.resources import WorkspaceResource
from mbr_pipeline.early_look import look
from mbr_pipeline.errors import MbrError
from mbr_pipeline.ingest.landing import months_with_files
from mbr_pipeline.workspace.workspace import Workspace

GROUP = "early"
JOB_NAME = "look_early"


def build(resource: WorkspaceResource) -> dg.AssetsDefinition:
    """Return the look as an asset; it has no parents, because it reads the landing zone by itself."""

    @dg.asset(
        key=dg.AssetKey(["early", "look"]),
        group_name=GROUP,
        kinds={"dbt", "html"},
        owners=OWNERS,
        partitions_def=resource.partitions,
        op_tags={"step": "early look"},
        description=(
            "A month as far as it is landed, on the same marts: reports/<msp_id>/<period>/early/. Nothing is"
            " published, and nobody is told."
        ),
    )
    def early_look(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        month = resource.month(context.partition_key)
        try:
            document = look(month, resource.transformer, resource.run_suite)
        except MbrError as error:
            raise failing(error) from error
        page = month.paths.report / "early" / "index.html"
        return dg.MaterializeResult(
            metadata={
                "page": dg.MetadataValue.path(str(page)),
                "still_missing": document["reasons"],
                **month_page.figures(document, None),
            }
        )

    return early_look


def build_job(resource: WorkspaceResource) -> Any:
    """Return the job that looks at one MSP's month."""
    return dg.define_asset_job(
        JOB_NAME,
        selection=dg.AssetSelection.groups(GROUP),
        partitions_def=resource.partitions,
        executor_def=dg.in_process_executor,
        description="Look at one MSP's month while it goes on; nothing is published.",
    )


def build_schedule(resource: WorkspaceResource, job: Any, closing: ClosingTime) -> dg.ScheduleDefinition:
    """Return the schedule that looks every day at the month that goes on, of the MSPs that close at this time
    and want it. It is on from the start.
    """
    when = closing.when

    @dg.schedule(
        name=f"early_look{closing.suffix}",
        job=job,
        cron_schedule=f"0 {when.hour} * * *",
        execution_timezone=when.time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"Every day {when.hour:02d}:00 {when.time_zone}: a look at the month that goes on.",
    )
    def early_look(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        day = context.scheduled_execution_time.astimezone(UTC).date().isoformat()
        period, workspace = day[:7], Workspace.open(resource.paths)
        context.instance.add_dynamic_partitions(MSPS.name or "msp", list(closing.msp_ids))
        for msp_id in closing.msp_ids:
            if msp_id not in workspace.settings.msps or not workspace.settings.schedule_of(msp_id).early_look:
                continue
            landed = period in months_with_files(workspace.paths, msp_id, workspace.msp(msp_id))
            if landed and in_force.closing(workspace.month(msp_id, period)).state == "open":
                yield dg.RunRequest(
                    run_key=f"{msp_id}:{period}:{day}:early_look", partition_key=partition_key(msp_id, period)
                )

    return early_look
