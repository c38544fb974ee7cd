"""The installed `mbr` as a user has it: in a process of its own.

Belongs here: starting it. Does not: what it must say.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.warmth import warm

MBR = Path(sys.executable).with_name("mbr")


def environment() -> dict[str, str]:
    """Return this environment without what would point `mbr` at another workspace."""
    return {
        name: value for name, value in os.environ.items() if name not in ("DAGSTER_HOME", "MBR_WORKSPACE")
    }


def mbr(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, from a warm process if there is one."""
    command = [str(MBR), *map(str, arguments)]
    return subprocess.run(
        command, env={**environment(), **warm()}, capture_output=True, text=True, check=False, timeout=300
    )


def started(*arguments: str | Path) -> subprocess.Popen[str]:
    """Start a command; its progress can be read line by line from ``stderr``."""
    command = [str(MBR), *map(str, arguments)]
    return subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
