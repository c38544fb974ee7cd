"""`mbr ui` with Dagster's real processes: whom it answers, and that all of it ends.

Belongs here: what only the running whole shows. Does not: every request that the guard knows (tests/cli/ui).
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.e2e.command import mbr, started
from tests.support.installation import wait_for
from tests.support.planted import ALERTS, ENVIRONMENT, left_in, told_in
from tests.support.small import PERIOD, settings, write, write_msp

_TAGS = ", ".join(
    f'{{key: "dagster/partition{part}", value: "{value}"}}'
    for part, value in (("", f"acme|{PERIOD}"), ("/msp", "acme"), ("/period", PERIOD))
)
_LAUNCH = f"""mutation {{ launchRun(executionParams: {{
  selector: {{repositoryName: "__repository__", repositoryLocationName: "mbr", jobName: "close_month"}},
  runConfigData: {{}}, executionMetadata: {{tags: [{_TAGS}]}} }})
  {{ __typename ... on LaunchRunSuccess {{ run {{ runId }} }} ... on PythonError {{ message }} }} }}"""
_RUNS = "{ runsOrError { ... on Runs { results { runId status } } } }"
_LOADED = "{ repositoriesOrError { ... on RepositoryConnection { nodes { name } } } }"
_LIVE = """subscription { pipelineRunLogs(runId: "%s") { ... on PipelineRunLogsSubscriptionSuccess {
  messages { __typename } } } }"""
_GRACE_SECONDS = 100


class Opened:
    """A workspace, and its UI, which can be started again."""

    def __init__(self, root: Path) -> None:
        """Start it."""
        self.root = root
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Start the UI and wait until it knows the graph."""
        self.process = started("ui", "--workspace", self.root, "--port", str(self.port))
        assert self.process.stderr
        said = []
        for line in self.process.stderr:
            said.append(line)
            if line == f"Dagster UI: {self.url}\n":
                break
        # between the two, its daemon may have something to say
        ends = said[:1] + said[-1:]
        assert ends == ["Dagster starts, Ctrl+C ends it\n", f"Dagster UI: {self.url}\n"], said
        with (self.root / "said.log").open("ab") as log:  # a pipe that nobody reads would stop it
            subprocess.Popen(["cat"], stdin=self.process.stderr, stdout=log)
        wait_for("it knows the graph", lambda: self.ask(_LOADED)["repositoriesOrError"].get("nodes"))

    def post(self, query: str, **headers: str) -> requests.Response:
        """Send a query with headers; ``_`` in their names is ``-``."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.post(f"{self.url}/graphql", json={"query": query}, headers=named, timeout=60)

    def ask(self, query: str) -> Any:
        """Return what a query gives."""
        return self.post(query).json()["data"]

    def launch(self) -> str:
        """Launch the month and return the run."""
        launched = self.ask(_LAUNCH)["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return str(launched["run"]["runId"])

    def runs(self) -> dict[str, str]:
        """Return the status of every run."""
        return {run["runId"]: run["status"] for run in self.ask(_RUNS)["runsOrError"]["results"]}

    def listen(self, origin: str | None, **how: Any) -> ClientConnection:
        """Open a websocket as a page of an origin would."""
        return connect(
            f"ws://127.0.0.1:{self.port}/graphql",
            origin=Origin(origin) if origin else None,
            subprotocols=[Subprotocol("graphql-ws")],
            proxy=None,
            **how,
        )

    def children(self) -> list[str]:
        """Return the commands of all processes that were started for the workspace."""
        found, mark = [], f"MBR_WORKSPACE={self.root}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue  # it has ended
        return found


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    root = tmp_path_factory.mktemp("ui")
    write(root / "mbr.yml", settings(["acme"], ALERTS))
    write_msp(root, "acme")
    write(root / "gql.py", "raise SystemExit('a file of the current folder was run')\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)  # no file there may stand in for a module
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        ui = Opened(root)
        yield ui
        ui.process.terminate()
        ui.process.wait(_GRACE_SECONDS)


def test_only_own_pages_and_programs_are_answered(opened: Opened) -> None:
    def status(query: str = "{ version }", **headers: str) -> int:
        return opened.post(query, **headers).status_code

    evil = "http://evil.example"
    assert status() == 200
    assert status(Origin=opened.url, Sec_Fetch_Site="same-origin") == 200
    assert status(_LAUNCH, Origin=evil) == 403
    assert status(_LAUNCH, Origin="null") == 403
    assert status(_LAUNCH, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors") == 403
    assert status(_LAUNCH, Host=f"evil.example:{opened.port}") == 403
    by_get = requests.get(f"{opened.url}/graphql", params={"query": _LAUNCH}, timeout=60)
    assert (by_get.status_code, by_get.text) == (403, "Send queries by POST.\n")
    page = requests.get(opened.url, timeout=60)
    assert page.status_code == 200
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    for foreign in (
        {"origin": evil},
        {"origin": None, "additional_headers": {"Sec-Fetch-Site": "cross-site"}},
    ):
        with pytest.raises(InvalidStatus) as refused:
            opened.listen(**foreign)
        assert refused.value.response.status_code == 403
    assert opened.runs() == {}


def test_a_second_ui_says_where_the_first_is(opened: Opened) -> None:
    second = mbr("ui", "--workspace", opened.root, "--port", str(opened.port))
    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr == (
        f"mbr: the UI of this workspace runs already, at {opened.url} (process {opened.process.pid}):"
        " open that, or end it first\n"
    )


def test_ctrl_c_and_a_kill_end_everything_and_the_month_runs_again(opened: Opened) -> None:
    first = opened.launch()
    with opened.listen(opened.url) as live:  # the page of a run is told of it as it goes
        live.send(json.dumps({"type": "connection_init"}))
        live.send(json.dumps({"type": "start", "id": "1", "payload": {"query": _LIVE % first}}))
        heard = ""
        while "ExecutionStepStartEvent" not in heard:
            heard = str(live.recv(timeout=60))
        assert opened.children()
        # to the whole group of the terminal, as Ctrl+C is; the UI's own processes are not in it
        opened.process.send_signal(signal.SIGINT)
        assert opened.process.wait(_GRACE_SECONDS) == 0
    wait_for("all have ended", lambda: opened.children() == [], 5)

    opened.start()
    second = opened.launch()
    wait_for("the dead run gives its place to the next", lambda: opened.runs()[second] == "STARTED", 180)
    assert opened.runs()[first] == "FAILURE"
    assert told_in("\n".join(opened.children()).encode()) == []  # every user of the machine sees commands
    os.kill(opened.process.pid, signal.SIGKILL)
    opened.process.wait()
    wait_for("all have ended", lambda: opened.children() == [], _GRACE_SECONDS)
    files, found = left_in([opened.root])
    assert files > 20
    assert found == {}
    # each step and table of a run, on the terminal of whoever opened the UI
    assert " DEBUG " not in (opened.root / "said.log").read_text(encoding="utf-8")


@pytest.fixture
def unusable(tmp_path: Path) -> Path:
    """A workspace whose settings of the run history Dagster does not take."""
    write(tmp_path / "mbr.yml", settings(["acme"]))
    write(tmp_path / ".dagster/dagster.yaml", "no_such_setting: 1\n")
    return tmp_path


def test_settings_that_dagster_does_not_take_are_one_line(unusable: Path) -> None:
    ended = mbr("ui", "--workspace", unusable)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        "Dagster starts, Ctrl+C ends it\n"
        f"mbr: {unusable}/.dagster/dagster.yaml: Received unexpected config entry"
        ' "no_such_setting" at the root: correct it\n'
    )


def test_what_ends_the_services_is_told_before_they_are_killed(unusable: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "mbr_pipeline.cli.ui.services", "3999"],
        env=os.environ | {"DAGSTER_HOME": str(unusable / ".dagster")},
        capture_output=True, text=True, check=False, start_new_session=True, timeout=300,
    )  # fmt: skip
    assert ended.returncode == -signal.SIGKILL
    assert 'Received unexpected config entry "no_such_setting"' in ended.stderr
