"""Machines of one workspace: folders that share a ledger and a store.

Belongs here: making them, and what lies in a store. Does not: expectations.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mbr_pipeline.ingest.land_checks import Place
from mbr_pipeline.mirror.opening import Mirror, mirror_of
from mbr_pipeline.periods import Period
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.support.small import PERIOD, RULES, settings, write


class Machine:
    """One machine's folder."""

    def __init__(self, root: Path, storage: str, ledger: Path) -> None:
        """Make it: settings and rules, nothing landed. ``ledger``: a folder that machines share."""
        self.root = root
        write(root / "mbr.yml", settings(["acme"], storage))
        for name, text in RULES.items():
            write(root / "rules/acme" / name, text)
        ledger.mkdir(exist_ok=True)
        (root / "ledger").symlink_to(ledger)

    @property
    def workspace(self) -> Workspace:
        return Workspace.open(WorkspacePaths(self.root))

    @property
    def month(self) -> MonthPaths:
        return self.workspace.month("acme", PERIOD)

    @property
    def mirror(self) -> Mirror:
        found = mirror_of(WorkspacePaths(self.root))
        assert found
        return found

    def place(self, dataset: str = "vendor_charges", period: str = PERIOD) -> Place:
        return Place.of(self.workspace, "acme", period, "vendor", dataset)

    def landed(self, period: str = PERIOD) -> dict[str, str]:
        """What lies in its landing folder, by place."""
        folder = WorkspacePaths(self.root).month("acme", Period(period)).landing
        return {
            path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }


def pointer(machine: Machine, name: str, period: str = PERIOD) -> dict[str, Any]:
    """What a pointer says."""
    found = machine.mirror.store.read(f"months/acme/{period}/{name}")
    assert found
    content: dict[str, Any] = json.loads(found.content)
    return content


def everything(machine: Machine) -> dict[str, str]:
    """Every object of the store with its version, but trials."""
    return dict(machine.mirror.store.list(""))
