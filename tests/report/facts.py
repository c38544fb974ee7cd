"""Gates and money of the worked examples.

Belongs here: what the tests of the figures share. Does not: expectations.
"""

from __future__ import annotations


def money_facts(facts, currency):
    row = next(row for row in facts.money if row.currency == currency)
    return [cell and (cell.amount, cell.open) for cell in row.amounts]
