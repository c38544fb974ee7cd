"""Asking the tiny warm process, or doing the same without it.

Belongs here: starting who asks, and waiting. Does not: expectations.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
KEY = "k"


def asks(*deed: str, key: str = KEY) -> list[str]:
    """Return the command that has a deed done by the warm process."""
    return [sys.executable, "-P", "-m", "tests.cli.warm.tiny", "ask", key, *deed]


def here(*deed: str) -> list[str]:
    """Return the command that does it without one."""
    return [sys.executable, "-P", "-m", "tests.cli.warm.tiny", "here", *deed]


def with_path(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this environment, in which programs find the tests wherever they start."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **(more or {})}


def done(command: list[str], **how: Any) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    how.setdefault("env", with_path())
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **how)


def waited_for(is_so: Callable[[], bool], process: subprocess.Popen[Any] | None = None) -> None:
    """Wait until something is so, which it must become while a process lives."""
    until = time.monotonic() + 60
    while not is_so():
        assert process is None or process.poll() is None, "it has ended before"
        assert time.monotonic() < until, "it never was"
        time.sleep(0.01)


def has_ended(handle: int) -> bool:
    """Wait for the end of a process by its handle; False if it does not come."""
    return bool(select.select([handle], [], [], 60)[0])
