"""An installation on several machines whose parts are killed and start again by themselves, as systemd starts
what died (``Restart=always``).

Belongs here: the months, their two states, killing and starting. Does not: when (``machines``) and what must
hold afterwards (``spread_checks``).

Every round lands another price in each month and asks for it once: what an old token would put over a newer
publication has other rows.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg

from mbr_pipeline.decide.landing import land
from mbr_pipeline.ingest.land_checks import Place
from mbr_pipeline.mirror.opening import mirror_of
from mbr_pipeline.mirror.pointers import read
from mbr_pipeline.publish.stored import move_in
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.storage.objects.s3 import S3Store
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.support.installation import wait_for
from tests.support.launching import bytes_below
from tests.support.machines import SETTINGS, SHARED, Machines
from tests.support.seaweed import BUCKET, KEYS, ObjectServer
from tests.support.small import LANDED, PERIOD, settings, write, write_msp

SECONDS = 10
"""How long a lease holds in a campaign: a minute, as it is installed, would make it one of waiting."""

START_SECONDS = 60
"""How long a run may take to start, as those do that the broker had given out when it was killed."""

RETRIES = 20
"""As installed a month is run again twice; here one may meet more kills than in years."""

_DATASET = "invoice_lines"
_AGAIN_SECONDS = 1.0
_SERVICES = ("mbr-code", "mbr-operator", "mbr-daemon")
_WITH_STORE = ("rules", SETTINGS)
"""What machines share that have a store: the rest of a workspace is a mirror of their own."""

_TOLD = """
create table told (number serial, name text, token int, published_token int, published text);
create function tell() returns trigger language plpgsql as $$ begin
  insert into told (name, token, published_token, published)
    values (new.name, new.token, new.published_token, new.published); return null; end $$;
create trigger tell after update of published on leases for each row execute function tell();
"""
"""Keeps every publication that was recorded, not only the last."""


def price_of(number: int, turn: int) -> str:
    """Return quantity × price of an MSP's line, another in each of two turns."""
    price = 8 + number + 100 * (turn % 2)
    return f"{price}.00,{10 * price}.00"


def lines_of(number: int, turn: int) -> str:
    """Return an MSP's invoice lines."""
    return LANDED[f"psa/{_DATASET}.csv"].replace("8.00,80.00", price_of(number, turn))


@dataclass(frozen=True)
class Run:
    """A run as Dagster's history has it."""

    run_id: str
    status: str
    month: str


