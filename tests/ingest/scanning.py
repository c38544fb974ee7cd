"""Scanning a landing zone.

Belongs here: what its tests share. Does not: expectations.
"""

from __future__ import annotations

import json
from pathlib import Path

from mbr_pipeline.ingest.landing import Landing, scan
from mbr_pipeline.periods import Period
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.settings import load_settings


def scan_at(root: Path, period: str = "2026-10") -> Landing:
    return scan(WorkspacePaths(root), "acme", load_settings(root).msps["acme"], Period(period))


def warning_of(root: Path) -> str:
    [warning] = scan_at(root).warnings
    return warning


def hashes_at(root: Path) -> dict[str, list[object]]:
    content: dict[str, list[object]] = json.loads(
        (root / "warehouse/acme/hashes.json").read_text(encoding="utf-8")
    )
    return content
