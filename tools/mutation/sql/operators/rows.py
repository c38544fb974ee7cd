"""Operators on rows: distinct, unions, joins, the keys of groups and windows, lists of values.

What belongs here: what changes which rows there are, or in which order. Conditions are ``conditions``.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tools.mutation.sql.models import shown
from tools.mutation.sql.operators.naming import SHOWN, Edit, dropping, short


def drop_distinct(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    """``select distinct`` becomes ``select``."""
    if isinstance(node, exp.Select) and node.args.get("distinct"):
        yield (
            f"select distinct → select {short(', '.join(map(shown, node.expressions)))}",
            lambda n: n.set("distinct", None),
        )


def union_branches(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    """``union`` becomes ``union all`` and the other way; a branch is gone."""
    if not isinstance(node, exp.Union):
        return
    kinds = ("union", "union all") if node.args["distinct"] else ("union all", "union")
    yield (
        f"{kinds[0]} → {kinds[1]} before {_branch(node.right)}",
        lambda n: n.set("distinct", not n.args["distinct"]),
    )
    yield f"{kinds[0]}: drop {_branch(node.right)}", lambda n: _keep(n, n.left)
    if not isinstance(node.left, exp.Union):
        yield f"{kinds[0]}: drop {_branch(node.left)}", lambda n: _keep(n, _named_like(n.right, n.left))


def _branch(query: exp.Expression) -> str:
    columns = ", ".join(shown(column) for column in query.expressions)
    sources = [shown(query.args[part]) for part in ("from_", "where") if query.args.get(part)]
    return short(
        " ".join(
            [f"select {columns if len(columns) <= SHOWN // 2 else columns[: SHOWN // 2] + '…'}", *sources]
        )
    )


def _keep(union: exp.Expression, kept: exp.Expression) -> None:
    kept = kept.copy()
    if union.args.get("with_"):
        kept.set("with_", union.args["with_"].copy())
    union.replace(kept)


def _named_like(query: exp.Expression, other: exp.Expression) -> exp.Expression:
    """The query with its columns called as the other's: a union takes its names from its first branch."""
    query = query.copy()
    if any(column.is_star for column in [*query.expressions, *other.expressions]):
        return query
    columns = zip(query.expressions, other.expressions, strict=True)
    query.set("expressions", [exp.alias_(column.unalias(), named.alias_or_name) for column, named in columns])
    return query


def join_kind(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    """A left join becomes inner and the other way, a full join one-sided, a semi join an anti join."""
    if not isinstance(node, exp.Join) or node.kind == "CROSS":
        return
    called = node.this.alias_or_name
    if node.side == "LEFT":
        yield f"left join {called} → inner join", lambda n: _set_join(n, None, "INNER")
    elif node.side == "FULL":
        yield f"full join {called} → left join", lambda n: _set_join(n, "LEFT", None)
        yield f"full join {called} → right join", lambda n: _set_join(n, "RIGHT", None)
    elif node.kind in ("SEMI", "ANTI"):
        other = "ANTI" if node.kind == "SEMI" else "SEMI"
        yield f"{node.kind.lower()} join {called} → {other.lower()} join", lambda n: _set_join(n, None, other)
        yield f"drop {node.kind.lower()} join {called}", lambda n: n.pop()
    else:
        yield f"inner join {called} → left join", lambda n: _set_join(n, "LEFT", None)


def _set_join(node: exp.Expression, side: str | None, kind: str | None) -> None:
    node.set("side", side)
    node.set("kind", kind)


def group_keys(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    """A key of group by is gone: its groups fall together, and show any value of it."""
    if not isinstance(node, exp.Group):
        return
    select = node.parent
    assert isinstance(select, exp.Select)
    if node.args.get("all"):
        for at, column in enumerate(select.expressions):
            if not column.find(exp.AggFunc):
                yield f"group by all: drop {column.alias_or_name}", _any_value_at(at)
    for at, key in enumerate(node.expressions):
        yield f"group by: drop {short(key)}", _without_key(at)


def _any_value_at(index: int) -> Edit:
    def edit(group: exp.Expression) -> None:
        column = group.parent.expressions[index]
        column.replace(exp.alias_(exp.AnyValue(this=column.unalias().copy()), column.alias_or_name))

    return edit


def _without_key(index: int) -> Edit:
    def edit(group: exp.Expression) -> None:
        select = group.parent
        assert isinstance(select, exp.Select)
        key = group.expressions[index].copy()
        group.expressions[index].pop()
        clauses = [
            *select.expressions,
            *(select.args[c] for c in ("having", "qualify") if select.args.get(c)),
        ]
        for use in [use for clause in clauses for use in clause.find_all(exp.Column) if use == key]:
            if not use.find_ancestor(exp.AggFunc) and use.find_ancestor(exp.Select) is select:
                value = exp.AnyValue(this=key.copy())
                use.replace(exp.alias_(value, key.name) if use.parent is select else value)
        if not group.expressions:
            group.pop()

    return edit


def window_keys(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    """A key of partition by, or of what decides who is first or last, is gone; an order is turned round."""
    if isinstance(node, exp.Window):
        for at, key in enumerate(node.args.get("partition_by") or ()):
            yield f"partition by: drop {short(key)}", lambda n, at=at: n.args["partition_by"][at].pop()  # type: ignore[misc]
    if isinstance(node, exp.Order):
        for at, key in enumerate(node.expressions):
            if len(node.expressions) > 1:
                yield f"order by: drop {short(key)} of {short(node)}", dropping(at)
            yield f"order by: turn {short(key)} of {short(node)}", _turning(at)
        if node.this:
            yield f"drop the order of {short(node)}", lambda n: n.replace(n.this.copy())
        elif isinstance(node.parent, exp.Window):
            yield f"drop {short(node)}", lambda n: n.pop()
    if (
        isinstance(node, exp.ArgMax | exp.ArgMin)
        and isinstance(node.expression, exp.Tuple)
        and len(node.expression.expressions) > 1
    ):
        for at, key in enumerate(node.expression.expressions):
            yield f"drop {short(key)} from {short(node)}", _without_tie_break(at)


def _without_tie_break(index: int) -> Edit:
    def edit(node: exp.Expression) -> None:
        node.expression.expressions[index].pop()

    return edit


def _turning(index: int) -> Edit:
    def turn(node: exp.Expression) -> None:
        key = node.expressions[index]
        key.set("desc", not key.args.get("desc"))

    return turn


def value_rows(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    """A row of a list of values is gone."""
    if isinstance(node, exp.Values):
        for at, row in enumerate(node.expressions):
            yield f"values: drop {short(row)}", dropping(at)
