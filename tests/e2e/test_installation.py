"""An installation as ``deploy/`` describes it, on a real PostgreSQL: a month goes through the queue, nobody
but who signed in can act, and a backup brings everything back.

Belongs here: what only the whole shows. Does not: the decisions of ``mbr deploy check`` (tests/upkeep) and
the text of the files (tests/deploy).
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from tests.docs.pages import blocks
from tests.support.installation import OPERATOR, PAGE, SERVICES, VIEWER, Installation, wait_for
from tests.support.launching import published_rows
from tests.support.postgres import Server, programs
from tests.support.sinks import WebSink
from tests.support.small import LANDED, PERIOD, settings, write, write_msp

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "back-up-and-restore.md"
_NEXT = "2026-11"
_ALERTS = """\
alerts:
  channels: {ops: {kind: webhook, url_env: T_OPS_URL}}
  heartbeat: {channel: ops, hour: 0}
people:
  clerk1: {name: First clerk, roles: [clerk]}
"""
_TAGS = ", ".join(
    f'{{key: "dagster/partition{part}", value: "{value}"}}'
    for part, value in (("", f"acme|{PERIOD}"), ("/msp", "acme"), ("/period", PERIOD))
)
_LAUNCH = f"""mutation {{ launchRun(executionParams: {{
  selector: {{repositoryName: "__repository__", repositoryLocationName: "mbr", jobName: "close_month"}},
  runConfigData: {{}}, executionMetadata: {{tags: [{_TAGS}]}} }})
  {{ __typename ... on LaunchRunSuccess {{ run {{ runId }} }} ... on PythonError {{ message }} }} }}"""
_LOCATIONS = "{ repositoriesOrError { ... on RepositoryConnection { nodes { name } } } }"


def _next_month() -> dict[str, str]:
    """The files of the month after: as those of the first, a month later."""
    later = (("2026-11-01", "2026-12-01"), ("2026-10-31", "2026-11-30"), (PERIOD, _NEXT))
    later += (("V-1", "V-2"), ("L-1", "L-2"), ("I-1", "I-2"))
    files = {}
    for name, text in LANDED.items():
        for old, new in later:
            text = text.replace(old, new)
        files[f"landing/acme/{_NEXT}/{name}"] = text
    return files


@pytest.fixture(scope="module")
def servers() -> list[Server]:
    return []


@pytest.fixture(scope="module")
def installed(servers: list[Server]) -> Iterator[Installation]:
    if programs() is None or shutil.which("nginx") is None:
        pytest.skip("PostgreSQL or nginx is not installed: apt-get install postgresql nginx-light")
    sink = WebSink()
    # pytest's own folders are closed to PostgreSQL's user
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        installation = Installation(folder, {"T_OPS_URL": sink.url})
        write(installation.workspace / "mbr.yml", settings(["acme"], _ALERTS))
        write_msp(installation.workspace, "acme")
        servers.append(installation.new_databases("first"))
        try:
            installation.start(*SERVICES)
            installation.start_proxy()
            wait_for("both servers have loaded the graph", lambda: _has_loaded(installation))
            yield installation
        finally:
            installation.stop()
            servers[-1].stop()
            sink.close()


def _has_loaded(installation: Installation) -> bool:
    for host, user in ((OPERATOR, "operators"), (VIEWER, "viewers")):
        answer = installation.ask(host, user, _LOCATIONS)
        if not answer.ok or not answer.json()["data"]["repositoriesOrError"].get("nodes"):
            return False
    return True


def _launch(installation: Installation) -> str:
    answer = installation.ask(OPERATOR, "operators", _LAUNCH).json()["data"]["launchRun"]
    assert answer["__typename"] == "LaunchRunSuccess", answer
    return str(answer["run"]["runId"])


def _runs(installation: Installation) -> dict[str, str]:
    answer = installation.ask(
        OPERATOR, "operators", "{ runsOrError { ... on Runs { results { runId status } } } }"
    )
    return {run["runId"]: run["status"] for run in answer.json()["data"]["runsOrError"]["results"]}


def test_nobody_acts_without_signing_in_nor_a_page_of_another_site(installed: Installation) -> None:
    def status(host: str, user: str | None, query: str = "{ version }", **how: str) -> int:
        return installed.ask(host, user, query, **how).status_code

    assert status(OPERATOR, None) == 401
    assert status(OPERATOR, "viewers") == 401
    assert status(OPERATOR, "operators") == 200
    assert status(OPERATOR, "operators", Origin=f"https://{OPERATOR}", Sec_Fetch_Site="same-origin") == 200
    assert status(OPERATOR, "operators", _LAUNCH, Origin="https://evil.example") == 403
    assert status(OPERATOR, "operators", _LAUNCH, Origin="null") == 403
    assert (
        status(OPERATOR, "operators", _LAUNCH, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors") == 403
    )
    assert status(OPERATOR, "operators", _LAUNCH, method="GET") == 405
    with pytest.raises(OSError):  # a name that is not ours, as after DNS rebinding: no answer at all
        installed.ask("evil.example", "operators", "{ version }")
    told = installed.ask(OPERATOR, "operators", "{ version }").headers
    assert told["X-Frame-Options"] == "DENY"
    assert "UnauthorizedError" in installed.ask(VIEWER, "viewers", _LAUNCH).text
    assert _runs(installed) == {}


def test_people_sign_in_to_the_page_through_the_proxy(installed: Installation) -> None:
    password = installed.folder / "password"
    password.write_text("correct horse\n")
    done = installed.run("bash", "-c", f"mbr people passwd clerk1 < {password}")
    assert done.stdout == "clerk1 has a password\n", done.stderr
    browser = requests.Session()
    browser.trust_env, browser.verify = False, False
    address, own = f"https://127.0.0.1:{installed.port}", {"Host": PAGE, "Origin": f"https://{PAGE}"}
    form = browser.get(f"{address}/signin", headers={"Host": PAGE}, timeout=30)
    cookie = form.headers["set-cookie"]
    assert cookie.startswith("__Host-mbr=") and "Secure" in cookie and "Path=/" in cookie
    browser.cookies.clear()
    own["Cookie"] = cookie.split(";")[0]
    [token] = re.findall(r'name="token" value="([^"]+)"', form.text)
    data = {"token": token, "name": "clerk1", "password": "correct horse"}

    def signed_in(**headers: str) -> requests.Response:
        return browser.post(
            f"{address}/signin", data, headers={**own, **headers}, timeout=30, allow_redirects=False
        )

    assert signed_in(Origin="https://evil.example").status_code == 403
    assert signed_in(Origin=f"http://{PAGE}").status_code == 403
    answer = signed_in()
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "max-age" in answer.headers["strict-transport-security"]


def test_other_users_of_the_machine_cannot_reach_any_server(installed: Installation) -> None:
    assert {path.name for path in installed.sockets.iterdir()} == {
        "code.sock",
        "operator.sock",
        "page.sock",
        "viewer.sock",
    }
    assert installed.sockets.stat().st_mode & 0o077 == 0
    second = installed.run(
        "mbr", "deploy", "serve", "--socket", str(installed.sockets / "viewer.sock"),
        "--dagster-workspace", str(installed.home / "workspace.yaml"),
    )  # fmt: skip
    assert second.returncode == 1 and "another server answers there" in second.stderr


def test_a_month_goes_through_the_queue_and_comes_back_from_a_backup(
    installed: Installation, servers: list[Server]
) -> None:
    first, second = _launch(installed), _launch(installed)
    wait_for("the first run is executed", lambda: _runs(installed)[first] in ("STARTED", "SUCCESS"))
    assert _runs(installed)[second] == "QUEUED"  # one run of a month at a time
    how = "terminatePolicy: MARK_AS_CANCELED_IMMEDIATELY"
    stop = f'mutation {{ terminateRun(runId: "{second}", {how}) {{ __typename }} }}'
    installed.ask(OPERATOR, "operators", stop)
    wait_for("the month is closed", lambda: _runs(installed)[first] in ("SUCCESS", "FAILURE"), 180)
    assert _runs(installed) == {first: "SUCCESS", second: "CANCELED"}
    assert _todo(installed) == []
    rows = published_rows(installed.workspace)
    assert f"acme/{PERIOD}/fct_reconciliation.parquet" in rows

    installed.stop()
    commands = [
        block for block in blocks(_PAGE) if block.marker == "not run: a test of an installation runs it"
    ]
    installed.environment["BACKUP"] = str(installed.folder / "backup")
    _page(installed, commands[0].text)
    servers.pop().stop()
    for gone in (installed.folder / "first", installed.workspace, installed.home):
        shutil.rmtree(gone)
    servers.append(installed.new_databases("second"))
    _page(installed, commands[1].text)
    assert published_rows(installed.workspace) == rows
    assert not (installed.workspace / "warehouse").exists()

    for name, text in _next_month().items():
        write(installed.workspace / name, text)
    done = installed.run("mbr", "run", "--period", _NEXT)
    assert done.returncode == 0, done.stderr
    after = published_rows(installed.workspace)
    assert {name: digest for name, digest in after.items() if f"/{PERIOD}/" in name} == rows
    assert len(after) == 2 * len(rows)
    with psycopg.connect(installed.environment["MBR_DAGSTER_POSTGRES_URL"]) as history:
        runs = history.execute("select partition, status from runs order by id").fetchall()
    assert runs == [
        (f"acme|{PERIOD}", "SUCCESS"),
        (f"acme|{PERIOD}", "CANCELED"),
        (f"acme|{_NEXT}", "SUCCESS"),
    ]


def _todo(installation: Installation) -> list[Any]:
    done = installation.run("mbr", "deploy", "check", "--json")
    assert done.returncode in (0, 1), done.stderr
    return [item for item in json.loads(done.stdout.splitlines()[-1]) if not item["is_right"]]


def _page(installation: Installation, text: str) -> None:
    done = installation.run("bash", "-euo", "pipefail", "-c", text)
    assert done.returncode == 0, done.stdout + done.stderr
