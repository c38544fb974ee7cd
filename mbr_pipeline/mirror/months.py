"""What a month came to, in the store: its publication, its report, and what is kept for ever.

What belongs here: claiming a month for a run, and moving its pointer. What does not: whether a month may be
published (``mbr_pipeline.audit.certificate``) and how a machine shows what the store has
(``mbr_pipeline.publish.stored``).

One pointer of each month names everything. It carries the token of the newest run that began: a number that
only grows. What an older run wants to publish is refused, however late it comes and wherever it was held up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from mbr_pipeline.errors import MbrError
from mbr_pipeline.mirror.files import Files, as_data, listed, put
from mbr_pipeline.mirror.opening import Mirror
from mbr_pipeline.mirror.pointers import move, name_of, read
from mbr_pipeline.storage.atomic_files import write_json
from mbr_pipeline.workspace.paths import MonthPaths

POINTER = "month.json"


@dataclass(frozen=True)
class Claim:
    """A run's right to a month: ``token`` is its number, ``holder`` tells it from others."""

    token: int
    holder: str


@dataclass(frozen=True)
class Published:
    """A publication in the store."""

    tables: Files
    inputs_hash: str
    published_at: str


class OldToken(MbrError):
    """A newer run has begun this month: what this one wants to put into the store is refused."""


def claim(mirror: Mirror, month: MonthPaths, token: int | None = None) -> Claim:
    """Claim a month for a run that begins: whichever runs claimed it before can publish nothing any more.

    Args:
        mirror: Where.
        month: Which.
        token: The number that the run was given where runs are handed out; without it, the next one.

    Raises:
        OldToken: A run with this number or a higher one has begun already.
        ConfigError: The store is not this ledger's.
    """
    mirror.claim()
    before = _claimed(month)
    mine: list[Claim] = []

    def claimed(now: dict[str, Any] | None) -> dict[str, Any]:
        highest = now["token"] if now else 0
        if token is not None and token <= highest:
            if now and before == Claim(token, now["holder"]):
                mine.append(before)
                return now  # the same run, begun again
            raise OldToken(_OLD.format(month.msp_id, month.period.text, token, highest))
        mine.append(Claim(highest + 1 if token is None else token, uuid4().hex))
        return {**(now or _NOTHING), **asdict(mine[-1])}

    move(mirror.store, name_of(month, POINTER), claimed)
    write_json(_claim_file(month), asdict(mine[-1]))
    return mine[-1]


def newest(mirror: Mirror, month: MonthPaths) -> int:
    """Return the number of the newest run that claimed a month; 0 if none did."""
    content, _ = read(mirror.store, name_of(month, POINTER))
    return int(content["token"]) if content else 0


def publish(
    mirror: Mirror, month: MonthPaths, folder: Path, hashes: Mapping[str, str], inputs_hash: str
) -> str:
    """Put a month's audited tables into the store and point at them; returns when they came into force.

    Args:
        mirror: Where.
        month: Whose.
        folder: Where the tables lie.
        hashes: SHA-256 of each, by its name, as certified.
        inputs_hash: Fingerprint of what they were computed from.

    Raises:
        OldToken: A newer run has begun; nothing was changed.
        MbrError: What is in the store is not what was audited.
    """
    files = {f"{name}.parquet": folder / f"{name}.parquet" for name in hashes}
    held = _held(month)
    known = _known(month, _refuse_old(month, held, read(mirror.store, name_of(month, POINTER))[0]))
    tables = put(mirror.store, f"published/{month.msp_id}/{month.period.text}", files, known)
    if {place.removesuffix(".parquet"): file.sha256 for place, file in tables.items()} != dict(hashes):
        raise MbrError(f"{folder} is not what was audited: run the month again; nothing was published")

    def published(now: dict[str, Any] | None) -> dict[str, Any]:
        there = _refuse_old(month, held, now)
        listed_tables = as_data(tables)
        before = there["published"]
        is_same = before and (before["tables"], before["inputs_hash"]) == (listed_tables, inputs_hash)
        at.append(before["published_at"] if is_same else datetime.now(UTC).isoformat(timespec="seconds"))
        facts = {"tables": listed_tables, "inputs_hash": inputs_hash, "published_at": at[-1]}
        return {**there, "published": facts}

    at: list[str] = []
    move(mirror.store, name_of(month, POINTER), published)
    return at[-1]


