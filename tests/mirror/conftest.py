"""Machines that share a store, of either kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from tests.mirror.machines import Machine
from tests.support.seaweed import BUCKET

Make = Callable[..., Machine]


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The line of mbr.yml that names a store."""
    if request.param == "folder":
        return f"storage: file://{tmp_path}/store\n"
    server = request.getfixturevalue("object_server")
    return f"storage: {{url: 's3://{BUCKET}/{uuid4().hex}', endpoint: '{server.endpoint}'}}\n"


@pytest.fixture
def machine(tmp_path: Path, storage: str) -> Make:
    """Makes a machine by its name; all share the store, and the ledger unless another is named."""
    return lambda name, ledger="ledger": Machine(tmp_path / name, storage, tmp_path / ledger)
