"""When each publication came into force and from which inputs: a record beside each version folder, and the
view ``publications`` over them.

What belongs here: records of publications, and their view in the catalogue. What does not: the tables
themselves (``mbr_pipeline.publish.versions``), which hold no clock time: equal tables have equal bytes.
Closed versions have records of their own.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from mbr_pipeline.publish.versions import current_places, record_of, replaced_versions, unread_versions
from mbr_pipeline.storage.atomic_files import write_text
from mbr_pipeline.storage.warehouse import quoted

VIEW = "publications"

COLUMNS = {
    "msp_id": "The MSP.",
    "period": "Calendar month YYYY-MM.",
    "version": "Names the publication: the first digits of a hash of its tables.",
    "published_at": "When it came into force, UTC. Empty if an earlier release published it.",
    "inputs_hash": "Fingerprint of the landed files, rules, decisions and settings it was computed from.",
    "is_in_force": "Whether the tables beside this view are of this publication.",
}
_MEANING = "Publications that are kept: those in force, and of each month the newest that was replaced."


@dataclass(frozen=True)
class Publication:
    """One publication of a month that is kept; ``published_at`` and ``inputs_hash`` are None if an earlier
    release made it.
    """

    msp_id: str
    period: str
    version: str
    published_at: str | None
    inputs_hash: str | None
    is_in_force: bool


def note(place: Path, inputs_hash: str, replaced: bool, at: str | None = None) -> None:
    """Record that a month's publication came into force now; of one that was in force before, nothing changes
    but the inputs, if they are others.

    Args:
        place: ``published/<msp_id>/<period>``.
        inputs_hash: Fingerprint of what the tables were computed from.
        replaced: Whether another publication, or none, was in force before.
        at: When it came into force, if that was not now but earlier, elsewhere.
    """
    record = record_of(Path(os.path.realpath(place)))
    if not replaced and _read(record)[1] == inputs_hash:
        return
    write_text(record, _text(at or datetime.now(UTC).isoformat(timespec="seconds"), inputs_hash))


def is_record_sound(record: Path) -> bool:
    """Whether a record is as it was written, byte for byte: it carries the hash of what it says."""
    try:
        text = record.read_text(encoding="utf-8")
        content = json.loads(text)
        return text == _text(content["published_at"], content["inputs_hash"])
    except (OSError, ValueError, TypeError, KeyError):
        return False


def _text(at: str, inputs_hash: str) -> str:
    content = {"published_at": at, "inputs_hash": inputs_hash}
    digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()
    return json.dumps(content | {"sha256": digest}, indent=2) + "\n"


def publications(published: Path) -> list[Publication]:
    """Return the publications that are kept, by MSP and month, the one in force first."""
    found = [
        Publication(place.parent.name, place.name, *_named(Path(os.path.realpath(place))), is_in_force=True)
        for place in current_places(published)
    ]
    leaving = set(unread_versions(published))
    for version in replaced_versions(published):
        period = version.parent.name.removesuffix(".versions")
        if (
            version not in leaving and record_of(version).exists()
        ):  # else it never came into force, or an earlier release made it
            msp_id = version.parent.parent.name
            found.append(Publication(msp_id, period, *_named(version), is_in_force=False))
    return sorted(found, key=lambda one: (one.msp_id, one.period, not one.is_in_force, one.version))


def create_view(connection: duckdb.DuckDBPyConnection, listed: Sequence[Publication]) -> None:
    """Create the view ``publications`` in a catalogue, with its meaning."""
    rows = ", ".join(f"({', '.join(map(_literal, vars(one).values()))})" for one in listed)
    typed = ", ".join(f"{name}::{_TYPES.get(name, 'varchar')} as {name}" for name in COLUMNS)
    source = rows or f"({', '.join('null' for _ in COLUMNS)})"
    where = "" if rows else " where false"
    connection.execute(
        f"create view {VIEW} as select {typed} from (values {source}) as _({', '.join(COLUMNS)}){where}"
    )
    connection.execute(f"comment on view {VIEW} is {quoted(_MEANING)}")
    for name, words in COLUMNS.items():
        connection.execute(f"comment on column {VIEW}.{name} is {quoted(words)}")


_TYPES = {"published_at": "timestamp", "is_in_force": "boolean"}


def _literal(value: str | bool | None) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return quoted(value)


def _named(version: Path) -> tuple[str, str | None, str | None]:
    return (version.name.removeprefix("."), *_read(record_of(version)))


def _read(record: Path) -> tuple[str | None, str | None]:
    """Return a record's time and inputs; one that cannot be read says nothing."""
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
        at = datetime.fromisoformat(content["published_at"]).astimezone(UTC)
        return at.strftime("%Y-%m-%d %H:%M:%S"), str(content["inputs_hash"])
    except (OSError, ValueError, TypeError, KeyError):
        return None, None
