"""One rich world with a finding of every code, its outcome, and how two outcomes are compared.

Belongs here: what the tests of relations share. Does not: the relations.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mbr_pipeline.scaffold.world import EXCEPTION_CODES, Injection, make_workspace
from tests.worlds.forms import Record
from tests.worlds.outcomes import (
    Tables,
    differences,
    differences_in_any_order,
    texts,
    without,
)

WORLD = make_workspace(4, 4, 3, [Injection(code) for code in EXCEPTION_CODES])
"""December to a leap February, four currencies of no, two and three decimals, one finding of every code in
the last month.
"""


MSP, PERIOD = WORLD.books[0].msp_id, WORLD.periods[-1]


@dataclass(frozen=True)
class Base:
    """The world as it is: where it lies, what stands on every line, and what its last month came to."""

    root: Path
    records: Mapping[str, Record]
    tables: Tables


def assert_same(expected: Tables, actual: Tables) -> None:
    found = differences(expected, actual)
    assert not found, "\n".join(found[:40])


def assert_same_in_any_order(expected: Tables, actual: Tables) -> None:
    found = differences_in_any_order(expected, actual)
    assert not found, "\n".join(found[:40])


IDS = ("client_id", "vendor_customer_id", "sku_id", "line_id", "scope", "product_code")


OVER_ALL_CLIENTS = ("fct_control_totals", "fct_close_metrics")
"""Tables that count or add up over all clients: they change with every client."""


FINGERPRINTS = ("exception_id", "issue_id")
"""Columns made from the ids that a relation changes."""


def unmarked(tables: Tables, mark: str) -> Tables:
    """The tables as if nothing were marked; a fingerprint of marked ids cannot be."""
    return without(texts(tables, lambda text: re.sub(mark, "", text)), *FINGERPRINTS)