class Spread:
    """The installation. Its months are those of ``msp_ids`` in one period."""

    def __init__(self, folder: Path, msps: int, workers: int, has_store: bool) -> None:
        """Start everything but the daemon, with the first state landed."""
        self.msp_ids = [f"msp{number}" for number in range(1, msps + 1)]
        self._store = _object_server(folder) if has_store else None
        own = {"MBR_LEASE_SECONDS": str(SECONDS)} | (KEYS if has_store else {})
        self.machines = Machines(folder, workers, own, _WITH_STORE if has_store else SHARED)
        dagster = self.machines.home / "dagster.yaml"
        text = dagster.read_text().replace("max_retries: 2", f"max_retries: {RETRIES}")
        dagster.write_text(
            text.replace("start_timeout_seconds: 300", f"start_timeout_seconds: {START_SECONDS}")
        )
        storage = ""
        if self._store:
            storage = f"storage: {{url: 's3://{BUCKET}/months', endpoint: '{self._store.endpoint}'}}\n"
        write(self.machines.shared / SETTINGS, settings(self.msp_ids, storage))
        self.desk = self.machines.workspace
        for number, msp_id in enumerate(self.msp_ids):
            write_msp(self.desk, msp_id, {f"psa/{_DATASET}.csv": lines_of(number, 0)})
        self._workers = [f"worker{number}" for number in range(1, workers + 1)]
        self._gone: dict[str, float] = {}
        self.server = self.machines.new_databases("database")
        with self.as_here():
            open_database(WorkspacePaths(self.desk).ledger)
            if self._store:
                # the first object makes the bucket
                S3Store(BUCKET, "", self._store.endpoint).put_new("made", b"")
                move_in(Workspace.open(WorkspacePaths(self.desk)))
        with self._ledger() as connection:
            connection.execute(_TOLD)
        self.machines.start(*_SERVICES[:2])
        for name in self._workers:
            self.machines.start_worker(name)
        wait_for("the graph is loaded", self.machines.has_loaded, 300)
        self.machines.start(*_SERVICES[2:])

    @property
    def victims(self) -> list[str]:
        """Return what may be killed."""
        return ["worker", "broker", "postgresql", *(["store"] if self._store else [])]

    @contextmanager
    def as_here(self) -> Iterator[None]:
        """Have the environment of the installation, for what is done in this process."""
        with patch.dict("os.environ", self.machines.environment):
            yield

    def land(self, turn: int) -> None:
        """Land the other state of every month in place of the one before."""
        with self.as_here():
            for number, msp_id in enumerate(self.msp_ids):
                file = self.machines.folder / "desk" / f"{_DATASET}.csv"
                write(file, lines_of(number, turn))
                place = Place.of(Workspace.open(WorkspacePaths(self.desk)), msp_id, PERIOD, "psa", _DATASET)
                land(place, "anna", [file], [file.name])

    def landed(self) -> dict[str, Any]:
        """Return what is landed, which no run may change: files, or what the store lists."""
        with self.as_here():
            if mirror := mirror_of(WorkspacePaths(self.desk)):
                names = [f"months/{msp_id}/{PERIOD}/landed.json" for msp_id in self.msp_ids]
                return {name: read(mirror.store, name) for name in names}
        return bytes_below(self.desk / "landing")

    def ask_for_months(self) -> None:
        """Queue every month once."""
        self.machines.launch(self.msp_ids, PERIOD)

    def kill(self, victim: str, which: int) -> str:
        """Kill one with SIGKILL, if it runs; returns its name."""
        name = self._workers[which % len(self._workers)] if victim == "worker" else victim
        if name in self._gone:
            return f"{name} (not there)"
        if name == "postgresql":
            self.server.kill()
        elif name == "store":
            assert self._store
            self._store.kill()
        else:
            self.machines.kill(name)
        self._gone[name] = time.monotonic()
        return name

    def start_again(self) -> None:
        """Start what has been gone for a second, whether it was killed or ended because of it."""
        now = time.monotonic()
        for name in self.machines.stopped():
            self._gone.setdefault(name, now)
        for name, since in [*self._gone.items()]:
            if now - since >= _AGAIN_SECONDS:
                self._start(name)
                del self._gone[name]

    def _start(self, name: str) -> None:
        if name == "postgresql":
            self.server.start()
        elif name == "store":
            assert self._store
            self._store.launch()
        elif name == "broker":
            self.machines.start_broker()
        elif name in _SERVICES:
            self.machines.start(name)
        else:
            self.machines.start_worker(name)

    def runs(self) -> list[Run]:
        """Return all runs, by when they were asked for; none while PostgreSQL is away."""
        query = (
            "select r.run_id, r.status, t.value from runs r join run_tags t using (run_id)"
            " where t.key = 'dagster/partition' order by r.id"
        )
        with suppress(psycopg.OperationalError), psycopg.connect(self._address("DAGSTER_POSTGRES")) as asked:
            return [Run(*row) for row in asked.execute(query).fetchall()]
        return []

    def leases(self) -> dict[str, tuple[int, int, str, str | None]]:
        """Return of each month: token, token of the publication, its version, holder."""
        query = "select name, token, published_token, published, holder from leases where name like '% %'"
        with self._ledger() as connection:
            return {row[0]: row[1:] for row in connection.execute(query).fetchall()}

    def told(self) -> list[tuple[str, int, int, str]]:
        """Return every publication as it was recorded: month, newest token then, own token, version."""
        query = "select name, token, published_token, published from told order by number"
        with self._ledger() as connection:
            return connection.execute(query).fetchall()

    @contextmanager
    def _ledger(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self._address("LEDGER")) as connection:
            yield connection

    def _address(self, name: str) -> str:
        return self.machines.environment[f"MBR_{name}_URL"]

    def stop(self) -> None:
        """End everything."""
        self.machines.stop()
        if self._store:
            self._store.kill()
        self.server.stop()


def _object_server(folder: Path) -> ObjectServer:
    (folder / "objects").mkdir()
    server = ObjectServer(folder / "objects")
    server.start()
    return server
