"""A workspace whose October is closed by hand, and `mbr export` in it.

Belongs here: writing the tables of a version with the landed records behind them, and running the command.
Does not: expectations.

Clients: C-1 (Alder & Sons) passes, C-2 passes with a waiver, C-3 is held. Products: SEAT and DISK.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from mbr_pipeline.audit.candidate_tables import write_candidate
from mbr_pipeline.cli.export import command
from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.decide.ledger.chains import appending
from mbr_pipeline.decide.ledger.entries import Draft, Entry, faults
from mbr_pipeline.publish.versions import switch_to
from mbr_pipeline.release.version import place_version, version_folder
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.support.handmade_marts import write_marts
from tests.support.small import PERIOD, settings, write

Rows = list[dict[str, Any]]

ACCOUNTING = "product_code,account_code,tax_type,item_name\nSEAT,200,OUTPUT2,Seat item\nDISK,210,OUTPUT2,\n"
CONTACTS = 'client_id,contact_name\nC-1,"Alder, ""Sons"" & Co"\nC-2,=HYPERLINK(1)\n'

GATE: Rows = [
    {"client_id": "C-1", "verdict": "PASS", "currency": "USD"},
    {"client_id": "C-2", "verdict": "PASS_WITH_WAIVER", "currency": "USD"},
    {"client_id": "C-3", "verdict": "HOLD", "currency": "USD"},
]
CLIENTS: Rows = [
    {"client_id": "C-1", "client_name": "Alder & Sons"},
    {"client_id": "C-2", "client_name": "=HYPERLINK(1)"},
    {"client_id": "C-3", "client_name": "Held"},
]
PRODUCTS: Rows = [
    {"product_code": "SEAT", "product_name": "A seat"},
    {"product_code": "DISK", "product_name": "A disk"},
]


def line(line_id: str, client: str, invoice: str | None, amount: str, **more: Any) -> dict[str, Any]:
    """A ready line of ten seats, or of ``quantity`` and ``unit_price``; ``landed`` is the amount landed."""
    row = {
        "source": None if invoice is None else "psa",
        "client_id": client,
        "product_code": "SEAT",
        "invoice_id": invoice,
        "invoice_line_id": line_id,
        "quantity": "1",
        "unit_price": amount,
        "amount": amount,
        "currency": "USD",
        "service_period_start": "2026-10-01",
        "service_period_end": "2026-11-01",
        "change": "unchanged" if invoice else "added",
        "exception_ids": [],
        "decision_ids": [],
        "description": f"Seats {line_id}",
    }
    return row | more


def charge(line_id: str, amount: str, **more: Any) -> dict[str, Any]:
    """A vendor's line of invoice V-1."""
    row = {
        "line_id": line_id,
        "invoice_id": "V-1",
        "vendor_customer_id": "T-1",
        "sku_id": "SKU-1",
        "sku_name": "Seat, yearly",
        "charge_category": "recurring",
        "quantity": "1",
        "unit_cost": amount,
        "amount": amount,
        "currency": "USD",
        "charge_period_start": "2026-10-01",
        "charge_period_end": "2026-11-01",
    }
    return row | more


