"""Ready lines: what was landed for clients that pass, with every approved correction (contract §8.4).

What belongs here: which line carries a correction, and which corrections are lines of their own. What does
not: which decisions hold (``states``), and the words on the client's invoice, which this engine does not
write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from mbr_pipeline.recompute.decisions.states import Case
from mbr_pipeline.recompute.findings.finding import VOLUME_CODES
from mbr_pipeline.recompute.keys import Key, KeyId
from mbr_pipeline.recompute.money import half_up, rounded
from mbr_pipeline.recompute.periods import Period
from mbr_pipeline.recompute.reading.records import InvoiceLine
from mbr_pipeline.recompute.vendor import VendorLine

Row = dict[str, Any]
_PLACES = 6


@dataclass
class _Ready:
    """One landed line with what corrections made of it."""

    line: InvoiceLine
    quantity: Fraction
    unit_price: Fraction
    amount: Fraction
    cases: list[Case] = field(default_factory=list)

    @property
    def change(self) -> str:
        """How it differs from what was landed."""
        if not self.cases:
            return "unchanged"
        return "removed" if self.quantity == 0 and self.amount == 0 else "corrected"


def ready_lines(
    period: Period,
    landed: Iterable[InvoiceLine],
    cases: Iterable[Case],
    keys: Mapping[KeyId, Key],
    charges: Iterable[VendorLine],
    passing: set[str],
) -> list[Row]:
    """Return the lines of the clients that pass, corrections applied; text and source are as landed."""
    lines = {
        line.id: _Ready(line, Fraction(line.quantity), Fraction(line.unit_price), Fraction(line.amount))
        for line in landed
        if line.client_id in passing
    }
    approved = [
        case
        for case in cases
        if case.decided is not None
        and case.decided.action == "approve"
        and str(case.finding.subject.client_id) in passing
    ]
    added = [*_prices(lines, approved, keys), *_volumes(period, lines, approved, keys)]
    added += _late(period, approved, charges)
    return [*(_row(each) for each in lines.values()), *added]


def _prices(
    lines: dict[tuple[str, str, str], _Ready], approved: list[Case], keys: Mapping[KeyId, Key]
) -> list[Row]:
    """Put prices and amounts right on their lines; of lines that went out earlier, on a line of its own."""
    added = []
    for case in approved:
        if case.finding.code not in ("INVOICE_PRICE_MISMATCH", "INVOICE_AMOUNT_MISMATCH"):
            continue
        s = case.finding.subject
        line_id = (str(s.source), str(s.invoice_id), str(s.line_id))
        key = keys[str(s.client_id), str(s.product_code)]
        if line_id in lines:
            ready = lines[line_id]
            ready.unit_price = key.line_prices[line_id].price.unit_price
            ready.amount += case.finding.client_signed
            ready.cases.append(case)
        else:
            [line] = [each for each in key.invoice_lines if each.id == line_id]
            added.append(_added(case, line.service_period_start, line.service_period_end))
    return added


def _volumes(
    period: Period,
    lines: dict[tuple[str, str, str], _Ready],
    approved: list[Case],
    keys: Mapping[KeyId, Key],
) -> list[Row]:
    added = []
    for case in approved:
        if case.finding.code not in VOLUME_CODES:
            continue
        s = case.finding.subject
        key = keys[str(s.client_id), str(s.product_code)]
        expected, missing = None, None
        if key.basis != "cost_plus" and key.expected_unit_days is not None:
            expected = _six(key.expected_unit_days / period.days)
            missing = _six((key.expected_unit_days - key.invoiced_unit_days(period)) / period.days)
        price = key.price.unit_price if key.price else None
        ready = _carrier(period, key, lines, price)
        left = None if ready is None else ready.amount + case.finding.client_signed
        if ready is not None and expected is not None and (expected == 0) == (left == 0):
            ready.quantity = expected
            ready.amount += case.finding.client_signed
            ready.cases.append(case)
            continue
        if missing is not None and (
            price is None or rounded(price * missing, key.currency) != case.finding.client_signed
        ):
            missing = None
        added.append(_added(case, period.start, period.end, missing, price))
    return added


def _carrier(
    period: Period, key: Key, lines: dict[tuple[str, str, str], _Ready], price: Fraction | None
) -> _Ready | None:
    """Return the line that can carry a volume: the key's only one, landed now, of the whole month, at pp*."""
    if len(key.invoice_lines) != 1:
        return None
    ready = lines.get(key.invoice_lines[0].id)
    if ready is None or ready.unit_price != price:
        return None
    whole = (ready.line.service_period_start, ready.line.service_period_end) == (period.start, period.end)
    return ready if whole else None


def _late(period: Period, approved: list[Case], charges: Iterable[VendorLine]) -> list[Row]:
    late = [case for case in approved if case.finding.code == "LATE_CHARGE"]
    by_id = {
        (line.charge.source, line.charge.invoice_id, line.charge.line_id): line.charge
        for line in (charges if late else ())
    }
    added = []
    for case in late:
        s = case.finding.subject
        charge = by_id[str(s.source), str(s.invoice_id), str(s.line_id)]
        start = charge.charge_period_start
        added.append(_added(case, start, max(start, min(charge.charge_period_end, period.start))))
    return added


def _six(value: Fraction) -> Fraction | None:
    return value if (value * 10**_PLACES).denominator == 1 else None


def _row(ready: _Ready) -> Row:
    line = ready.line
    return {
        "client_id": line.client_id,
        "product_code": line.product_code,
        "source": line.source,
        "invoice_id": line.invoice_id,
        "invoice_line_id": line.invoice_line_id,
        "record_id": line.record_id,
        "quantity": ready.quantity,
        "unit_price": ready.unit_price,
        "amount": half_up(ready.amount, 4),
        "currency": line.currency,
        "service_period_start": line.service_period_start,
        "service_period_end": line.service_period_end,
        "change": ready.change,
        **_ids(ready.cases),
    }


def _added(
    case: Case, start: date, end: date, quantity: Fraction | None = None, price: Fraction | None = None
) -> Row:
    signed = case.finding.client_signed
    whole = Fraction(1 if signed > 0 else -1)
    return {
        "client_id": case.finding.subject.client_id,
        "product_code": case.finding.subject.product_code,
        "source": None,
        "invoice_id": None,
        "invoice_line_id": f"MBR-{case.exception_id}",
        "record_id": None,
        "quantity": whole if quantity is None else quantity,
        "unit_price": abs(signed) if quantity is None else price,
        "amount": half_up(signed, 4),
        "currency": case.finding.currency,
        "service_period_start": start,
        "service_period_end": end,
        "change": "added",
        **_ids([case]),
    }


def _ids(cases: list[Case]) -> Row:
    exceptions = sorted(case.exception_id for case in cases)
    decisions = sorted(case.decided.decision_id for case in cases if case.decided)
    return {
        "exception_id": exceptions[0] if exceptions else None,
        "exception_ids": exceptions,
        "decision_ids": decisions,
    }


def decision_word(case: Case | None) -> str | None:
    """Return what is decided on a key's volume exception, for the changes to make in the PSA."""
    if case is None:
        return None
    words = {"approve": "approved", "waive": "waived", "defer": "deferred"}
    if case.decided is not None and case.decided.action in words:
        return words[case.decided.action]
    return "pending" if case.is_pending else "open"
