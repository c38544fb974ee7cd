"""Connections to PostgreSQL that stay, while their server does.

Belongs here: which connection a transaction gets. Does not: what is written (the tests beside this).
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa

from mbr_pipeline.errors import MbrError
from mbr_pipeline.storage.database.identity import ledger_id
from mbr_pipeline.storage.database.opening import Database, open_database
from mbr_pipeline.storage.outages import noted
from tests.support.postgres import Server

_FILE = Path("not used")


@pytest.fixture
def address(server: Server) -> Mapping[str, str]:
    return {"MBR_LEDGER_URL": server.empty("pooled")}


def _process_of(database: Database) -> int:
    """Return the server's process that a transaction speaks to."""
    with database.reading() as connection:
        return int(connection.execute(sa.text("select pg_backend_pid()")).scalar_one())


def test_transactions_have_the_same_connection_also_of_a_database_that_is_opened_again(
    address: Mapping[str, str],
) -> None:
    first = _process_of(open_database(_FILE, address))
    assert {_process_of(open_database(_FILE, address)) for _ in range(3)} == {first}


def test_a_connection_whose_server_was_killed_is_not_used_again(
    server: Server, address: Mapping[str, str]
) -> None:
    database = open_database(_FILE, address)
    known = ledger_id(database)
    server.kill()
    server.start()
    assert ledger_id(database) == known


def test_a_forked_child_has_connections_of_its_own(address: Mapping[str, str]) -> None:
    database = open_database(_FILE, address)
    own = _process_of(database)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, str(_process_of(database)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 100) != str(own).encode()
    assert _process_of(database) == own
    os.close(reading)
    os.close(writing)


def test_workers_wait_for_a_server_that_restarts_and_people_do_not(
    server: Server, address: Mapping[str, str]
) -> None:
    known = ledger_id(open_database(_FILE, address))
    before = noted()
    server.kill()
    with pytest.raises(MbrError, match="see that it runs"):
        open_database(_FILE, address)
    assert noted() == before + 1

    def start_once_it_was_asked_in_vain() -> None:
        while noted() < before + 2:
            time.sleep(0.01)
        server.start()

    back = threading.Thread(target=start_once_it_was_asked_in_vain, daemon=True)
    back.start()
    assert ledger_id(open_database(_FILE, {**address, "MBR_DISTRIBUTED": "1"})) == known
    back.join()
