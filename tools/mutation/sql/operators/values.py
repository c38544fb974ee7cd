"""Operators on values: arithmetic, constants, defaults, branches of a case, aggregates.

What belongs here: what changes a value of a row. What changes which rows there are is ``rows``.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tools.mutation.sql.operators.naming import Edit, replaced, short


def other_arithmetic(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    """``+`` becomes ``-``, ``*`` becomes ``/``; a minus is gone."""
    other = {exp.Add: exp.Sub, exp.Sub: exp.Add, exp.Mul: exp.Div, exp.IntDiv: exp.Mul, exp.Div: exp.Mul}.get(
        type(node)
    )
    if other:
        yield replaced(node, other)
    if isinstance(node, exp.Neg):
        yield f"drop the minus of {short(node)}", lambda n: n.replace(n.this)


def other_constant(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    """0 becomes 1, another whole number one more, true false."""
    if (
        isinstance(node, exp.Literal)
        and node.is_int
        and not isinstance(node.parent, exp.DataTypeParam | exp.Interval)
    ):
        number = 1 - int(node.name) if int(node.name) in (0, 1) else int(node.name) + 1
        yield f"{node.name} → {number} in {_around(node)}", lambda n: n.replace(exp.Literal.number(number))
    if isinstance(node, exp.Boolean):
        yield (
            f"{str(node.this).lower()} → {str(not node.this).lower()} in {_around(node)}",
            lambda n: n.replace(exp.Boolean(this=not n.this)),
        )


def _around(node: exp.Expression) -> str:
    parent = node.parent
    while isinstance(parent, exp.Cast | exp.Paren | exp.Alias):
        parent = parent.parent
    if isinstance(parent, exp.Select):
        return f"column {(node.index if node.parent is parent else _projection(node).index) or 0}"
    return short(parent) if parent else ""


def _projection(node: exp.Expression) -> exp.Expression:
    while not isinstance(node.parent, exp.Select):
        assert node.parent
        node = node.parent
    return node


def drop_argument(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    """An argument of ``coalesce`` is gone."""
    if not isinstance(node, exp.Coalesce):
        return
    arguments = [node.this, *node.expressions]
    for at, argument in enumerate(arguments):

        def drop(n: exp.Expression, at: int = at) -> None:
            left = [a.copy() for i, a in enumerate([n.this, *n.expressions]) if i != at]
            n.replace(left[0] if len(left) == 1 else exp.Coalesce(this=left[0], expressions=left[1:]))

        yield f"drop {short(argument)} from {short(node)}", drop


def case_branches(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    """A branch of a case is gone, or changes places with the next."""
    if not isinstance(node, exp.Case):
        return
    subject = f"case {short(node.this)} " if node.this else "case "
    for at, branch in enumerate(node.args["ifs"]):

        def drop(n: exp.Expression, at: int = at) -> None:
            if len(n.args["ifs"]) > 1:
                n.args["ifs"][at].pop()
            else:
                n.replace(exp.Paren(this=(n.args.get("default") or exp.Null()).copy()))

        def swap(n: exp.Expression, at: int = at) -> None:
            ifs = [branch.copy() for branch in n.args["ifs"]]
            ifs[at], ifs[at + 1] = ifs[at + 1], ifs[at]
            n.set("ifs", ifs)

        yield f"{subject}drop branch when {short(branch.this)} then {short(branch.args['true'])}", drop
        if at + 1 < len(node.args["ifs"]) and not node.this:
            following = node.args["ifs"][at + 1]
            yield f"{subject}swap branches when {short(branch.this)} and when {short(following.this)}", swap
    default = node.args.get("default")
    if default and not isinstance(default, exp.Null):
        yield f"{subject}drop else {short(default)}", lambda n: n.set("default", None)


_AGGREGATES = {
    exp.Min: exp.Max,
    exp.Max: exp.Min,
    exp.ArgMax: exp.ArgMin,
    exp.ArgMin: exp.ArgMax,
    exp.Sum: exp.Max,
    exp.FirstValue: exp.LastValue,
    exp.Lag: exp.Lead,
    exp.Lead: exp.Lag,
    exp.Greatest: exp.Least,
    exp.Least: exp.Greatest,
}


def other_aggregate(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    """An aggregate becomes its opposite; ``distinct`` inside one is gone."""
    other = _AGGREGATES.get(type(node))
    if other:

        def swap(n: exp.Expression) -> None:
            n.replace(other(**{key: value for key, value in n.copy().args.items() if key in other.arg_types}))

        yield f"{short(node)} → {other.sql_name().lower()}", swap
    if isinstance(node, exp.Count) and not isinstance(node.this, exp.Star | exp.Distinct):
        yield f"{short(node)} → count(*)", lambda n: n.set("this", exp.Star())
    if isinstance(node, exp.AggFunc) and isinstance(node.this, exp.Distinct):
        yield f"drop distinct of {short(node)}", lambda n: n.set("this", n.this.expressions[0].copy())
    if isinstance(node, exp.Order) and isinstance(node.this, exp.Distinct):
        yield f"drop distinct of {short(node)}", lambda n: n.set("this", n.this.expressions[0].copy())
