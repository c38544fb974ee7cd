"""A month that fails an expectation reaches both receivers, once; the same again is silent; its recovery is
one message (contract §11).

Belongs here: `mbr run` with real receivers, a run killed by -9. Does not: channels, outbox (tests/alerts).
"""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.e2e.command import mbr, started
from tests.support.sinks import MailSink, WebSink
from tests.support.small import PERIOD, changed, settings, write, write_msp

RUN = ("run", "--period", PERIOD, "--workspace")


def _told(web: WebSink) -> list[tuple[str, str]]:
    messages = [json.loads(body) for body, _ in web.got]
    told = [(m["cause"], m["status"]) for m in messages if m["period"] == PERIOD]
    # nobody closes the month here, which the clock of this machine may find overdue (test_overdue)
    return [each for each in told if each[0] != "CLOSE_OVERDUE"]


def test_a_month_is_told_from_its_failure_to_its_recovery(
    tmp_path: Path, web: WebSink, post: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("T_OPS_URL", web.url)
    mail = f"kind: smtp, host: 127.0.0.1, port: {post.port}, from: m@x.org, to: [a@x.org]"
    alerts = f"alerts: {{channels: {{ops: {{kind: webhook, url_env: T_OPS_URL}}, mail: {{{mail}}}}}}}\n"
    write(tmp_path / "mbr.yml", settings(["acme"], alerts))
    write_msp(tmp_path, "acme", changed("vendor/vendor_invoices.csv", "50.00", "51.00"))
    web.status = 503  # a channel that is down changes no exit code
    blocked = mbr(*RUN, tmp_path)
    assert blocked.returncode == 3, blocked.stderr
    assert "mbr: alerts by ops: 127.0.0.1 answered 503; tried again later" in blocked.stderr
    web.status = 200
    assert mbr("alerts", "send", "--workspace", tmp_path).returncode == 0
    assert mbr(*RUN, tmp_path).returncode == 3
    assert _told(web) == [("GATE_BLOCKED", "firing")]
    [message] = [m for body, _ in web.got if (m := json.loads(body))["period"] == PERIOD]
    assert message["money"] == {"USD": "80.00"}
    assert "CONTROL_TOTAL_MISMATCH" in message["title"]

    run = started(*RUN, tmp_path)
    assert run.stderr
    for line in run.stderr:
        if line.startswith(f"acme {PERIOD}"):
            break
    # the record is made before the month is said to run
    [record] = tmp_path.glob("warehouse/acme/*/run-*.lock")
    run.send_signal(signal.SIGKILL)
    run.communicate()
    record.rename(record.with_name(record.name.replace(record.name.split("-")[1], "20261101T000000Z")))
    assert mbr("alerts", "send", "--workspace", tmp_path).returncode == 0
    assert _told(web)[1:] == [("RUN_FAILED", "firing")]

    write_msp(tmp_path, "acme")
    passed = mbr(*RUN, tmp_path)
    assert passed.returncode == 0, passed.stderr
    assert sorted(_told(web)[2:]) == [("GATE_BLOCKED", "resolved"), ("RUN_FAILED", "resolved")]
    subjects = [m["Subject"] for m in post.got if f"acme {PERIOD}" in m["Subject"]]
    about = [subject for subject in subjects if "is not closed" not in subject]
    assert [subject.split("]")[0] for subject in about].count("[MBR firing") == 2
    assert [subject.split("]")[0] for subject in about].count("[MBR resolved") == 2
