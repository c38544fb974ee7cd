"""The ledger's database in each of the two programs that can hold it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mbr_pipeline.storage.database.opening import Database, open_database
from tests.support.postgres import Server, programs, running


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    if programs() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    # pytest's own folders are closed to other users
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A file and an environment that name an empty database."""
    file = tmp_path / "ledger/ledger.sqlite"
    if request.param == "sqlite":
        return file, {}
    server: Server = request.getfixturevalue("server")
    return file, {"MBR_LEDGER_URL": server.empty(f"t{abs(hash(request.node.name))}")}


@pytest.fixture
def database(place: tuple[Path, dict[str, str]]) -> Database:
    return open_database(*place)
