"""The code of a product that nothing can be compared with, because no rule says which SKU it is (contract
§5.3, UNMAPPED_PRODUCT).

What belongs here: which products are asked about. What does not: when a key is to be mapped first
(``reconcile``), and customers and SKUs without a rule (``findings.vendor``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from mbr_pipeline.recompute.findings.finding import Finding, Subject
from mbr_pipeline.recompute.keys import Book, Key, active_in


def product_findings(book: Book, keys: Iterable[Key]) -> list[Finding]:
    """List one exception per product whose keys wait for a row of sku_map."""
    waiting: dict[str, list[Key]] = defaultdict(list)
    for key in keys:
        # Such a key exists by an invoice line or an agreement line: nothing else of it is mapped.
        if key.map_first == "sku_map":
            waiting[key.product_code].append(key)
    return [
        Finding("UNMAPPED_PRODUCT", Subject(product_code=code), None, evidence=_evidence(book, of_product))
        for code, of_product in sorted(waiting.items())
    ]


def _evidence(book: Book, keys: list[Key]) -> tuple[str, ...]:
    lines = [line.record_id for key in keys for line in key.invoice_lines]
    agreed = [row.record_id for key in keys for row in key.agreements if active_in(row, book.period)]
    return tuple(sorted(lines + agreed))
