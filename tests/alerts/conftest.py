"""A workspace of one MSP with a webhook and mail to loopback, and its outbox.

Belongs here: what the tests of alerts share. Does not: expectations.
"""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from mbr_pipeline.alerts.outbox import Outbox
from mbr_pipeline.alerts.watch import outbox_of
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.support.sinks import MailSink, WebSink
from tests.support.small import settings, write, write_msp

SECRET = "a key that nobody knows"


def channels(post: MailSink, more: str = "") -> str:
    return (
        "alerts:\n  channels:\n"
        "    ops: {kind: webhook, url_env: T_OPS_URL, secret_env: T_OPS_SECRET}\n"
        f"    mail: {{kind: smtp, host: 127.0.0.1, port: {post.port}, from: mbr@example.com,"
        " to: [a@example.com, b@example.com]}\n" + more
    )


@pytest.fixture(scope="module", autouse=True)
def no_connection_of_others() -> None:
    """End what other files' tests left in cycles, SQLite connections of Dagster among it, on this thread: on
    one that delivers, SQLite refuses to.
    """
    gc.collect()


@pytest.fixture
def workspace(tmp_path: Path, web: WebSink, post: MailSink, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("T_OPS_URL", web.url)
    monkeypatch.setenv("T_OPS_SECRET", SECRET)
    monkeypatch.delenv("MBR_LEDGER_URL", raising=False)
    root = tmp_path / "workspace"
    write(root / "mbr.yml", settings(["acme"], channels(post)))
    write_msp(root, "acme")
    return Workspace.open(WorkspacePaths(root))


@pytest.fixture
def box(workspace: Workspace) -> Outbox:
    found = outbox_of(workspace)
    assert found
    return found
