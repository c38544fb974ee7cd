"""What the tests of `mbr world` share.

Belongs here: fixtures that several files of this folder use. Does not: what only one needs.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.cli.world.answers import ANSWERS
from tests.support.small import settings, write


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspacePaths:
    write(tmp_path / "mbr.yml", settings(["acme"]))
    write(tmp_path / "answers.csv", ANSWERS)
    for period in ("2026-09", "2026-10"):
        write(tmp_path / f"landing/acme/{period}/psa/clients.csv", "client_id,client_name\nC-1,Alder\n")
    return WorkspacePaths(tmp_path)
