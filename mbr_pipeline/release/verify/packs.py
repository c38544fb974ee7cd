"""A pack of evidence, checked with nothing but itself.

What belongs here: its bytes, its members, and whether the parts of it agree. What does not: the checks that
it shares with a workspace (``chain``, ``versions``, ``exports``).
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from mbr_pipeline.decide.closed import closing_of
from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.release.evidence import stamp
from mbr_pipeline.release.evidence.contents import CHAIN, MANIFEST, STAMP
from mbr_pipeline.release.evidence.sealed_zip import is_sealed
from mbr_pipeline.release.verify.chain import Chain, from_lines, hold_head
from mbr_pipeline.release.verify.exports import check_exports, listed_files
from mbr_pipeline.release.verify.files import (
    READ_ERRORS,
    Archive,
    Below,
    Files,
    hold,
    hold_one,
    read_document,
)
from mbr_pipeline.release.verify.findings import Checked
from mbr_pipeline.release.verify.versions import check_version


def refuse_unsound(file: Path, called: str) -> None:
    """Say it where a pack was made of what is not as it was recorded: an auditor would find it too.

    Raises:
        MbrError: It does not hold, with the first thing that is wrong in it.
    """
    checked = Checked()
    check_pack(checked, file, called)
    if checked.faults:
        first = checked.faults[0]
        raise MbrError(
            f"{called} was written and does not hold: {first.place}: {first.text}; `mbr verify` names all"
            " that is not as recorded, mend it and run again"
        )


def check_pack(checked: Checked, path: Path, called: str, tsa_roots: bytes | None = None) -> dict[str, Any]:
    """Check a pack; return its manifest, empty where it cannot be read.

    Args:
        checked: Takes the findings.
        path: The pack.
        called: What it is called in findings.
        tsa_roots: Certificates in PEM by which its time stamp must be signed.

    Raises:
        ConfigError: There is no such file, or ``tsa_roots`` is no certificate.
    """
    if not path.is_file():
        raise ConfigError(f"{path}: there is no such file: name a pack that `mbr evidence` wrote")
    checked.count("packs")
    try:
        if not is_sealed(path):
            checked.add(
                called, "changed", "its bytes are not those that were sealed: something in it changed"
            )
        with closing(zipfile.ZipFile(path)) as archive:
            manifest = _check(checked, archive, called)
            _check_stamp(checked, Archive(archive, called), tsa_roots)
            return manifest
    except READ_ERRORS as error:
        checked.add(called, "unreadable", f"it is no whole zip file: {error}")
        return {}


def _check(checked: Checked, archive: zipfile.ZipFile, called: str) -> dict[str, Any]:
    files = Archive(archive, called)
    listed = archive.namelist()
    for name, times in Counter(listed).items():
        if times == 1:
            continue
        checked.add(f"{called}/{name}", "added", "it is there more than once")
    if listed != sorted(listed):
        checked.add(called, "order", "its members are not in the order of their names")
    manifest = read_document(checked, files, MANIFEST)
    if manifest is None:
        hold(checked, files, {}, frozenset(listed))
        return {}
    hold(checked, files, listed_files(manifest), frozenset({MANIFEST, STAMP}))
    chain = _chain(checked, files, manifest)
    _check_close(checked, files, manifest, chain)
    version = manifest.get("version")
    if isinstance(version, int):
        period = str(manifest.get("period"))
        check_exports(checked, Below(files, "exports"), chain, period, version)
    return manifest


def _check_stamp(checked: Checked, files: Files, roots: bytes | None) -> None:
    """Check the time stamp: it must be of the manifest, and where roots are given be there and be signed."""
    place = f"{files.called}/{STAMP}"
    names = files.names()
    if STAMP not in names:
        if roots is not None:
            checked.add(place, "missing", "the pack has no time stamp")
        return
    if MANIFEST not in names:
        return
    token, manifest = files.read(STAMP), files.read(MANIFEST)
    try:
        made = stamp.read(token)
    except ValueError as error:
        checked.add(place, "unreadable", str(error))
        return
    checked.count(f"time stamp of {made.at}")
    if not made.is_about(manifest):
        checked.add(place, "changed", f"it is not of this {MANIFEST}")
    elif roots is None:
        said = f"it says {made.at}; whether its authority signed it is not checked: say --tsa-roots FILE"
        checked.add(place, "unreadable", said, is_warning=True)
    else:
        try:
            problem = stamp.problem(token, manifest, roots)
        except ValueError as error:
            raise ConfigError(f"--tsa-roots: there is no certificate in it: give PEM ({error})") from error
        if problem:
            checked.add(place, "changed", f"no authority below these roots signed it: {problem}")


def _chain(checked: Checked, files: Files, manifest: Mapping[str, Any]) -> Chain:
    msp_id = str(manifest.get("msp_id"))
    place = f"{files.called}/{CHAIN}"
    try:
        text = files.read(CHAIN).decode("utf-8")
    except (KeyError, *READ_ERRORS) as error:
        checked.add(place, "unreadable", f"it cannot be read: {error}")
        return Chain(msp_id, is_whole=False)
    lines = text.split("\n")
    if lines.pop():
        checked.add(place, "changed", "its last line does not end")
    chain = from_lines(checked, msp_id, lines, place)
    head = manifest.get("chain_head")
    hold_head(checked, chain, head, f"{files.called}/{MANIFEST}")
    last = chain.entries[-1].hash if chain.entries else None
    if isinstance(head, dict) and head.get("hash") in chain.heads and head.get("hash") != last:
        checked.add(place, "order", "it goes on after the head that the manifest names")
    return chain


def _check_close(checked: Checked, files: Files, manifest: Mapping[str, Any], chain: Chain) -> None:
    """Check that the chain closed the version that is in the pack."""
    versions = closing_of(chain.entries, str(manifest.get("period"))).versions
    number = manifest.get("version")
    entry = versions[number - 1] if isinstance(number, int) and 1 <= number <= len(versions) else None
    if entry is None or entry.entry_id != manifest.get("close_entry"):
        checked.add(
            f"{files.called}/{MANIFEST}",
            "changed",
            f"it says that entry {manifest.get('close_entry')} closed version {number}: the chain does not",
        )
    version = check_version(checked, files, entry, chain, "tables/")
    if version is None:
        return
    inputs = version.get("inputs")
    for each in inputs if isinstance(inputs, list) else []:
        name = f"inputs/{each.get('file')}" if isinstance(each, dict) else ""
        if name in files.names():
            hold_one(checked, files, name, str(each.get("sha256")))
        elif manifest.get("with_files") and name.startswith("inputs/landing/"):
            checked.add(
                f"{files.called}/{name}", "missing", "the pack was made with its files, this one is gone"
            )
