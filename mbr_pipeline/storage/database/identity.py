"""Which ledger a database holds, also after it was moved or restored from a backup.

What belongs here: a name that no other ledger has. What does not: who compares it (``mbr_pipeline.mirror``).
"""

from __future__ import annotations

from uuid import uuid4

import sqlalchemy as sa

from mbr_pipeline.storage.database.opening import Database
from mbr_pipeline.storage.database.tables import identity


def ledger_id(database: Database) -> str:
    """Return the ledger's name, which whoever asks first gives it.

    Raises:
        MbrError: The database cannot be reached, read or written.
    """
    with database.reading() as connection:
        found = connection.execute(sa.select(identity.c.ledger_id)).scalar()
    if found is None:
        with database.writing() as connection:
            found = connection.execute(sa.select(identity.c.ledger_id)).scalar()
            if found is None:
                found = uuid4().hex
                connection.execute(identity.insert().values(ledger_id=found))
    return str(found)
