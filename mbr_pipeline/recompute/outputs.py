"""The published tables as lists of plain rows (contract §6).

What belongs here: columns and sums. What does not: computing figures (``reconcile``, ``findings``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from mbr_pipeline.recompute.decisions.corrections import decision_word
from mbr_pipeline.recompute.decisions.states import Case, Judgement
from mbr_pipeline.recompute.findings.finding import VOLUME_CODES, Finding
from mbr_pipeline.recompute.keys import ZERO, Book, Key, active_in
from mbr_pipeline.recompute.money import exact_decimal, rounded, to_money
from mbr_pipeline.recompute.periods import Period
from mbr_pipeline.recompute.reading.inputs import Inputs
from mbr_pipeline.recompute.reconcile import seats
from mbr_pipeline.recompute.vendor import VendorLine

Row = dict[str, Any]


def reconciliation(book: Book, keys: Iterable[Key]) -> list[Row]:
    """One row per key; a key invoiced in several currencies has one per currency."""
    rows: list[Row] = []
    for key in keys:
        currencies = sorted({line.currency for line in key.invoice_lines})
        if len(currencies) > 1:
            rows.extend(_key_row(book.period, _only(key, currency)) for currency in currencies)
        else:
            rows.append(_key_row(book.period, key))
    return rows


def _only(key: Key, currency: str) -> Key:
    """A key narrowed to the invoice lines of one currency; the other legs are repeated on each."""
    lines = [line for line in key.invoice_lines if line.currency == currency]
    return Key(**{**vars(key), "invoice_lines": lines, "currency": currency})


def _key_row(period: Period, key: Key) -> Row:
    invoiced = key.invoiced_amount(period)
    price_variance = key.price_variance()
    cost = key.effective_cost
    margin = None if cost is None or not key.compared else invoiced - rounded(cost, key.currency)
    entitled, assigned = _seats(key)
    return {
        "client_id": key.client_id,
        "product_code": key.product_code,
        "currency": key.currency,
        "basis": key.basis,
        "verdict": key.verdict,
        "expected_unit_days": key.expected_unit_days,
        "invoiced_unit_days": key.invoiced_unit_days(period),
        "vendor_unit_days": key.vendor_unit_days(),
        "expected_quantity": key.expected_quantity,
        "invoiced_quantity": key.invoiced_quantity(period),
        "agreement_quantity": key.agreement_quantity(period),
        "entitled_quantity": entitled,
        "assigned_quantity": assigned,
        "expected_amount": to_money(invoiced + key.volume_variance + price_variance, key.currency),
        "invoiced_amount": to_money(invoiced, key.currency),
        "volume_variance": to_money(key.volume_variance, key.currency),
        "price_variance": to_money(price_variance, key.currency),
        "effective_cost": None if cost is None else exact_decimal(cost),
        "margin_amount": None if margin is None else to_money(margin, key.currency),
        "valued_at": key.valued_at,
    }


def _seats(key: Key) -> tuple[Fraction | None, Fraction | None]:
    """Entitled and assigned on the last snapshot, in the product's units; ``None`` where it is unknown."""
    rows = key.counting_snapshots()
    if len({row.count.source for row in rows}) > 1:
        return None, None
    if not rows:
        absent_is_none = key.basis in ("entitled", "assigned") and key.compared
        return (ZERO, ZERO) if absent_is_none else (None, None)
    last = [row for row in rows if row.is_last]
    entitled = sum((seats(row, "entitled") for row in last), ZERO)
    if any(row.count.assigned_quantity is None for row in last):
        return entitled, None
    return entitled, sum((seats(row, "assigned") for row in last), ZERO)


def bridge(rows: list[Row], client_side: list[Finding]) -> list[Row]:
    """Expected, invoiced and classified variance per client and currency, and what is left: the residual."""
    sums: dict[tuple[str, str | None], list[Fraction]] = defaultdict(lambda: [ZERO, ZERO, ZERO])
    for row in rows:
        cell = sums[row["client_id"], row["currency"]]
        cell[0] += Fraction(row["expected_amount"])
        cell[1] += Fraction(row["invoiced_amount"])
    for finding in client_side:
        if finding.client_signed:
            sums[str(finding.subject.client_id), finding.currency][2] += finding.client_signed
    return [
        {
            "client_id": client_id,
            "currency": currency,
            "expected_amount": to_money(expected, currency),
            "invoiced_amount": to_money(invoiced, currency),
            "classified_variance": to_money(classified, currency),
            "residual": to_money(expected - invoiced - classified, currency),
        }
        for (client_id, currency), (expected, invoiced, classified) in sorted(
            sums.items(), key=lambda item: (item[0][0], item[0][1] or "")
        )
    ]


