"""Column lineage of the dbt models: which columns of a model's direct parents each of its
columns is computed from.

What belongs here: reading the compiled SQL of a dbt manifest, without a database and without dbt. What does
not: telling Dagster (its definitions turn the pairs into ``dagster/column_lineage``), and anything that runs
a model. dagster-dbt can find lineage by itself, but starts a dbt adapter in every run for it; compiled SQL
changes only when the project does, so here it is worked out once per manifest.

A column derives from what its value is computed from: the columns of its expression, windows and aggregate
filters included. Joins, ``where`` and ``group by`` decide which rows there are, not what the value is, and
are left out.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import pairwise
from typing import Any

from sqlglot import TokenType, exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.lineage import Node, lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope
from sqlglot.schema import MappingSchema
from sqlglot.transforms import eliminate_window_clause

_DIALECT = "duckdb"
_LOG = logging.getLogger(__name__)

ColumnParents = dict[str, list[tuple[str, str]]]
"""Per output column, in order: the sorted (unique_id of a direct parent, column) pairs it derives from.

A constant and a count of rows derive from none.
"""


@dataclass(frozen=True)
class Lineage:
    """What is known: ``columns`` of every model by its unique_id.

    A model whose SQL is not understood has no entry; its name is in ``unresolved``.
    """

    columns: dict[str, ColumnParents]
    unresolved: list[str]


def column_lineage(manifest: Mapping[str, Any], source_columns: Mapping[str, Sequence[str]]) -> Lineage:
    """Work out the lineage of all models of a compiled manifest.

    Args:
        manifest: A dbt ``manifest.json`` as written by ``dbt compile``: its model nodes have
            ``compiled_code``.
        source_columns: The columns of each dbt source table, in order, by the table's name.

    Returns:
        The lineage. A model that cannot be read is no error, for lineage only explains: it is named in
            ``unresolved``,
        and its children are still read where the project declares its columns.
    """
    models = {uid: node for uid, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    reader = _Reader()
    for unique_id, source in manifest["sources"].items():
        reader.add_relation(unique_id, source["relation_name"], source_columns.get(source["name"], ()))
    for unique_id, node in manifest["nodes"].items():
        if node["resource_type"] == "seed":
            reader.add_relation(unique_id, node["relation_name"], node["columns"])
    parents = {uid: [p for p in node["depends_on"]["nodes"] if p in models] for uid, node in models.items()}
    found: dict[str, ColumnParents] = {}
    unresolved: list[str] = []
    for unique_id in TopologicalSorter(parents).static_order():
        node = models[unique_id]
        try:
            found[unique_id] = reader.read(node["compiled_code"])
        except Exception as error:  # noqa: BLE001 - lineage only explains: it must not make a run fail
            _LOG.warning("no column lineage for %s: %s", node["name"], error)
            found[unique_id] = {}
            unresolved.append(node["name"])
        reader.add_relation(unique_id, node["relation_name"], found[unique_id] or node.get("columns", ()))
    return Lineage({unique_id: found[unique_id] for unique_id in models}, sorted(unresolved))


class _Reader:
    """Reads one model after another, knowing the columns of all relations added before."""

    def __init__(self) -> None:
        """Start without any relation."""
        self._schema = MappingSchema(dialect=_DIALECT)
        self._unique_ids: dict[tuple[str, ...], str] = {}

    def add_relation(self, unique_id: str, relation_name: str | None, columns: Iterable[str]) -> None:
        """Make a relation known to the models read later; with no columns, only by its name.

        An ephemeral model has no relation: dbt writes its query into those of its children.
        """
        if relation_name is None:
            return
        table = exp.to_table(relation_name, dialect=_DIALECT)
        self._unique_ids[_key(table)] = unique_id
        # lineage needs no types, and a relation without columns would pass for one that has none
        if types := dict.fromkeys(columns, "unknown"):
            self._schema.add_table(table, types, dialect=_DIALECT)

    def read(self, sql: str) -> ColumnParents:
        """Return the lineage of one query.

        Raises:
            SqlglotError: The query cannot be parsed, or names a column that no relation has.
            ValueError, KeyError: An answer would be a guess: a star over unknown columns, a relation unknown
                to dbt.
        """
        query = qualify(_named(_parse(sql)), dialect=_DIALECT, schema=self._schema, identify=False)
        if any(column.is_star for select in query.find_all(exp.Select) for column in select.selects):
            raise ValueError("a star stands for columns that are not known")
        # trimming and copying would only make graphs readable, at ten times the cost
        scope = build_scope(query)
        nodes = lineage(
            None, query, self._schema, dialect=_DIALECT, scope=scope, trim_selects=False, copy=False
        )
        return {name: sorted(self._parents(node)) for name, node in nodes.items()}

    def _parents(self, column: Node) -> set[tuple[str, str]]:
        found = set()
        for step in column.walk():
            if isinstance(step.expression, exp.Placeholder):
                raise ValueError(f"column {step.name} comes from no relation of its query")
            if isinstance(step.expression, exp.Table):
                found.add((self._unique_ids[_key(step.expression)], exp.to_column(step.name).name))
        return found


def _key(table: exp.Table) -> tuple[str, ...]:
    return tuple(part.name.lower() for part in table.parts)


def _parse(sql: str) -> exp.Query:
    """Parse one query. ``map.column`` is read as DuckDB reads it, where sqlglot would
    expect the function ``map``.
    """
    dialect = Dialect.get_or_raise(_DIALECT)
    tokens = dialect.tokenize(sql)
    for token, following in pairwise(tokens):
        if token.token_type is TokenType.MAP and following.token_type is TokenType.DOT:
            token.token_type = TokenType.IDENTIFIER
    [query] = dialect.parser().parse(tokens, sql)
    if not isinstance(query, exp.Query):
        raise ValueError("not one query")
    return query


def _named(query: exp.Query) -> exp.Query:
    """Prepare a parsed query in place: inline named windows, and give every column a name of its own.

    sqlglot finds columns by name. It names both columns of ``select 0, 0`` 0, and then expands
    no star over them.
    """
    for select in query.find_all(exp.Select):
        eliminate_window_clause(select)
        for position, column in enumerate(select.expressions):
            if not (column.is_star or isinstance(column, exp.Column | exp.Alias)):
                column.replace(exp.Alias(this=column.copy(), alias=exp.to_identifier(f"_column_{position}")))
    return query
