"""The month that is exported: its tables, who passes, what things are called.

What belongs here: reading, once, what several targets need. What does not: how a target's files are written,
and where tables are kept (``mbr_pipeline.release.version``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.workspace import Workspace

Row = dict[str, Any]

_PASSING = ("PASS", "PASS_WITH_WAIVER")


@dataclass(frozen=True)
class Content:
    """One version of a month, or in a dry run what would become the next one.

    Attributes:
        workspace: Where its rules and settings are.
        month: Whose month it is.
        number: The version.
        certificate: The gate's certificate of its tables.
        inputs: SHA-256 of every input by its path in the workspace, as recorded at the close; None in a dry
            run of an open month: its inputs are those that are there.
        read: Returns a published table's rows in their order.
    """

    workspace: Workspace
    month: MonthPaths
    number: int
    certificate: Mapping[str, Any]
    inputs: Mapping[str, str] | None
    read: Callable[[str], list[Row]]

    @cached_property
    def passing(self) -> frozenset[str]:
        """The clients whose lines may leave: those that the gate lets pass, and no other."""
        verdicts: dict[str, set[str]] = defaultdict(set)
        for row in self.read("fct_client_gate"):
            verdicts[row["client_id"]].add(row["verdict"])
        return frozenset(client for client, found in verdicts.items() if found <= set(_PASSING))

    @cached_property
    def held(self) -> frozenset[str]:
        """The clients that the gate holds."""
        return frozenset(row["client_id"] for row in self.read("fct_client_gate")) - self.passing

    @cached_property
    def ready(self) -> list[Row]:
        """The ready lines of passing clients."""
        return [row for row in self.read("fct_invoice_lines_ready") if row["client_id"] in self.passing]

    @cached_property
    def client_names(self) -> dict[str, str]:
        """Names of clients as landed."""
        return {row["client_id"]: row["client_name"] for row in self.read("dim_client") if row["client_name"]}

    @cached_property
    def product_names(self) -> dict[str, str]:
        """Names of products as landed."""
        rows = self.read("dim_product")
        return {row["product_code"]: row["product_name"] for row in rows if row["product_name"]}

    def landed_totals(self, clients: frozenset[str]) -> dict[str, Decimal]:
        """Return Σ of the clients' invoice lines landed in the month, by currency."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        for row in self.read("fct_line_dispositions"):
            if row["leg"] == "invoice" and row["client_id"] in clients:
                found[row["currency"]] += row["amount"]
        return dict(found)

    def ready_totals(self, clients: frozenset[str]) -> dict[str, Decimal]:
        """Return Σ of the clients' ready lines, by currency."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        for row in self.ready:
            if row["client_id"] in clients:
                found[row["currency"]] += row["amount"]
        return dict(found)
