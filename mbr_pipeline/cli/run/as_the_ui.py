"""Runs of `mbr run` as those of the UI: without the code location that a run is of, Dagster's timeline leaves
it out, and its page offers no way to run it again.

What belongs here: naming that location. What does not: launching (``mbr_pipeline.cli.run``).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster import DagsterInstance

LOCATION = "mbr"
"""As in the workspace files that the UI loads."""


def name_location(instance: DagsterInstance, job_name: str) -> None:
    """Let every run of the job that this instance creates say which code location it is of.

    Dagster's execution in this process passes none on, though the run has a place for it.
    """
    from dagster._core.definitions.repository_definition import SINGLETON_REPOSITORY_NAME
    from dagster._core.remote_origin import (
        RegisteredCodeLocationOrigin,
        RemoteJobOrigin,
        RemoteRepositoryOrigin,
    )

    location = RegisteredCodeLocationOrigin(LOCATION)
    origin = RemoteJobOrigin(RemoteRepositoryOrigin(location, SINGLETON_REPOSITORY_NAME), job_name)
    named = partial(instance.create_run_for_job, remote_job_origin=origin)
    instance.create_run_for_job = named  # type: ignore[method-assign]
