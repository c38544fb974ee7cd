"""What `mbr export` does: who may, of which version, once, and under one entry (contract §10).

What belongs here: the order of steps. What does not: what is written (``targets``), options and printing
(``mbr_pipeline.cli.export``).

The files are written and checked beside their place; then the entry is appended; then the folder is put in
place with the entry's id. A command that was cut off before the entry left nothing; one that was cut off
after it is finished by the next one, under the entry that is there.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from mbr_pipeline.decide.closed import closing_of
from mbr_pipeline.decide.command import Scope, allow
from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.decide.ledger.chains import appending
from mbr_pipeline.decide.ledger.entries import BEFORE_THE_FIRST, Draft, Entry
from mbr_pipeline.errors import ConfigError, GateClosed, MbrError
from mbr_pipeline.publish.stored import send_kept
from mbr_pipeline.release.exports import placing
from mbr_pipeline.release.exports.content import Content
from mbr_pipeline.release.exports.history import (
    exports_of,
    folder_of,
    of_version,
    placed_under,
    versions_before,
)
from mbr_pipeline.release.exports.manifest import manifest_hash, totals
from mbr_pipeline.release.exports.opening import newest_closed, version_content, would_be
from mbr_pipeline.release.exports.targets import ACCOUNTING, export_of, refuse_wrong
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.storage.locks import locked_alone
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.workspace import Workspace

Finish = Callable[[Entry, Path], object | None]
"""Finishes the export of an entry in its folder; None where that cannot be."""


@dataclass(frozen=True)
class Wish:
    """What is asked for.

    Attributes:
        target: One of the targets.
        options: ``full``, ``all``.
        is_again: Make another export although there is one.
        is_dry_run: Write nothing.
    """

    target: str
    options: frozenset[str] = frozenset()
    is_again: bool = False
    is_dry_run: bool = False


@dataclass(frozen=True)
class Exported:
    """What was done.

    Attributes:
        manifest: As it is written.
        folder: Where; None in a dry run.
        state: Whether it was made now, or one that was cut off was finished.
    """

    manifest: Mapping[str, Any]
    folder: Path | None
    state: Literal["exported", "finished", "dry_run"]


def export(workspace: Workspace, msp_id: str, period: str, wish: Wish, actor: str) -> Exported:
    """Export the newest closed version of a month to a target.

    Raises:
        ConfigError: The actor may not, the month is not closed, it was exported to that target already, or
            words of the accounting system are missing.
        GateClosed: The closed version, or a landed file of it, is not what was closed.
        MbrError: What was written cannot be read back as it was.
    """
    refuse_wrong(wish.target, wish.options)
    month = workspace.month(msp_id, period)
    text = month.period.text
    allow(workspace, actor, "export", {msp_id: text}, Scope(msp_id, text, wish.is_dry_run))
    if wish.is_dry_run:
        return _dry_run(workspace, month, wish, actor)
    send_kept(workspace, month)  # what a kill kept from it
    done = _once(workspace, month, wish, actor)
    send_kept(workspace, month)
    return done


def _once(workspace: Workspace, month: MonthPaths, wish: Wish, actor: str) -> Exported:
    """Export to a target that the version was not exported to, or finish an export that was cut off."""
    msp_id, text = month.msp_id, month.period.text
    with locked_alone(workspace.paths.warehouse / "exports.lock"):
        entries = chain(workspace.paths, msp_id)
        number = newest_closed(entries, month)
        made = exports_of(entries, text, wish.target)
        mine = of_version(made, number)
        folder = folder_of(month, number, wish.target)
        if mine and placed_under(folder) != mine[-1].entry_id:
            finished = _finish(workspace, month, made, mine[-1], folder)
            if finished is not None:
                return finished
            if not wish.is_again:
                raise _cannot_be_finished(month, mine[-1])
        elif mine and not wish.is_again:
            raise _twice(month, mine[0], folder)
        if not _is_whole(wish):
            _finish_earlier(month, made, number, partial(_finish, workspace, month, made))
        return _export(workspace, month, number, wish, actor, entries)


def _twice(month: MonthPaths, first: Entry, folder: Path) -> ConfigError:
    return ConfigError(
        f"{month.msp_id} {month.period.text} version {first.body['version']} was exported to"
        f" {first.body['target']} already, by {first.actor} at {first.at} (entry {first.entry_id}, {folder}):"
        " importing it twice would bill twice; use --again if that is what you want"
    )


def _cannot_be_finished(month: MonthPaths, entry: Entry) -> GateClosed:
    return GateClosed(
        f"{month.msp_id} {month.period.text}: the export to {entry.body['target']} by {entry.actor} at"
        f" {entry.at} was cut off, and what it was made from has changed since: put it back, or export anew"
        " with --again"
    )


def _export(
    workspace: Workspace,
    month: MonthPaths,
    number: int,
    wish: Wish,
    actor: str,
    entries: Sequence[Entry],
) -> Exported:
    folder = folder_of(month, number, wish.target)
    building = _building(folder)
    made = exports_of(entries, month.period.text, wish.target)
    content = version_content(workspace, month, number)
    manifest = _manifest(workspace, content, wish, made, building)
    try:
        entry = _entered(workspace, month, wish, manifest, actor, len(entries))
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    placing.place(building, folder, manifest | {"entry_id": entry.entry_id})
    return Exported(manifest | {"entry_id": entry.entry_id}, folder, "exported")


def _entered(
    workspace: Workspace,
    month: MonthPaths,
    wish: Wish,
    manifest: dict[str, Any],
    actor: str,
    seen: int,
) -> Entry:
    """Append the entry of an export and complete its manifest with what the entry is made of.

    Raises:
        MbrError: The month's state is no longer what was seen.
    """
    with appending(open_database(workspace.paths.ledger)) as chains:
        for entry in chains.entries(month.msp_id, seen):
            if entry.period == month.period.text and entry.kind in ("close", "reopen", "export"):
                raise MbrError(
                    f"{month.msp_id} {month.period.text}: {entry.actor} did {entry.kind} meanwhile: look at"
                    " `mbr ledger`, then repeat; nothing was exported"
                )
        manifest |= {"chain_head": chains.head(month.msp_id).hash, "actor": actor}
        body = {
            "version": str(manifest["version"]),
            "target": wish.target,
            "manifest": manifest_hash(manifest),
            "options": sorted(wish.options),
        }
        [entry] = chains.append(month.msp_id, [Draft("export", month.period.text, body, actor)])
    return entry


def _finish(
    workspace: Workspace, month: MonthPaths, made: Sequence[Entry], entry: Entry, folder: Path
) -> Exported | None:
    """Place the folder of an entry whose command was cut off; None where it cannot be made as it was."""
    building = _building(folder)
    manifest = _as_entered(workspace, month, entry, made, building)
    if manifest is None:
        return None
    open_database(workspace.paths.ledger).settle()
    placing.place(building, folder, manifest)
    return Exported(manifest, folder, "finished")


def _as_entered(
    workspace: Workspace, month: MonthPaths, entry: Entry, made: Sequence[Entry], building: Path
) -> dict[str, Any] | None:
    """Write the files of an entry again and return their manifest; None where it is another."""
    earlier = [each for each in made if each.seq < entry.seq]
    options = frozenset(entry.body.get("options", ()))
    wish = Wish(entry.body["target"], options)
    content = version_content(workspace, month, int(entry.body["version"]))
    manifest = _manifest(workspace, content, wish, earlier, building)
    manifest |= {"chain_head": entry.prev_hash, "actor": entry.actor}
    if manifest_hash(manifest) != entry.body["manifest"]:
        shutil.rmtree(building)
        return None
    return manifest | {"entry_id": entry.entry_id}


def _finish_earlier(month: MonthPaths, made: Sequence[Entry], number: int, finish: Finish) -> None:
    """Finish cut-off exports of earlier versions: what differs from them is only right if they are there."""
    for earlier in versions_before(made, number):
        entry = of_version(made, earlier)[-1]
        folder = folder_of(month, earlier, entry.body["target"])
        if placed_under(folder) != entry.entry_id and finish(entry, folder) is None:
            raise GateClosed(
                f"{month.msp_id} {month.period.text}: the export of version {earlier} to"
                f" {entry.body['target']} (entry {entry.entry_id}) is not in {folder} and cannot be made as"
                " it was: restore it from a backup, or if it was never imported export everything with --full"
            )


def _is_whole(wish: Wish) -> bool:
    """Whether everything is written, whatever was exported before."""
    return wish.target not in ACCOUNTING or "full" in wish.options


def _building(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.building")


def _dry_run(workspace: Workspace, month: MonthPaths, wish: Wish, actor: str) -> Exported:
    """Make the files where nobody looks, and refuse what an export would refuse."""
    entries = chain(workspace.paths, month.msp_id)
    closing = closing_of(entries, month.period.text)
    content = would_be(workspace, month, closing)
    made = exports_of(entries, month.period.text, wish.target)
    mine = of_version(made, content.number)
    with TemporaryDirectory(prefix="mbr-export-") as place:
        building = Path(place) / wish.target

        def finish(entry: Entry, _: Path) -> Mapping[str, Any] | None:
            return _as_entered(workspace, month, entry, made, building)

        if mine and not wish.is_again:
            folder = folder_of(month, content.number, wish.target)
            if placed_under(folder) == mine[-1].entry_id:
                raise _twice(month, mine[0], folder)
            if finish(mine[-1], folder) is None:
                raise _cannot_be_finished(month, mine[-1])
        if not _is_whole(wish):
            _finish_earlier(month, made, content.number, finish)
        manifest = _manifest(workspace, content, wish, made, building)
    head = entries[-1].hash if entries else BEFORE_THE_FIRST
    return Exported(manifest | {"chain_head": head, "actor": actor}, None, "dry_run")


def _manifest(
    workspace: Workspace, content: Content, wish: Wish, made: Sequence[Entry], building: Path
) -> dict[str, Any]:
    """Write the files beside their place and return what the manifest says of them, without the entry."""
    month = content.month
    numbers = [] if _is_whole(wish) else versions_before(made, content.number)
    earlier = [version_content(workspace, month, number) for number in numbers]
    what = export_of(content, wish.target, earlier, "all" in wish.options)
    facts, exported = placing.build(building, what)
    clients = what.clients
    return {
        "msp_id": month.msp_id,
        "period": month.period.text,
        "version": content.number,
        "compared_with": numbers[0] if numbers else None,
        "target": wish.target,
        "files": facts,
        "totals": totals(content.landed_totals(clients), content.ready_totals(clients))
        if clients is not None
        else {},
        "exported": exported,
        "certificate": content.certificate,
        "chain_head": None,
        "actor": None,
        "entry_id": None,
        "tax_mode": what.tax_mode,
        **what.notes,
    }
