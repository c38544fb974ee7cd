"""A PostgreSQL server of one's own, on loopback, gone with the folder it lies in.

Belongs here: starting, stopping and killing it. Does not: what is kept in it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
            connection.execute(sa.text(f"drop database if exists {name}"))
            connection.execute(sa.text(f"create database {name}"))
        admin.dispose()
        return self.url.replace("/postgres", f"/{name}").replace("//mbr", "//mbr:s3cret")

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-w", "-D", str(self.folder / "data"), "-l", log, "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-w", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        user = pwd.getpwnam("postgres") if os.getuid() == 0 else None
        subprocess.run(
            [str(self._programs / program), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """A server that runs, and is stopped afterwards."""
    server = Server(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
