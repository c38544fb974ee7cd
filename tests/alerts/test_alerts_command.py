"""`mbr alerts`: what stands, sending it, and trying channels, as a user types it.

Belongs here: what is printed and the exit code. Does not: which causes there are (test_lifecycle).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mbr_pipeline.alerts import watch
from mbr_pipeline.workspace.workspace import Workspace
from tests.e2e.command import mbr
from tests.support.sinks import MailSink, WebSink
from tests.support.small import PERIOD, settings, write


@pytest.fixture
def root(workspace: Workspace) -> str:
    # what is late by the clock is another test's matter
    watch.record_failed(workspace, workspace.month("acme", PERIOD), "step land failed: disk")
    return str(workspace.paths.root)


def test_list_says_what_stands_and_what_to_do(root: str) -> None:
    done = mbr("alerts", "list", "--workspace", root)
    assert (done.returncode, done.stderr) == (0, "")
    first, *rest = done.stdout.splitlines()
    assert first.startswith("RUN_FAILED since 20") and first.endswith(f": acme {PERIOD}: the run failed")
    assert rest == [
        "  at stake: 80.00 USD",
        f"  to do: mbr run --period {PERIOD} --msp acme",
        "  3 messages are not delivered yet",
    ]
    [row] = json.loads(mbr("alerts", "list", "--workspace", root, "--json").stdout)
    assert (row["cause"], row["msp_id"], row["money"], row["waiting"]) == (
        "RUN_FAILED",
        "acme",
        {"USD": "80.00"},
        3,
    )


def test_send_delivers_and_is_1_when_a_channel_does_not_take_it(
    root: str, web: WebSink, post: MailSink
) -> None:
    web.status = 500
    done = mbr("alerts", "send", "--workspace", root)
    assert done.returncode == 1
    [said] = done.stderr.splitlines()
    assert said == "mbr: not taken by ops: 127.0.0.1 answered 500; tried again later"
    assert "Traceback" not in done.stderr and post.got
    web.status = 200
    done = mbr("alerts", "send", "--workspace", root, "--json")
    assert (done.returncode, json.loads(done.stdout)["waiting"]) == (0, 0)
    assert [m["cause"] for body, _ in web.got if (m := json.loads(body))["cause"] == "RUN_FAILED"] == [
        "RUN_FAILED"
    ]


def test_test_tries_one_channel_or_all(root: str, web: WebSink, post: MailSink) -> None:
    done = mbr("alerts", "test", "ops", "--workspace", root)
    assert (done.returncode, done.stdout) == (0, "ops: taken\n")
    assert [json.loads(body)["status"] for body, _ in web.got] == ["test"]
    post.refused = {"b@example.com"}
    done = mbr("alerts", "test", "--workspace", root)
    assert (done.returncode, done.stdout) == (1, "ops: taken\nmail: not taken\n")
    assert "refused the receiver b@example.com: 550" in done.stderr
    assert [mail["Subject"] for mail in post.got] == ["[MBR test] test of channel mail"]


def test_an_unknown_channel_and_a_workspace_without_any_are_2(root: str) -> None:
    done = mbr("alerts", "test", "pager", "--workspace", root)
    assert (done.returncode, done.stderr) == (
        2,
        "mbr: channel 'pager' is not in mbr.yml: use one of ops, mail\n",
    )
    write(Path(root) / "mbr.yml", settings(["acme"]))
    done = mbr("alerts", "list", "--workspace", root)
    assert (done.returncode, done.stderr) == (2, "mbr: no channel is set: add alerts.channels to mbr.yml\n")
