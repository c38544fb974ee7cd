"""What `mbr verify` finds in a workspace or a pack, for tests.

Belongs here: running checks, and where things are. Does not: expectations.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from mbr_pipeline.release.verify.findings import Checked, Finding
from mbr_pipeline.release.verify.packs import check_pack
from mbr_pipeline.release.verify.workspace import check_workspace
from tests.release.evidence.handmade_version import HandmadeMonth

VERSION = "published/acme/2026-10.versions/1"
EXPORT = "exports/acme/2026-10/v1/csv"
LANDED = "landing/acme/2026-10"
LEDGER = "ledger/ledger.sqlite"
PACK = "exports/acme/2026-10/evidence-v1.zip"


def faults(month: HandmadeMonth) -> list[Finding]:
    return check_workspace(month.workspace).faults


def kinds(month: HandmadeMonth, place: str) -> set[str]:
    """Return what was found at a place; there must be nothing else."""
    found = faults(month)
    assert {f.place for f in found if not f.place.startswith(place)} == set(), found
    return {f.kind for f in found}


def members(pack: Path) -> dict[str, bytes]:
    """Return what is in a pack."""
    with zipfile.ZipFile(pack) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def found_in(pack: Path) -> list[Finding]:
    """Return what is wrong with a pack."""
    checked = Checked()
    check_pack(checked, pack, "pack")
    return checked.faults
