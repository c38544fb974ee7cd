"""The dbt models as trees that can be changed: the SQL of a model with its exact arithmetic kept as calls.

What belongs here: rendering a model's Jinja through the project's own macros, parsing it, and writing a tree
back as the SQL that DuckDB runs. What is changed in a tree belongs to ``mutants``. The macros of exact
arithmetic and the fingerprint stay calls, because their insides have tests of their own
(``tests/dbt/test_exact_macros.py``) and would drown everything else; those of periods are written out,
because the ends of an interval decide about money where they are used.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from graphlib import TopologicalSorter
from typing import Any

import jinja2
import sqlglot
from sqlglot import exp

from mbr_pipeline.transform.compiled_project import dbt_project
from mbr_pipeline.transform.project_folder import PROJECT

DIALECT = "duckdb"
KEPT_AS_CALLS = ("exact.sql", "fingerprint.sql")
NOT_MUTATED = ("staging", "marts/dimensions")
"""Folders whose models only rename and cast, or list names."""


@dataclass(frozen=True)
class Model:
    """One dbt model: its unique id, name and relation, what it reads, and the SQL that dbt compiles it to."""

    unique_id: str
    name: str
    relation: str
    path: str
    raw_code: str
    compiled_code: str
    parents: tuple[str, ...]
    not_null: tuple[str, ...]

    @property
    def is_mutated(self) -> bool:
        """Whether the campaign mutates it: intermediate models and published facts."""
        return not any(self.path.startswith(f"models/{folder}/") for folder in NOT_MUTATED)


class Project:
    """The models of the dbt project in the order they are built, its seeds and its data tests,
    from dbt's compiled manifest.
    """

    def __init__(self) -> None:
        """Read the manifest, which is compiled anew if a file of the project changed."""
        manifest = json.loads(dbt_project().manifest_path.read_text(encoding="utf-8"))
        nodes = manifest["nodes"]
        self.sources = {
            (s["source_name"], s["name"]): s["relation_name"] for s in manifest["sources"].values()
        }
        self.seeds = {node["name"]: node for node in nodes.values() if node["resource_type"] == "seed"}
        models = {uid: _model(node) for uid, node in nodes.items() if node["resource_type"] == "model"}
        self.models = {uid: models[uid] for uid in _in_order(models)}
        self.by_name = {model.name: model for model in self.models.values()}
        self._above: dict[str, frozenset[str]] = {}
        self.data_tests = {
            node["name"]: (node["compiled_code"], tuple(node["depends_on"]["nodes"]))
            for node in nodes.values()
            if node["resource_type"] == "test"
        }

    def above(self, name: str) -> frozenset[str]:
        """Unique ids of everything a model is computed from."""
        if name not in self._above:
            parents = self.by_name[name].parents
            names = [self.models[uid].name for uid in parents if uid in self.models]
            self._above[name] = frozenset(parents).union(*(self.above(parent) for parent in names))
        return self._above[name]

    @cached_property
    def mutated(self) -> list[Model]:
        """The models in scope."""
        return [model for model in self.models.values() if model.is_mutated]

    def relation(self, name: str) -> str:
        """What a model or a seed is called in the database."""
        return self.by_name[name].relation if name in self.by_name else str(self.seeds[name]["relation_name"])

    def tree(self, model: Model) -> exp.Query:
        """Parse a model, calls of exact arithmetic standing as calls."""
        names: dict[str, Any] = {**_macros(), **{name: _call(name) for name in kept_as_calls()}}
        names |= {
            "ref": self.relation,
            "source": lambda source, name: self.sources[source, name],
            "config": lambda **_: "",
        }
        return parse(_environment().from_string(model.raw_code).render(names))


def _model(node: Mapping[str, Any]) -> Model:
    constrained = [
        c["name"]
        for c in node["columns"].values()
        if any(k["type"] == "not_null" for k in c.get("constraints", ()))
    ]
    return Model(
        node["unique_id"],
        node["name"],
        node["relation_name"],
        node["original_file_path"],
        node["raw_code"],
        node["compiled_code"],
        tuple(node["depends_on"]["nodes"]),
        tuple(constrained),
    )


def _in_order(models: Mapping[str, Model]) -> Iterator[str]:
    return iter(
        TopologicalSorter(
            {uid: [p for p in model.parents if p in models] for uid, model in models.items()}
        ).static_order()
    )


def parse(sql: str) -> exp.Query:
    """Parse one query."""
    [query] = [statement for statement in sqlglot.parse(sql, dialect=DIALECT) if statement]
    assert isinstance(query, exp.Query), type(query)
    return query


def sql_of(tree: exp.Expression) -> str:
    """Write a tree as DuckDB runs it: every call kept replaced by what the macro makes of its arguments."""
    tree = tree.copy()
    calls = [node for node in tree.find_all(exp.Anonymous, bfs=True) if node.name in kept_as_calls()]
    for node in reversed(calls):  # those inside others first
        node.replace(exp.Var(this=_expanded(node)))
    return str(tree.sql(DIALECT))


def shown(tree: exp.Expression) -> str:
    """Write a tree for people, on one line, macro calls as calls."""
    return " ".join(tree.sql(DIALECT).replace('"month".', "").replace('"', "").split())


def _expanded(node: exp.Anonymous) -> str:
    arguments = [int(a.name) if a.is_int else a.sql(DIALECT) for a in node.expressions]
    macro = _macros()[node.name]
    return str(macro(arguments) if node.name == "fingerprint" else macro(*arguments)).strip()


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined, autoescape=False
    )


_DBT_ONLY = "materializations"
"""The macros that no model calls: Jinja's own parser does not know their tags."""


def _macros_of(text: str) -> Mapping[str, Callable[..., str]]:
    module = _environment().from_string(text).module
    return {
        name: value for name, value in vars(module).items() if callable(value) and not name.startswith("_")
    }


@cache
def _macros() -> Mapping[str, Callable[..., str]]:
    # as one text, because they call each other
    files = sorted(file for file in (PROJECT / "macros").glob("*.sql") if file.stem != _DBT_ONLY)
    return _macros_of("\n".join(file.read_text(encoding="utf-8") for file in files))


@cache
def kept_as_calls() -> frozenset[str]:
    """Names of the macros that stay calls in a tree."""
    return frozenset(
        name
        for file in KEPT_AS_CALLS
        for name in _macros_of((PROJECT / "macros" / file).read_text(encoding="utf-8"))
    )


def _call(name: str) -> Callable[..., str]:
    def call(*arguments: Any) -> str:
        flat = [
            one for argument in arguments for one in (argument if isinstance(argument, list) else [argument])
        ]
        return f"{name}({', '.join(map(str, flat))})"

    return call
