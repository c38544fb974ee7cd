"""The operators by name: each finds its places in a tree and makes one mutant of each.

What belongs here: the list. The operators are ``conditions``, ``values`` and ``rows``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlglot import exp

from tools.mutation.sql.operators import conditions, rows, values
from tools.mutation.sql.operators.naming import Edit

OPERATORS: dict[str, Callable[[exp.Expression], Iterator[tuple[str, Edit]]]] = {
    "condition": conditions.drop_condition,
    "clause": conditions.drop_clause,
    "logic": conditions.swap_logic,
    "compare": conditions.other_comparison,
    "not": conditions.drop_not,
    "null": conditions.flip_null,
    "arithmetic": values.other_arithmetic,
    "constant": values.other_constant,
    "coalesce": values.drop_argument,
    "case": values.case_branches,
    "aggregate": values.other_aggregate,
    "distinct": rows.drop_distinct,
    "union": rows.union_branches,
    "join": rows.join_kind,
    "group": rows.group_keys,
    "window": rows.window_keys,
    "values": rows.value_rows,
}
"""The operators by name, each giving what it changes at a node, in words, and how."""
