"""Which publications of a month can be compared, and choosing two: those in force, replaced and closed.

What belongs here: naming and choosing. What does not: what a difference is
(``mbr_pipeline.publish.differences``), and closed versions among themselves (``versions_compared``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mbr_pipeline.decide.in_force import closing
from mbr_pipeline.errors import ConfigError, GateClosed
from mbr_pipeline.publish.damage import remedy
from mbr_pipeline.publish.publications import publications
from mbr_pipeline.publish.versions import is_named_by_content, versions_of
from mbr_pipeline.release.version import closed_version, version_folder
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.workspace import Workspace

_SHORTEST = 4
"""So many characters of a publication's name are needed; closed versions have shorter ones."""


@dataclass(frozen=True)
class Kept:
    """A publication of a month that is kept.

    Attributes:
        name: As in the view ``publications``, or the number of a closed version.
        folder: Its tables.
        at: When it came into force or was closed, UTC, ``YYYY-MM-DD HH:MM:SS``; None if nobody noted it.
        inputs_hash: Fingerprint of what it was computed from; None if nobody noted it.
        is_closed: Whether it is a closed version.
        is_in_force: Whether the published tables are of it.
    """

    name: str
    folder: Path
    at: str | None
    inputs_hash: str | None
    is_closed: bool = False
    is_in_force: bool = False


def chosen(
    workspace: Workspace, msp_id: str, period: str, before: str | None = None, after: str | None = None
) -> tuple[Kept, Kept]:
    """Return two publications: by default the one in force, and the newest one before it with other tables.

    Args:
        workspace: Whose month.
        msp_id: Whose month.
        period: The month.
        before: The number of a closed version, or how a publication's name begins; None: by default.
        after: Likewise.

    Raises:
        ConfigError: There are no such two.
        GateClosed: One of them is not what was published or closed.
    """
    month = workspace.month(msp_id, period)
    kept = _kept(workspace, month)
    if not kept:
        run = f"mbr run --period {month.period.text} --msp {msp_id}"
        raise ConfigError(
            f"{msp_id} {month.period.text} was never published: there is nothing to compare: `{run}`"
        )
    last = _named(kept, month, after) if after else next(one for one in kept if one.is_in_force)
    _refuse_damaged(workspace, month, last)
    first = _named(kept, month, before) if before else _before(kept, month, last)
    _refuse_damaged(workspace, month, first)
    return first, last


def _kept(workspace: Workspace, month: MonthPaths) -> list[Kept]:
    """Return what is kept of a month, oldest first."""
    folder = versions_of(month.published)
    found = [
        Kept(
            one.version,
            folder / f".{one.version}",
            one.published_at,
            one.inputs_hash,
            is_in_force=one.is_in_force,
        )
        for one in publications(workspace.paths.published)
        if (one.msp_id, one.period) == (month.msp_id, month.period.text)
    ]
    if not any(one.is_in_force for one in found):
        return []
    for number, entry in enumerate(closing(month).versions, 1):
        at = entry.at[:19].replace("T", " ")
        found.append(Kept(str(number), version_folder(month, number), at, None, is_closed=True))
    return sorted(found, key=lambda one: (one.at or "", one.is_in_force, one.is_closed))


def _named(kept: list[Kept], month: MonthPaths, name: str) -> Kept:
    fits = [one for one in kept if one.name == name]
    if not fits and len(name) >= _SHORTEST:
        fits = [one for one in kept if not one.is_closed and one.name.startswith(name)]
    if len(fits) == 1:
        return fits[0]
    there = ", ".join(_said(one) for one in kept)
    problem = "names more than one publication" if fits else "is no publication that is kept"
    raise ConfigError(f"{name!r} {problem} of {month.msp_id} {month.period.text}: there are {there}")


def _before(kept: list[Kept], month: MonthPaths, last: Kept) -> Kept:
    tables = _tables(last)
    for one in reversed(kept[: kept.index(last)]):
        if _tables(one) != tables:
            return one
    raise ConfigError(
        f"nothing with other tables is kept of {month.msp_id} {month.period.text} from before {_said(last)}:"
        " there is nothing to compare it with"
    )


def _tables(one: Kept) -> dict[str, str]:
    return {path.stem: sha256_of(path) for path in one.folder.glob("*.parquet")}


def _said(one: Kept) -> str:
    return f"{'version ' if one.is_closed else ''}{one.name}{f' of {one.at} UTC' if one.at else ''}"


def _refuse_damaged(workspace: Workspace, month: MonthPaths, one: Kept) -> None:
    if one.is_closed:
        closed_version(workspace, month.msp_id, month.period.text, int(one.name))
    elif is_named_by_content(one.folder) is False:
        what_to_do = remedy(month) if one.is_in_force else "compare with another"
        raise GateClosed(f"the tables in {one.folder} are damaged: {what_to_do}")
