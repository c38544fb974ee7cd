"""The money of a report's figures.

Belongs here: what the tests of the figures share. Does not: expectations.
"""

from __future__ import annotations


def money_facts(page, currency):
    row = next(row for row in page.money if row.currency == currency)
    return [cell and (cell.amount, cell.open) for cell in row.amounts]
