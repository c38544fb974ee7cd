"""A month that a policy decides something of, and its steps: from landed files to publication, with the
suites in plain Python.

Belongs here: running it and reading what it published. Does not: expectations.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click import Command
from click.testing import CliRunner

from mbr_pipeline.audit.gate import RunSuite
from mbr_pipeline.cli.decide import command
from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.decide.ledger.entries import Entry, faults
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.recompute.verify import verify_month
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.support.small import LANDED, PERIOD, RULES, changed, settings, write, write_msp
from tests.worlds import plain_suites
from tests.worlds.compiled import CompiledTransformer

POLICY = """policies:
  auto_approve:
    - {codes: [UNDERBILLED_QUANTITY], max_impact: {USD: "10.00"}}
"""


@pytest.fixture(scope="module")
def compiled() -> Iterator[CompiledTransformer]:
    with CompiledTransformer() as transformer:
        yield transformer


class Small:
    """The month and its steps."""

    def __init__(self, root: Path, compiled: CompiledTransformer, more: str = POLICY) -> None:
        self.root, self._compiled = root, compiled
        write(root / "mbr.yml", settings(["acme"], more))
        self.invoiced("9,8.00,72.00")

    def of_two_clients(self) -> None:
        """Land a second client whose invoice lacks a seat as well."""
        landed: dict[str, str | None] = {
            name: LANDED[name] + more
            for name, more in {
                "vendor/vendor_charges.csv": (
                    "2,V-1,T-2,SKU-1,recurring,10,5.00,50.00,USD,2026-10-01,2026-11-01\n"
                ),
                "vendor/license_counts.csv": "T-2,SKU-1,2026-10-01,10,10\n",
                "psa/clients.csv": "C-2,Birch Ltd\n",
                "psa/agreements.csv": "A-2,A2,C-2,SEAT,10,8.00,USD,2026-01-01,\n",
            }.items()
        }
        [line] = changed("psa/invoice_lines.csv", "SEAT,10,8.00,80.00", "SEAT,9,8.00,72.00").values()
        other = "L-2,I-2,C-2,SEAT,9,8.00,72.00,USD,2026-10-01,2026-11-01,A-2\n"
        landed |= {"psa/invoice_lines.csv": f"{line}{other}"}
        landed |= changed("vendor/vendor_invoices.csv", "50.00", "100.00")
        rules = {"client_map.csv": RULES["client_map.csv"] + "vendor,T-2,C-2\n"}
        write_msp(self.root, "acme", landed, rules)

    def invoiced(self, quantity_price_amount: str) -> None:
        line = changed("psa/invoice_lines.csv", "SEAT,10,8.00,80.00", f"SEAT,{quantity_price_amount}")
        write_msp(self.root, "acme", line)

    @property
    def month(self) -> MonthlyClose:
        return MonthlyClose.of(WorkspacePaths(self.root), "acme", PERIOD)

    def audited(self) -> None:
        month = self.month
        month.load()
        assert all(node.succeeded for node in month.transform(self._compiled))
        month.audit(plain_suites.run)

    def publish(self, run_suite: RunSuite = plain_suites.run) -> None:
        self.month.publish(run_suite=run_suite)

    def run(self) -> None:
        self.audited()
        self.publish()

    def published(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.month.paths.published.glob("*.parquet")}

    def rows(self, table: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = pq.read_table(
            self.month.paths.published / f"{table}.parquet"
        ).to_pylist()
        return found

    def entries(self) -> list[Entry]:
        found = chain(WorkspacePaths(self.root), "acme")
        assert list(faults("acme", found)) == []
        return found

    def decide(self, *arguments: str) -> Any:
        arguments = (*arguments, "--workspace", str(self.root), "--json")
        done = CliRunner().invoke(command, arguments, env={"MBR_ACTOR": "clerk1"}, catch_exceptions=False)
        return json.loads(done.stdout.splitlines()[-1])

    def act(self, command: Command, *arguments: str) -> None:
        whose = ("--msp", "acme", "--period", PERIOD, "--workspace", str(self.root))
        done = CliRunner().invoke(command, [*whose, *arguments], catch_exceptions=False)
        assert done.exit_code == 0, done.output

    def exceptions(self) -> list[dict[str, Any]]:
        """Those of the last audit."""
        found = pq.read_table(self.month.paths.candidate / "fct_exceptions.parquet").to_pylist()
        return list(found)

    def is_verified(self) -> bool:
        entries = [entry.fields() for entry in self.entries()]
        folder = self.month.paths.published
        return verify_month(self.root, "acme", PERIOD, folder, chain=entries).is_equal
