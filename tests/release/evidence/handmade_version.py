"""A month closed by hand: a workspace, a kept version with its manifest, an export, and the entries about
them.

Belongs here: writing it in the forms of the contract, without the commands that do. Does not: expectations.
Client C-1 is released with 80.00 USD and 700 JPY, C-2 is held and excepted.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from mbr_pipeline.audit.candidate_tables import write_candidate
from mbr_pipeline.audit.gate import suites
from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.decide.ledger.chains import appending
from mbr_pipeline.decide.ledger.entries import Draft, Entry, canonical
from mbr_pipeline.publish.versions import switch_to
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.support.handmade_marts import Rows, write_marts
from tests.support.small import PERIOD, settings, write_msp
from tests.support.small import write as write_file

HOSTILE = "<script>alert(1)</script>"
EXCEPTIONS: Rows = [
    {
        "exception_id": "e" * 24,
        "issue_id": "i" * 24,
        "exception_code": "UNDERBILLED_QUANTITY",
        "severity": "error",
        "blocking": True,
        "status": "open",
        "client_id": "C-2",
        "product_code": "SEAT",
        "currency": "USD",
        "client_recoverable": "8.00",
        "client_refund": "0",
        "vendor_claim": "0",
        "vendor_liability": "0",
        "stranded": "0",
        "explanation": f"=1+1 {HOSTILE} 11 seats were in use, 10 were invoiced.",
        "evidence": ["psa/invoice_lines.csv:2"],
    }
]
DECISIONS: Rows = [
    {
        "decision_id": "d" * 16,
        "action": "dispute",
        "state": "in_force",
        "actor": "clerk1",
        "decided_at": "2026-11-03 10:00:00",
        "reason": "Called the vendor, they agree.",
        "exception_id": "e" * 24,
        "currency": "USD",
        "impact_seen": "8.00",
    }
]
CONTROLS: Rows = [
    {
        "source": "vendor",
        "control": "VENDOR_INVOICE_TOTAL_MISMATCH",
        "dataset": "vendor_charges",
        "scope": "V-1",
        "expected": "50.00",
        "actual": "50.00",
        "difference": "0",
        "passed": True,
        "message": "",
    }
]
BRIDGE: Rows = [
    {
        "client_id": "C-1",
        "currency": "USD",
        "expected_amount": "80.00",
        "invoiced_amount": "80.00",
        "classified_variance": "0",
        "residual": "0",
    },
    {
        "client_id": "C-2",
        "currency": "USD",
        "expected_amount": "88.00",
        "invoiced_amount": "80.00",
        "classified_variance": "8.00",
        "residual": "0",
    },
]
GATE: Rows = [
    {
        "client_id": client,
        "currency": currency,
        "verdict": verdict,
        "open_exceptions": open_,
        "held_amount": held,
    }
    for client, currency, verdict, open_, held in (
        ("C-1", "USD", "PASS", 0, "0"),
        ("C-1", "JPY", "PASS", 0, "0"),
        ("C-2", "USD", "HOLD", 1, "80.00"),
    )
]


def as_json(document: dict[str, Any]) -> str:
    """Return a manifest as it is written."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


