"""Every mutant of a model, and which parts of a query are left alone.

What belongs here: walking a tree and naming what was found. What is changed is ``operators``, how a model
becomes a tree is ``models``; whether anybody notices a mutant is for ``month`` and ``unit_tests`` to say.

Left alone, by rule: everything that only builds sentences (see ``_is_text``). A wrong word is not a wrong
number, and texts are compared with nothing but themselves.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlglot import exp

from tools.mutation.sql.models import Model, Project, sql_of
from tools.mutation.sql.operators import OPERATORS

TEXT_COLUMNS = ("explanation", "sentence", "message", "opening", "client_name", "product_name", "vendor_name")


TEXT_SUFFIX = "_text"
"""Columns that are sentences, or names that only sentences use."""


PROSE = {"fct_psa_changes": ("reason",)}
"""Columns of a model that are sentences although another model's of the same name are codes."""


@dataclass(frozen=True)
class Mutant:
    """One broken query: its model, the operator, what was changed where, and the SQL to run."""

    model: str
    operator: str
    change: str
    sql: str

    @property
    def key(self) -> tuple[str, str, str]:
        """Its name, the same in every run."""
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


def _place(node: exp.Expression) -> str:
    cte = node if isinstance(node, exp.CTE) else node.find_ancestor(exp.CTE)
    return cte.alias if cte else "result"


def _is_text(node: exp.Expression, model: str) -> bool:
    """Whether a node only helps to build a sentence: under ``||`` or string_agg, or in a column of prose."""
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
