"""The months that the world tests compare with the oracle, built by running those very tests.

What belongs here: building months, finding them, and the order in which they are asked. What a
month shows is ``month``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.mutation.paths import ROOT
from tools.mutation.sql.models import Project
from tools.mutation.sql.month import Month

TESTS = (
    "test_worlds.py",
    "test_decided.py",
    "corner_months/test_corners.py",
    "corner_months/test_corners_months.py",
    "corner_months/test_corners_currencies.py",
    "corner_months/test_corners_landing.py",
    "corner_months/test_corners_files.py",
)
NOT_COMPARED = "test_an_answer_without_its_finding"
"""A test of the comparison itself: its month is not held against the oracle."""


def build_months(folder: Path) -> None:
    """Run the world tests; each leaves its workspace under ``folder``. Months that are there are kept.

    They must pass, or nothing they compare means anything.
    """
    complete = folder.with_name(f"{folder.name}.complete")
    if complete.exists():
        return
    tests = [str(ROOT / "tests" / "worlds" / name) for name in TESTS]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        f"--basetemp={folder}",
        "-k",
        f"not {NOT_COMPARED}",
        *tests,
    ]
    done = subprocess.run(
        command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(
            f"the world tests do not pass: nothing to compare mutants with\n{done.stdout[-4000:]}"
        )
    complete.touch()


def warehouses(folder: Path) -> list[Path]:
    """The month files that the tests left."""
    # pytest leaves links to the last run of a parametrised test next to the folders themselves
    folders = [
        path
        for path in sorted(folder.iterdir())
        if not path.is_symlink() and NOT_COMPARED[:30] not in path.name
    ]
    return [file for path in folders for file in sorted(path.glob("warehouse/*/*/month.duckdb"))]


def open_months(project: Project, folder: Path) -> list[Month]:
    """Open every month that the tests left.

    Raises:
        RuntimeError: There is none, so that no mutant could be killed.
    """
    files = warehouses(folder)
    if not files:
        raise RuntimeError(f"the world tests left no month in {folder}")
    return [Month(project, file) for file in files]


def deadliest_first(months: Sequence[Month]) -> list[Month]:
    """Months in the order in which a second spent on them killed most mutants."""
    return sorted(months, key=lambda month: -(month.kills + 1) / (month.seconds + 0.1))
