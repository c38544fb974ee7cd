"""An installation on several machines, all of them this one: one PostgreSQL, one broker, and workers that
have a workspace and a warehouse of their own.

Belongs here: starting, stopping and killing it, and launching months. Does not: what is tried on it. The
settings and commands are those of ``deploy/distributed/``, with only places changed.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.support.installation import BIN, DEPLOY, Installation, exec_start, wait_for

SETTINGS = "mbr.yml"
SHARED = ("landing", "rules", "published", "reports", "exports", SETTINGS)
"""What the machines share; everything else of a workspace is a machine's own."""

_LAUNCH = """mutation {{ launchRun(executionParams: {{
  selector: {{repositoryName: "__repository__", repositoryLocationName: "mbr", jobName: "close_month"}},
  runConfigData: {{}}, executionMetadata: {{tags: [{{key: "dagster/partition", value: "{0}|{1}"}},
    {{key: "dagster/partition/msp", value: "{0}"}}, {{key: "dagster/partition/period", value: "{1}"}}]}} }})
  {{ __typename ... on PythonError {{ message }} ... on LaunchRunSuccess {{ run {{ runId }} }} }} }}"""
_RUNS = "{ runsOrError { ... on Runs { results { runId status startTime endTime tags { key value } } } } }"
_LOADED = "{ repositoriesOrError { ... on RepositoryConnection { nodes { name } } } }"


def redis() -> str | None:
    """Return the broker's program; None where it is not installed."""
    return shutil.which("redis-server")


class Machines(Installation):
    """The installation; its own workspace is that of the daemon and of the code server."""

    def __init__(
        self, folder: Path, slots: int, environment: dict[str, str], parts: tuple[str, ...] = SHARED
    ) -> None:
        """Lay out the folders and start the broker; the shared ``parts`` of the workspace must be made."""
        self._broker, self._parts = _free_port(), parts
        address = f"redis://127.0.0.1:{self._broker}"
        own = {
            "MBR_DISTRIBUTED": "1",
            "MBR_CELERY_BROKER_URL": f"{address}/0",
            "MBR_CELERY_BACKEND_URL": f"{address}/1",
        }
        super().__init__(folder, own | environment)
        text = (DEPLOY / "distributed" / "dagster.yaml").read_text()
        (self.home / "dagster.yaml").write_text(
            text.replace("max_concurrent_runs: 4", f"max_concurrent_runs: {slots}")
        )
        self.shared = folder / "shared"
        for part in parts:
            if part != SETTINGS:
                (self.shared / part).mkdir(parents=True)
        self.link(self.workspace)
        (folder / "broker").mkdir()
        self.start_broker()
        wait_for("the broker answers", lambda: not _is_free(self._broker), 20)

    def link(self, workspace: Path) -> None:
        """Make a machine's own workspace, with links to what machines share."""
        workspace.mkdir(mode=0o700, exist_ok=True)
        for part in self._parts:
            (workspace / part).symlink_to(self.shared / part)

    def start_broker(self) -> None:
        """Start the broker, which keeps what it is told."""
        options = ["--port", str(self._broker), "--bind", "127.0.0.1", "--dir", str(self.folder / "broker")]
        self._start_process("broker", [str(redis()), *options, "--appendonly", "yes"])

    def _start_process(self, name: str, command: list[str], **environment: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                command,
                env=self.environment | environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_worker(self, name: str) -> None:
        """Start a machine with a name of its own and a worker of one slot, by its unit's command."""
        workspace = self.folder / name
        if not workspace.exists():
            self.link(workspace)
        command = exec_start(DEPLOY / "distributed" / "mbr-worker.service").replace("/opt/mbr/bin", str(BIN))
        words = command.replace("--slots 2", "--slots 1").split()
        called = self.folder / f"{name} is its name"
        called.mkdir(exist_ok=True)
        own = f"import socket\nsocket.gethostname = lambda: '{name}.example'\n"
        (called / "sitecustomize.py").write_text(own)
        self._start_process(name, words, MBR_WORKSPACE=str(workspace), PYTHONPATH=str(called))

    def stopped(self) -> list[str]:
        """Return the processes that ended by themselves."""
        return [name for name, process in self._running.items() if process.poll() is not None]

    def pid(self, name: str) -> int:
        return self._running[name].pid

    def kill(self, name: str) -> None:
        """End all of a machine at once, as a power cut does."""
        gone = self._running.pop(name)
        os.killpg(gone.pid, signal.SIGKILL)
        gone.wait()

    def query(self, query: str) -> dict[str, Any]:
        """Ask the operators' web server; nothing while it does not answer."""
        connection = _OverSocket(self.sockets / "operator.sock")
        try:
            body = json.dumps({"query": query})
            connection.request("POST", "/graphql", body, {"Content-Type": "application/json"})
            answer: dict[str, Any] = json.loads(connection.getresponse().read())["data"]
            return answer
        except OSError:
            return {}
        finally:
            connection.close()

    def has_loaded(self) -> bool:
        return bool(self.query(_LOADED).get("repositoriesOrError", {}).get("nodes"))

    def launch(self, msp_ids: Iterable[str], period: str) -> None:
        for msp_id in msp_ids:
            answer = self.query(_LAUNCH.format(msp_id, period))["launchRun"]
            assert answer["__typename"] == "LaunchRunSuccess", answer

    def runs(self) -> list[dict[str, Any]]:
        """Return all runs, with their tags as a mapping."""
        results = self.query(_RUNS).get("runsOrError", {}).get("results", [])
        return [run | {"tags": {tag["key"]: tag["value"] for tag in run["tags"]}} for run in results]


class _OverSocket(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(str(self._path))


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) != 0
