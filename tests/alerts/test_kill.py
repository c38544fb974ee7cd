"""A process that is killed between recording and delivery, or while it sends, loses nothing; one that died is
told of by the next.

Belongs here: kill -9 of real processes. Does not: a run through dbt (tests/e2e).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from mbr_pipeline.alerts.run_records import dead_runs, recorded
from mbr_pipeline.alerts.watch import outbox_of, round_of, tell_dead_runs
from mbr_pipeline.storage.database.times import now
from mbr_pipeline.workspace.alert_settings import Alerts
from mbr_pipeline.workspace.workspace import Workspace
from tests.support.sinks import MailSink, WebSink
from tests.support.small import PERIOD

ROOT = Path(__file__).resolve().parents[2]

_BEGIN = """
import os, signal, sys
from pathlib import Path
from mbr_pipeline.alerts import channels, delivery, watch
from mbr_pipeline.alerts.run_records import recorded
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
workspace = Workspace.open(WorkspacePaths(Path(sys.argv[1])))
month = workspace.month("acme", "2026-10")
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
"""
KILLS = {
    "between recording and delivery": "watch.record_failed(workspace, month, 'x'); die()",
    "while it sends": (
        "watch.record_failed(workspace, month, 'x'); channels.send = die;"
        " delivery.send_all(watch.outbox_of(workspace))"
    ),
    "after it sent, before it said so": (
        "watch.record_failed(workspace, month, 'x'); delivery._mark = die;"
        " delivery.send_all(watch.outbox_of(workspace))"
    ),
}


def _killed(workspace: Workspace, then: str) -> None:
    command = [sys.executable, "-c", _BEGIN + then, str(workspace.paths.root)]
    done = subprocess.run(command, cwd=ROOT, env=dict(os.environ), check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize("kill", KILLS)
def test_what_was_recorded_is_delivered_by_whoever_comes_next(
    kill: str, workspace: Workspace, web: WebSink, post: MailSink
) -> None:
    _killed(workspace, KILLS[kill])
    done = round_of(workspace)
    assert done and (done.waiting, done.problems) == (0, {})
    messages = [json.loads(body) for body, _ in web.got]
    # at least once: a message that was sent without being marked comes again with its id
    assert len({message["id"] for message in messages if message["cause"] == "RUN_FAILED"}) == 1
    assert [path.name for path in workspace.paths.ledger.parent.iterdir()] == ["ledger.sqlite"]
    again = round_of(workspace)
    assert again and again.delivered == 0


def test_a_run_that_died_is_told_once_with_the_money_at_stake(workspace: Workspace, web: WebSink) -> None:
    _killed(workspace, "held = recorded(month); held.__enter__(); die()")
    assert dead_runs(workspace.paths) == []  # it may just be beginning
    later = now() + timedelta(seconds=10)
    [dead] = dead_runs(workspace.paths, later)
    assert (dead.msp_id, dead.period) == ("acme", PERIOD)
    assert tell_dead_runs(workspace, later) == 1
    assert tell_dead_runs(workspace, later) == 0
    round_of(workspace)
    [message] = [m for body, _ in web.got if (m := json.loads(body))["cause"] == "RUN_FAILED"]
    assert (message["status"], message["money"]) == ("firing", {"USD": "80.00"})
    assert message["action"] == f"mbr run --period {PERIOD} --msp acme"


def test_a_run_that_goes_on_or_ended_is_not_dead(workspace: Workspace) -> None:
    later = now() + timedelta(seconds=10)
    with pytest.raises(ZeroDivisionError), recorded(workspace.month("acme", PERIOD)):
        assert dead_runs(workspace.paths, later) == []
        raise ZeroDivisionError
    assert list(workspace.paths.warehouse.rglob("run-*")) == []


def test_without_channels_nothing_is_kept(workspace: Workspace) -> None:
    silent = Workspace(workspace.paths, workspace.settings.model_copy(update={"alerts": Alerts()}))
    assert outbox_of(silent) is None and round_of(silent) is None
    assert not workspace.paths.ledger.exists()
