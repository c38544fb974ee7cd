"""Leases: who works on what, across machines, each with a fencing token that only grows.

A lease is one row of the ledger's database. Whoever takes it gets the next token and must say again and again
that he lives; when he was silent for as long as the lease holds, anybody may take it, and his token is old
from then on. What he does with an old token is refused where it would count (``Leases.record``).

What belongs here: the row and its statements, each a transaction by itself. What does not: saying that one
lives (``mbr_pipeline.storage.keeping``) and what is leased (``mbr_pipeline.workspace.spread``). The time is
the database's own where it is PostgreSQL: workers' clocks differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from mbr_pipeline.errors import MbrError
from mbr_pipeline.storage.database.opening import Database
from mbr_pipeline.storage.database.tables import leases
from mbr_pipeline.storage.database.times import now, written

_FORM = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


class HeldElsewhere(MbrError):
    """Another process has the lease and lives."""


class LeaseLost(MbrError):
    """Another process took the lease: what this one has begun must not count any more."""


@dataclass(frozen=True)
class Lease:
    """What a holder has: while ``token`` is the newest of ``name``, nobody else works on it."""

    name: str
    token: int


@dataclass(frozen=True)
class Found:
    """A lease as it is in the database. ``is_fresh``: its holder has it, and was heard of in time."""

    name: str
    token: int
    holder: str | None
    run: str | None
    until: str
    is_fresh: bool

    @property
    def is_stale(self) -> bool:
        """Whether its holder died, stands still or is cut off; what was given back is not stale."""
        return self.holder is not None and not self.is_fresh


class Leases:
    """The leases of a ledger's database. ``seconds``: how long one holds after its holder was heard of."""

    def __init__(self, database: Database, seconds: int) -> None:
        """Nothing is asked yet."""
        self._database, self.seconds = database, seconds

    def take(self, name: str, holder: str, run: str | None = None) -> Lease:
        """Take a lease that nobody has, or whose holder was silent for too long.

        Raises:
            HeldElsewhere: Its holder was heard of in time.
            MbrError: The database cannot be reached or written.
        """
        with self._database.writing(alone=False) as connection:
            dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
            insert = dialect.insert(leases).values(
                name=name, token=1, holder=holder, run=run, until=_clock(connection, self.seconds)
            )
            statement = insert.on_conflict_do_update(
                index_elements=[leases.c.name],
                set_={
                    "token": leases.c.token + 1,
                    "holder": holder,
                    "run": run,
                    "until": insert.excluded.until,
                },
                where=sa.or_(leases.c.holder.is_(None), leases.c.until <= _clock(connection)),
            ).returning(leases.c.token)
            token = connection.execute(statement).scalar()
        if token is not None:
            return Lease(name, token)
        found = self.find(name)
        holder_now = found.holder if found else None
        raise HeldElsewhere(
            f"{name}: {holder_now or 'another process'} works on it: try again when it has ended, or, if it"
            f" died, {self.seconds} s after that; nothing was changed"
        )

    def beat(self, lease: Lease) -> bool:
        """Say that the holder lives; returns whether the lease is still his."""
        return self._change(lease, until=lambda connection: _clock(connection, self.seconds))

    def grow(self, lease: Lease, beyond: int) -> Lease:
        """Give a holder a token beyond a number that was given elsewhere; returns the lease that he has now.

        Raises:
            LeaseLost: Somebody else took the lease since.
        """
        if not self._change(lease, token=beyond + 1):
            raise self.lost(lease)
        return Lease(lease.name, beyond + 1)

    def record(self, lease: Lease, version: str) -> None:
        """Record a publication under a lease; whether the token is the newest is checked in the same
        statement.

        Raises:
            LeaseLost: Somebody else took the lease since.
        """
        if not self._change(lease, published=version, published_token=lease.token):
            raise self.lost(lease)

    def give_back(self, lease: Lease) -> None:
        """Let others take a lease at once. One that is lost stays with whoever has it."""
        self._change(lease, holder=None)

    def find(self, name: str) -> Found | None:
        """Return a lease; None if nobody ever took it."""
        with self._database.reading() as connection:
            fresh = sa.and_(leases.c.holder.is_not(None), leases.c.until > _clock(connection))
            query = sa.select(leases, fresh.label("is_fresh")).where(leases.c.name == name)
            row = connection.execute(query).first()
        return Found(name, row.token, row.holder, row.run, row.until, bool(row.is_fresh)) if row else None

    def lost(self, lease: Lease) -> LeaseLost:
        """Return the error of a holder whose token is old."""
        found = self.find(lease.name)
        newer = f"token {found.token}, {found.holder or 'since given back'}" if found else "no token any more"
        return LeaseLost(
            f"{lease.name}: this process was silent for longer than {self.seconds} s, and its token"
            f" {lease.token} is not the newest ({newer}): it publishes nothing; see the newer run"
        )

    def _change(self, lease: Lease, **values: Any) -> bool:
        with self._database.writing(alone=False) as connection:
            made = {name: value(connection) if callable(value) else value for name, value in values.items()}
            mine = sa.and_(
                leases.c.name == lease.name, leases.c.token == lease.token, leases.c.holder.is_not(None)
            )
            return connection.execute(leases.update().where(mine).values(made)).rowcount == 1


def _clock(connection: sa.Connection, ahead: int = 0) -> Any:
    """The time so many seconds from now, as text: PostgreSQL's own, or of this machine for a file on it."""
    if connection.dialect.name == "sqlite":
        return written(now() + timedelta(seconds=ahead))
    later = sa.func.clock_timestamp() + sa.func.make_interval(0, 0, 0, 0, 0, 0, ahead)
    return sa.func.to_char(sa.func.timezone("UTC", later), _FORM)
