"""`mbr verify` over a ledger in PostgreSQL: a real server.

Belongs here: what differs from SQLite. Does not: what is equal in both (``test_verify``).
"""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from mbr_pipeline.release.verify.workspace import check_workspace
from tests.release.evidence.handmade_version import HandmadeMonth
from tests.support.postgres import Server


def test_a_chain_in_postgresql_is_recomputed_too(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = server.empty("verify")
    monkeypatch.setenv("MBR_LEDGER_URL", address)
    month = HandmadeMonth(tmp_path / "ws")
    checked = check_workspace(month.workspace)
    assert checked.findings == []
    assert checked.counts["entries"] == 3
    assert not month.workspace.paths.ledger.exists()
    engine = sa.create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(sa.text("set session_replication_role = replica"))  # without triggers
        connection.execute(sa.text("update ledger_entries set actor = 'clerk2' where seq = 2"))
    engine.dispose()
    assert [(f.place, f.kind) for f in check_workspace(month.workspace).faults] == [
        ("the ledger's database: entry 2 of acme", "changed")
    ]
