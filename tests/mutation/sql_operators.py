"""What is broken in a query, one small thing at a time: every operator finds its places in a tree and makes one mutant of each.

Belongs here: the operators, and which parts of a query are left alone. How a model becomes a tree is ``sql_models``; whether anybody
notices a mutant is for ``sql_months`` and ``sql_unit_tests`` to say.

Left alone, by rule: everything that only builds sentences (see ``_is_text``). A wrong word is not a wrong number, and texts are compared
with nothing but themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from tests.mutation.sql_models import Model, Project, shown, sql_of

TEXT_COLUMNS = ("explanation", "sentence", "message", "opening", "client_name", "product_name", "vendor_name")
TEXT_SUFFIX = "_text"
"""Columns that are sentences, or names that only sentences use."""
PROSE = {"fct_psa_changes": ("reason",)}
"""Columns of a model that are sentences although another model's of the same name are codes."""

_SHOWN = 100

Edit = Callable[[exp.Expression], None]


@dataclass(frozen=True)
class Mutant:
    """One broken query: of which model, by which operator, where in it, what was changed, and the SQL to run."""

    model: str
    operator: str
    change: str
    sql: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What names it, also in another run."""
        return (self.model, self.operator, self.change)


def mutants(project: Project, model: Model) -> list[Mutant]:
    """Every mutant of a model that differs from it and from each other in SQL."""
    return mutants_of(project.tree(model), model.name)


def mutants_of(tree: exp.Query, name: str) -> list[Mutant]:
    """Every mutant of a query; ``name`` is what it is called."""
    root = exp.Tuple(expressions=[tree.copy()])  # so that the query itself can be replaced, too
    seen = {sql_of(tree)}
    found: list[Mutant] = []
    names: Counter[tuple[str, str]] = Counter()
    for at, node in enumerate(root.walk(bfs=False)):
        if at == 0 or _is_text(node, name):
            continue
        for operator, places in OPERATORS.items():
            for change, edit in places(node):
                copy = root.copy()
                edit(next(n for i, n in enumerate(copy.walk(bfs=False)) if i == at))
                sql = sql_of(copy.expressions[0])
                if sql in seen:
                    continue
                seen.add(sql)
                told = f"{_place(node)}: {change}"
                names[operator, told] += 1
                count = names[operator, told]
                found.append(Mutant(name, operator, f"{told} ({count})" if count > 1 else told, sql))
    return found


def _short(node: exp.Expression | str) -> str:
    text = node if isinstance(node, str) else shown(node)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _place(node: exp.Expression) -> str:
    cte = node if isinstance(node, exp.CTE) else node.find_ancestor(exp.CTE)
    return cte.alias if cte else "result"


def _is_text(node: exp.Expression, model: str) -> bool:
    """Whether the node only helps to build a sentence: under ``||`` or string_agg, or in a column of prose."""
    below: exp.Expression | None = None
    at: exp.Expression | None = node
    while at is not None:
        if isinstance(at, exp.DPipe | exp.GroupConcat):
            return True
        if (
            isinstance(at, exp.Select)
            and below is not None
            and below.arg_key == "expressions"
            and below.index is not None
        ):
            column = _column_name(at, below.index)
            if column in TEXT_COLUMNS or column.endswith(TEXT_SUFFIX) or column in PROSE.get(model, ()):
                return True
        below, at = at, at.parent
    return False


def _column_name(select: exp.Select, index: int) -> str:
    """Name of a projection; one of a later branch of a union is called like the first branch's."""
    first: exp.Expression = select
    while isinstance(first.parent, exp.SetOperation):
        first = first.parent
    while isinstance(first, exp.SetOperation):
        first = first.left
    columns = first.expressions if isinstance(first, exp.Select) else select.expressions
    return columns[index].alias_or_name if index < len(columns) else ""


# --- conditions ---


