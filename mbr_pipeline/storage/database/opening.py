"""Opening the ledger's database: which one it is, its transactions, and its tables brought up to date.

What belongs here: SQLite and PostgreSQL behind one door, so that callers know neither. What does not: the
tables (``tables``) and what is written into them.

SQLite keeps its roll-back journal, which is gone when a transaction ends: a closed database is one file, and
a killed writer's journal is undone by the next one who opens it.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.storage.database import imprint
from mbr_pipeline.storage.database.pooled import pooled
from mbr_pipeline.storage.database.tables import NEWEST

_LOG = logging.getLogger(__name__)

URL_VARIABLE = "MBR_LEDGER_URL"
SPREAD_VARIABLE = "MBR_DISTRIBUTED"
_WAIT_SECONDS = 60
_AWAY_SECONDS = 30.0
"""How long workers wait for a server that restarts. Somebody at a terminal is told at once."""
_ASKED_EVERY = 0.5
_LOCK = 7_264_233_001
"""PostgreSQL's advisory lock of MBR: one writer at a time, as in SQLite. None writes for long."""


class Database:
    """The ledger's database of a workspace. A file is opened for every transaction; connections to a server
    stay.
    """

    def __init__(self, url: sa.URL, away_seconds: float = 0) -> None:
        """Prepare; nothing is opened.

        Args:
            url: Of a file or of a server.
            away_seconds: How long a server that does not answer is waited for.
        """
        self._url, self._away_seconds = url, away_seconds
        self._is_sqlite = url.get_backend_name() == "sqlite"
        if self._is_sqlite:
            settings = {"timeout": _WAIT_SECONDS}
            self._engine = sa.create_engine(url, poolclass=NullPool, connect_args=settings)
            sa.event.listen(self._engine, "connect", _leave_transactions_to_us)
        else:
            self._engine = pooled(url)

    @property
    def name(self) -> str:
        """The database for people, without a password, which may also stand behind the ``?``."""
        if self._is_sqlite:
            return str(self._url.database)
        return self._url.set(query={}).render_as_string(hide_password=True)

    @contextmanager
    def writing(self, *, alone: bool = True) -> Iterator[sa.Connection]:
        """One transaction of one writer at a time: all of it or, after an error or a kill, nothing.

        Args:
            alone: False where one statement is all there is, which needs no other writer to wait: in
                PostgreSQL none does.

        Raises:
            MbrError: The database cannot be reached, read or written.
        """
        with self._said_in_one_line(), self._connected() as connection, connection.begin():
            if self._is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            elif alone:
                connection.execute(sa.text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            yield connection
            wrote = self._is_sqlite and _driver(connection).total_changes > 0
        if self._is_sqlite:
            self._take_imprint(wrote)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One transaction that only reads.

        Raises:
            MbrError: The database cannot be reached or read.
        """
        with self._said_in_one_line(), self._connected() as connection, connection.begin():
            if self._is_sqlite:
                connection.exec_driver_sql("BEGIN")
            yield connection

    def _connected(self) -> sa.Connection:
        """Connect: nothing has been asked yet, so that it may be tried again."""
        end = time.monotonic() + self._away_seconds
        while True:
            try:
                return self._engine.connect()
            except OperationalError:
                if time.monotonic() >= end:
                    raise
                time.sleep(_ASKED_EVERY)

    def bring_up_to_date(self) -> None:
        """Make the tables, or change those of an earlier release: once, whoever comes first.

        Raises:
            MbrError: The tables are of a newer release.
        """
        with self.reading() as connection:
            version = _version(connection)
        if version != NEWEST:
            with self.writing() as connection:
                _migrate(connection, self.name)

    def settle(self) -> None:
        """Make up for what a writer that was killed behind its last transaction had yet to do."""
        if self._is_sqlite:
            self._take_imprint(wrote=False)

    def _take_imprint(self, wrote: bool) -> None:
        file = Path(str(self._url.database))
        try:
            with self.reading() as connection:
                connection.exec_driver_sql("select count(*) from sqlite_master")  # from here nobody writes
                imprint.take(_driver(connection), file, wrote=wrote)
        except (OSError, MbrError) as error:  # what was written is written: `mbr verify` will say so
            _LOG.warning("no imprint of %s could be kept: %s", file, one_line(error))

    @contextmanager
    def _said_in_one_line(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            reason = one_line(error.orig)
            if isinstance(error, OperationalError):
                advice = "see that it runs, that you may write there and that there is room, then run again"
            else:
                advice = "restore it from a backup, or report this"
            raise MbrError(f"the ledger's database {self.name}: {reason}: {advice}") from error


def open_database(file: Path, environment: Mapping[str, str] = os.environ) -> Database:
    """Open the ledger's database, its tables up to date: ``file``, unless MBR_LEDGER_URL names another.

    Raises:
        ConfigError: MBR_LEDGER_URL names none that can be used.
        MbrError: It cannot be reached or written, or is of a newer release.
    """
    address = environment.get(URL_VARIABLE)
    if address:
        is_spread = environment.get(SPREAD_VARIABLE, "0") != "0"
        database = Database(_postgresql(address), _AWAY_SECONDS if is_spread else 0)
    else:
        database = Database(_sqlite(file))
    database.bring_up_to_date()
    return database


def _sqlite(file: Path) -> sa.URL:
    file.parent.mkdir(parents=True, exist_ok=True)
    return sa.URL.create("sqlite", database=str(file))


def _postgresql(address: str) -> sa.URL:
    # the address may hold a password: no message repeats it
    form = "write postgresql://user@host/database, or leave it unset for ledger/ledger.sqlite"
    try:
        url = sa.make_url(address)
    except (ArgumentError, ValueError):
        raise ConfigError(f"{URL_VARIABLE} is not an address of a database: {form}") from None
    if url.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise ConfigError(f"{URL_VARIABLE} is of a database that is not PostgreSQL: {form}")
    return url.set(drivername="postgresql+psycopg")


def _leave_transactions_to_us(connection: object, _record: object) -> None:
    # Python's sqlite3 would begin late and end a transaction before it changes a table
    connection.isolation_level = None  # type: ignore[attr-defined]


def _driver(connection: sa.Connection) -> sqlite3.Connection:
    return cast(sqlite3.Connection, connection.connection.driver_connection)


def _version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(sa.text("select version_num from alembic_version")).scalar()
    return found


def _migrate(connection: sa.Connection, name: str) -> None:
    from alembic import command  # noqa: PLC0415 - needed once in the life of a database
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    version = _version(connection)
    if version and version not in known:
        raise MbrError(
            f"the ledger's database {name} was changed by a newer MBR ({version}): install that MBR again;"
            " nothing was changed"
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
