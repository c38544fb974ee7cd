"""Assembles the Dagster definitions of one workspace. No work and no reading happens at import."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg

from mbr_pipeline.defs import alerts, audit, early, fetch, ingest, jobs, publish, spread_runs, transform
from mbr_pipeline.defs.closing_times import closing_times
from mbr_pipeline.defs.partitions import partition_key
from mbr_pipeline.defs.resources import WorkspaceResource
from mbr_pipeline.defs.spread_runs import keep_for
from mbr_pipeline.transform.compiled_project import dbt_project
from mbr_pipeline.workspace.paths import WorkspacePaths

__all__ = ["WorkspaceResource", "build_definitions", "defs", "keep_for", "partition_key"]


def build_definitions(resource: WorkspaceResource) -> dg.Definitions:
    """Return fresh definitions for a workspace; tests pass a :class:`WorkspaceResource` of their own."""
    job, early_job = jobs.build_job(resource), early.build_job(resource)
    fetch_job = [fetch.build_job(resource)] if fetch.systems(resource) else []
    return dg.Definitions(
        assets=[
            *fetch.build(resource),
            *ingest.build(resource),
            transform.build(resource, dbt_project()),
            *audit.build(resource),
            publish.build(resource),
            early.build(resource),
        ],
        jobs=[job, early_job, *fetch_job],
        schedules=[
            schedule
            for closing in closing_times(resource.workspace.settings)
            for schedule in (
                jobs.build_schedule(resource, job, closing),
                early.build_schedule(resource, early_job, closing),
                *(fetch.build_schedule(resource, each, closing) for each in fetch_job),
            )
        ],
        sensors=[*alerts.build(resource, job), *spread_runs.build(resource)],
        loggers={"console": jobs.progress_logger},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """Return the definitions of the workspace that MBR_WORKSPACE names, by default the current folder."""
    return build_definitions(
        WorkspaceResource(WorkspacePaths(Path(os.environ.get("MBR_WORKSPACE", ".")).resolve()))
    )