class HandmadeMonth:
    """The workspace, with October of MSP acme closed as version 1."""

    def __init__(self, root: Path) -> None:
        self.root = root
        write_file(root / "mbr.yml", settings(["acme", "other"]))
        write_msp(root, "acme")
        self._open()
        self.enter("land", {"file": "landing/acme/2026-10/psa/clients.csv", "sha256": "0" * 64})
        self.tables()
        self.close(1)
        self.export("csv", {"lines.csv": "client_id,amount\nC-1,80.00\n"})

    @classmethod
    def at(cls, root: Path) -> HandmadeMonth:
        """Open a copy."""
        month = cls.__new__(cls)
        month.root = root
        month._open()
        return month

    def _open(self) -> None:
        self.workspace = Workspace.open(WorkspacePaths(self.root))
        self.month = self.workspace.month("acme", PERIOD)

    def enter(self, kind: str, body: dict[str, Any], period: str = PERIOD) -> Entry:
        """Append one entry by clerk1."""
        with appending(open_database(self.workspace.paths.ledger)) as chains:
            return chains.append("acme", [Draft(kind, period, body, "clerk1")])[0]

    def tables(self) -> None:
        """Write the tables of the audit."""
        changes = {
            "marts.fct_exceptions": EXCEPTIONS,
            "marts.fct_decisions": DECISIONS,
            "marts.fct_variance_bridge": BRIDGE,
            "marts.fct_control_totals": CONTROLS,
            "marts.fct_client_gate": GATE,
        }
        with connected(None, self.root / "tmp") as connection:
            write_marts(connection, changes)
            write_candidate(connection, self.month.candidate)
        shutil.rmtree(self.root / "tmp", ignore_errors=True)

    def close(self, number: int, *more: Path) -> Entry:
        """Keep the tables as a version and enter it."""
        folder = self.version(number)
        folder.mkdir(parents=True)
        tables: dict[str, dict[str, Any]] = {}
        for path in sorted(self.month.candidate.glob("*.parquet")):
            shutil.copyfile(path, folder / path.name)
            tables[path.stem] = {"sha256": sha256_of(path), "rows": 1}
        switch_to(
            self.month.published, self.month.candidate, {n: str(t["sha256"]) for n, t in tables.items()}
        )
        listed = "".join(f"{name} {facts['sha256']}\n" for name, facts in sorted(tables.items()))
        publication = hashlib.sha256(listed.encode()).hexdigest()
        counts = {suite.name: len(suite.expectations) for suite in suites()}
        certificate = {
            "passed": True,
            "suites": {n: {"passed": True, "expected": c, "evaluated": c} for n, c in counts.items()},
        }
        places = [
            *self.month.landing.rglob("*.csv"),
            *more,
            *(self.root / "rules/acme").glob("*.csv"),
            self.root / "mbr.yml",
        ]
        inputs = [
            {"file": p.relative_to(self.root).as_posix(), "sha256": sha256_of(p), "bytes": p.stat().st_size}
            for p in sorted(places)
        ]
        manifest = {
            "msp_id": "acme",
            "period": PERIOD,
            "version": number,
            "publication": publication,
            "tables": tables,
            "certificate": certificate,
            "inputs": inputs,
        }
        write_file(folder / "version.json", as_json(manifest))
        body = {
            "version": str(number),
            "publication": publication,
            "totals": {"USD": "80.00", "JPY": "700"},
            "except": ["C-2"],
            "reason": "The client disputes it.",
            "manifest": sha256_of(folder / "version.json"),
        }
        return self.enter("close", body)

    def export(self, target: str, files: dict[str, str], folder: str = "") -> Entry:
        """Write an export of version 1 and enter it."""
        place = self.exported / (folder or target)
        for name, text in files.items():
            write_file(place / name, text)
        manifest: dict[str, Any] = {
            "msp_id": "acme",
            "period": PERIOD,
            "version": 1,
            "target": target,
            "files": [{"name": n, "sha256": sha256_of(place / n), "rows": 1} for n in sorted(files)],
            "chain_head": self.head(),
            "actor": "clerk1",
        }
        entered = hashlib.sha256(canonical(manifest).encode()).hexdigest()
        entry = self.enter("export", {"version": "1", "target": target, "manifest": entered})
        write_file(place / "manifest.json", as_json({**manifest, "entry_id": entry.entry_id}))
        return entry

    def head(self) -> str:
        """Return the hash of the last entry."""
        return chain(self.workspace.paths, "acme")[-1].hash

    @property
    def exported(self) -> Path:
        """The folder of version 1's exports."""
        return self.root / "exports/acme" / PERIOD / "v1"

    def version(self, number: int) -> Path:
        """Return the folder of a kept version."""
        return self.month.published.with_name(f"{PERIOD}.versions") / str(number)
