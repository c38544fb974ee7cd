"""Passwords of people, hashed with argon2id, in the ledger's database.

What belongs here: setting and checking. What does not: how often somebody may try (``throttle``).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.storage.database.opening import URL_VARIABLE, Database, open_database
from mbr_pipeline.storage.database.tables import passwords
from mbr_pipeline.storage.database.times import now as clock
from mbr_pipeline.storage.database.times import written
from mbr_pipeline.workspace.workspace import Workspace

SHORTEST = 8
LONGEST = 1000
"""Characters: NIST SP 800-63B asks for no fewer than 8; a longer text than 1,000 only costs time."""

_HASHER = PasswordHasher()
_OF_NOBODY = _HASHER.hash(os.urandom(16).hex())
"""Checked for those who have none: the answer takes as long, and tells nobody who there is."""


def set_password(
    workspace: Workspace, person: str, password: str, time: Callable[[], datetime] = clock
) -> bool:
    """Set a person's password, and return whether there was one before. Who is signed in with it is signed
    out.

    Raises:
        ConfigError: The person is not in ``people``, or the password is too short or too long.
        MbrError: The ledger's database cannot be written.
    """
    if person not in workspace.settings.people:
        raise ConfigError(f"{person} is not among `people` in mbr.yml: write the name and its roles there")
    if not SHORTEST <= len(password) <= LONGEST:
        raise ConfigError(f"a password has {SHORTEST} to {LONGEST:,} characters: choose another")
    row = {"hash": _HASHER.hash(password), "set_at": written(time())}
    with open_database(workspace.paths.ledger).writing() as connection:
        was = connection.execute(sa.delete(passwords).where(passwords.c.person == person)).rowcount
        connection.execute(sa.insert(passwords).values(person=person, **row))
    return bool(was)


def is_right(workspace: Workspace, person: str, password: str) -> bool:
    """Whether a password is a person's. It takes a twentieth of a second and 64 MiB."""
    found = _hash_of(workspace, person)
    try:
        right = _HASHER.verify(found or _OF_NOBODY, password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return right and found is not None


def mark_of(workspace: Workspace, person: str) -> str | None:
    """Return what changes when a person's password does; None where the person has none."""
    return _hash_of(workspace, person)


def _hash_of(workspace: Workspace, person: str) -> str | None:
    database = _database(workspace)
    if database is None or person not in workspace.settings.people:
        return None
    with database.reading() as connection:
        found: str | None = connection.execute(
            sa.select(passwords.c.hash).where(passwords.c.person == person)
        ).scalar()
    return found


def _database(workspace: Workspace) -> Database | None:
    """Return the database; none is made only to find nothing in it."""
    if not os.environ.get(URL_VARIABLE) and not workspace.paths.ledger.exists():
        return None
    return open_database(workspace.paths.ledger)
