"""A workspace with one published month written by hand, and commands on it.

Belongs here: the month, auditing it again, running commands. Does not: expectations.

C-1 passes with lines of 80.00 USD and 700 JPY, C-2 is held with 8.00 USD.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from expectations.boundary import SuiteResult
from mbr_pipeline.audit.candidate_tables import write_candidate
from mbr_pipeline.audit.certificate import write_certificate
from mbr_pipeline.audit.gate import SUITE_NAMES, Verdict
from mbr_pipeline.decide.in_force import chain, chain_head
from mbr_pipeline.decide.ledger.entries import Entry, faults
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths
from tests.decide.months import exception
from tests.support.handmade_marts import Rows, ready_line, write_marts
from tests.support.small import PERIOD, settings, write, write_msp

PEOPLE = """people:
  clerk1: {name: First clerk, roles: [clerk]}
  owner1: {name: Head of finance, roles: [approver]}
"""


class Month:
    """The workspace, and what was done in it."""

    def __init__(self, root: Path, more: str = "", msp_ids: tuple[str, ...] = ("acme",)) -> None:
        self.root = root
        write(root / "mbr.yml", settings(msp_ids, more))
        for msp_id in msp_ids:
            write_msp(root, msp_id)
            self.publish(msp_id=msp_id)

    @property
    def paths(self) -> MonthPaths:
        return MonthlyClose.of(WorkspacePaths(self.root), "acme", PERIOD).paths

    def audit(
        self, tables: Mapping[str, Rows] | None = None, passed: bool = True, msp_id: str = "acme"
    ) -> MonthlyClose:
        """Audit the month again, some tables with other rows."""
        month = MonthlyClose.of(WorkspacePaths(self.root), msp_id, PERIOD)
        with connected(None, self.root / "tmp") as connection:
            write_marts(connection, {**READY, **(tables or {})})
            candidate = write_candidate(connection, month.paths.candidate)
        suites = tuple(SuiteResult(name, 1, 1, ()) for name in SUITE_NAMES)
        verdict = Verdict(suites, () if passed else ("SOURCE_MISSING",))
        head = chain_head(month.workspace.paths, msp_id).hash
        write_certificate(month.paths, verdict, candidate, month.inputs_hash, head)
        return month

    def publish(self, tables: Mapping[str, Rows] | None = None, msp_id: str = "acme") -> None:
        """Audit and publish the month again."""
        self.audit(tables, msp_id=msp_id).publish()

    def run(self, name: str, *arguments: str, who: str = "owner1") -> Result:
        """Run a command as somebody."""
        command = import_module(f"mbr_pipeline.cli.{name}").command
        of = [] if name == "decide" else ["--msp", "acme", "--period", PERIOD]
        return CliRunner().invoke(
            command, ["--workspace", str(self.root), *of, *arguments], env={"MBR_ACTOR": who}
        )

    def told(self, name: str, *arguments: str, who: str = "owner1") -> Any:
        """Run a command that succeeds; returns its JSON."""
        done = self.run(name, *arguments, "--json", who=who)
        assert done.exception is None, (done.output, done.exception)
        return json.loads(done.stdout.splitlines()[-1])

    def refused(self, name: str, *arguments: str, who: str = "owner1") -> tuple[int, str]:
        """Run a command that is refused and enters nothing; returns the exit code and the line."""
        before = [entry for entry in self.entries() if entry.kind != "denied"]
        done = self.run(name, *arguments, who=who)
        assert done.exception is not None, done.output
        assert [entry for entry in self.entries() if entry.kind != "denied"] == before
        return getattr(done.exception, "exit_code", -1), str(done.exception)

    def entries(self) -> list[Entry]:
        """Return the chain, which must hold together."""
        found = chain(WorkspacePaths(self.root), "acme")
        assert list(faults("acme", found)) == []
        return found

    def kinds(self) -> list[str]:
        """Return the kinds of the entries."""
        return [entry.kind for entry in self.entries()]

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """Query the catalogue as any program does."""
        import duckdb

        with duckdb.connect(str(self.root / "published/mbr.duckdb"), read_only=True) as connection:
            return connection.execute(query).fetchall()


def gate(c2: str = "HOLD") -> Rows:
    """Rows of the clients' gate; C-2 as told."""
    return [
        {"client_id": "C-1", "currency": "USD", "verdict": "PASS", "held_amount": "0"},
        {"client_id": "C-2", "currency": "USD", "verdict": c2, "held_amount": "8.00"},
    ]


READY: dict[str, Rows] = {
    "marts.fct_client_gate": gate(),
    "marts.fct_exceptions": [
        exception("1", "UNDERBILLED_QUANTITY", "C-2", "SEAT", client_recoverable="8.00")
    ],
}

CREDITED: dict[str, Rows] = {
    "marts.fct_client_gate": gate("PASS"),
    "marts.fct_exceptions": [],
    "marts.fct_invoice_lines_ready": [
        ready_line("L-1", "C-1", "72.50", "USD"),
        ready_line("L-3", "C-2", "8.00", "USD"),
    ],
}
"""The month after a late credit: C-1 pays 7.50 USD less, its line in yen is gone, C-2 passes."""
