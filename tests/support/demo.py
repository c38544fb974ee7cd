"""The demo workspace with October run by `mbr run`: made once a session, to be copied.

Belongs here: making and copying it. Does not: what is tried in it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from mbr_pipeline.publish.catalogue import refresh_catalogue
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.conftest import MadeOnce
from tests.support.warmth import warm


@dataclass(frozen=True)
class Demo:
    """A demo workspace after ``mbr run --period 2026-10``, and what that printed."""

    folder: Path
    printed: str

    def copied(self, to: Path) -> Path:
        """Copy the workspace."""
        shutil.copytree(self.folder, to, symlinks=True)
        # the catalogue names its files by absolute path
        refresh_catalogue(WorkspacePaths(to))
        return to


def environment() -> dict[str, str]:
    """What a reader has who put the virtual environment on the PATH and set nothing else."""
    kept = {
        name: value for name, value in os.environ.items() if name not in ("DAGSTER_HOME", "MBR_WORKSPACE")
    }
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**kept, **warm(), "PATH": path, "COLUMNS": "80"}


def demo(made_once: MadeOnce) -> Demo:
    """Return the one demo of the session."""

    def make(folder: Path) -> None:
        command = ["mbr", "init", str(folder / "demo"), "--demo"]
        subprocess.run(command, check=True, env=environment(), capture_output=True)
        command = ["mbr", "run", "--workspace", str(folder / "demo"), "--period", "2026-10"]
        closed = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
        assert closed.returncode == 3, closed.stderr
        (folder / "printed").write_text(closed.stdout, encoding="utf-8")

    folder = made_once("documented demo", make)
    return Demo(folder / "demo", (folder / "printed").read_text(encoding="utf-8"))
