"""A whole installation on this machine, as ``deploy/`` describes it: PostgreSQL, code server, daemon, both
web servers and the proxy.

Belongs here: starting and stopping it. The commands are those of the systemd units and the proxy's settings
those of ``deploy/``, with only places changed. Does not: what is tried on it.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psycopg
import requests
import yaml

from tests.support.postgres import Server, programs

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
BIN = Path(sys.executable).parent
SERVICES = ("mbr-code", "mbr-daemon", "mbr-operator", "mbr-viewer", "mbr-page")
OPERATOR, VIEWER, PAGE = "mbr.example.com", "mbr-view.example.com", "mbr-page.example.com"


def exec_start(unit: Path) -> str:
    """Return the command of a unit."""
    [line] = [line for line in unit.read_text().splitlines() if line.startswith("ExecStart=")]
    return line.removeprefix("ExecStart=")


def wait_for(what: str, is_so: Callable[[], object], seconds: float = 90) -> None:
    """Ask every second until it is so."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"after {seconds} s still not so: {what}"
        time.sleep(1)


class Installation:
    """Its folders, environment and processes."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Lay out the folders; nothing is started."""
        place = programs()
        assert place, "PostgreSQL is not installed"
        self.folder = folder
        self.workspace, self.home, self.sockets = folder / "workspace", folder / "dagster", folder / "run"
        for made in (self.workspace, self.home, self.sockets, folder / "etc"):
            made.mkdir(mode=0o700)
        shutil.copy(DEPLOY / "dagster.yaml", self.home)
        shown = (DEPLOY / "systemd" / "workspace.yaml").read_text()
        (self.home / "workspace.yaml").write_text(self._moved(shown))
        self.environment = {
            **{
                name: value for name, value in os.environ.items() if not name.startswith(("MBR_", "DAGSTER_"))
            },
            "PATH": f"{place}:{BIN}:{os.environ['PATH']}",
            "DAGSTER_HOME": str(self.home),
            "MBR_WORKSPACE": str(self.workspace),
            "MBR_VIEWER_SOCKET": str(self.sockets / "viewer.sock"),
            "PYTHONSAFEPATH": "1",
            **environment,
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def _moved(self, text: str) -> str:
        """The same text with the places of this installation."""
        for path, here in (
            ("/run/mbr-ui", self.sockets),
            ("/run/mbr", self.sockets),
            ("/srv/mbr/dagster", self.home),
            ("/etc/mbr", self.folder / "etc"),
            ("/opt/mbr/bin", BIN),
        ):
            text = text.replace(path, str(here))
        return text

    def new_databases(self, name: str) -> Server:
        """A PostgreSQL server with the two empty databases."""
        (self.folder / name).mkdir()
        server = Server(self.folder / name)
        server.start()
        for database, variable in (
            ("mbr_dagster", "MBR_DAGSTER_POSTGRES_URL"),
            ("mbr_ledger", "MBR_LEDGER_URL"),
        ):
            with psycopg.connect(server.url, autocommit=True) as connection:
                connection.execute(f"create database {database}".encode())
            self.environment[variable] = server.url.removesuffix("postgres") + database
        return server

    def start(self, *services: str) -> None:
        """Start services by their units' commands."""
        for service in services:
            command = self._moved(exec_start(DEPLOY / "systemd" / f"{service}.service")).split()
            with (self.folder / f"{service}.log").open("ab") as log:
                self._running[service] = subprocess.Popen(
                    command,
                    env=self.environment,
                    cwd=self.folder,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )

    def start_proxy(self) -> None:
        """Start nginx with the settings of ``deploy/``, a certificate made here, and two users."""
        etc = self.folder / "etc"
        (etc / "tls").mkdir()
        _run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=mbr",
             "-keyout", str(etc / "tls" / "key.pem"), "-out", str(etc / "tls" / "cert.pem"))  # fmt: skip
        for name in ("operators", "viewers"):
            hashed = _run("openssl", "passwd", "-apr1", f"of {name}").strip()
            (etc / f"{name}.htpasswd").write_text(f"{name}:{hashed}\n")
        (etc / "nginx-ui.conf").write_text(self._moved((DEPLOY / "nginx-ui.conf").read_text()))
        shown = self._moved((DEPLOY / "nginx.conf").read_text()).replace(
            "443 ssl", f"127.0.0.1:{self.port} ssl"
        )
        user = "user root;\n" if os.getuid() == 0 else ""
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{kind}_temp_path {etc}/{kind};\n" for kind in kinds)
        (etc / "all.conf").write_text(
            f"{user}daemon off;\npid {etc}/nginx.pid;\nerror_log {etc}/error.log;\nevents {{}}\n"
            f"http {{\naccess_log off;\n{temporary}{shown}\n}}\n"
        )
        command = ["nginx", "-c", str(etc / "all.conf"), "-e", str(etc / "error.log")]
        self._running["nginx"] = subprocess.Popen(command, start_new_session=True)
        wait_for("nginx answers", lambda: _answers(self.port), 20)

    def ask(
        self, host: str, user: str | None, query: str, method: str = "POST", **headers: str
    ) -> requests.Response:
        """Send a GraphQL query through the proxy, as a browser would."""
        url = f"https://127.0.0.1:{self.port}/graphql"
        sent = {"Host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
        how = {"params": {"query": query}} if method == "GET" else {"json": {"query": query}}
        return requests.request(
            method,
            url,
            headers=sent,
            auth=(user, f"of {user}") if user else None,
            verify=False,  # the certificate is made here and names nobody
            timeout=60,
            **how,  # type: ignore[arg-type]
        )

    def stop(self, *services: str) -> None:
        """Stop services, by default all, as systemd does: the whole control group."""
        ending = [self._running.pop(service) for service in services or tuple(self._running)]
        for running in ending:
            running.send_signal(signal.SIGTERM)
        for running in ending:
            try:
                running.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, signal.SIGKILL)
                running.wait()

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, with the environment of the services."""
        return subprocess.run(
            command,
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


def services_of_compose() -> Mapping[str, Mapping[str, object]]:
    """Return the services of the compose file."""
    read: Mapping[str, Mapping[str, object]] = yaml.safe_load(
        (DEPLOY / "compose" / "compose.yaml").read_text()
    )["services"]
    return read


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _answers(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0
