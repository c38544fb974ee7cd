"""Builds a month from the statements that dbt recorded: the same statements, after the same others, as many
at once; importing dbt, and what dbt does around each statement, took most of a small month.

What belongs here: choosing nodes, their order, running them, and what becomes of each. What does not:
recording (``mbr_pipeline.transform.recording``) and the process (``mbr_pipeline.transform.dbt_server``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue
from threading import Condition
from time import monotonic
from typing import Any

import duckdb

from connectors.counted import plural
from mbr_pipeline.storage.memory import Memory

_DONE = ("success", "pass")


@dataclass(frozen=True)
class Node:
    """A model, seed or test: ``statement`` is what dbt ran for it, ``after`` are the nodes it waits for.
    ``kind`` is dbt's materialization.
    """

    unique_id: str
    name: str
    kind: str
    relation: str | None
    file: str
    statement: str
    after: tuple[str, ...]


@dataclass(frozen=True)
class RecordedBuild:
    """A recorded build of the whole project; nodes stand after all that they wait for."""

    threads: int
    schemas: tuple[str, ...]
    nodes: tuple[Node, ...]

    @classmethod
    def read(cls, path: Path) -> RecordedBuild:
        """Read ``statements.json``."""
        content = json.loads(path.read_text(encoding="utf-8"))
        nodes = (Node(**{**node, "after": tuple(node["after"])}) for node in content["nodes"])
        return cls(content["threads"], tuple(content["schemas"]), tuple(nodes))

    @cached_property
    def ancestors(self) -> dict[str, frozenset[str]]:
        """Per node all nodes that come before it, by whatever way."""
        found: dict[str, frozenset[str]] = {}
        for node in self.nodes:
            found[node.unique_id] = frozenset(node.after).union(*(found[name] for name in node.after))
        return found

    def selected(self, names: Iterable[str]) -> list[Node]:
        """Return the nodes of these names in order, with every test of a model among them, as dbt selects;
        without names, all.
        """
        wanted = set(names)
        if not wanted:
            return list(self.nodes)
        chosen = {node.unique_id for node in self.nodes if node.name in wanted}
        return [
            node
            for node in self.nodes
            if node.unique_id in chosen or (node.kind == "test" and chosen.intersection(node.after))
        ]

    def run(
        self, connection: duckdb.DuckDBPyConnection, names: Sequence[str] = (), size: int | None = None
    ) -> list[dict[str, Any]]:
        """Build the selected nodes of a month of so many landed bytes, on a connection that was opened for as
        many; returns for each, in the order they ended, ``unique_id``, ``status`` in
        dbt's words (success, pass, error, fail, skipped), ``seconds``, ``failures`` (rows, of tests) and
        ``message``. A node of which anything before failed is skipped.
        """
        for schema in self.schemas:
            connection.execute(f'create schema if not exists "{schema}"')
        return _Run(connection, self, self.selected(names), Memory(size)).results()


class _Run:
    """One build at work."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, build: RecordedBuild, nodes: list[Node], memory: Memory
    ) -> None:
        ids = {node.unique_id for node in nodes}
        self._left = {node.unique_id: node for node in nodes}
        self._waits = {name: set(build.ancestors[name] & ids) for name in ids}
        self._kinds = _kinds(connection)
        self._statuses: dict[str, str] = {}
        self._results: list[dict[str, Any]] = []
        self._threads = build.threads
        self._memory, self._turns = memory, _Turns()
        self._cursors: SimpleQueue[duckdb.DuckDBPyConnection] = SimpleQueue()
        for _ in range(build.threads):
            self._cursors.put(connection.cursor())

    def results(self) -> list[dict[str, Any]]:
        running: dict[Future[dict[str, Any]], str] = {}
        with ThreadPoolExecutor(self._threads) as pool:
            while self._left or running:
                while len(running) < self._threads and (node := self._next()) is not None:
                    running[pool.submit(self._timed, node)] = node.unique_id
                if not running:
                    continue  # what was left could only be skipped
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    del running[future]
                    self._end(future.result())
        return self._results

    def _next(self) -> Node | None:
        """Take the first node that waits for nothing more; on the way, skip what cannot be built."""
        for name, node in list(self._left.items()):
            done = {other for other in self._waits[name] if other in self._statuses}
            if any(self._statuses[other] not in _DONE for other in done):
                del self._left[name]
                self._end(_result(node, "skipped", 0.0))
            elif len(done) == len(self._waits[name]):
                del self._left[name]
                return node
        return None

    def _end(self, result: dict[str, Any]) -> None:
        self._statuses[result["unique_id"]] = result["status"]
        self._results.append(result)

    def _timed(self, node: Node) -> dict[str, Any]:
        cursor, began = self._cursors.get(), monotonic()
        try:
            while True:
                limit = self._memory.limit
                try:
                    with self._turns.beside_others():
                        return self._done(node, cursor, began)
                except duckdb.OutOfMemoryException:
                    if not self._memory.raise_above(limit, cursor):
                        break
            # what others took is there for it, and each thread would want a share of it
            with self._turns.alone(), _on_one_thread(cursor):
                return self._done(node, cursor, began)
        except duckdb.Error as error:
            said = f"{node.name} ({node.file}): {error}"
            return _result(node, "error", monotonic() - began, message=said)
        finally:
            self._cursors.put(cursor)

    def _done(self, node: Node, cursor: duckdb.DuckDBPyConnection, began: float) -> dict[str, Any]:
        if node.kind == "test":
            return _judged(node, cursor, began)
        self._make(node, cursor)
        return _result(node, "success", monotonic() - began)

    def _make(self, node: Node, cursor: duckdb.DuckDBPyConnection) -> None:
        existing = self._kinds.get(node.relation or "")
        cursor.execute("begin")
        try:
            # `drop … if exists` refuses what is of the other kind; and a seed's statement drops nothing
            if existing is not None and existing != node.kind:
                cursor.execute(f"drop {existing} {node.relation}")
            cursor.execute(node.statement)
            cursor.execute("commit")
        except duckdb.Error:
            cursor.execute("rollback")
            raise


