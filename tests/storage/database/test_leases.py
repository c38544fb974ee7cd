"""Leases with fencing tokens: one holder at a time, by the database's clock, and tokens that only grow.

Belongs here: the rows, in SQLite and on a real PostgreSQL. Does not: what an old token must not publish
(``tests/publish/test_old_tokens``) and what is leased (``tests/workspace/test_spread``).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from mbr_pipeline.storage.database import leases as module
from mbr_pipeline.storage.database.leases import HeldElsewhere, LeaseLost, Leases
from mbr_pipeline.storage.database.opening import Database, open_database
from mbr_pipeline.storage.database.tables import leases as table
from mbr_pipeline.storage.database.times import written
from tests.support.postgres import Server

MONTH = "acme 2026-10"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    if request.param == "sqlite":
        return open_database(tmp_path / "ledger/ledger.sqlite", {})
    server: Server = request.getfixturevalue("server")
    address = server.empty(f"t{abs(hash(request.node.name))}")
    return open_database(tmp_path / "ledger/ledger.sqlite", {"MBR_LEDGER_URL": address})


def _goes_by(database: Database, seconds: int) -> None:
    """As if the holder had last been heard of so many seconds earlier."""
    with database.writing() as connection:
        until = connection.execute(sa.select(table.c.until).where(table.c.name == MONTH)).scalar_one()
        earlier = datetime.fromisoformat(until) - timedelta(seconds=seconds)
        connection.execute(table.update().where(table.c.name == MONTH).values(until=written(earlier)))


def test_one_has_it_and_the_next_one_is_told_who(database: Database) -> None:
    leases = Leases(database, 60)
    assert leases.take(MONTH, "east process 7").token == 1
    assert leases.take("acme 2026-11", "east process 7").token == 1
    with pytest.raises(HeldElsewhere, match=r"^acme 2026-10: east process 7 works on it: .*60 s") as refused:
        leases.take(MONTH, "west process 9")
    assert "\n" not in str(refused.value)
    found = leases.find(MONTH)
    assert found and (found.token, found.holder, found.is_fresh) == (1, "east process 7", True)
    assert leases.find("acme 2026-12") is None


def test_a_silent_holder_loses_it_and_one_who_is_heard_of_does_not(database: Database) -> None:
    leases = Leases(database, 60)
    first = leases.take(MONTH, "east")
    _goes_by(database, 59)
    with pytest.raises(HeldElsewhere):
        leases.take(MONTH, "west")
    assert leases.beat(first)
    _goes_by(database, 59)
    with pytest.raises(HeldElsewhere):  # 118 s after it was taken, and 59 s after he was heard of
        leases.take(MONTH, "west")
    _goes_by(database, 1)
    stale = leases.find(MONTH)
    assert stale and not stale.is_fresh
    assert leases.beat(first)  # late, and nobody had taken it: it is his
    _goes_by(database, 61)
    assert leases.take(MONTH, "west").token == 2
    assert not leases.beat(first)


def test_an_old_token_records_nothing_and_says_why(database: Database) -> None:
    leases = Leases(database, 60)
    first = leases.take(MONTH, "east")
    leases.record(first, ".aaaa")
    _goes_by(database, 61)
    second = leases.take(MONTH, "west")
    leases.record(second, ".bbbb")
    with pytest.raises(LeaseLost, match=r"its token 1 is not the newest \(token 2, west\)") as refused:
        leases.record(first, ".cccc")
    assert "\n" not in str(refused.value)
    leases.give_back(first)  # changes nothing of the second one's
    with database.reading() as connection:
        row = connection.execute(sa.select(table).where(table.c.name == MONTH)).one()
    assert (row.published, row.published_token, row.token, row.holder) == (".bbbb", 2, 2, "west")


def test_what_is_given_back_is_free_at_once_and_counts_no_more(database: Database) -> None:
    leases = Leases(database, 60)
    first = leases.take(MONTH, "east")
    leases.give_back(first)
    assert not leases.beat(first)
    with pytest.raises(LeaseLost, match=r"\(token 1, since given back\)"):
        leases.record(first, ".aaaa")
    assert leases.take(MONTH, "west").token == 2


def test_of_many_who_come_at_once_one_gets_it(database: Database) -> None:
    def takes(number: int) -> int | None:
        try:
            return Leases(database, 60).take(MONTH, f"worker {number}").token
        except HeldElsewhere:
            return None

    with ThreadPoolExecutor(8) as pool:
        taken = [token for token in pool.map(takes, range(8)) if token]
    assert taken == [1]


def test_the_time_is_postgresqls_own_whatever_workers_think(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = server.empty("clocks")
    database = open_database(tmp_path / "ledger.sqlite", {"MBR_LEDGER_URL": address})
    Leases(database, 60).take(MONTH, "east")
    monkeypatch.setattr(module, "now", lambda: datetime(2099, 1, 1, tzinfo=UTC))
    with pytest.raises(HeldElsewhere):
        Leases(database, 60).take(MONTH, "west, where it is 2099")