def report(mirror: Mirror, month: MonthPaths, files: Mapping[str, Path]) -> None:
    """Put a month's report into the store, in place of the one before.

    Raises:
        OldToken: A newer run has begun; nothing was changed.
    """
    held = _held(month)
    known = _known(month, _refuse_old(month, held, read(mirror.store, name_of(month, POINTER))[0]))
    stored = put(mirror.store, f"reports/{month.msp_id}/{month.period.text}", files, known)
    move(
        mirror.store,
        name_of(month, POINTER),
        lambda now: {**_refuse_old(month, held, now), "reports": as_data(stored)},
    )


def keep(mirror: Mirror, month: MonthPaths, area: str, files: Mapping[str, Path]) -> None:
    """Put files into the store that stay for ever: closed versions and exports.

    Args:
        mirror: Where.
        month: Whose.
        area: ``published`` or ``exports``: the folder that they are of.
        files: By their places below the month's folder there.

    Raises:
        MbrError: Something that is kept would go: it is neither in its place nor in another.
    """
    mirror.claim()
    known = _known(month, read(mirror.store, name_of(month, POINTER))[0] or _NOTHING)
    stored = put(mirror.store, f"{area}/{month.msp_id}/{month.period.text}", files, known)

    def kept(now: dict[str, Any] | None) -> dict[str, Any]:
        there = now or _NOTHING
        before = there["kept"].get(area, {})
        after = {**before, **as_data(stored)}
        stay = {facts["sha256"] for facts in after.values()}
        for place, facts in before.items():
            if facts["sha256"] not in stay:
                raise MbrError(
                    f"{area}/{month.msp_id}/{month.period.text}/{place} is not what the store keeps: bring it"
                    " back from a backup, or remove it here: then it comes from the store"
                )
        return {**there, "kept": {**there["kept"], area: after}}

    move(mirror.store, name_of(month, POINTER), kept)


def is_claimed_here(content: Mapping[str, Any], month: MonthPaths) -> bool:
    """Whether the newest run of a month is this machine's: it knows more of it than the store."""
    return _claimed(month) == Claim(content["token"], content["holder"])


def published_of(content: Mapping[str, Any], month: MonthPaths) -> Published | None:
    """Return the publication that a month's pointer names."""
    if not (found := content["published"]):
        return None
    tables = listed(found["tables"], name_of(month, POINTER))
    return Published(tables, str(found["inputs_hash"]), str(found["published_at"]))


def others_of(content: Mapping[str, Any], month: MonthPaths) -> dict[str, Files]:
    """Return the other files that a month's pointer names, by ``reports``, ``exports`` and ``published``."""
    name = name_of(month, POINTER)
    return {"reports": listed(content["reports"], name)} | {
        area: listed(files, name)
        for area, files in content["kept"].items()
        if area in ("exports", "published")
    }


_NOTHING: dict[str, Any] = {"token": 0, "holder": "", "published": None, "reports": {}, "kept": {}}

_OLD = (
    "{} {}: run {} is too old: run {} of this month has begun since, here or on another machine; nothing was"
    " changed in the store: look at what that run says, or run the month again"
)


def _known(month: MonthPaths, content: Mapping[str, Any]) -> Files:
    found = {f"{area}/{place}": file for area, files in others_of(content, month).items()
             for place, file in files.items()}  # fmt: skip
    published = published_of(content, month)
    return {**found, **(published.tables if published else {})}


def _refuse_old(month: MonthPaths, held: Claim, now: dict[str, Any] | None) -> dict[str, Any]:
    there = now or _NOTHING
    if Claim(there["token"], there["holder"]) != held:
        raise OldToken(_OLD.format(month.msp_id, month.period.text, held.token, there["token"]))
    return there


def _claim_file(month: MonthPaths) -> Path:
    return month.folder / "claim.json"


def _claimed(month: MonthPaths) -> Claim | None:
    try:
        content = json.loads(_claim_file(month).read_text(encoding="utf-8"))
        return Claim(int(content["token"]), str(content["holder"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _held(month: MonthPaths) -> Claim:
    held = _claimed(month)
    if held is None:
        raise MbrError(
            f"{month.msp_id} {month.period.text}: this machine has not begun a run of it: run the month here"
        )
    return held
