"""One disposition per landed line, of the vendor's bill and of the client's invoice
(contract §5, line dispositions).

What belongs here: the order of reasons. What does not: the codes
themselves (``findings.client``, ``findings.vendor``).
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from mbr_pipeline.recompute.findings.finding import CLIENT_CODES, VOLUME_CODES, Finding
from mbr_pipeline.recompute.findings.vendor import amount_findings, is_late, is_not_metered
from mbr_pipeline.recompute.keys import Book, Key, KeyId, overlap_of
from mbr_pipeline.recompute.reading.records import InvoiceLine
from mbr_pipeline.recompute.vendor import VendorLine

_LINE_CODES = ("VENDOR_AMOUNT_MISMATCH", "VENDOR_PRICE_CHANGE")
_UNCOMPARED = ("unreconciled", "unreconcilable")
Outcome = tuple[str, str | None]


class Dispositions:
    """Decides lines against the keys and their client-side findings."""

    def __init__(self, book: Book, keys: dict[KeyId, Key], client_side: list[Finding]) -> None:
        """Record the codes raised on each key and each invoice line, except ROUNDING."""
        self._book = book
        self._keys = keys
        self._by_key: dict[KeyId, list[str]] = defaultdict(list)
        self._by_line: dict[tuple[str | None, str | None, str | None], str] = {}
        for finding in client_side:
            subject = finding.subject
            if finding.code == "ROUNDING" or subject.client_id is None or subject.product_code is None:
                continue
            self._by_key[subject.client_id, subject.product_code].append(finding.code)
            if subject.line_id is not None:
                self._by_line[subject.source, subject.invoice_id, subject.line_id] = finding.code

    def of_vendor_line(self, line: VendorLine) -> Outcome:
        """Decide a vendor line landed in P: the first reason that fits."""
        if line.repeats:
            return "exception", "DUPLICATE_VENDOR_CHARGE"
        if line.category not in ("recurring", "usage"):
            return "excluded", line.category
        if line.future:
            return "excluded", "future_period"
        if line.excluded:
            return "excluded", line.excluded
        if line.key is None:
            return "exception", line.unmapped
        if is_late(self._book, line) and not line.overlap:
            return "exception", "LATE_CHARGE"
        if is_not_metered(self._book, line):
            return "exception", "USAGE_NOT_METERED"
        codes = {finding.code for finding in amount_findings(self._book, line)}
        for code in _LINE_CODES:
            if code in codes:
                return "exception", code
        return self._of_key(line.key, CLIENT_CODES)

    def of_invoice_line(self, line: InvoiceLine) -> Outcome:
        """Decide an invoice line landed in P: the first reason that fits."""
        if line.charge_category == "one_time":
            return "excluded", "one_time"
        if not overlap_of(line, self._book.period):
            return "excluded", "outside_period"
        own = self._by_line.get(line.id)
        if own:
            return "exception", own
        return self._of_key((line.client_id, line.product_code), VOLUME_CODES)

    def _of_key(self, key_id: KeyId, codes: tuple[str, ...]) -> Outcome:
        # A line that does not count in P may belong to no key of P; then there is no finding against it.
        key = self._keys.get(key_id)
        if key and key.verdict in _UNCOMPARED:
            return "exception", key.verdict
        raised = [code for code in codes if code in self._by_key.get(key_id, [])]
        return ("exception", raised[0]) if raised else ("matched", None)

    def table(self, lines: list[VendorLine], invoice_lines: list[InvoiceLine]) -> list[dict[str, Any]]:
        """List the dispositions of all lines landed in P."""
        rows: list[dict[str, Any]] = []
        for line in lines:
            if line.landed_in_period:
                charge = line.charge
                outcome = self.of_vendor_line(line)
                key = (line.client_id, line.product_code)
                rows.append(_row("vendor", charge, charge.line_id, key, outcome))
        for invoiced in invoice_lines:
            outcome = self.of_invoice_line(invoiced)
            key = (invoiced.client_id, invoiced.product_code)
            rows.append(_row("invoice", invoiced, invoiced.invoice_line_id, key, outcome))
        return rows


def _row(
    leg: str, record: Any, line_id: str, key: tuple[str | None, str | None], outcome: Outcome
) -> dict[str, Any]:
    return {
        "leg": leg,
        "source": record.source,
        "invoice_id": record.invoice_id,
        "line_id": line_id,
        "client_id": key[0],
        "product_code": key[1],
        "amount": record.amount,
        "currency": record.currency,
        "disposition": outcome[0],
        "reason": outcome[1],
    }
