"""A private place to meet, and a tiny warm process that listens in it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.warm.asking import KEY, ROOT, waited_for

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder in which processes meet; its path is short, as the names of sockets must be."""
    with tempfile.TemporaryDirectory(prefix="mbr") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        monkeypatch.delenv("MBR_CACHE_DIR", raising=False)
        yield Path(folder)


@pytest.fixture
def listen(runtime: Path) -> Iterator[Start]:
    """Starts a tiny warm process and waits until it listens; it is ended with the test."""
    started = []

    def start(key: str = KEY, seconds: float = 60) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.warm.tiny", "listen", key, str(seconds)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
        )
        started.append(process)
        waited_for((runtime / "mbr" / key).is_socket, process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
