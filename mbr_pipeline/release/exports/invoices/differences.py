"""What a later version changes of what was exported already (contract §10, n > 1).

What belongs here: comparing ready lines of two versions, client by client. What does not: which versions were
exported (``mbr_pipeline.release.exports.history``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from mbr_pipeline.release.exports.cells import money
from mbr_pipeline.release.exports.content import Content, Row
from mbr_pipeline.release.exports.invoices.lines import Line, line_of

_Key = tuple[str, str, str, str]


def changed(content: Content, before: Content, client_id: str) -> list[Line]:
    """Return one line per ready line of a client whose amount is another now; one that is gone counts as 0.

    All stand on an invoice of their own for each currency.
    """
    now, then = _by_key(content.ready, client_id), _by_key(before.ready, client_id)
    lines = []
    for key in [*now, *(key for key in then if key not in now)]:
        new, old = now.get(key), then.get(key)
        new_amount, old_amount = _amount(new), _amount(old)
        row = new or old
        if row is None or new_amount == old_amount:
            continue
        number = f"MBR-{content.month.period.text}-{client_id}-{row['currency']}-v{content.number}"
        if new is not None and old_amount == 0:
            lines.append(line_of(content, new, number))
            continue
        currency = row["currency"]
        difference = new_amount - old_amount
        said = f"{money(new_amount, currency):f} instead of {money(old_amount, currency):f} {currency}"
        name = content.product_names.get(row["product_code"]) or row["product_code"]
        text = (new or {}).get("description") or (old or {}).get("description") or name
        one = {
            "quantity": Decimal(1),
            "unit_price": difference,
            "amount": difference,
            "description": f"{text}: {said}",
            "invoice_id": None,
        }
        lines.append(line_of(content, row | one, number))
    # their invoice is not the landed one, and neither is its date
    return [replace(line, landed=None) for line in lines]


def _by_key(rows: Iterable[Row], client_id: str) -> dict[_Key, Row]:
    return {
        (row["source"] or "", row["invoice_id"] or "", row["invoice_line_id"], row["currency"]): row
        for row in rows
        if row["client_id"] == client_id
    }


def _amount(row: Row | None) -> Decimal:
    return row["amount"] if row is not None else Decimal(0)
