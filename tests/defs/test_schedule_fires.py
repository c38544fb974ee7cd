"""The daemon's scheduler at chosen moments: the close fires by itself, once, also where the daemon was away.

Belongs here: Dagster's own round over all schedules, with its records. Does not: what one tick asks for
(``test_definitions``), executing it (tests/e2e/test_installation.py). The moment is an argument of the
round, so nothing waits for a clock.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.test_utils import create_test_daemon_workspace_context
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.load_target import InProcessWorkspaceLoadTarget
from dagster._scheduler.scheduler import launch_scheduled_runs

from mbr_pipeline.cli.dagster_home import dagster_home
from mbr_pipeline.cli.run_history import run_history
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.support.small import settings, write

Daemon = Callable[..., list[str]]


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """Let a daemon start, look at moments of one day in turn, and end; returns all months that are queued."""
    for name in ("DAGSTER_HOME", "MBR_WORKSPACE", "PYTHONSAFEPATH"):
        monkeypatch.setenv(name, "")  # set below, and taken back with the test
    write(tmp_path / "mbr.yml", settings(["acme", "birch"]))
    for msp_id in ("acme", "birch"):
        write(tmp_path / f"landing/{msp_id}/2026-10/psa/clients.csv", "client_id,client_name\n")
    dagster_home(WorkspacePaths(tmp_path))
    loaded = LoadableTargetOrigin(module_name="mbr_pipeline.definitions")
    origin = InProcessCodeLocationOrigin(loaded, location_name="mbr")

    def looks(month: int, day: int, *times: tuple[int, int]) -> list[str]:
        with (
            run_history() as instance,
            create_test_daemon_workspace_context(InProcessWorkspaceLoadTarget([origin]), instance) as context,
        ):
            for hour, minute in times:
                at = datetime(2026, month, day, hour, minute, tzinfo=UTC)
                failed = [
                    round_ for round_ in launch_scheduled_runs(context, logging.getLogger(), at, {}) if round_
                ]
                assert failed == []
            runs = instance.get_runs(dg.RunsFilter(job_name="close_month"))
            assert {run.status for run in runs} <= {dg.DagsterRunStatus.QUEUED}
            return sorted(run.tags["dagster/partition"] for run in runs)

    yield looks


def test_the_close_fires_at_its_hour_and_no_second_time(daemon: Daemon) -> None:
    assert daemon(11, 5, (5, 58), (5, 59)) == []
    october = ["acme|2026-10", "birch|2026-10"]
    assert daemon(11, 5, (6, 0), (6, 1)) == october
    assert daemon(11, 5, (6, 2)) == october  # started again within the hour


def test_what_fell_due_while_the_daemon_was_away_is_asked_for_when_it_is_back(daemon: Daemon) -> None:
    assert daemon(11, 5, (5, 59)) == []
    assert daemon(11, 5, (9, 30), (9, 31)) == ["acme|2026-10", "birch|2026-10"]
