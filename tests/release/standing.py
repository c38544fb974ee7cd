"""A workspace with one month written by hand, audited and published, which can be closed and opened again by
entries written as they are kept.

Belongs here: writing it. Does not: what must come of it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mbr_pipeline.audit.candidate_tables import write_candidate
from mbr_pipeline.decide.in_force import chain_head
from mbr_pipeline.decide.ledger.chains import appending
from mbr_pipeline.decide.ledger.entries import Draft
from mbr_pipeline.release.status import MonthStatus, status
from mbr_pipeline.release.version import place_version, version_folder
from mbr_pipeline.storage.atomic_files import sha256_of, write_json
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.support.handmade_marts import Rows, write_marts
from tests.support.small import PERIOD, settings, write, write_msp

INPUTS = "the inputs"


class Standing:
    """The workspace; ``inputs`` is the fingerprint of what the month would be computed from now."""

    def __init__(self, root: Path, more: str = "") -> None:
        self.root = root
        write(root / "mbr.yml", settings(["acme"], more))
        write_msp(root, "acme")
        self.inputs = INPUTS
        self.certificate: dict[str, Any] = {}

    @property
    def workspace(self) -> Workspace:
        return Workspace.open(WorkspacePaths(self.root))

    @property
    def month(self) -> MonthPaths:
        return self.workspace.month("acme", PERIOD)

    def audited(self, tables: Mapping[str, Rows] | None = None, gate: str = "passed") -> None:
        """Audit a month of these tables; one that passed is published."""
        with connected(None, self.root / "tmp") as connection:
            write_marts(connection, {f"marts.{name}": rows for name, rows in (tables or {}).items()})
            written = write_candidate(connection, self.month.candidate)
        reasons = [] if gate == "passed" else ["ROW_REJECTED"]
        write_json(self.month.report / "gate.json", {"gate": gate, "reasons": reasons})
        self.certificate = {
            "inputs_hash": self.inputs,
            "chain_head": chain_head(self.workspace.paths, "acme").hash,
            "tables": {name: {"rows": t.rows, "sha256": t.sha256} for name, t in written.items()},
        }
        write_json(self.month.certificate, self.certificate)
        if gate == "passed":
            shutil.rmtree(self.month.published, ignore_errors=True)
            shutil.copytree(self.month.candidate, self.month.published)

    def enter(self, kind: str, actor: str, body: Mapping[str, Any]) -> None:
        """Append an entry."""
        with appending(open_database(self.workspace.paths.ledger)) as chains:
            chains.append("acme", [Draft(kind, PERIOD, body, actor)])

    def close(self, number: int = 1, left_out: tuple[str, ...] = ()) -> None:
        """Keep the publication as a version and enter it."""
        files = [path for path in sorted(self.month.landing.rglob("*")) if path.is_file()]
        inputs = [
            {
                "file": path.relative_to(self.root).as_posix(),
                "sha256": sha256_of(path),
                "bytes": path.stat().st_size,
            }
            for path in files
        ]
        hashes = {name: facts["sha256"] for name, facts in self.certificate["tables"].items()}
        manifest = place_version(self.month, number, hashes, self.certificate, inputs)
        body = {"version": str(number), "manifest": manifest, "except": list(left_out)}
        self.enter("close", "owner1", body)
        version_folder(self.month, number)

    def row(self) -> MonthStatus:
        """Return the month's one row."""
        [row] = status(self.workspace, lambda _: self.inputs)
        assert (row.msp_id, row.period) == ("acme", PERIOD)
        assert json.dumps(row.next)
        return row
