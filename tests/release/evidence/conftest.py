"""A month closed by hand, made once; tests copy it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mbr_pipeline.release.evidence.pack import write_pack
from mbr_pipeline.release.version import closed_version
from tests.release.evidence.handmade_version import HandmadeMonth
from tests.support.small import PERIOD


@pytest.fixture(scope="session")
def closed_once(tmp_path_factory: pytest.TempPathFactory) -> HandmadeMonth:
    """October closed by hand with an export and a pack. Never changed."""
    month = HandmadeMonth(tmp_path_factory.mktemp("handmade") / "ws")
    write_pack(month.workspace, closed_version(month.workspace, "acme", PERIOD), with_files=True)
    return month


@pytest.fixture
def closed(closed_once: HandmadeMonth, tmp_path: Path) -> HandmadeMonth:
    """A copy of it for one test."""
    return HandmadeMonth.at(Path(shutil.copytree(closed_once.root, tmp_path / "ws", symlinks=True)))