class _Turns:
    """Statements beside others, and now and then one alone."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._at_work, self._wait_alone = 0, 0

    @contextmanager
    def beside_others(self) -> Iterator[None]:
        """Begin once nobody is alone or waits to be."""
        with self._changed:
            self._changed.wait_for(lambda: not self._wait_alone)
            self._at_work += 1
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Begin once nobody is at work; nobody else begins before the end."""
        with self._changed:
            self._wait_alone += 1
            self._changed.wait_for(lambda: not self._at_work)
            self._at_work += 1
        try:
            yield
        finally:
            self._leave(was_alone=True)

    def _leave(self, was_alone: bool = False) -> None:
        with self._changed:
            self._at_work -= 1
            self._wait_alone -= was_alone
            self._changed.notify_all()


@contextmanager
def _on_one_thread(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    [(threads,)] = cursor.execute("select current_setting('threads')").fetchall()
    cursor.execute("set threads = 1")
    try:
        yield
    finally:
        cursor.execute(f"set threads = {threads}")


def _kinds(connection: duckdb.DuckDBPyConnection) -> Mapping[str, str]:
    """Return what there is before a build: `table` or `view` by relation, as dbt writes its name."""
    query = (
        'select format(\'"{}"."{}"."{}"\', table_catalog, table_schema, table_name),'
        " case table_type when 'VIEW' then 'view' else 'table' end from information_schema.tables"
    )
    return dict(connection.execute(query).fetchall())


def _judged(node: Node, cursor: duckdb.DuckDBPyConnection, began: float) -> dict[str, Any]:
    failures, _, is_failed = cursor.execute(node.statement).fetchone() or (None, None, True)
    seconds = monotonic() - began
    if not is_failed:
        return _result(node, "pass", seconds, failures)
    return _result(
        node,
        "fail",
        seconds,
        failures,
        f"{node.name} ({node.file}): {plural(failures or 0, 'row fails', 'rows fail')}",
    )


def _result(
    node: Node, status: str, seconds: float, failures: int | None = None, message: str | None = None
) -> dict[str, Any]:
    return {
        "unique_id": node.unique_id,
        "status": status,
        "seconds": round(seconds, 3),
        "failures": failures,
        "message": message,
    }
