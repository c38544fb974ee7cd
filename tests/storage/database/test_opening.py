"""The ledger's database: made once whoever comes first, whole or not at all, and nothing beside its file.

Belongs here: opening, transactions and migrations, in SQLite and on a real PostgreSQL. Does not: what alerts
write into it (tests/alerts).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.storage.database.opening import Database, open_database
from mbr_pipeline.storage.database.tables import NEWEST, causes, deliveries, metadata
from tests.support.postgres import Server

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A file and an environment that name an empty database."""
    if request.param == "sqlite":
        return tmp_path / "ledger/ledger.sqlite", {}
    server: Server = request.getfixturevalue("server")
    name = f"t{abs(hash(request.node.name))}"
    return tmp_path / "ledger/ledger.sqlite", {"MBR_LEDGER_URL": server.empty(name)}


def _add(database: Database, text: str) -> None:
    row = {"message_id": text, "channel": "c", "target": "t", "at": "x", "outcome": "o"}
    with database.writing() as connection:
        connection.execute(deliveries.insert().values(row))


def _count(database: Database) -> int:
    with database.reading() as connection:
        return len(connection.execute(sa.select(deliveries)).all())


def test_the_steps_make_the_tables_that_the_code_knows(place: tuple[Path, dict[str, str]]) -> None:
    database = open_database(*place)
    with database.reading() as connection:
        # indexes serve the steps' own reasons; columns are what both must agree on
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
        version = connection.execute(sa.text("select version_num from alembic_version")).scalar()
    assert [d for d in differences if d[0] != "remove_index"] == []
    assert version == NEWEST


def test_an_error_within_a_transaction_leaves_nothing_of_it(place: tuple[Path, dict[str, str]]) -> None:
    database = open_database(*place)
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        connection.execute(
            deliveries.insert().values(message_id="a", channel="", target="", at="", outcome="")
        )
        raise ZeroDivisionError
    assert _count(database) == 0
    _add(database, "b")
    assert _count(open_database(*place)) == 1


def test_writers_wait_for_each_other(place: tuple[Path, dict[str, str]]) -> None:
    def add_ten(number: int) -> None:
        database = open_database(*place)
        for n in range(10):
            with database.writing() as connection:
                seen = connection.execute(sa.select(sa.func.count()).select_from(deliveries)).scalar()
                row = {
                    "message_id": f"{seen}",
                    "channel": f"{number}.{n}",
                    "target": "",
                    "at": "",
                    "outcome": "",
                }
                connection.execute(deliveries.insert().values(row))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add_ten, range(4)))
    database = open_database(*place)
    with database.reading() as connection:
        seen = [int(row.message_id) for row in connection.execute(sa.select(deliveries))]
    assert sorted(seen) == list(range(40))  # each saw all that were before it


_OPEN = """
import sys
from pathlib import Path
from mbr_pipeline.storage.database.opening import open_database
sys.stdin.readline()
open_database(Path(sys.argv[1]))
"""


def test_processes_that_come_first_together_make_it_once(place: tuple[Path, dict[str, str]]) -> None:
    file, environment = place
    command = [sys.executable, "-c", _OPEN, str(file)]
    pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
    started = [
        subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, text=True, **pipes)
        for _ in range(4)
    ]
    for process in started:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[1] for process in started]
    assert [process.returncode for process in started] == [0] * 4, said
    assert _count(open_database(file, environment)) == 0


_KILLED = """
import os, signal, sys
from pathlib import Path
import mbr_pipeline.storage.database.opening as opening
database = opening.open_database(Path(sys.argv[1]))
from mbr_pipeline.storage.database.tables import deliveries
with database.writing() as connection:
    for n in range(2000):
        row = {"message_id": str(n), "channel": "x" * 1000, "target": "", "at": "", "outcome": ""}
        connection.execute(deliveries.insert().values(row))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_writer_that_is_killed_leaves_nothing(place: tuple[Path, dict[str, str]]) -> None:
    file, environment = place
    database = open_database(file, environment)
    _add(database, "before")
    command = [sys.executable, "-c", _KILLED, str(file)]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert _count(open_database(file, environment)) == 1
    _add(database, "after")
    if not environment:
        assert [path.name for path in file.parent.iterdir()] == ["ledger.sqlite"]


def test_a_database_of_a_newer_release_is_left_alone(place: tuple[Path, dict[str, str]]) -> None:
    database = open_database(*place)
    with database.writing() as connection:
        connection.execute(sa.text("update alembic_version set version_num = 'v9999'"))
    with pytest.raises(MbrError, match=r"was changed by a newer MBR \(v9999\): install") as refused:
        open_database(*place)
    assert "s3cret" not in str(refused.value)
    with database.reading() as connection:
        assert connection.execute(sa.text("select version_num from alembic_version")).scalar() == "v9999"


def test_sqlite_is_one_file(tmp_path: Path) -> None:
    file = tmp_path / "50% of what's here/ledger.sqlite"
    _add(open_database(file, {}), "a")
    assert [path.name for path in file.parent.iterdir()] == ["ledger.sqlite"]
    assert file.read_bytes().startswith(b"SQLite format 3")


@pytest.mark.parametrize("address", ["mysql://root:s3cret@db/x", "sqlite:///other", "s3cret", "://"])
def test_another_database_is_refused_without_repeating_its_address(address: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="^MBR_LEDGER_URL is .*: write postgresql://user@host/") as refused:
        open_database(tmp_path / "ledger.sqlite", {"MBR_LEDGER_URL": address})
    assert "s3cret" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "address",
    ["postgresql://mbr:s3cret@127.0.0.1:1/mbr", "postgresql://mbr@127.0.0.1:1/mbr?password=s3cret"],
)
def test_a_database_that_is_not_there_is_one_line_without_its_password(address: str, tmp_path: Path) -> None:
    with pytest.raises(
        MbrError, match=r"^the ledger's database postgresql\+psycopg://mbr(:\*\*\*)?@127.0.0.1:1/mbr: "
    ) as refused:
        open_database(tmp_path / "ledger.sqlite", {"MBR_LEDGER_URL": address})
    assert "s3cret" not in str(refused.value) and "\n" not in str(refused.value)


def test_a_file_that_is_no_database_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_text("no database " * 100)
    with pytest.raises(MbrError, match="file is not a database: restore it from a backup"):
        open_database(tmp_path / "ledger.sqlite", {})


def test_an_empty_cause_is_refused_by_the_database_itself(tmp_path: Path) -> None:
    database = open_database(tmp_path / "ledger.sqlite", {})
    with pytest.raises(MbrError, match="NOT NULL"), database.writing() as connection:
        connection.execute(causes.insert().values(cause_id="x"))
