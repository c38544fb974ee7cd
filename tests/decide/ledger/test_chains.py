"""Chains in the database: appended whole or not at all, in turn, and never changed (§8.1).

Belongs here: SQLite and a real PostgreSQL. Does not: the form of an entry (``test_entries``).
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from mbr_pipeline.decide.ledger.chains import appending, reading
from mbr_pipeline.decide.ledger.entries import Draft, Entry, after, faults
from mbr_pipeline.errors import MbrError
from mbr_pipeline.storage.database.opening import Database, open_database

ROOT = Path(__file__).resolve().parents[3]


def _draft(text: str, actor: str = "clerk1") -> Draft:
    return Draft("waive", "2026-10", {"reason": text, "seen": {"leakage": "1.50"}}, actor)


def _add(database: Database, *texts: str, msp_id: str = "north") -> list[Entry]:
    with appending(database) as chains:
        return chains.append(msp_id, [_draft(text) for text in texts])


def _all(database: Database, msp_id: str = "north") -> list[Entry]:
    with reading(database) as chains:
        return list(chains.entries(msp_id))


def test_what_was_appended_is_read_as_it_was(database: Database) -> None:
    text = "“Zoë” 😀, 100 %:\n\tas agreed"
    made = _add(database, text, "two") + _add(database, "three")
    assert _all(database) == made
    assert made[0].body == {"reason": text, "seen": {"leakage": "1.50"}}
    assert list(faults("north", made)) == []
    with reading(database) as chains:
        assert [entry.body["reason"] for entry in chains.entries("north", past=2)] == ["three"]
        head = chains.head("north")
    assert (head.seq, head.hash) == (3, made[2].hash)


def test_every_msp_has_a_chain_of_its_own(database: Database) -> None:
    _add(database, "one", msp_id="north")
    _add(database, "one", "two", msp_id="south")
    assert [entry.seq for entry in _all(database, "south")] == [1, 2]
    with reading(database) as chains:
        assert (chains.msp_ids(), chains.head("west").seq) == (["north", "south"], 0)


def test_after_an_error_none_of_a_command_is_kept(database: Database) -> None:
    _add(database, "one")
    with pytest.raises(ZeroDivisionError), appending(database) as chains:
        chains.append("north", [_draft("two"), _draft("three")])
        raise ZeroDivisionError
    assert [entry.seq for entry in _all(database)] == [1]


_STATEMENTS = [
    "update ledger_entries set actor = 'owner1' where seq = 1",
    "update ledger_entries set seq = 9 where seq = 2",
    "delete from ledger_entries where seq = 2",
    "delete from ledger_entries",
]


@pytest.mark.parametrize("statement", _STATEMENTS)
def test_the_database_itself_refuses_changes(database: Database, statement: str) -> None:
    made = _add(database, "one", "two")
    with pytest.raises(MbrError, match="append-only"), database.writing() as connection:
        connection.execute(sa.text(statement))
    assert _all(database) == made


def test_the_database_itself_refuses_to_be_emptied_or_written_over(
    database: Database, place: tuple[Path, dict[str, str]]
) -> None:
    made = _add(database, "one")
    if place[1]:
        wrong, said = "truncate ledger_entries", "append-only"
    else:
        wrong = "insert or replace into ledger_entries select * from ledger_entries"
        said = "append-only|does not follow"
    with pytest.raises(MbrError, match=said), database.writing() as connection:
        connection.execute(sa.text(wrong))
    assert _all(database) == made


def _taking_the_id_of_the_first(is_postgresql: bool) -> str:
    """An entry that follows the last one, under the id of an older one."""
    columns = "msp_id, seq, entry_id, at, actor, kind, period, body, prev_hash, hash"
    values = "select msp_id, 3, (select entry_id from ledger_entries where seq = 1), at, 'Åsa', kind, period"
    insert = f"into ledger_entries ({columns}) {values}, body, hash, 'new' from ledger_entries where seq = 2"
    if is_postgresql:
        return f"insert {insert} on conflict (msp_id, entry_id) do update set actor = 'Åsa'"
    return f"insert or replace {insert}"


def test_no_entry_takes_the_place_of_an_older_one_by_its_id(
    database: Database, place: tuple[Path, dict[str, str]]
) -> None:
    made = _add(database, "one", "two")
    with pytest.raises(MbrError, match="append-only"), database.writing() as connection:
        connection.execute(sa.text(_taking_the_id_of_the_first(bool(place[1]))))
    assert _all(database) == made


def test_a_ledger_of_an_earlier_release_refuses_it_once_it_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    made = _add(open_database(file, {}), "one", "two")
    with sqlite3.connect(file) as connection:  # as v0005 left it
        connection.execute("drop trigger ledger_no_replace")
        connection.execute("update alembic_version set version_num = 'v0005'")
    connection.close()
    database = open_database(file, {})
    with pytest.raises(MbrError, match="append-only"), database.writing() as connection:
        connection.execute(sa.text(_taking_the_id_of_the_first(False)))
    assert _all(database) == made


@pytest.mark.parametrize("body", ["{", "[]", "null", "", "{}", '{"version":"1"}'])
def test_what_is_no_entry_any_more_is_one_line_that_names_it(body: str, tmp_path: Path) -> None:
    database = open_database(tmp_path / "ledger.sqlite", {})
    _add(database, "one", "two")
    with database.writing() as connection:
        connection.execute(sa.text("drop trigger ledger_no_update"))
        connection.execute(sa.text("update ledger_entries set body = :body where seq = 2"), {"body": body})
    with pytest.raises(MbrError, match="^the ledger's entry 2 of north was changed after it was entered: "):
        _all(database)


@pytest.mark.parametrize("change", ["seq = 3", "prev_hash = 'f'", "at = '2020-01-01T00:00:00.000000Z'"])
def test_the_database_itself_refuses_what_does_not_follow(database: Database, change: str) -> None:
    [made] = _add(database, "one")
    column, value = change.split(" = ")
    columns = ["msp_id", "seq", "entry_id", "at", "actor", "kind", "period", "body", "prev_hash", "hash"]
    values = {"seq": "2", "entry_id": "'x'", "prev_hash": "hash", "hash": "'y'"} | {column: value}
    listed = ", ".join(values.get(name, name) for name in columns)
    with pytest.raises(MbrError, match="does not follow"), database.writing() as connection:
        connection.execute(sa.text(f"insert into ledger_entries select {listed} from ledger_entries"))
    assert _all(database) == [made]


def test_nobody_confirms_their_own_decision_whatever_the_program_says(database: Database) -> None:
    [decision] = _add(database, "one")

    def confirm(actor: str, of_actor: str, entry_id: str = decision.entry_id) -> None:
        body = {"entry_id": entry_id, "of_actor": of_actor, "reason": None}
        with appending(database) as chains:
            chains.append("north", [Draft("confirm", "2026-10", body, actor)])

    for wrong in (
        ("clerk1", "clerk1"),
        ("clerk1", "owner1"),
        ("owner1", "owner1"),
        ("owner1", "clerk1", "0" * 16),
    ):
        with pytest.raises(MbrError, match="somebody else"):
            confirm(*wrong)
    confirm("owner1", "clerk1")
    assert [entry.kind for entry in _all(database)] == ["waive", "confirm"]


def test_time_never_goes_back_in_a_chain(database: Database) -> None:
    for hour in (10, 8, 12):
        at = datetime(2026, 11, 5, hour, tzinfo=UTC)
        with appending(database, at.replace) as chains:
            chains.append("north", [_draft(str(hour))])
    assert [entry.at[11:13] for entry in _all(database)] == ["10", "10", "12"]


def test_writers_take_turns_and_none_is_lost(place: tuple[Path, dict[str, str]]) -> None:
    def add_ten(number: int) -> None:
        mine = open_database(*place)
        for n in range(10):
            _add(mine, f"{number}.{n}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add_ten, range(4)))
    entries = _all(open_database(*place))
    assert list(faults("north", entries)) == []
    assert sorted(entry.body["reason"] for entry in entries) == sorted(
        f"{a}.{b}" for a in range(4) for b in range(10)
    )


_KILLED = """
import os, signal, sys
from pathlib import Path
from mbr_pipeline.decide.ledger.chains import appending
from mbr_pipeline.decide.ledger.entries import Draft
from mbr_pipeline.storage.database.opening import open_database
with appending(open_database(Path(sys.argv[1]))) as chains:
    chains.append("north", [Draft("seal", "2026-10", {}, "a"), Draft("seal", "2026-11", {}, "a")])
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_kill_before_the_end_leaves_nothing_and_the_next_writer_goes_on(
    place: tuple[Path, dict[str, str]],
) -> None:
    file, environment = place
    _add(open_database(file, environment), "one")
    command = [sys.executable, "-c", _KILLED, str(file)]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False)
    assert done.returncode == -signal.SIGKILL
    _add(open_database(file, environment), "two")
    entries = _all(open_database(file, environment))
    assert [entry.body["reason"] for entry in entries] == ["one", "two"]
    assert list(faults("north", entries)) == []
    if not environment:
        assert [path.name for path in file.parent.iterdir()] == ["ledger.sqlite"]


def test_long_chains_are_appended_and_read_in_parts(database: Database) -> None:
    made = _add(database, *(str(n) for n in range(2500)))
    assert _all(database) == made
    [last] = _add(database, "last")
    with reading(database) as chains:
        head = chains.head("north")
    assert (last.seq, head.hash) == (2501, last.hash)
    assert after(head, "north", _draft("next"), "").at == last.at
