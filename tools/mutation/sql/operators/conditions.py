"""Operators on conditions: one is dropped, turned round, or takes its bound or leaves it.

What belongs here: where, on, having, qualify, filter, and the comparisons in them. Values are ``values``.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tools.mutation.sql.operators.naming import Edit, clause, dropping, replaced, short


def drop_condition(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    """One of several conditions joined by and / or is gone."""
    chain = node.parent
    while isinstance(chain, exp.Paren):
        chain = chain.parent
    # a bracket of the chain's own kind is no condition but part of the chain
    if (
        isinstance(chain, exp.Connector)
        and type(node.unnest()) is not type(chain)
        and not isinstance(node.parent, exp.Paren)
    ):
        yield f"{clause(node)}drop {short(node)}", _drop_from_chain


def _drop_from_chain(node: exp.Expression) -> None:
    side = node
    while isinstance(side.parent, exp.Paren):
        side = side.parent
    chain = side.parent
    assert isinstance(chain, exp.Connector)
    chain.replace(chain.right if chain.left is side else chain.left)


def drop_clause(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    """A whole where, having, qualify, filter or join condition is gone."""
    if isinstance(node, exp.Where | exp.Having | exp.Qualify) and not isinstance(node.parent, exp.Filter):
        yield f"drop {short(node)}", lambda n: n.pop()
    elif isinstance(node, exp.Filter):
        yield f"drop the filter of {short(node)}", lambda n: n.replace(n.this)
    elif isinstance(node, exp.Join) and node.args.get("on"):
        yield (
            f"join {node.this.alias_or_name}: drop on {short(node.args['on'])}",
            lambda n: n.set("on", exp.true()),
        )


def swap_logic(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    """``and`` becomes ``or`` and the other way."""
    if isinstance(node, exp.And | exp.Or):
        other = exp.Or if isinstance(node, exp.And) else exp.And
        yield (
            f"{clause(node)}{node.key} → {other.key} before {short(node.right)}",
            lambda n: n.replace(exp.Paren(this=other(this=_wrapped(n.left), expression=_wrapped(n.right)))),
        )


def _wrapped(node: exp.Expression) -> exp.Expression:
    return exp.Paren(this=node.copy()) if isinstance(node, exp.Connector) else node.copy()


_COMPARED = {
    exp.LT: (exp.LTE,),
    exp.LTE: (exp.LT,),
    exp.GT: (exp.GTE,),
    exp.GTE: (exp.GT,),
    exp.EQ: (exp.NEQ,),
    exp.NEQ: (exp.EQ,),
    exp.NullSafeEQ: (exp.NullSafeNEQ, exp.EQ),
    exp.NullSafeNEQ: (exp.NullSafeEQ, exp.NEQ),
}


def other_comparison(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    """A comparison takes its bound or leaves it, or is turned round; a value of a list is gone."""
    for other in _COMPARED.get(type(node), ()):
        yield replaced(node, other)
    if isinstance(node, exp.In) and not isinstance(node.parent, exp.Not):
        yield f"in → not in: {short(node)}", lambda n: n.replace(exp.Not(this=n.copy()))
    if isinstance(node, exp.In) and len(node.expressions) > 1:
        for value in node.expressions:
            yield f"in: drop {short(value)} from {short(node)}", dropping(value.index)


def drop_not(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    """A ``not`` is gone."""
    if isinstance(node, exp.Not):
        yield f"{clause(node)}drop not of {short(node)}", lambda n: n.replace(n.this)


def flip_null(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    """``is null`` is turned round."""
    if (
        isinstance(node, exp.Is)
        and isinstance(node.expression, exp.Null)
        and not isinstance(node.parent, exp.Not)
    ):
        yield f"{clause(node)}negate {short(node)}", lambda n: n.replace(exp.Not(this=n.copy()))
