"""The chains of a workspace, in the ledger's database (contract §8.1).

What belongs here: appending and reading. What does not: the form of an entry (``entries``), and the rules
that the database itself enforces (the migrations: no change, no removal, no gap, four eyes).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mbr_pipeline.decide.ledger.entries import Draft, Entry, Head, after, canonical, is_as_entered
from mbr_pipeline.errors import MbrError
from mbr_pipeline.storage.database.opening import Database
from mbr_pipeline.storage.database.tables import ledger
from mbr_pipeline.storage.database.times import now as clock
from mbr_pipeline.storage.database.times import written


class Chains:
    """Reading what was entered. Every question is answered from one state of the database."""

    def __init__(self, connection: sa.Connection) -> None:
        """Use a transaction."""
        self._connection = connection

    def entries(
        self, msp_id: str, past: int = 0, kinds: Collection[str] = (), *, as_kept: bool = False
    ) -> Iterator[Entry]:
        """Yield an MSP's entries whose ``seq`` is greater than ``past``, in order: all, or some kinds.
        ``as_kept``: those too that are not what was entered, for who looks at the chain itself.

        Raises:
            MbrError: One is not what was entered: nothing is built on it.
        """
        wanted = sa.select(ledger).where(ledger.c.msp_id == msp_id, ledger.c.seq > past)
        if kinds:
            wanted = wanted.where(ledger.c.kind.in_(kinds))
        found = self._connection.execute(wanted.order_by(ledger.c.seq).execution_options(yield_per=1000))
        for row in found:
            fields = dict(row._mapping)
            entry = Entry(**fields | {"body": _body(fields)})
            if not (as_kept or is_as_entered(entry)):
                raise _changed(fields)
            yield entry

    def head(self, msp_id: str) -> Head:
        """Return the end of an MSP's chain."""
        found = self._connection.execute(
            sa.select(ledger.c.seq, ledger.c.at, ledger.c.hash)
            .where(ledger.c.msp_id == msp_id)
            .order_by(ledger.c.seq.desc())
            .limit(1)
        ).first()
        return Head(*found) if found else Head()

    def msp_ids(self) -> list[str]:
        """Return the MSPs that have entries."""
        return list(
            self._connection.execute(
                sa.select(ledger.c.msp_id).distinct().order_by(ledger.c.msp_id)
            ).scalars()
        )


class Appending(Chains):
    """Reading and appending in one transaction of the only writer: what is read stays so until it ends."""

    def __init__(self, connection: sa.Connection, time: Callable[[], datetime] = clock) -> None:
        """Use a writer's transaction."""
        super().__init__(connection)
        self._time = time

    def append(self, msp_id: str, drafts: Iterable[Draft]) -> list[Entry]:
        """Append to an MSP's chain.

        Raises:
            ValueError: A draft is no entry.
            ConfigError: A text of it cannot be kept.
        """
        head, made = self.head(msp_id), list[Entry]()
        now = written(self._time())
        for draft in drafts:
            entry = after(head, msp_id, draft, now)
            head = Head(entry.seq, entry.at, entry.hash)
            made.append(entry)
        if made:
            rows = [entry.fields() | {"body": canonical(entry.body)} for entry in made]
            self._connection.execute(ledger.insert(), rows)
        return made


def _body(fields: Mapping[str, Any]) -> dict[str, Any]:
    try:
        body = json.loads(fields["body"])
    except (TypeError, ValueError):
        body = None
    if not isinstance(body, dict):
        raise _changed(fields)
    return body


def _changed(fields: Mapping[str, Any]) -> MbrError:
    return MbrError(
        f"the ledger's entry {fields['seq']} of {fields['msp_id']} was changed after it was entered:"
        " restore the ledger from a backup, `mbr verify` names all that differs"
    )


@contextmanager
def reading(database: Database) -> Iterator[Chains]:
    """Read the chains as they stand now.

    Raises:
        MbrError: The database cannot be read.
    """
    with database.reading() as connection:
        yield Chains(connection)


@contextmanager
def appending(database: Database, time: Callable[[], datetime] = clock) -> Iterator[Appending]:
    """Read and append: all that is appended is kept, or after an error or a kill none of it.

    Raises:
        MbrError: The database cannot be written, or refuses an entry.
    """
    with database.writing() as connection:
        yield Appending(connection, time)
