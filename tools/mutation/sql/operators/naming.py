"""What a mutation is called: the words of its place and of what is changed.

What belongs here: naming, and the edits that several operators share. What is changed
belongs to the operators.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from tools.mutation.sql.models import shown

SHOWN = 100


Edit = Callable[[exp.Expression], None]


def short(node: exp.Expression | str) -> str:
    """Return a text, or a node as text, cut to the length that is shown."""
    text = node if isinstance(node, str) else shown(node)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def clause(node: exp.Expression) -> str:
    """Return the words for the clause that a condition is in."""
    found = node.find_ancestor(exp.Where, exp.Join, exp.Having, exp.Qualify, exp.Select)
    if isinstance(found, exp.Join):
        return f"join {found.this.alias_or_name} on: "
    if isinstance(found, exp.Where):
        return "filter: " if isinstance(found.parent, exp.Filter) else "where: "
    return f"{found.key}: " if isinstance(found, exp.Having | exp.Qualify) else ""


def replaced(node: exp.Expression, other: type[exp.Expression]) -> tuple[str, Edit]:
    """Return the words and the edit that put another operator between the same operands."""

    def changed(n: exp.Expression) -> exp.Expression:
        return other(this=n.this.copy(), expression=n.expression.copy())

    return f"{short(node)} → {short(changed(node))}", lambda n: n.replace(changed(n))


def dropping(index: int | None) -> Edit:
    """Return the edit that takes out an item of a list."""

    def drop(node: exp.Expression) -> None:
        node.expressions[index].pop()

    return drop
