"""What the tests of the scaffold share: a demo workspace as ``mbr init`` writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.scaffold.create import create_workspace


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo workspace; tests must not change it."""
    directory = tmp_path_factory.mktemp("demo")
    create_workspace(directory, demo=True)
    return directory
