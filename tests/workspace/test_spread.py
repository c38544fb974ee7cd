"""What is leased where several machines work, and that one machine alone asks no database.

Belongs here: months and vendors under lease. Does not: the rows (``tests/storage/database/test_leases``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.periods import Period
from mbr_pipeline.storage.database.leases import HeldElsewhere, LeaseLost
from mbr_pipeline.storage.keeping import Kept
from mbr_pipeline.workspace import spread
from mbr_pipeline.workspace.paths import EarlyPaths, MonthPaths, WorkspacePaths
from tests.support.postgres import Server


@pytest.fixture
def month(tmp_path: Path) -> MonthPaths:
    return WorkspacePaths(tmp_path).month("acme", Period("2026-10"))


@pytest.fixture
def many_machines(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("MBR_LEDGER_URL", server.empty("spread"))
    monkeypatch.setenv("MBR_DISTRIBUTED", "1")
    yield
    spread.end()


def _token(month: MonthPaths, name: str) -> int | None:
    found = spread.leases_of(month.workspace).find(name)
    return found.token if found and found.is_fresh else None


def test_one_machine_asks_no_database(
    month: MonthPaths, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MBR_DISTRIBUTED", raising=False)
    monkeypatch.setenv("MBR_LEDGER_URL", "postgresql://mbr@127.0.0.1:1/nobody")  # who asked would be told
    assert spread.keep(month) is None
    with spread.working_on(month), spread.speaking_to(month.workspace, "pax8"):
        pass
    assert sorted(path.name for path in tmp_path.rglob("*.lock")) == ["fetch-pax8.lock", "month.lock"]


def test_several_machines_need_a_ledger_that_all_of_them_see() -> None:
    said = r"^MBR_DISTRIBUTED is set, and MBR_LEDGER_URL is not: .* set both, or neither$"
    with pytest.raises(ConfigError, match=said):
        spread.is_distributed({"MBR_DISTRIBUTED": "1"})
    assert spread.is_distributed({"MBR_DISTRIBUTED": "1", "MBR_LEDGER_URL": "postgresql://a@b/c"})
    assert not spread.is_distributed({"MBR_DISTRIBUTED": "0"})


@pytest.mark.parametrize("text", ["0", "", "1.5", "-1", "soon"])
def test_a_lease_holds_whole_seconds(text: str, month: MonthPaths) -> None:
    with pytest.raises(ConfigError, match="^MBR_LEASE_SECONDS is .*: write whole seconds, 1 or more$"):
        spread.leases_of(month.workspace, {"MBR_LEASE_SECONDS": text})


@pytest.mark.usefixtures("many_machines")
def test_a_run_has_its_month_from_its_first_step_to_its_end(month: MonthPaths) -> None:
    first = spread.keep(month)
    assert first and spread.keep(month) is first
    early = EarlyPaths(month.workspace, month.msp_id, month.period)
    assert spread.keep(early) is not first  # beside it, not instead
    assert (_token(month, "acme 2026-10"), _token(month, "acme 2026-10.early")) == (1, 1)
    spread.end()
    assert _token(month, "acme 2026-10") is None
    again = spread.keep(month)
    assert again and again.token == 2


@pytest.mark.usefixtures("many_machines")
def test_a_run_that_was_taken_over_is_told_at_its_next_step(
    month: MonthPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = spread.keep(month)
    assert first
    first.give_back()  # as if it had been silent for too long
    other = Kept(spread.leases_of(month.workspace), "acme 2026-10")
    with pytest.raises(LeaseLost, match="its token 1 is not the newest"):
        spread.keep(month)
    other.give_back()


@pytest.mark.usefixtures("many_machines")
def test_a_run_waits_for_a_holder_who_may_be_dead_and_gives_way_to_one_who_lives(
    month: MonthPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    leases = spread.leases_of(month.workspace, {**os.environ, "MBR_LEASE_SECONDS": "1"})
    dead = leases.take("acme 2026-10", "a machine that is gone")
    asked: list[float] = []
    monkeypatch.setattr(spread, "_ASKED_EVERY", 0.05)
    lease = spread.keep(month, run="the run")
    assert lease and lease.token == 2 and not leases.beat(dead)
    found = leases.find("acme 2026-10")
    assert found and (found.run, found.is_stale) == ("the run", False)
    spread.end()
    alive = leases.take("acme 2026-10", "a machine that works")

    def heard_of(seconds: float) -> None:
        asked.append(seconds)
        assert leases.beat(alive)

    monkeypatch.setattr(spread.time, "sleep", heard_of)
    with pytest.raises(HeldElsewhere, match="a machine that works works on it"):
        spread.keep(month)
    assert len(asked) == 1


@pytest.mark.usefixtures("many_machines")
def test_closing_a_month_waits_for_no_run_of_another_machine_but_says_who_it_is(month: MonthPaths) -> None:
    other = Kept(spread.leases_of(month.workspace), "acme 2026-10")
    said = pytest.raises(HeldElsewhere, match=r"^acme 2026-10: .* process \d+ works on it")
    with said, spread.working_on(month):
        raise AssertionError
    other.give_back()
    with spread.working_on(month):
        assert _token(month, "acme 2026-10") == 2
    assert _token(month, "acme 2026-10") is None


@pytest.mark.usefixtures("many_machines")
def test_vendors_are_spoken_to_by_one_machine_at_a_time(
    month: MonthPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Kept(spread.leases_of(month.workspace), "vendor pax8")
    monkeypatch.setattr(spread, "_ASKED_EVERY", 0.01)
    with spread.speaking_to(month.workspace, "gdap"):  # another vendor
        pass
    waited = []

    def wait() -> None:
        waited.append("waits")
        other.give_back()

    with spread.speaking_to(month.workspace, "pax8", wait):
        assert _token(month, "vendor pax8") == 2
    assert waited == ["waits"]
