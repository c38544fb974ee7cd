"""Months as the workspace's object store has them: put there, and shown on this machine.

What belongs here: the store's part in each step of a month, all of it nothing in a workspace without one.
What does not: how pointers are moved (``mbr_pipeline.mirror.months``) and version folders are written
(``mbr_pipeline.publish.versions``).

The store comes first, this machine's folder after it: what the store refuses is shown nowhere, and what a
kill kept from being shown here is brought from the store by whatever command comes next.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.mirror import landing, months
from mbr_pipeline.mirror.files import Files, fetch
from mbr_pipeline.mirror.named import SETTINGS
from mbr_pipeline.mirror.opening import Mirror, mirror_of
from mbr_pipeline.mirror.pointers import name_of, read
from mbr_pipeline.periods import Period
from mbr_pipeline.publish.catalogue import refresh_catalogue
from mbr_pipeline.publish.publications import note, publications
from mbr_pipeline.publish.versions import holds, refuse_foreign_links, switch_to, versions_of
from mbr_pipeline.storage.atomic_files import sha256_of, write_json
from mbr_pipeline.storage.keeping import Kept
from mbr_pipeline.storage.locks import locked_alone
from mbr_pipeline.storage.unfinished import new_folder
from mbr_pipeline.workspace.paths import EARLY_FOLDER, EarlyPaths, MonthPaths, WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace


def bring_landed(workspace: Workspace, month: MonthPaths) -> None:
    """Bring this machine's landing folder up to the store's, as far as a month is computed from it."""
    if mirror := mirror_of(workspace.paths, workspace.settings):
        landing.pull(mirror, month.msp_id, month.period)


def begin(workspace: Workspace, month: MonthPaths, token: int | None) -> None:
    """Claim a month for the run that begins here, and bring what it is compared with. Who only looks at a
    month that goes on claims nothing.
    """
    mirror = mirror_of(workspace.paths, workspace.settings)
    if mirror and not isinstance(month, EarlyPaths):
        months.claim(mirror, month, token)
        _bring(mirror, [month])


def begin_leased(workspace: Workspace, month: MonthPaths, lease: Kept | None) -> None:
    """As :func:`begin`, with the token of the month's lease where machines share the work. The store may know
    higher numbers, of runs without a lease and of moving in: then the token grows beyond them.

    Raises:
        LeaseLost: Another process took the month over.
    """
    try:
        begin(workspace, month, lease.token if lease else None)
    except months.OldToken:
        mirror = mirror_of(workspace.paths, workspace.settings)
        if lease is None or mirror is None:
            raise
        lease.grow(months.newest(mirror, month))
        begin(workspace, month, lease.token)


def send_tables(
    workspace: Workspace, month: MonthPaths, hashes: Mapping[str, str], inputs_hash: str
) -> str | None:
    """Put the audited tables into the store and let its pointer name them, before this machine shows them;
    returns when they came into force there.
    """
    if mirror := mirror_of(workspace.paths, workspace.settings):
        return months.publish(mirror, month, month.candidate, hashes, inputs_hash)
    return None


def send_report(workspace: Workspace, month: MonthPaths) -> None:
    """Put a month's report, with the tables of a blocked month, into the store."""
    mirror = mirror_of(workspace.paths, workspace.settings)
    if mirror and not isinstance(month, EarlyPaths):
        months.report(mirror, month, _report_files(month))


def send_kept(workspace: Workspace, month: MonthPaths) -> None:
    """Put closed versions and exports of a month into the store."""
    if mirror := mirror_of(workspace.paths, workspace.settings):
        folders = {each.name: each for each in versions_of(month.published).glob("*/") if each.name.isdigit()}
        kept = {f"{n}/{path.name}": path for n, folder in folders.items() for path in folder.iterdir()}
        months.keep(mirror, month, "published", kept)
        months.keep(mirror, month, "exports", _below(month.exports))


def move_in(workspace: Workspace) -> int:
    """Put what a workspace has into its store, which does not have it yet; returns the number of months.

    Raises:
        ConfigError: The workspace names no store, or the store has something else already.
        MbrError: The store cannot be reached.
    """
    mirror = mirror_of(workspace.paths, workspace.settings)
    if not mirror:
        raise ConfigError(f"{SETTINGS} names no store: add `storage:` to it")
    paths = workspace.paths
    found = {
        (msp_id, Period(folder.name))
        for msp_id in workspace.msp_ids()
        for place in (paths.landing, paths.published, paths.reports)
        for folder in (place / msp_id).glob("*/")
        if Period.is_written(folder.name)
    }
    in_force = {(one.msp_id, one.period): one for one in publications(paths.published) if one.is_in_force}
    for msp_id, period in sorted(found, key=lambda each: (each[0], each[1].text)):
        month = paths.month(msp_id, period)
        landing.enter_all(mirror, month)
        content, _ = read(mirror.store, name_of(month, months.POINTER))
        if content and content["published"]:
            continue  # moved in before, or published by a machine that has
        months.claim(mirror, month)
        if one := in_force.get((msp_id, period.text)):
            hashes = {path.stem: sha256_of(path) for path in month.published.glob("*.parquet")}
            months.publish(mirror, month, month.published, hashes, one.inputs_hash or "")
        months.report(mirror, month, _report_files(month))
        send_kept(workspace, month)
    return len(found)


