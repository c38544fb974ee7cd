"""`mbr deploy` without an installation: what it refuses, and removing old runs from a real history.

Belongs here: exit codes and one-line errors. Does not: an installation that runs
(tests/e2e/test_installation).
"""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner

from mbr_pipeline.cli import commands
from mbr_pipeline.cli.dagster_home import dagster_home
from mbr_pipeline.cli.deploy import facts, history
from mbr_pipeline.cli.deploy.serve import serve
from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.upkeep import deployment
from mbr_pipeline.upkeep.old_runs import may_go
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.support.installation import DEPLOY
from tests.support.small import settings, write


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DAGSTER_HOME", "MBR_LEDGER_URL", "MBR_DAGSTER_POSTGRES_URL", "MBR_VIEWER_SOCKET"):
        monkeypatch.delenv(name, raising=False)
    write(tmp_path / "mbr.yml", settings(["acme"]))
    return tmp_path


def _refused(workspace: Path) -> str:
    done = CliRunner().invoke(commands, ["deploy", "check", "-w", str(workspace)])
    assert isinstance(done.exception, ConfigError), done.output
    return str(done.exception)


def test_an_installation_without_its_settings_is_a_configuration_error(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _refused(workspace).startswith("DAGSTER_HOME is not set: ")
    monkeypatch.setenv("DAGSTER_HOME", "dagster")
    assert _refused(workspace) == "DAGSTER_HOME is dagster: write the whole path"
    monkeypatch.setenv("DAGSTER_HOME", str(workspace))
    assert _refused(workspace).endswith(
        "dagster.yaml: No such file or directory: copy deploy/dagster.yaml there"
    )
    write(workspace / "dagster.yaml", "storage: [")
    assert "dagster.yaml: " in _refused(workspace)


def test_a_server_that_is_down_is_something_to_do_and_its_password_is_not_shown(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(DEPLOY / "dagster.yaml", workspace)
    monkeypatch.setenv("DAGSTER_HOME", str(workspace))
    monkeypatch.setenv("MBR_DAGSTER_POSTGRES_URL", "postgresql://mbr:hush@127.0.0.1:1/mbr_dagster")
    monkeypatch.setenv("MBR_VIEWER_SOCKET", str(workspace / "none.sock"))
    done = CliRunner().invoke(commands, ["deploy", "check", "-w", str(workspace)])
    assert done.exit_code == 1
    lines = done.output.splitlines()
    assert all(line.startswith(("ok     ", "to do  ")) for line in lines)
    [line] = [line for line in lines if "database of Dagster" in line]
    assert line.startswith("to do") and "refused" in line
    assert "hush" not in done.output
    assert any("none.sock: No such file or directory: start mbr-viewer" in line for line in lines)


def test_the_history_of_ones_own_machine_has_a_queue_too(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MBR_WORKSPACE", "PYTHONSAFEPATH"):
        monkeypatch.setenv(name, "")  # put back afterwards
    monkeypatch.setenv("DAGSTER_HOME", str(workspace / "home"))
    read = facts.dagster_settings(dagster_home(WorkspacePaths(workspace)))
    assert deployment.queue(read, len(os.sched_getaffinity(0))).is_right
    with dg.DagsterInstance.get() as instance:
        assert instance.get_concurrency_config().run_queue_config


def test_a_socket_in_a_folder_that_is_open_to_all_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with pytest.raises(ConfigError, match="open to every user of this machine"):
        serve(tmp_path / "workspace.yaml", tmp_path / "ui.sock", [], read_only=True)
    with pytest.raises(MbrError, match="make the folder first"):
        serve(tmp_path / "workspace.yaml", tmp_path / "none" / "ui.sock", [], read_only=True)


def test_old_runs_are_removed_with_their_events_and_the_last_success_stays(tmp_path: Path) -> None:
    @dg.job(name="close_month")
    def close_month() -> None: ...

    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        first, second = (
            close_month.execute_in_process(instance=instance, tags={"dagster/partition": "acme|2026-10"})
            for _ in range(2)
        )
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        assert may_go(history.runs(instance), tomorrow - timedelta(days=2)) == []
        assert may_go(history.runs(instance), tomorrow) == [first.run_id]
        history.remove(instance, first.run_id)
        assert [run.run_id for run in history.runs(instance)] == [second.run_id]
        assert instance.all_logs(first.run_id) == []
        assert len(instance.all_logs(second.run_id)) > 0
