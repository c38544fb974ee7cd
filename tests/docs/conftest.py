"""The demo workspace that documented commands run in: closed once a session, copied for every page."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from mbr_pipeline.publish.catalogue import refresh_catalogue
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.conftest import MadeOnce
from tests.docs.pages import ROOT


@dataclass(frozen=True)
class Demo:
    """A demo workspace after ``mbr run --period 2026-10``, and what that printed."""

    folder: Path
    printed: str


def environment() -> dict[str, str]:
    """What a reader has who put the virtual environment on the PATH and set nothing else."""
    kept = {
        name: value for name, value in os.environ.items() if name not in ("DAGSTER_HOME", "MBR_WORKSPACE")
    }
    return {**kept, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "80"}


@pytest.fixture(scope="session")
def closed_october(made_once: MadeOnce) -> Demo:
    def make(folder: Path) -> None:
        command = ["mbr", "init", str(folder / "demo"), "--demo"]
        subprocess.run(command, check=True, env=environment(), capture_output=True)
        command = ["mbr", "run", "--workspace", str(folder / "demo"), "--period", "2026-10"]
        closed = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
        assert closed.returncode == 3, closed.stderr
        (folder / "printed").write_text(closed.stdout, encoding="utf-8")

    folder = made_once("documented demo", make)
    return Demo(folder / "demo", (folder / "printed").read_text(encoding="utf-8"))


@pytest.fixture
def workplace(closed_october: Demo, tmp_path: Path) -> Callable[[], Path]:
    """Make a folder as the reader sees it: the demo workspace in ./demo beside the repository's own
    folders.
    """

    def make() -> Path:
        shutil.copytree(closed_october.folder, tmp_path / "demo", symlinks=True)
        # the catalogue names its files by absolute path
        refresh_catalogue(WorkspacePaths(tmp_path / "demo"))
        for name in ("Makefile", "bench"):
            (tmp_path / name).symlink_to(ROOT / name)
        return tmp_path

    return make
