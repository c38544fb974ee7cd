"""One entry of a chain: its ten fields and its hash (contract §8.1).

What belongs here: the form that is hashed, and whether entries are a chain. What does not: where they are
kept (``chains``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mbr_pipeline.errors import ConfigError

KINDS = (
    "approve", "waive", "dispute", "defer", "release", "confirm", "refuse", "withdraw", "denied",
    "close", "reopen", "seal", "export", "land", "map_accept", "source_add",
)  # fmt: skip
"""What can be entered."""

_SHOWN = 100
"""Characters of a refused text that are told."""

BEFORE_THE_FIRST = "0" * 64
"""The ``prev_hash`` of the first entry of a chain."""


@dataclass(frozen=True)
class Draft:
    """What somebody did, before it is entered.

    Attributes:
        kind: One of :data:`KINDS`.
        period: ``YYYY-MM``, or None where it is about no month.
        body: A JSON object; its numbers are text.
        actor: Who did it.
    """

    kind: str
    period: str | None
    body: Mapping[str, Any]
    actor: str


@dataclass(frozen=True)
class Entry:
    """One entry as it is kept. ``at`` is UTC, ``YYYY-MM-DDTHH:MM:SS.ffffffZ``."""

    msp_id: str
    seq: int
    entry_id: str
    at: str
    actor: str
    kind: str
    period: str | None
    body: Mapping[str, Any]
    prev_hash: str
    hash: str

    def fields(self) -> dict[str, Any]:
        """Return the ten fields, in the order of the contract."""
        return {name: getattr(self, name) for name in _FIELDS}


_FIELDS = ("msp_id", "seq", "entry_id", "at", "actor", "kind", "period", "body", "prev_hash", "hash")


@dataclass(frozen=True)
class Head:
    """The end of a chain: how many entries, and the time and hash of the last."""

    seq: int = 0
    at: str = ""
    hash: str = BEFORE_THE_FIRST


def canonical(value: Any) -> str:
    """Return the JSON text that is hashed and kept."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def after(head: Head, msp_id: str, draft: Draft, now: str) -> Entry:
    """Return the entry that follows the head of a chain: at ``now``, or with a clock that was put back at the
    time of the entry before.

    Raises:
        ValueError: The draft is no entry: an unknown kind, or a number that is not text.
        ConfigError: Somebody wrote text that no database keeps (a NUL, half of a surrogate pair).
    """
    if draft.kind not in KINDS:
        raise ValueError(f"{draft.kind!r} is no kind of entry")
    _refuse(draft.body, "body")
    _refuse(draft.actor, "actor")
    body = json.loads(canonical(draft.body))
    rest = {
        "msp_id": msp_id,
        "seq": head.seq + 1,
        "at": max(now, head.at),
        "actor": draft.actor,
        "kind": draft.kind,
        "period": draft.period,
        "body": body,
        "prev_hash": head.hash,
    }
    digest = _hash(rest)
    return Entry(entry_id=digest[:16], hash=digest, **rest)


def read(fields: Mapping[str, Any]) -> Entry:
    """Return the entry of ten fields, its hash as it is written: :func:`faults` checks it.

    Raises:
        ValueError: They are not exactly the ten fields.
    """
    if set(fields) != set(_FIELDS):
        raise ValueError(f"an entry has exactly the fields {', '.join(_FIELDS)}")
    return Entry(**fields)


def is_as_entered(entry: Entry) -> bool:
    """Whether an entry is what its hash was made of: nobody changed it alone."""
    return entry.hash == _hash(_hashed(entry))


def faults(msp_id: str, entries: Iterable[Entry]) -> Iterator[str]:
    """Yield what is wrong with a chain, naming the entry, as far as its parts agree with each other; one that
    was made anew as a whole is told by its head alone, which closing prints and the evidence carries.
    """
    before = Head()
    for entry in entries:
        about = f"entry {entry.seq} of {msp_id}"
        if entry.msp_id != msp_id:
            yield f"{about}: it is of {entry.msp_id}"
        if entry.seq != before.seq + 1:
            yield f"{about}: it follows entry {before.seq}: entries are missing, doubled or in another order"
        if entry.prev_hash != before.hash:
            yield f"{about}: it was made after another entry than the one before it"
        if not is_as_entered(entry):
            yield f"{about}: it was changed after it was entered"
        elif entry.entry_id != entry.hash[:16]:
            yield f"{about}: its id was changed"
        if entry.at < before.at:
            yield f"{about}: it is older than the entry before it"
        before = Head(entry.seq, entry.at, entry.hash)


def _hashed(entry: Entry) -> dict[str, Any]:
    return {name: value for name, value in entry.fields().items() if name not in ("entry_id", "hash")}


def _hash(rest: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(rest).encode("utf-8", "surrogatepass")).hexdigest()


def _refuse(value: Any, place: str) -> None:
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
            what = f"{place.removeprefix('body.')}: {value[:_SHOWN]!r}"
            raise ConfigError(f"{what} has a character that no ledger keeps: write it without")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            _refuse(key, place)
            _refuse(inner, f"{place}.{key}")
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse(inner, place)
    elif value is not None and not isinstance(value, bool):
        raise ValueError(f"{place}: {value!r} is a number: write it as text")
