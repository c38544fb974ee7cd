"""What the tests that run the pipeline share: one dbt process and one closed demo workspace, because making
them costs most of a test run.

Belongs here: expensive fixtures without expectations. Does not: anything only one folder needs.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mbr_pipeline.scaffold.create import create_workspace
from mbr_pipeline.transform.dbt_client import Transformer
from tests.support.launching import Launcher

DEMO_MONTHS = [
    (msp_id, period) for period in ("2026-08", "2026-09", "2026-10") for msp_id in ("northwind", "harbour")
]


@pytest.fixture(scope="session")
def transformer() -> Iterator[Transformer]:
    """A warm dbt process."""
    with Transformer() as process:
        yield process


@pytest.fixture(scope="session")
def closed_demo(transformer: Transformer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo workspace after its three months ran in order, October of harbour blocked. Never changed:
    tests copy it.
    """
    root = tmp_path_factory.mktemp("closed") / "demo"
    create_workspace(root, demo=True)
    launcher = Launcher(root, transformer)
    for msp_id, period in DEMO_MONTHS:
        assert launcher.close_month(msp_id, period) is ((msp_id, period) != ("harbour", "2026-10"))
    return root


@pytest.fixture
def demo(closed_demo: Path, tmp_path: Path) -> Path:
    """A copy of the closed demo workspace, for one test."""
    return Path(shutil.copytree(closed_demo, tmp_path / "demo"))


@pytest.fixture
def launcher_of(transformer: Transformer) -> Callable[[Path], Launcher]:
    """Opens a workspace for launches in this process."""
    return lambda root: Launcher(root, transformer)
