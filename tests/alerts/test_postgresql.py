"""The outbox on a real PostgreSQL: two senders at once, and a server that stops and comes back.

Belongs here: what only a server can do. Does not: what SQLite shows as well (test_delivery).
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from mbr_pipeline.alerts import watch
from mbr_pipeline.errors import MbrError
from mbr_pipeline.workspace.workspace import Workspace
from tests.support.postgres import Server
from tests.support.sinks import WebSink
from tests.support.small import PERIOD


def test_nothing_is_lost_or_doubled_when_the_server_stops_and_starts_again(
    server: Server, workspace: Workspace, web: WebSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MBR_LEDGER_URL", server.url)
    watch.record_failed(workspace, workspace.month("acme", PERIOD), "why")
    server.stop()
    with pytest.raises(MbrError, match="^the ledger's database postgresql"):
        watch.round_of(workspace)
    server.start()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: watch.round_of(workspace), range(2)))
    messages = [m for body, _ in web.got if (m := json.loads(body))["cause"] == "RUN_FAILED"]
    assert [message["status"] for message in messages] == ["firing"]
    assert not workspace.paths.ledger.exists()
