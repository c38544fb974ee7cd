"""Prism between a connector and its fake vendor: both are held to the vendor's own specification.

Belongs here: finding specifications, starting Prism, and reading its complaints. Specifications are not ours
to publish: where the folder beside the checkout is absent, the tests say so and are skipped.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

HERE = Path(__file__).parent / "prism"
SPECS = Path(__file__).resolve().parents[4] / "shared" / "specs"
_PRISM = HERE / "node_modules" / ".bin" / "prism"
_READY = "Prism is listening"


def specification(name: str) -> Path:
    """Return the path of a specification below the folder of specifications, or skip the test."""
    path = SPECS / name
    if not path.exists():
        pytest.skip(f"the vendor's specification {name} is not beside this checkout (shared/specs)")
    if not shutil.which("npm"):
        pytest.skip("npm is not installed, so Prism cannot judge")
    return path


def _install() -> None:
    with (HERE / "package.json").open() as lock:  # two test processes may ask at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _PRISM.exists():
            return
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE, check=True, capture_output=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Judge:
    """A running Prism: ``url`` is where the connector sends its requests."""

    def __init__(self, url: str, log: Path) -> None:
        self.url, self._log = url, log

    @property
    def violations(self) -> list[str]:
        """What Prism complained about, on either side; its list of paths has made-up words in it, "terror"
        among them.
        """
        lines = [line for line in self._log.read_text(errors="replace").splitlines() if "[CLI]" not in line]
        return [line for line in lines if "Violation" in line or "error" in line.lower()]


@contextmanager
def judged(document: Path, upstream: str, folder: Path) -> Iterator[Judge]:
    """Run Prism in front of a fake vendor; requests and answers off the specification become errors."""
    _install()
    port, log = _free_port(), folder / "prism.log"
    command = [str(_PRISM), "proxy", "--errors", "-p", str(port), "-h", "127.0.0.1", str(document), upstream]
    with log.open("w") as output:
        prism = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=HERE)
        try:
            until = time.monotonic() + 60
            while _READY not in log.read_text(errors="replace"):
                assert prism.poll() is None and time.monotonic() < until, log.read_text()
                time.sleep(0.05)
            yield Judge(f"http://127.0.0.1:{port}", log)
        finally:
            prism.terminate()
            prism.wait(20)


def complaints_about(judge: Judge, path: str, **headers: str) -> list[str]:
    """Send a request that the specification forbids, to see that the judge is awake."""
    answer = requests.get(f"{judge.url}{path}", headers=headers, timeout=20)
    return [f"{answer.status_code} {json.dumps(answer.json())}"] if not answer.ok else []
