"""A store where several machines work under leases: a run claims its month with the token of its lease.

Belongs here: the two together. Does not: leases (``tests/storage/database/test_leases.py``) and claims
(``test_months``) by themselves.
"""

from __future__ import annotations

import pytest

from mbr_pipeline.mirror.months import OldToken
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.publish.stored import begin_leased
from mbr_pipeline.storage.database.leases import Lease, LeaseLost
from mbr_pipeline.workspace import spread
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.mirror.conftest import Make
from tests.mirror.machines import pointer
from tests.mirror.publishing import begin
from tests.support.postgres import Server
from tests.support.small import PERIOD


def test_a_run_claims_its_month_with_the_token_of_its_lease(
    machine: Make, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MBR_LEDGER_URL", server.empty("leased"))
    monkeypatch.setenv("MBR_DISTRIBUTED", "1")
    a, b = machine("a"), machine("b")
    spread.keep(a.month)  # for other work, so that the store's own count would be another
    spread.end()
    claimed = []
    for each in (a, b):
        MonthlyClose.of(WorkspacePaths(each.root), "acme", PERIOD).load()
        lease = spread.keep(each.month)
        assert lease is not None
        claimed.append((lease.token, pointer(each, "month.json")["token"]))
        spread.end()
    assert claimed == [(2, 2), (3, 3)]
    with pytest.raises(OldToken, match="run 2 is too old: run 3 of this month has begun since"):
        begin(a.root, 2)


def test_a_leased_run_comes_after_those_that_had_no_lease(
    machine: Make, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MBR_LEDGER_URL", server.empty("grown"))
    a = machine("a")
    for _ in range(3):
        begin(a.root)
    monkeypatch.setenv("MBR_DISTRIBUTED", "1")
    MonthlyClose.of(WorkspacePaths(a.root), "acme", PERIOD).load()
    lease = spread.keep(a.month)
    assert lease is not None
    assert (lease.token, pointer(a, "month.json")["token"]) == (4, 4)
    lease.check()
    spread.end()


def test_a_run_whose_lease_was_lost_gets_no_token_beyond_that_of_the_next(
    machine: Make, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MBR_LEDGER_URL", server.empty("not_grown"))
    monkeypatch.setenv("MBR_DISTRIBUTED", "1")
    a = machine("a")
    lease = spread.keep(a.month)
    assert lease is not None
    leases = spread.leases_of(a.month.workspace)
    leases.give_back(Lease(f"acme {PERIOD}", lease.token))  # as if it had been silent for too long
    begin(a.root, leases.take(f"acme {PERIOD}", "west process 1").token)
    with pytest.raises(LeaseLost):
        begin_leased(a.workspace, a.month, lease)
    assert pointer(a, "month.json")["token"] == 2
    spread.end()
