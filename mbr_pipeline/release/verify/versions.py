"""Published tables: closed versions against their manifests and entries, the others against their names.

What belongs here: everything below ``published/<msp_id>/``. What does not: the catalogue, which is made anew
at any time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mbr_pipeline.decide.closed import Closing, closing_of
from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.periods import Period
from mbr_pipeline.publish.closed_folders import MANIFEST
from mbr_pipeline.publish.publications import is_record_sound
from mbr_pipeline.publish.versions import is_named_by_content
from mbr_pipeline.release.verify.chain import Chain, hold_head
from mbr_pipeline.release.verify.files import Files, Folder, hold, hold_one, read_document
from mbr_pipeline.release.verify.findings import Checked, files_below
from mbr_pipeline.release.version import PLACED, publication_hash
from mbr_pipeline.workspace.paths import WorkspacePaths

_SUFFIX = ".versions"


def check_published(
    checked: Checked, workspace: WorkspacePaths, chain: Chain, only: str | None = None
) -> Iterator[str]:
    """Check what is published of an MSP, month by month or of one month; yield each place before it."""
    folder = workspace.published / chain.msp_id
    periods = {entry.period for entry in chain.entries if entry.kind == "close" and entry.period}
    there = sorted(folder.iterdir()) if folder.is_dir() else []
    periods |= {path.name.removesuffix(_SUFFIX) for path in there}
    for period in sorted(periods):
        if only not in (None, period):
            continue
        if Period.is_written(period):
            yield f"published/{chain.msp_id}/{period}"
            _check_month(checked, workspace, chain, period)
        else:
            _say_added(checked, f"published/{chain.msp_id}/{period}")


def check_version(
    checked: Checked, files: Files, entry: Entry | None, chain: Chain, tables: str = ""
) -> dict[str, Any] | None:
    """Check the manifest of a closed version and its tables; return the manifest, or None where it cannot be
    read.

    Args:
        checked: Takes the findings.
        files: ``version.json``, and the tables in the folder ``tables``.
        entry: What closed the version; None where no entry did.
        chain: The chain of the MSP.
        tables: Where the tables are, ending in a slash where it is not beside the manifest.
    """
    manifest = read_document(checked, files, MANIFEST)
    if manifest is None:
        return None
    if entry is not None and entry.body.get("manifest"):
        hold_one(checked, files, MANIFEST, str(entry.body["manifest"]))
    recorded, there = _hashes(manifest), set(files.names())
    for name, sha256 in recorded.items():
        file = f"{tables}{name}.parquet"
        if file in there:
            hold_one(checked, files, file, sha256)
        else:
            checked.add(f"{files.called}/{file}", "missing", "the manifest names it and it is not there")
    publication = publication_hash(recorded)
    if entry is not None and entry.body.get("publication") != publication:
        checked.add(
            f"{files.called}/{MANIFEST}",
            "changed",
            f"entry {entry.entry_id} closed the tables {entry.body.get('publication')}, these are"
            f" {publication}",
        )
    certificate = manifest.get("certificate")
    if isinstance(certificate, dict) and certificate.get("chain_head"):
        hold_head(checked, chain, certificate["chain_head"], f"{files.called}/{MANIFEST}: certificate")
    return manifest


def _hashes(manifest: Mapping[str, Any]) -> dict[str, str]:
    tables = manifest.get("tables")
    if not isinstance(tables, dict):
        return {}
    return {str(n): str(facts.get("sha256")) for n, facts in tables.items() if isinstance(facts, dict)}


def _check_month(checked: Checked, workspace: WorkspacePaths, chain: Chain, period: str) -> None:
    called = f"published/{chain.msp_id}/{period}"
    place = workspace.published / chain.msp_id / period
    versions = place.with_name(f"{period}{_SUFFIX}")
    closing = closing_of(chain.entries, period)
    manifests = {}
    for number, entry in enumerate(closing.versions, 1):
        folder = versions / str(number)
        if not folder.is_dir() and (placed := folder.with_name(f"{number}{PLACED}")).is_dir():
            folder = placed  # its close was killed before the last step, which the next command makes up for
        if not folder.is_dir():
            checked.add(
                f"{called}{_SUFFIX}/{number}", "missing", f"entry {entry.entry_id} closed it, it is gone"
            )
            continue
        files = Folder(folder, f"{called}{_SUFFIX}/{number}")
        checked.count("closed versions")
        manifest = check_version(checked, files, entry, chain)
        if manifest is not None:
            manifests[number] = manifest
            hold(
                checked, files, {}, frozenset({MANIFEST, *(f"{name}.parquet" for name in _hashes(manifest))})
            )
    for path in sorted(versions.iterdir()) if versions.is_dir() else []:
        _check_other(checked, path, f"{called}{_SUFFIX}/{path.name}", place, closing, chain)
    _check_link(checked, place, called, closing, manifests)


def _check_other(
    checked: Checked, path: Path, called: str, place: Path, closing: Closing, chain: Chain
) -> None:
    if path.name.isdigit():
        if chain.is_whole and not (
            path.name == str(int(path.name)) and 1 <= int(path.name) <= closing.version
        ):
            checked.add(called, "added", "no entry closed this version")
        return
    if path.name.endswith((".building", PLACED)):  # what a killed command left: the next one removes it
        return
    if path.name.startswith(".") and path.suffix == ".json":
        checked.count("files")
        if not is_record_sound(path):
            checked.add(called, "changed", "it is not what was noted when the publication came into force")
        return
    if not path.name.startswith("."):
        _say_added(checked, called)
        return
    checked.count("publications")
    for file in files_below(path):
        if file.suffix != ".parquet" or file.parent != path:
            _say_added(checked, f"{called}/{file.relative_to(path).as_posix()}")
    try:
        is_sound = is_named_by_content(path)
    except OSError as error:
        checked.add(called, "unreadable", f"a table cannot be read: {error.strerror}")
        return
    if is_sound is False:
        said = "its tables are not those it is named after: changed, missing or added"
        checked.add(called, "changed", f"{said}: {_remedy(path, place, closing)}")


def _remedy(version: Path, place: Path, closing: Closing) -> str:
    """Return what to do about a damaged publication: that in force is made anew, another is of no use."""
    if os.path.realpath(place) != os.path.realpath(version):
        return "nothing leads to it any more, `mbr clean --all-replaced --yes` removes it an hour after that"
    if closing.state == "open":
        return f"`mbr run --period {place.name} --msp {place.parent.name}` makes them anew"
    return "`mbr doctor --repair` restores them from the closed version"


def _check_link(
    checked: Checked, place: Path, called: str, closing: Closing, manifests: Mapping[int, Mapping[str, Any]]
) -> None:
    """Check that a closed month shows the tables of its newest version."""
    if closing.state == "open":
        return
    if not place.is_dir():
        checked.add(called, "missing", "the month is closed and its publication is gone")
        return
    target = Path(os.path.realpath(place))
    if place.is_symlink() and target.parent != place.parent.resolve() / f"{place.name}{_SUFFIX}":
        checked.add(called, "changed", f"it leads to {target}, which is no version of this month")
        return
    if (manifest := manifests.get(closing.version)) is not None:
        recorded = {f"{name}.parquet": sha256 for name, sha256 in _hashes(manifest).items()}
        hold(checked, Folder(target, called), recorded, frozenset({MANIFEST}))


def _say_added(checked: Checked, called: str) -> None:
    checked.add(called, "added", "nothing of MBR's is called so")
