"""What the month earns and how its findings were worked off: the tables ``fct_margin`` and
``fct_close_metrics`` (docs/reference/published-tables.md).

What belongs here: sums over keys and cases. What does not: the figures of a key (``reconcile``), and what
takes more than one month.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from mbr_pipeline.recompute.decisions.states import Case
from mbr_pipeline.recompute.keys import ZERO, Key, invoiced_in_period, overlap_of
from mbr_pipeline.recompute.money import to_money
from mbr_pipeline.recompute.periods import Period

Row = dict[str, Any]
_BECAME = {"approve": "approved", "waive": "waived", "dispute": "disputed", "defer": "deferred"}


def margin(period: Period, keys: Iterable[Key]) -> list[Row]:
    """One row per key and currency of its invoice lines and counted vendor lines."""
    return [row for key in keys for row in _key_margins(period, key)]


def _key_margins(period: Period, key: Key) -> list[Row]:
    billed_in = {line.currency for line in key.invoice_lines}
    charged_in = {line.charge.currency for line in key.vendor_lines}
    vendors = {line.charge.source for line in key.vendor_lines}
    state = _state(key, billed_in, charged_in)
    is_known = state not in ("not_compared", "other_currency")
    rows = []
    for currency in sorted(billed_in | charged_in):
        lines = [line for line in key.invoice_lines if line.currency == currency]
        charges = [line for line in key.vendor_lines if line.charge.currency == currency]
        billed = to_money(sum((invoiced_in_period(line, period) for line in lines), ZERO), currency)
        cost = to_money(sum((line.effective_cost for line in charges), ZERO), currency)
        seats = (line for line in charges if line.category == "recurring")
        nothing = to_money(ZERO, currency)
        rows.append(
            {
                "client_id": key.client_id,
                "product_code": key.product_code,
                "source": next(iter(vendors)) if len(vendors) == 1 else None,
                "currency": currency,
                "margin_state": state,
                "billed_unit_days": sum(
                    (Fraction(line.quantity) * overlap_of(line, period) for line in lines), ZERO
                ),
                "vendor_unit_days": sum((line.units * line.overlap for line in seats), ZERO),
                "billed_amount": billed if is_known else nothing,
                "cost_amount": cost if is_known else nothing,
                "margin_amount": to_money(Fraction(billed) - Fraction(cost), currency)
                if is_known
                else nothing,
                "unmatched_billed": nothing if is_known else billed,
                "unmatched_cost": nothing if is_known else cost,
            }
        )
    return rows


def _state(key: Key, billed_in: set[str], charged_in: set[str]) -> str:
    if not key.compared:
        return "not_compared"
    if not billed_in:
        return "nothing_billed"
    if not charged_in:
        return "nothing_charged"
    return "matched" if billed_in == charged_in else "other_currency"


def close_metrics(cases: Iterable[Case], gate: list[Row], materiality: Decimal) -> list[Row]:
    """One row per currency of the month's findings and of its clients."""
    verdicts = {row["client_id"]: row["verdict"] for row in gate}
    of: dict[str | None, list[Case]] = defaultdict(list, {row["currency"]: [] for row in gate})
    for case in cases:
        of[case.currency].append(case)
    return [
        _currency_metrics(currency, of[currency], verdicts, materiality)
        for currency in sorted(of, key=lambda code: code or "")
    ]


def _currency_metrics(
    currency: str | None, cases: list[Case], verdicts: dict[str, str], materiality: Decimal
) -> Row:
    counts = dict.fromkeys(("open", "blocking", "pending", "decided", *_BECAME.values(), "auto_cleared"), 0)
    found = approved = recovered = ZERO
    for case in cases:
        revenue = case.amounts["client_recoverable"]
        if case.decided is not None:
            counts["decided"] += 1
            counts[_BECAME[case.decided.action]] += 1
            if case.decided.action == "approve":
                approved += revenue
                if verdicts.get(str(case.finding.subject.client_id)) in ("PASS", "PASS_WITH_WAIVER"):
                    recovered += revenue
        elif case.finding.code == "ROUNDING":
            counts["auto_cleared"] += 1
            continue
        else:
            counts["open"] += 1
            counts["pending"] += case.is_pending
            counts["blocking"] += case.finding.blocking(materiality)
        found += revenue
    return {
        "currency": currency,
        "exceptions_found": len(cases),
        **{f"exceptions_{name}": number for name, number in counts.items()},
        "leakage_found": to_money(found, currency),
        "leakage_approved": to_money(approved, currency),
        "leakage_recovered": to_money(recovered, currency),
    }