def _drop_condition(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
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
        yield f"{_clause(node)}drop {_short(node)}", _drop_from_chain


def _drop_from_chain(node: exp.Expression) -> None:
    side = node
    while isinstance(side.parent, exp.Paren):
        side = side.parent
    chain = side.parent
    assert isinstance(chain, exp.Connector)
    chain.replace(chain.right if chain.left is side else chain.left)


def _clause(node: exp.Expression) -> str:
    clause = node.find_ancestor(exp.Where, exp.Join, exp.Having, exp.Qualify, exp.Select)
    if isinstance(clause, exp.Join):
        return f"join {clause.this.alias_or_name} on: "
    if isinstance(clause, exp.Where):
        return "filter: " if isinstance(clause.parent, exp.Filter) else "where: "
    return f"{clause.key}: " if isinstance(clause, exp.Having | exp.Qualify) else ""


def _drop_clause(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    """A whole where, having, qualify, filter or join condition is gone."""
    if isinstance(node, exp.Where | exp.Having | exp.Qualify) and not isinstance(node.parent, exp.Filter):
        yield f"drop {_short(node)}", lambda n: n.pop()
    elif isinstance(node, exp.Filter):
        yield f"drop the filter of {_short(node)}", lambda n: n.replace(n.this)
    elif isinstance(node, exp.Join) and node.args.get("on"):
        yield (
            f"join {node.this.alias_or_name}: drop on {_short(node.args['on'])}",
            lambda n: n.set("on", exp.true()),
        )


def _swap_logic(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    if isinstance(node, exp.And | exp.Or):
        other = exp.Or if isinstance(node, exp.And) else exp.And
        yield (
            f"{_clause(node)}{node.key} → {other.key} before {_short(node.right)}",
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


def _compare(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    for other in _COMPARED.get(type(node), ()):
        yield _replaced(node, other)
    if isinstance(node, exp.In) and not isinstance(node.parent, exp.Not):
        yield f"in → not in: {_short(node)}", lambda n: n.replace(exp.Not(this=n.copy()))
    if isinstance(node, exp.In) and len(node.expressions) > 1:
        for value in node.expressions:
            yield f"in: drop {_short(value)} from {_short(node)}", _dropping(value.index)


def _dropping(index: int | None) -> Edit:
    def drop(node: exp.Expression) -> None:
        node.expressions[index].pop()

    return drop


def _replaced(node: exp.Expression, other: type[exp.Expression]) -> tuple[str, Edit]:
    def changed(n: exp.Expression) -> exp.Expression:
        return other(this=n.this.copy(), expression=n.expression.copy())

    return f"{_short(node)} → {_short(changed(node))}", lambda n: n.replace(changed(n))


def _drop_not(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    if isinstance(node, exp.Not):
        yield f"{_clause(node)}drop not of {_short(node)}", lambda n: n.replace(n.this)


def _flip_null(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    if (
        isinstance(node, exp.Is)
        and isinstance(node.expression, exp.Null)
        and not isinstance(node.parent, exp.Not)
    ):
        yield f"{_clause(node)}negate {_short(node)}", lambda n: n.replace(exp.Not(this=n.copy()))


# --- values ---


def _arithmetic(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    other = {exp.Add: exp.Sub, exp.Sub: exp.Add, exp.Mul: exp.Div, exp.IntDiv: exp.Mul, exp.Div: exp.Mul}.get(
        type(node)
    )
    if other:
        yield _replaced(node, other)
    if isinstance(node, exp.Neg):
        yield f"drop the minus of {_short(node)}", lambda n: n.replace(n.this)


def _constant(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
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
    return _short(parent) if parent else ""


def _projection(node: exp.Expression) -> exp.Expression:
    while not isinstance(node.parent, exp.Select):
        assert node.parent
        node = node.parent
    return node


def _coalesce(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    if not isinstance(node, exp.Coalesce):
        return
    arguments = [node.this, *node.expressions]
    for at, argument in enumerate(arguments):

        def drop(n: exp.Expression, at: int = at) -> None:
            left = [a.copy() for i, a in enumerate([n.this, *n.expressions]) if i != at]
            n.replace(left[0] if len(left) == 1 else exp.Coalesce(this=left[0], expressions=left[1:]))

        yield f"drop {_short(argument)} from {_short(node)}", drop


def _case(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    if not isinstance(node, exp.Case):
        return
    subject = f"case {_short(node.this)} " if node.this else "case "
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

        yield f"{subject}drop branch when {_short(branch.this)} then {_short(branch.args['true'])}", drop
        if at + 1 < len(node.args["ifs"]) and not node.this:
            following = node.args["ifs"][at + 1]
            yield f"{subject}swap branches when {_short(branch.this)} and when {_short(following.this)}", swap
    default = node.args.get("default")
    if default and not isinstance(default, exp.Null):
        yield f"{subject}drop else {_short(default)}", lambda n: n.set("default", None)


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


def _aggregate(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    other = _AGGREGATES.get(type(node))
    if other:

        def swap(n: exp.Expression) -> None:
            n.replace(other(**{key: value for key, value in n.copy().args.items() if key in other.arg_types}))

        yield f"{_short(node)} → {other.sql_name().lower()}", swap
    if isinstance(node, exp.Count) and not isinstance(node.this, exp.Star | exp.Distinct):
        yield f"{_short(node)} → count(*)", lambda n: n.set("this", exp.Star())
    if isinstance(node, exp.AggFunc) and isinstance(node.this, exp.Distinct):
        yield f"drop distinct of {_short(node)}", lambda n: n.set("this", n.this.expressions[0].copy())
    if isinstance(node, exp.Order) and isinstance(node.this, exp.Distinct):
        yield f"drop distinct of {_short(node)}", lambda n: n.set("this", n.this.expressions[0].copy())


# --- rows ---


def _distinct(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    if isinstance(node, exp.Select) and node.args.get("distinct"):
        yield (
            f"select distinct → select {_short(', '.join(map(shown, node.expressions)))}",
            lambda n: n.set("distinct", None),
        )


def _union(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
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
    return _short(
        " ".join(
            [f"select {columns if len(columns) <= _SHOWN // 2 else columns[: _SHOWN // 2] + '…'}", *sources]
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


def _join(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
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


def _group(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
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
        yield f"group by: drop {_short(key)}", _without_key(at)


def _any_value_at(index: int) -> Edit:
    def edit(group: exp.Expression) -> None:
        column = group.parent.expressions[index]  # type: ignore[union-attr]
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


def _window(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    """A key of partition by, or of what decides who is first or last, is gone; an order is turned round."""
    if isinstance(node, exp.Window):
        for at, key in enumerate(node.args.get("partition_by") or ()):
            yield f"partition by: drop {_short(key)}", lambda n, at=at: n.args["partition_by"][at].pop()  # type: ignore[misc]
    if isinstance(node, exp.Order):
        for at, key in enumerate(node.expressions):
            if len(node.expressions) > 1:
                yield f"order by: drop {_short(key)} of {_short(node)}", _dropping(at)
            yield f"order by: turn {_short(key)} of {_short(node)}", _turning(at)
        if node.this:
            yield f"drop the order of {_short(node)}", lambda n: n.replace(n.this.copy())
        elif isinstance(node.parent, exp.Window):
            yield f"drop {_short(node)}", lambda n: n.pop()
    if (
        isinstance(node, exp.ArgMax | exp.ArgMin)
        and isinstance(node.expression, exp.Tuple)
        and len(node.expression.expressions) > 1
    ):
        for at, key in enumerate(node.expression.expressions):
            yield (
                f"drop {_short(key)} from {_short(node)}",
                lambda n, at=at: n.expression.expressions[at].pop(),
            )  # type: ignore[misc]


def _turning(index: int) -> Edit:
    def turn(node: exp.Expression) -> None:
        key = node.expressions[index]
        key.set("desc", not key.args.get("desc"))

    return turn


def _values(node: exp.Expression) -> Iterator[tuple[str, Edit]]:
    """A row of a list of values is gone."""
    if isinstance(node, exp.Values):
        for at, row in enumerate(node.expressions):
            yield f"values: drop {_short(row)}", _dropping(at)


OPERATORS: dict[str, Callable[[exp.Expression], Iterator[tuple[str, Edit]]]] = {
    "condition": _drop_condition,
    "clause": _drop_clause,
    "logic": _swap_logic,
    "compare": _compare,
    "not": _drop_not,
    "null": _flip_null,
    "arithmetic": _arithmetic,
    "constant": _constant,
    "coalesce": _coalesce,
    "case": _case,
    "aggregate": _aggregate,
    "distinct": _distinct,
    "union": _union,
    "join": _join,
    "group": _group,
    "window": _window,
    "values": _values,
}
"""The operators by name, each giving what it changes at a node, in words, and how."""