def not_compared(keys: Iterable[Key]) -> dict[str, dict[str, set[str]]]:
    """Products by client, and under each the currencies, of invoice lines that nothing was compared with."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for key in keys:
        if key.verdict.startswith("unreconcil"):
            for line in key.invoice_lines:
                found[key.client_id][key.product_code].add(line.currency)
    return found


def client_gate(inputs: Inputs, keys: Iterable[Key], judgement: Judgement, materiality: Decimal) -> list[Row]:
    """One row per client and currency of its landed lines, active agreement lines, findings, and lines of
    keys that could not be compared; what has no currency is told under the first of the client's by code.
    """
    landed = inputs.lines_landed()
    pairs: set[tuple[str, str | None]] = {(line.client_id, line.currency) for line in landed}
    pairs |= {(row.client_id, row.currency) for row in inputs.agreements if active_in(row, inputs.period)}
    mine = [case for case in judgement.cases if case.finding.subject.client_id is not None]
    pairs |= {(str(case.finding.subject.client_id), case.finding.currency) for case in mine}
    blind = not_compared(keys)
    pairs |= {
        (client, currency) for client, of in blind.items() for group in of.values() for currency in group
    }
    verdicts = _verdicts(mine, set(blind), judgement.released, materiality)
    amounts: dict[tuple[str, str | None], Fraction] = defaultdict(Fraction)
    for line in landed:
        amounts[line.client_id, line.currency] += Fraction(line.amount)
    first: dict[str, str] = {}
    for client_id, currency in sorted((pair[0], pair[1]) for pair in pairs if pair[1] is not None):
        first.setdefault(client_id, currency)
    pairs = {pair for pair in pairs if pair[1] is not None or pair[0] not in first}
    # ROUNDING clears itself
    about = Counter(
        (item.subject.client_id, item.currency or first.get(str(item.subject.client_id)))
        for item in (case.finding for case in mine if not case.decided)
        if item.code != "ROUNDING"
    )
    return [
        {
            "client_id": pair[0],
            "verdict": verdicts[pair[0]],
            "open_exceptions": about[pair],
            "held_amount": to_money(amounts[pair] if verdicts[pair[0]] == "HOLD" else ZERO, pair[1]),
            "currency": pair[1],
        }
        for pair in sorted(pairs, key=lambda pair: (pair[0], pair[1] or ""))
    ]


def _verdicts(
    cases: Iterable[Case], blind: set[str], released: set[str], materiality: Decimal
) -> dict[str, str]:
    """Verdicts by client: HOLD while one ground of hold is undecided."""
    grounds: dict[str, set[str]] = defaultdict(set)
    for case in cases:
        if case.finding.blocking(materiality):
            word = case.decided.action if case.decided else "open"
            grounds[str(case.finding.subject.client_id)].add(word)
    for client_id in blind:
        grounds[client_id].add("release" if client_id in released else "open")
    found: dict[str, str] = defaultdict(lambda: "PASS")
    for client_id, words in grounds.items():
        if "open" in words:
            found[client_id] = "HOLD"
        elif words & {"waive", "defer", "release"}:
            found[client_id] = "PASS_WITH_WAIVER"
    return found


def psa_changes(period: Period, keys: Iterable[Key], cases: Iterable[Case]) -> list[Row]:
    """The unit-based keys whose agreement quantity on P's last day is not the expected one.

    The agreement line is the one active on that day with the latest effective_start (ties:
    greatest id), if any.
    """
    rows = []
    volume = {
        (case.finding.subject.client_id, case.finding.subject.product_code): case
        for case in cases
        if case.finding.code in VOLUME_CODES
    }
    for key in keys:
        if not key.compared or key.expected_quantity is None:
            continue
        current = key.agreement_quantity(period)
        if current == key.expected_quantity:
            continue
        active = [row for row in key.agreements if row.active_on(period.last_day)]
        line = max(active, key=lambda row: (row.effective_start, row.agreement_line_id), default=None)
        rows.append(
            {
                "client_id": key.client_id,
                "product_code": key.product_code,
                "agreement_line_id": line.agreement_line_id if line else None,
                "current_quantity": current,
                "proposed_quantity": key.expected_quantity,
                "effective_date": period.end,
                "decision": decision_word(volume.get((key.client_id, key.product_code))),
            }
        )
    return rows


def excluded(lines: Iterable[VendorLine]) -> list[Row]:
    """The effective cost of what ``!`` words keep out of every key, by source, reason and currency, as rows
    of the control totals: it is told, and holds nothing up.
    """
    sums: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
    for line in lines:
        if line.excluded and line.counts:
            sums[line.charge.source, line.excluded, line.charge.currency] += line.effective_cost
    return [
        {
            "source": source,
            "control": "excluded",
            "dataset": "vendor_charges",
            "scope": f"{reason} {currency}",
            "expected": cost,
            "actual": cost,
            "difference": ZERO,
            "passed": True,
        }
        for (source, reason, currency), cost in sorted(sums.items())
    ]


def violations(inputs: Inputs, dispositions: list[Row], bridged: list[Row]) -> dict[str, int]:
    """Count landed lines without exactly one disposition, by side, and residuals, each
    by the control's scope.
    """
    landed = {
        "vendor": [(row.source, row.invoice_id, row.line_id) for row in inputs.charges_landed()],
        "invoice": [(row.source, row.invoice_id, row.invoice_line_id) for row in inputs.lines_landed()],
    }
    found: dict[str, int] = {}
    for side, lines in landed.items():
        disposed = Counter(
            (row["source"], row["invoice_id"], row["line_id"]) for row in dispositions if row["leg"] == side
        )
        disposed.subtract(Counter(lines))
        scope = f"lines_without_exactly_one_disposition, {side}"
        found[scope] = sum(map(abs, disposed.values()))
    found["residuals_not_zero, variance bridge"] = sum(row["residual"] != 0 for row in bridged)
    return found
