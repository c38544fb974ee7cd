"""The ledger's database in each of the two programs that can hold it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import Server, programs, running


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    if programs() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    # pytest's own folders are closed to other users
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        yield server
