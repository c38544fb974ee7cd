"""What the close report says: every figure and sentence of the page, from the gate result and the tables.

What belongs here: the verdict and the assembly of the page's parts (``findings``, ``holding``, ``bridge``,
``audit``, ``consistency``). Pure: no files, no clock, no HTML; how it looks is the templates' business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import Any

import duckdb

from connectors.counted import plural
from mbr_pipeline.report import audit, bridge, finding_rows, findings, holding
from mbr_pipeline.report.consistency import contradictions
from mbr_pipeline.report.holding import ClientCounts
from mbr_pipeline.report.marts import Marts
from mbr_pipeline.report.pictures.charts import Waterfall, waterfall
from mbr_pipeline.report.text import percent_text
from mbr_pipeline.report.vocabulary import COMPARED


@dataclass(frozen=True)
class Verdict:
    """The answer to "can the invoices go?".

    ``kind`` is ``go`` (all), ``partly`` (some clients held), ``held`` (all held), ``blocked``, or
    ``contradiction`` (the gate passed, but the figures do not agree).
    """

    kind: str
    headline: str
    detail: str


@dataclass(frozen=True)
class Compared:
    """How many keys (client and product) were compared, by verdict."""

    by_verdict: Mapping[str, int]

    @property
    def total(self) -> int:
        """All keys."""
        return sum(self.by_verdict.values())

    @property
    def compared(self) -> int:
        """Keys with a finding or without, but compared."""
        return sum(self.by_verdict[verdict] for verdict in COMPARED)


@dataclass(frozen=True)
class PageData:
    """Everything on the page; None stands for "not evaluated", never for zero."""

    msp_id: str
    msp_name: str
    period: str
    evaluated_at: str | None
    input_hash: str | None
    blocked: bool
    tables_at: str
    verdict: Verdict
    reasons: tuple[audit.BlockReason, ...]
    contradictions: tuple[str, ...]
    clients: ClientCounts | None
    compared: Compared | None
    coverage: tuple[audit.Coverage, ...]
    residual: Decimal | None
    bridge_rows: int
    ready: tuple[holding.Ready, ...] | None
    money: tuple[finding_rows.CurrencyMoney, ...] | None
    bridges: tuple[bridge.Bridge, ...] | None
    waterfalls: tuple[Waterfall, ...]
    held: holding.Held | None
    by_code: tuple[finding_rows.CodeRow, ...] | None
    by_client: tuple[finding_rows.ClientSection, ...] | None
    exceptions: tuple[finding_rows.FindingSection, ...] | None
    controls: audit.Capped
    control_totals: audit.ControlTotals | None
    suites: tuple[audit.Suite, ...]
    rejected: audit.Capped
    inputs: audit.Inputs
    warnings: tuple[str, ...]
    warnings_total: int

    @property
    def client_index(self) -> tuple[finding_rows.IndexedClient, ...]:
        """The clients of the findings that are listed."""
        return finding_rows.client_index(self.exceptions or ())

    @property
    def code_index(self) -> tuple[finding_rows.IndexedCode, ...]:
        """The kinds of the findings that are listed."""
        return finding_rows.code_index(self.exceptions or ())

    def coverage_note(self, currency: str | None) -> str:
        """Return the note next to a currency's total, which says what share of the vendors' charges it
        covers: a total over half of the charges is half a total.
        """
        found = [row.pct for row in self.coverage if row.currency == currency]
        if not self.coverage:
            return "coverage not evaluated"
        if not found or found[0] is None:
            return "no vendor charges to cover"
        return f"coverage {percent_text(found[0])}"


def page_data(gate: Mapping[str, Any], connection: duckdb.DuckDBPyConnection) -> PageData:
    """Work out what the page says.

    Args:
        gate: The content of gate.json, decimals as text.
        connection: Where schema ``main`` has the tables, by their contract §6 name; a blocked run may lack
            some.

    Returns:
        What the page shows, amounts exact and per currency.

    Raises:
        ValueError: The gate is neither ``passed`` nor ``blocked``.
        KeyError: A table lacks a column of contract §6.
        TypeError: A money column is floating point.
    """
    if gate["gate"] not in ("passed", "blocked"):
        raise ValueError(f"gate is {gate['gate']!r}, not passed or blocked")
    with localcontext(Context(prec=200)):
        return _assemble(gate, Marts(connection, passed=gate["gate"] == "passed"))


def _assemble(gate: Mapping[str, Any], marts: Marts) -> PageData:
    blocked = gate["gate"] == "blocked"
    clients = holding.client_counts(marts)
    keys = holding.compared_keys(marts)
    money = findings.money_at_stake(marts)
    codes = findings.by_code(marts)
    bridges = bridge.bridges(marts)
    wrong = contradictions(gate, marts, clients, codes, money, bridges)
    reasons = audit.block_reasons(gate)
    warnings = tuple(gate.get("warnings") or ())
    place = f"{gate['msp_id']}/{gate['period']}"
    return PageData(
        msp_id=gate["msp_id"],
        msp_name=gate["msp_name"],
        period=gate["period"],
        evaluated_at=gate.get("evaluated_at"),
        input_hash=gate.get("input_hash"),
        blocked=blocked,
        tables_at=f"reports/{place}/blocked/" if blocked else f"published/{place}/",
        verdict=_verdict(blocked, reasons, clients, wrong),
        reasons=reasons,
        contradictions=wrong,
        clients=clients,
        compared=Compared(keys) if keys is not None else None,
        coverage=audit.coverage(gate),
        residual=audit.decimal_of(gate.get("residual")) if bridges is not None else None,
        bridge_rows=sum(row.rows for row in bridges or ()),
        ready=None if blocked else holding.ready_lines(marts),
        money=money,
        bridges=bridges,
        waterfalls=tuple(waterfall(row, place) for place, row in enumerate(bridges or (), start=1)),
        held=holding.held_clients(marts),
        by_code=codes,
        by_client=findings.by_client(marts),
        exceptions=findings.listed(marts),
        controls=audit.failing_controls(gate),
        control_totals=audit.control_totals(marts),
        suites=audit.suites(gate),
        rejected=audit.rejected(gate),
        inputs=audit.inputs(gate),
        warnings=warnings[: findings.MAX_ROWS],
        warnings_total=len(warnings),
    )


def _verdict(
    blocked: bool,
    reasons: tuple[audit.BlockReason, ...],
    clients: ClientCounts | None,
    wrong: tuple[str, ...],
) -> Verdict:
    if blocked:
        why = ", ".join(reason.code for reason in reasons) or "no reason recorded"
        detail = "Nothing new was published or exported; what was published before stays as it is."
        return Verdict("blocked", f"Nothing may go: {why}", detail)
    if wrong or clients is None:
        detail = (
            "The gate passed, but the figures below contradict each other. Find out why before anything is"
            " sent."
        )
        return Verdict("contradiction", "Send nothing yet", detail)
    held = f"{plural(clients.held, 'client')} {'is' if clients.held == 1 else 'are'} held"
    if not clients.may_go and not clients.held:
        return Verdict(
            "held",
            "There is no client to invoice",
            "The gate passed, but no client has invoices or findings.",
        )
    if not clients.may_go:
        detail = "All controls passed; each client has an open error, or products that could not be compared."
        return Verdict("held", f"No invoice may go: {held}", detail)
    go = f"Invoices may go for {plural(clients.may_go, 'client')}"
    waived = f" {clients.waived:,} of those that may go with a waived difference." if clients.waived else ""
    if not clients.held:
        return Verdict("go", go, f"All controls passed and no client is held.{waived}")
    return Verdict(
        "partly", f"{go}; {held}", f"All controls passed.{waived} One held client never holds another."
    )
