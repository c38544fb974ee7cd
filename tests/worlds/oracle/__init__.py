"""An independent answer to a whole workspace: the contract's rules again, in plain Python, to compare with
the pipeline.

The package is written from the contract alone, one record at a time, in exact fractions; it imports nothing
of the project and uses no SQL, so that the two can only agree by both being right. Decisions of people are
not modelled.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.worlds.oracle import outputs
from tests.worlds.oracle.client_findings import client_findings
from tests.worlds.oracle.controls import Controls, evaluate, evaluate_coverage
from tests.worlds.oracle.dispositions import Dispositions
from tests.worlds.oracle.findings import Finding
from tests.worlds.oracle.inputs import Inputs, load
from tests.worlds.oracle.keys import Book, Key, KeyId
from tests.worlds.oracle.periods import period_of
from tests.worlds.oracle.reconcile import reconcile_key
from tests.worlds.oracle.rules import ConfigurationError, Rules, read_rules
from tests.worlds.oracle.vendor import coverage, snapshots, vendor_lines
from tests.worlds.oracle.vendor_findings import vendor_findings

__all__ = ["ConfigurationError", "OracleResult", "reconcile"]

Row = dict[str, Any]


@dataclass
class OracleResult:
    """What the contract makes of a workspace's period, before any decision.

    Rows carry the contract's column names; ``msp_id`` and ``period`` are on every row. Money is an exact
    Decimal in the currency's places (unrounded costs in as many as they need), unit-days and quantities are
    Fractions, which compare equal to Decimals and integers. ``invoice_lines_ready`` and ``psa_changes`` are
    filled in also when the gate is blocked, although the contract then publishes neither.
    """

    reasons: list[str]
    reconciliation: list[Row]
    exceptions: list[Row]
    variance_bridge: list[Row]
    line_dispositions: list[Row]
    client_gate: list[Row]
    invoice_lines_ready: list[Row]
    psa_changes: list[Row]
    rejects: list[Row]
    coverage: dict[str, tuple[Fraction, Fraction]]
    controls: dict[tuple[str, str | None], bool] = field(default_factory=dict)
    """(code, source) of every control that was evaluated, and whether it passed; MSP-wide ones have no
    source.
    """


def reconcile(workspace: Path, msp_id: str, period: str) -> OracleResult:
    """Work out a period of one MSP from its landing folders and rules.

    Args:
        workspace: The folder of contract §2.
        msp_id: An MSP named in its mbr.yml.
        period: ``YYYY-MM``.

    Raises:
        ConfigurationError: The configuration is one the contract answers with exit code 2.
        ValueError: The period is no month.
    """
    rules = read_rules(workspace, msp_id)
    inputs = load(workspace, msp_id, period_of(period), rules)
    controls = evaluate(inputs, rules)
    result = _work_out(inputs, rules, controls, msp_id)
    controls.note(
        "CONSERVATION_BROKEN",
        None,
        None,
        outputs.conserved(inputs, result.line_dispositions, result.variance_bridge),
    )
    result.reasons, result.controls = controls.reasons(), controls.by_source()
    return result


def _work_out(inputs: Inputs, rules: Rules, controls: Controls, msp_id: str) -> OracleResult:
    period, policies = inputs.period, rules.policies
    lines, counted = vendor_lines(inputs, rules), snapshots(inputs, rules)
    covered = coverage(lines)
    evaluate_coverage(controls, covered, Fraction(policies.min_coverage_pct))
    book = Book(inputs, rules, controls, lines, counted)
    keys, client_side = _reconcile_keys(book)
    findings = [*client_side, *vendor_findings(book, lines, counted)]
    landed = inputs.lines_landed()
    rows = outputs.reconciliation(book, keys.values())
    gate = outputs.client_gate(inputs, keys.values(), findings, policies.materiality)

    def stamped(table: list[Row]) -> list[Row]:
        return [{"msp_id": msp_id, "period": period.text, **row} for row in table]

    return OracleResult(
        reasons=[],
        reconciliation=stamped(rows),
        exceptions=[finding.row(msp_id, period.text, policies.materiality) for finding in findings],
        variance_bridge=stamped(outputs.bridge(rows, client_side)),
        line_dispositions=stamped(Dispositions(book, keys, client_side).table(lines, landed)),
        client_gate=stamped(gate),
        invoice_lines_ready=stamped(outputs.ready_lines(landed, gate)),
        psa_changes=stamped(outputs.psa_changes(period, keys.values())),
        rejects=inputs.rejects,
        coverage=covered if controls.usable("vendor_charges") else {},
    )


def _reconcile_keys(book: Book) -> tuple[dict[KeyId, Key], list[Finding]]:
    keys: dict[KeyId, Key] = {}
    found: list[Finding] = []
    for key_id in book.key_ids():
        key = keys[key_id] = book.open_key(key_id)
        reconcile_key(book, key)
        findings = client_findings(key, book.period, book.rules.policies)
        if key.verdict == "matched" and any(finding.code != "ROUNDING" for finding in findings):
            key.verdict = "exception"
        found.extend(findings)
    return keys, found