class ExportMonth:
    """The workspace, and what was done in it."""

    def __init__(self, root: Path, more: str = "") -> None:
        self.root = root
        write(root / "mbr.yml", settings(["acme"], more))
        write(root / "rules/acme/accounting.csv", ACCOUNTING)
        write(root / "rules/acme/contacts.csv", CONTACTS)
        self.workspace = Workspace.open(WorkspacePaths(root))
        self.month = self.workspace.month("acme", PERIOD)
        self.versions = 0

    def publish(
        self, ready: Sequence[dict[str, Any]], bill: Sequence[dict[str, Any]] = (), **tables: Rows
    ) -> None:
        """Publish tables with these ready lines; ``landed`` and dates of a line are landed."""
        own = ("landed", "invoice_date", "due_date")
        landed = [row for row in ready if row["invoice_id"] is not None]
        self._land("psa/invoice_lines.csv", [self._landed(row) for row in landed])
        self._land("vendor/vendor_charges.csv", bill)
        dispositions = [
            {
                "leg": "invoice",
                "source": "psa",
                "invoice_id": row["invoice_id"],
                "line_id": row["invoice_line_id"],
                "client_id": row["client_id"],
                "product_code": row["product_code"],
                "amount": row.get("landed", row["amount"]),
                "currency": row["currency"],
                "disposition": "matched",
            }
            for row in landed
        ]
        dispositions += [
            {
                "leg": "vendor",
                "source": "vendor",
                "invoice_id": row["invoice_id"],
                "line_id": row["line_id"],
                "client_id": "C-1",
                "product_code": "SEAT",
                "amount": row["amount"],
                "currency": row["currency"],
                "disposition": "matched",
            }
            for row in bill
        ]
        lines = [{name: value for name, value in row.items() if name not in own} for row in ready]
        changes = {
            "fct_invoice_lines_ready": [row for row in lines if row["client_id"] != "C-3"],
            "fct_line_dispositions": dispositions,
            "fct_client_gate": GATE,
            "fct_exceptions": [],
            "dim_client": CLIENTS,
            "dim_product": PRODUCTS,
            **tables,
        }
        with connected(None, self.root / "tmp") as connection:
            write_marts(connection, {f"marts.{name}": rows for name, rows in changes.items()})
            write_candidate(connection, self.month.candidate)
        switch_to(self.month.published, self.month.candidate, self._hashes(self.month.candidate))

    def close(self) -> None:
        """Close what is published as the next version."""
        self.versions += 1
        hashes = self._hashes(self.month.published)
        inputs = [
            {
                "file": path.relative_to(self.root).as_posix(),
                "sha256": sha256_of(path),
                "bytes": path.stat().st_size,
            }
            for path in sorted(self.month.landing.rglob("*.csv"))
        ]
        manifest = place_version(self.month, self.versions, hashes, {"passed": True}, inputs)
        self.enter("close", {"version": str(self.versions), "manifest": manifest})
        version_folder(self.month, self.versions)

    def reopen(self) -> None:
        """Enter that the month was opened again."""
        self.enter("reopen", {"version": str(self.versions), "reason": "late credit"})

    def enter(self, kind: str, body: dict[str, Any]) -> Entry:
        """Append an entry of October by owner1."""
        with appending(open_database(self.workspace.paths.ledger)) as chains:
            return chains.append("acme", [Draft(kind, PERIOD, body, "owner1")])[0]

    def run(self, target: str, *options: str, who: str = "clerk1") -> Result:
        """Run `mbr export`."""
        arguments = ["--msp", "acme", "--period", PERIOD, "--to", target, *options]
        return CliRunner().invoke(
            command, [*arguments, "--workspace", str(self.root)], env={"MBR_ACTOR": who}
        )

    def export(self, target: str, *options: str, who: str = "clerk1") -> dict[str, Any]:
        """Run it and return its JSON."""
        done = self.run(target, *options, "--json", who=who)
        assert done.exit_code == 0, done.exception
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return told

    def refused(self, target: str, *options: str, code: int = 2, who: str = "clerk1") -> str:
        """Run it, expecting one line, no new entry of an export and no file."""
        before, files = self.exports(), self.files()
        done = self.run(target, *options, who=who)
        assert getattr(done.exception, "exit_code", None) == code, (done.output, done.exception)
        assert (self.exports(), self.files()) == (before, files)
        text = str(done.exception)
        assert "\n" not in text
        return text

    def entries(self) -> list[Entry]:
        """Return the chain, which must hold together."""
        found = chain(WorkspacePaths(self.root), "acme")
        assert list(faults("acme", found)) == []
        return found

    def exports(self) -> list[Entry]:
        """Return the entries of exports."""
        return [entry for entry in self.entries() if entry.kind == "export"]

    def files(self) -> dict[str, bytes]:
        """Return every file below exports/ by its path there."""
        folder = self.root / "exports"
        return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}

    def folder(self, version: int, target: str) -> Path:
        """Return where an export is."""
        return self.root / "exports/acme" / PERIOD / f"v{version}" / target

    def _hashes(self, folder: Path) -> dict[str, str]:
        return {path.stem: sha256_of(path) for path in folder.glob("*.parquet")}

    def _landed(self, row: dict[str, Any]) -> dict[str, Any]:
        names = ("invoice_line_id", "invoice_id", "client_id", "product_code", "quantity", "unit_price")
        amount = row.get("landed", row["amount"])
        rest = ("currency", "service_period_start", "service_period_end", "invoice_date", "due_date")
        return {**{n: row[n] for n in names}, "amount": amount, **{n: row.get(n, "") for n in rest}}

    def _land(self, name: str, rows: Sequence[dict[str, Any]]) -> None:
        if rows:
            columns = list(dict.fromkeys(column for row in rows for column in row))
            lines = [",".join(f'"{row.get(column, "")}"' for column in columns) for row in rows]
            write(self.month.landing / name, "\n".join([",".join(columns), *lines]) + "\n")
