"""One run of the job that fetches, in a process of its own: ``python -m tests.ingest.fetch.one_run WORKSPACE
PERIOD``.

Belongs here: launching, as Dagster's run launcher does. What two of them do to each other is ``test_assets``'
business.
"""

from __future__ import annotations

import sys
from pathlib import Path

import dagster as dg

from mbr_pipeline.cli.dagster_home import dagster_home
from mbr_pipeline.definitions import WorkspaceResource, build_definitions, partition_key
from mbr_pipeline.workspace.paths import WorkspacePaths


def main() -> int:
    workspace = WorkspacePaths(Path(sys.argv[1]))
    job = build_definitions(WorkspaceResource(workspace)).resolve_job_def("fetch_month")
    with dg.DagsterInstance.from_config(str(dagster_home(workspace))) as instance:
        config = {"ops": {"fetch__pax8": {"config": {"again": True}}}}
        result = job.execute_in_process(
            partition_key=partition_key("acme", sys.argv[2]),
            instance=instance,
            run_config=config,
            raise_on_error=False,
        )
    return 0 if result.success else 1


if __name__ == "__main__":
    raise SystemExit(main())
