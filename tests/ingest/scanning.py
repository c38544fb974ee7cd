"""Scanning a landing zone.

Belongs here: what its tests share. Does not: expectations.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from mbr_pipeline.ingest.landing import Landing, scan
from mbr_pipeline.periods import Period
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.settings import load_settings
from tests.support.small import write


def scan_at(root: Path, period: str = "2026-10") -> Landing:
    return scan(WorkspacePaths(root), "acme", load_settings(root).msps["acme"], Period(period))


def warning_of(root: Path) -> str:
    [warning] = scan_at(root).warnings
    return warning


def hashes_at(root: Path) -> dict[str, list[object]]:
    content = json.loads((root / "warehouse/acme/hashes.json").read_text(encoding="utf-8"))
    known: dict[str, list[object]] = content["files"]
    return known


def remember_at(root: Path, known: dict[str, list[object]]) -> None:
    """Write the cache of hashes as the tool does, with this content."""
    digest = hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()
    write(root / "warehouse/acme/hashes.json", json.dumps({"sha256": digest, "files": known}))
