"""What the tests of worlds share.

Belongs here: fixtures that several files of this folder use. Does not: what only one needs.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.worlds.compare import Builder
from tests.worlds.compiled import CompiledTransformer
from tests.worlds.explaining.explained import Closed, small_month


@pytest.fixture(scope="session")
def transformer() -> CompiledTransformer:
    """The SQL that dbt compiled, in place of dbt: what a month comes to is asked here, not who built it, and
    ``test_compiled`` holds one against the other.
    """
    return CompiledTransformer()


@pytest.fixture(scope="module")
def closed_small(tmp_path_factory: pytest.TempPathFactory, transformer: Builder) -> Closed:
    """Eleven seats supplied, ten invoiced: one finding of 8.00 USD. Never changed: tests copy it."""
    return small_month(tmp_path_factory.mktemp("closed") / "small", transformer)


@pytest.fixture
def small(closed_small: Closed, tmp_path: Path) -> Closed:
    """A copy of the small month, for one test."""
    root = Path(shutil.copytree(closed_small.workspace.root, tmp_path / "small"))
    folder = root / closed_small.folder.relative_to(closed_small.workspace.root)
    return replace(closed_small, workspace=WorkspacePaths(root), folder=folder)
