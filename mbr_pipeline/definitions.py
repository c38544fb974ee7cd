"""Assembles the Dagster definitions of one workspace. No work and no reading happens at import."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg

from mbr_pipeline.defs import audit, fetch, ingest, jobs, publish, transform
from mbr_pipeline.defs.house import House, partition_key
from mbr_pipeline.transform import dbt_project
from mbr_pipeline.workspace_paths import WorkspacePaths

__all__ = ["House", "build_definitions", "defs", "partition_key"]


def build_definitions(house: House) -> dg.Definitions:
    """Return fresh definitions for a workspace; tests pass a :class:`House` of their own."""
    job = jobs.build_job(house)
    fetch_job = [fetch.build_job(house)] if fetch.systems(house) else []
    return dg.Definitions(
        assets=[
            *fetch.build(house),
            *ingest.build(house),
            transform.build(house, dbt_project()),
            *audit.build(house),
            publish.build(house),
        ],
        jobs=[job, *fetch_job],
        schedules=[jobs.build_schedule(house, job), *(fetch.build_schedule(house, each) for each in fetch_job)],
        loggers={"console": jobs.progress_logger},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """Return the definitions of the workspace that MBR_WORKSPACE names, by default the current folder."""
    return build_definitions(House(WorkspacePaths(Path(os.environ.get("MBR_WORKSPACE", ".")).resolve())))