def bring_up(paths: WorkspacePaths) -> None:
    """Show on this machine what the store has: publications, reports, closed versions and exports.

    Raises:
        MbrError: The store cannot be reached, or an object is gone or was changed; what was shown stays.
    """
    if not (mirror := mirror_of(paths)):
        return
    record = paths.warehouse / "mirror.json"
    seen = _seen(record)
    there = {
        name_of(month, months.POINTER): (month, version) for month, version in mirror.pointers(months.POINTER)
    }
    late = {name: month for name, (month, version) in there.items() if seen.get(name) != version}
    if late:
        _bring(mirror, list(late.values()))
        write_json(record, {name: version for name, (_, version) in there.items()})


def _bring(mirror: Mirror, those: list[MonthPaths]) -> None:
    is_changed = False
    for month in those:
        content, _ = read(mirror.store, name_of(month, months.POINTER))
        if content:
            with locked_alone(month.folder / "mirror.lock"):
                is_changed |= _show(mirror, month, content)
    if is_changed:
        with locked_alone(mirror.paths.warehouse / "publication.lock"):
            refresh_catalogue(mirror.paths)


def _show(mirror: Mirror, month: MonthPaths, content: Mapping[str, Any]) -> bool:
    """Show what a pointer names; returns whether the catalogue has to follow."""
    others = months.others_of(content, month)
    is_new = _keep_versions(mirror, month, others.get("published", {}))
    if not (months.is_claimed_here(content, month) and month.report.exists()):
        fetch(mirror.store, _differing(others["reports"], month.report), month.report)
        if not any(place.startswith("blocked/") for place in others["reports"]):
            shutil.rmtree(month.report / "blocked", ignore_errors=True)
    fetch(mirror.store, _differing(others.get("exports", {}), month.exports), month.exports)
    published = months.published_of(content, month)
    if published is None:
        return is_new
    hashes = {place.removesuffix(".parquet"): file.sha256 for place, file in published.tables.items()}
    if holds(month.published, hashes):
        return is_new
    arrived = month.folder / f".arrived.{os.getpid()}.{threading.get_ident()}"
    with ExitStack() as stack:
        stack.enter_context(new_folder(arrived, month.folder / "arrived"))
        stack.callback(shutil.rmtree, arrived, ignore_errors=True)
        fetch(mirror.store, published.tables, arrived)
        with locked_alone(mirror.paths.warehouse / "publication.lock"):
            refuse_foreign_links(mirror.paths.published)
            now, _ = read(mirror.store, name_of(month, months.POINTER))
            if now and now["published"] != content["published"]:
                return _show(mirror, month, now)  # published meanwhile, here or elsewhere
            switch_to(month.published, arrived, hashes)
            note(month.published, published.inputs_hash, replaced=True, at=published.published_at)
    return True


def _keep_versions(mirror: Mirror, month: MonthPaths, kept: Files) -> bool:
    """Bring closed versions that are not here, each as a whole."""
    place = versions_of(month.published)
    numbers = {each.split("/")[0] for each in kept}
    absent = {number for number in numbers if number.isdigit() and not (place / number).exists()}
    for number in sorted(absent):
        arriving = place / f"{number}.building"
        shutil.rmtree(arriving, ignore_errors=True)
        own = {each.split("/", 1)[1]: file for each, file in kept.items() if each.startswith(f"{number}/")}
        fetch(mirror.store, own, arriving)
        arriving.rename(place / number)
    return bool(absent)


def _differing(files: Files, folder: Path) -> Files:
    return {
        place: file
        for place, file in files.items()
        if not (folder / place).is_file() or sha256_of(folder / place) != file.sha256
    }


def _report_files(month: MonthPaths) -> dict[str, Path]:
    """Return the files of a month's report but those of a look at it and of how long its run took."""
    return {
        place: path
        for place, path in _below(month.report).items()
        if not place.startswith((f"{EARLY_FOLDER}/", "timings.json"))
    }


def _below(folder: Path) -> dict[str, Path]:
    """Return the files below a folder that nobody is at work on."""
    found = {
        path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()
    }
    return {
        place: path
        for place, path in found.items()
        if not any(part.startswith(".") for part in place.split("/"))
    }


def _seen(record: Path) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(record.read_text(encoding="utf-8"))
        return found
    except (OSError, ValueError):
        return {}
