"""Exports: every file against its manifest, every manifest against its entry.

What belongs here: one export, and all of a month's in the workspace. What does not: packs of evidence, which
lie beside them (``packs``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.release.exports.manifest import MANIFEST, manifest_hash, manifest_text
from mbr_pipeline.release.verify.chain import Chain, hold_head
from mbr_pipeline.release.verify.files import Below, Files, hold, read_document
from mbr_pipeline.release.verify.findings import Checked

_OLDER = re.compile(r"\.[1-9][0-9]*$")


def check_exports(checked: Checked, files: Files, chain: Chain, period: str, version: int) -> None:
    """Check the exports of a month's version: each target's folder, and those that entries name.

    Args:
        checked: Takes the findings.
        files: What is below ``exports/<msp_id>/<period>/v<n>``, by target and name.
        chain: The chain of the MSP.
        period: The month.
        version: The version.
    """
    entries = [e for e in chain.of(period, "export") if e.body.get("version") == str(version)]
    names = files.names()
    told = set[str]()
    for target in sorted({name.partition("/")[0] for name in names}):
        if target in names:
            checked.add(f"{files.called}/{target}", "added", "nothing recorded this file")
        elif target.startswith("."):
            said = "an export was cut off there: repeat it"
            checked.add(f"{files.called}/{target}", "added", said, is_warning=True)
        else:
            told.add(_check_export(checked, Below(files, target), target, entries, chain))
    for entry in entries:
        if entry.entry_id not in told and chain.is_whole:
            checked.add(
                f"{files.called}/{entry.body.get('target')}",
                "missing",
                f"entry {entry.entry_id} exported it and its files are gone: if the export was cut off,"
                " repeat it",
            )


def _check_export(checked: Checked, files: Files, target: str, entries: Iterable[Entry], chain: Chain) -> str:
    """Check one export; return the entry that its manifest names."""
    checked.count("exports")
    manifest = read_document(checked, files, MANIFEST)
    if manifest is None:
        return ""
    place = f"{files.called}/{MANIFEST}"
    entry_id = str(manifest.get("entry_id"))
    entry = next((entry for entry in entries if entry.entry_id == entry_id), None)
    if entry is None:
        if chain.is_whole:
            checked.add(
                place, "changed", f"it names entry {entry_id}, which exported nothing of this version"
            )
    elif entry.body.get("target") != _OLDER.sub("", target):
        checked.add(place, "changed", f"entry {entry_id} exported {entry.body.get('target')}")
    elif str(entry.body.get("manifest")) != manifest_hash(manifest) or not _is_as_written(files, manifest):
        checked.add(place, "changed", f"it is not the manifest that entry {entry_id} names")
    if manifest.get("chain_head"):
        hold_head(checked, chain, manifest["chain_head"], place)
    hold(checked, files, listed_files(manifest), frozenset({MANIFEST}))
    return entry_id


def _is_as_written(files: Files, manifest: Mapping[str, Any]) -> bool:
    return files.read(MANIFEST) == manifest_text(manifest).encode()


def listed_files(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return the files of a manifest: SHA-256 by name."""
    listed = manifest.get("files")
    if not isinstance(listed, list):
        return {}
    return {str(each.get("name")): str(each.get("sha256")) for each in listed if isinstance(each, dict)}
