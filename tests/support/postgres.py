"""A PostgreSQL server of one's own, on loopback, gone with the folder it lies in.

Belongs here: starting, stopping and killing it. Does not: what is kept in it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs; None where it is not installed."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


class Server:
    """One server; the superuser ``mbr`` needs no password."""

    def __init__(self, folder: Path) -> None:
        """Make an empty cluster in ``folder``."""
        place = programs()
        assert place, "PostgreSQL is not installed"
        self._programs, self.folder = place, folder
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        if os.getuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(folder, "postgres", "postgres")
        self._run("initdb", "-U", "mbr", "-A", "trust", "-E", "UTF8", "--no-sync", "-D", str(folder / "data"))

    @property
    def url(self) -> str:
        return f"postgresql://mbr@127.0.0.1:{self.port}/postgres"

    def empty(self, name: str) -> str:
        """Make a database anew; its address has a password, which no message may repeat."""
        admin = sa.create_engine(self.url.replace("postgresql:", "postgresql+psycopg:"))
        with admin.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(sa.text(f"drop database if exists {name} with (force)"))
            connection.execute(sa.text(f"create database {name}"))
        admin.dispose()
        return self.url.replace("/postgres", f"/{name}").replace("//mbr", "//mbr:s3cret")

    def start(self) -> None:
        """Start it as a child of this process, so that one that was killed is gone for good."""
        options = ["-p", f"{self.port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        command = [str(self._programs / "postgres"), "-D", str(self.folder / "data"), *options]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "-c", "fsync=off"], stdout=log, stderr=log, cwd=self.folder, **self._user()
            )
        end = time.monotonic() + 60
        while self._process.poll() is None and time.monotonic() < end:
            with suppress(psycopg.OperationalError), psycopg.connect(self.url, connect_timeout=5):
                return
            time.sleep(0.05)
        raise RuntimeError((self.folder / "log").read_text(errors="replace")[-2000:])

    def stop(self) -> None:
        """End it at once, as ``pg_ctl stop -m immediate`` does."""
        self._end(signal.SIGQUIT)

    def kill(self) -> None:
        """Kill it and its children; what they wrote is with the kernel, as after any kill."""
        assert self._process
        for pid in _children(self._process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process:
            self._process.send_signal(how)
            self._process.wait()
            self._process = None

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._programs / program), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            **self._user(),
        )

    @staticmethod
    def _user() -> dict[str, Any]:
        if os.getuid() != 0:
            return {}
        found = pwd.getpwnam("postgres")
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}


def _children(parent: int) -> list[int]:
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if int((place / "stat").read_text(errors="replace").rpartition(")")[2].split()[1]) == parent:
                found.append(int(place.name))
    return found


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """A server that runs, and is stopped afterwards."""
    server = Server(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
