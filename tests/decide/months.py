"""A workspace with one audited month written by hand, and `mbr decide` in it.

Belongs here: its exceptions, and running the command. Does not: expectations.

Exceptions are named by a digit: 1 UNDERBILLED_QUANTITY, 16.00 USD of C-1; 2 INVOICE_PRICE_MISMATCH, 2.50 USD
to refund to C-1; 3 UNBILLED_PRODUCT without a price, of C-2; 4 VENDOR_AMOUNT_MISMATCH, 7.00 USD to claim; 5
ROUNDING; 6 AGREEMENT_NOT_INVOICED, valued at cost, of C-2; 7 OVERBILLED_QUANTITY, 600.00 EUR of C-3. C-4 is
held by a key that could not be compared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from mbr_pipeline.audit.candidate_tables import write_candidate
from mbr_pipeline.cli.decide import command
from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.decide.ledger.entries import Entry, faults
from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.support.handmade_marts import Rows, write_marts
from tests.support.small import PERIOD, settings, write

PEOPLE = """people:
  clerk1: {name: First clerk, roles: [clerk]}
  clerk2: {name: Second clerk, roles: [clerk]}
  owner1: {name: Head of finance, roles: [approver]}
policies: {four_eyes_above: {USD: "15.00"}}
"""


def exception(
    letter: str, code: str, client_id: str | None, product: str | None, **more: Any
) -> dict[str, Any]:
    """A row of fct_exceptions; its id is the letter repeated."""
    money = dict.fromkeys(
        (
            "client_recoverable",
            "client_refund",
            "vendor_claim",
            "vendor_liability",
            "stranded",
            "priced_at_cost",
        ),
        "0",
    )
    about = {"exception_id": letter * 24, "issue_id": letter.upper() * 24, "exception_code": code}
    rest = {
        "client_id": client_id,
        "product_code": product,
        "currency": "USD",
        "status": "open",
        "blocking": True,
    }
    return about | rest | money | {"severity": "error", "explanation": "t", "evidence": []} | more


EXCEPTIONS: Rows = [
    exception("1", "UNDERBILLED_QUANTITY", "C-1", "SEAT", client_recoverable="16.00"),
    exception(
        "2", "INVOICE_PRICE_MISMATCH", "C-1", "SEAT", client_refund="2.50", source="psa", line_id="L-1"
    ),
    exception("3", "UNBILLED_PRODUCT", "C-2", "NEW"),
    exception(
        "4", "VENDOR_AMOUNT_MISMATCH", "C-1", "SEAT", vendor_claim="7.00", source="vendor", blocking=False
    ),
    exception("5", "ROUNDING", "C-1", "SEAT", client_refund="0.01", status="auto_cleared", blocking=False),
    exception("6", "AGREEMENT_NOT_INVOICED", "C-2", "OLD", client_recoverable="9.00"),
    exception("7", "OVERBILLED_QUANTITY", "C-3", "SEAT", client_refund="600.00", currency="EUR"),
]


def _key(client_id: str, product: str, verdict: str, valued_at: str | None, **more: Any) -> dict[str, Any]:
    key = {"client_id": client_id, "product_code": product, "currency": "USD", "verdict": verdict}
    return key | {"valued_at": valued_at, "invoiced_unit_days": "30", "invoiced_amount": "8.00"} | more


KEYS: Rows = [
    _key("C-1", "SEAT", "exception", "agreement"),
    _key("C-2", "NEW", "exception", "none"),
    _key("C-2", "OLD", "exception", "cost"),
    _key("C-3", "SEAT", "exception", "list", currency="EUR"),
    _key("C-4", "SEAT", "unreconciled", None),
    _key("C-4", "QUIET", "unreconcilable", None, invoiced_unit_days="0", invoiced_amount="0"),
]
GATE: Rows = [
    {
        "client_id": client,
        "currency": currency,
        "verdict": verdict,
        "open_exceptions": 1,
        "held_amount": amount,
    }
    for client, currency, verdict, amount in (
        ("C-1", "USD", "HOLD", "64.00"),
        ("C-2", "USD", "HOLD", "0"),
        ("C-3", "EUR", "HOLD", "700.00"),
        ("C-4", "USD", "HOLD", "8.00"),
        ("C-5", "USD", "PASS", "0"),
    )
]


class Month:
    """The workspace, and what was done in it."""

    def __init__(self, root: Path, more: str = "") -> None:
        self.root = root
        write(root / "mbr.yml", settings(["acme"], more))
        self.audit()

    def audit(
        self,
        period: str = PERIOD,
        exceptions: Rows = EXCEPTIONS,
        keys: Rows = KEYS,
        more: Mapping[str, Rows] | None = None,
    ) -> None:
        """Write the tables of an audit."""
        month = Workspace.open(WorkspacePaths(self.root)).month("acme", period)
        tables: dict[str, Rows] = {
            "marts.fct_exceptions": [{**row, "period": period} for row in exceptions],
            "marts.fct_reconciliation": keys,
            "marts.fct_client_gate": GATE,
            **(more or {}),
        }
        with connected(None, self.root / "tmp") as connection:
            write_marts(connection, tables)
            write_candidate(connection, month.candidate)

    def decide(self, *arguments: str, who: str = "clerk1") -> Result:
        """Run `mbr decide` as somebody."""
        workspace = ["--workspace", str(self.root)]
        env = {"MBR_ACTOR": who}
        return CliRunner().invoke(command, [*arguments, *workspace], env=env)

    def told(self, *arguments: str, who: str = "clerk1") -> Any:
        """Run it and return its JSON."""
        done = self.decide(*arguments, "--json", who=who)
        assert done.exit_code == 0, done.exception
        return json.loads(done.stdout.splitlines()[-1])

    def refused(self, *arguments: str, who: str = "clerk1") -> str:
        """Run it, expecting one line and no entry of a decision."""
        before = self.kinds()
        done = self.decide(*arguments, who=who)
        assert done.exception is not None and type(done.exception).__name__ == "ConfigError", done.output
        assert [kind for kind in self.kinds() if kind != "denied"] == [k for k in before if k != "denied"]
        text = str(done.exception)
        assert "\n" not in text
        return text

    def entries(self) -> list[Entry]:
        """Return the chain, which must hold together."""
        found = chain(WorkspacePaths(self.root), "acme")
        assert list(faults("acme", found)) == []
        return found

    def kinds(self) -> list[str]:
        """Return the kinds of the entries."""
        return [entry.kind for entry in self.entries()]

    def states(self) -> dict[str, str]:
        """Return the state of every decision by the first letter of its exception, the newest last."""
        rows = self.told("list")
        return {str(row["exception_id"])[:1] + ":" + row["action"]: row["state"] for row in rows}
