"""A month of one MSP computed from its landed files and rules (contract §1 to §6).

What belongs here: the order of the steps, and the result as tables. What does not: any rule
(the modules in this folder).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from mbr_pipeline.recompute import controls as control_rows
from mbr_pipeline.recompute import measures, outputs
from mbr_pipeline.recompute.controls import Controls, evaluate, evaluate_coverage, note_conservation
from mbr_pipeline.recompute.decisions.chain import Entry
from mbr_pipeline.recompute.decisions.corrections import ready_lines
from mbr_pipeline.recompute.decisions.policies import approvals
from mbr_pipeline.recompute.decisions.states import Case, case_of, judge
from mbr_pipeline.recompute.findings.across import across_findings
from mbr_pipeline.recompute.findings.client import client_findings
from mbr_pipeline.recompute.findings.counts import count_findings
from mbr_pipeline.recompute.findings.dispositions import Dispositions
from mbr_pipeline.recompute.findings.finding import Finding
from mbr_pipeline.recompute.findings.products import product_findings
from mbr_pipeline.recompute.findings.vendor import vendor_findings
from mbr_pipeline.recompute.keys import Book, Key, KeyId
from mbr_pipeline.recompute.periods import period_of
from mbr_pipeline.recompute.reading.inputs import Inputs, load
from mbr_pipeline.recompute.reading.rules import Rules, read_rules
from mbr_pipeline.recompute.reconcile import reconcile_key
from mbr_pipeline.recompute.vendor import Snapshot, VendorLine, coverage, snapshots, vendor_lines

Row = dict[str, Any]
Tell = Callable[[str], None]
"""Receives what is done next, in a few words."""


@dataclass(frozen=True)
class Workings:
    """Everything that a month's tables are made from: the records as P sees them, the keys with
    their figures, the findings.

    ``keys`` are those that exist in P; ``client_side`` are the findings that enter the variance bridge.
    """

    book: Book
    lines: list[VendorLine]
    snapshots: list[Snapshot]
    keys: dict[KeyId, Key]
    client_side: list[Finding]
    vendor_side: list[Finding]

    def key(self, client_id: str, product_code: str) -> Key:
        """Return a key with its figures, also one that does not exist in P."""
        found = self.keys.get((client_id, product_code))
        if found is None:
            found = self.book.open_key((client_id, product_code))
            reconcile_key(self.book, found)
        return found


@dataclass
class RecomputedMonth:
    """What the rules and decisions make of a workspace's period.

    Rows carry the published column names; ``msp_id`` and ``period`` are on every row. Money is an exact
    Decimal in the currency's places (unrounded costs in as many as they need), unit-days and quantities are
    Fractions, which compare equal to Decimals and integers. ``invoice_lines_ready`` and ``psa_changes`` are
    filled in also when the gate is blocked, although neither is then published.
    """

    reasons: list[str]
    reconciliation: list[Row]
    exceptions: list[Row]
    decisions: list[Row]
    variance_bridge: list[Row]
    line_dispositions: list[Row]
    client_gate: list[Row]
    margin: list[Row]
    close_metrics: list[Row]
    invoice_lines_ready: list[Row]
    psa_changes: list[Row]
    rejects: list[Row]
    coverage: dict[str, tuple[Fraction, Fraction]]
    control_totals: list[Row] = field(default_factory=list)
    controls: dict[tuple[str, str | None], bool] = field(default_factory=dict)
    """(code, source) of every control that was evaluated, and whether it passed; MSP-wide
    ones have no source.
    """


def recompute_month(
    workspace: Path,
    msp_id: str,
    period: str,
    tell: Tell = lambda _: None,
    chain: Sequence[Entry] = (),
) -> RecomputedMonth:
    """Compute a period of one MSP from its landing folders and rules.

    Args:
        workspace: The folder with mbr.yml (contract §2).
        msp_id: An MSP named in it.
        period: ``YYYY-MM``.
        tell: Receives each step as it begins.
        chain: The MSP's ledger entries, ten fields each.

    Raises:
        ConfigError: The configuration is one that ends a run with exit code 2.
        ValueError: The period is no month.
    """
    rules = read_rules(workspace, msp_id)
    tell("reading the landed files")
    inputs = load(workspace, msp_id, period_of(period), rules)
    tell("evaluating the controls")
    controls = evaluate(inputs, rules)
    tell("reconciling")
    workings = work_out(inputs, rules, controls)
    tell("writing the tables")
    return _tables(msp_id, inputs, controls, workings, chain)


def work_out(inputs: Inputs, rules: Rules, controls: Controls) -> Workings:
    """Compute keys and findings from accepted records, wherever they were read."""
    lines, counted = vendor_lines(inputs, rules), snapshots(inputs, rules)
    book = Book(inputs, rules, controls, lines, counted)
    keys: dict[KeyId, Key] = {}
    client_side: list[Finding] = []
    evaluate_coverage(controls, coverage(lines), Fraction(rules.policies.min_coverage_pct))
    for key_id in book.key_ids():
        key = keys[key_id] = book.open_key(key_id)
        reconcile_key(book, key)
        findings = client_findings(key, book.period, rules.policies)
        if key.verdict == "matched" and any(finding.code != "ROUNDING" for finding in findings):
            key.verdict = "exception"
        client_side.extend(findings)
    vendor_side = [
        *vendor_findings(book, lines, counted),
        *product_findings(book, keys.values()),
        *count_findings(book, lines, counted),
        *across_findings(book, keys.values()),
    ]
    return Workings(book, lines, counted, keys, client_side, vendor_side)


def _tables(
    msp_id: str, inputs: Inputs, controls: Controls, workings: Workings, chain: Sequence[Entry]
) -> RecomputedMonth:
    book, keys, period = workings.book, workings.keys, inputs.period
    materiality = book.rules.policies.materiality
    findings = [*workings.client_side, *workings.vendor_side]
    landed = inputs.lines_landed()
    rows = outputs.reconciliation(book, keys.values())
    blind = {client: set(products) for client, products in outputs.not_compared(keys.values()).items()}
    cases = [case_of(finding, msp_id, period.text) for finding in findings]
    approved = approvals(chain, cases, book.rules.policies.auto_approve, period.text)
    judged = judge([*chain, *approved], cases, blind, period.text)
    gate = outputs.client_gate(inputs, keys.values(), judged, materiality)
    passing = {row["client_id"] for row in gate if row["verdict"] != "HOLD"}
    ready = ready_lines(period, landed, judged.cases, keys, workings.lines, passing)
    bridge = outputs.bridge(rows, workings.client_side)
    dispositions = Dispositions(book, keys, workings.client_side).table(workings.lines, landed)
    is_covered = controls.usable("vendor_charges")
    note_conservation(controls, outputs.violations(inputs, dispositions, bridge))

    def stamped(table: list[Row]) -> list[Row]:
        return [{"msp_id": msp_id, "period": period.text, **row} for row in table]

    return RecomputedMonth(
        reasons=controls.reasons(),
        reconciliation=stamped(rows),
        exceptions=[_exception(case, msp_id, period.text, materiality) for case in judged.cases],
        decisions=stamped(judged.rows),
        variance_bridge=stamped(bridge),
        line_dispositions=stamped(dispositions),
        client_gate=stamped(gate),
        margin=stamped(measures.margin(period, keys.values())),
        close_metrics=stamped(measures.close_metrics(judged.cases, gate, materiality)),
        invoice_lines_ready=stamped(ready),
        psa_changes=stamped(outputs.psa_changes(period, keys.values(), judged.cases)),
        rejects=inputs.rejects,
        coverage=coverage(workings.lines) if is_covered else {},
        control_totals=stamped([*control_rows.rows(controls), *outputs.excluded(workings.lines)]),
        controls=controls.by_source(),
    )


def _exception(case: Case, msp_id: str, period: str, materiality: Decimal) -> Row:
    row = case.finding.row(msp_id, period, materiality)
    row |= {"exception_id": case.exception_id, "issue_id": case.issue_id}
    return row if case.decided is None else row | {"blocking": False, "status": "decided"}
