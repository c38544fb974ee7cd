"""A recorded build: what is chosen, in which order, and what becomes of nodes when one fails.

Belongs here: ``mbr_pipeline.transform.recorded_build`` on statements written by hand, and which nodes of the
project are recorded. What a month contains is tests/worlds' part.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from mbr_pipeline.storage import memory
from mbr_pipeline.transform.compiled_project import dbt_project
from mbr_pipeline.transform.project_folder import PROJECT
from mbr_pipeline.transform.recorded_build import Node, RecordedBuild


def table(name: str, query: str, *after: str, kind: str = "table") -> Node:
    statement = f'drop {kind} if exists "month"."s"."{name}"; create {kind} "month"."s"."{name}" as {query}'
    return Node(name, name, kind, f'"month"."s"."{name}"', f"models/{name}.sql", statement, after)


def judge(name: str, failures: str, *after: str) -> Node:
    statement = f"select {failures} as failures, {failures} <> 0 as warned, {failures} <> 0 as failed"
    return Node(name, name, "test", None, f"tests/{name}.sql", statement, after)


@pytest.fixture
def month(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(tmp_path / "month.duckdb") as opened:
        yield opened


def outcome(build: RecordedBuild, month: duckdb.DuckDBPyConnection, *names: str) -> dict[str, str]:
    return {result["unique_id"]: result["status"] for result in build.run(month, names)}


BUILD = RecordedBuild(
    2,
    ("s",),
    (
        table("first", "select 1 as a"),
        judge("first_is_sound", "(select count(*) from s.first where a <> 1)", "first"),
        table("second", "select a + 1 as a from s.first", "first", "first_is_sound"),
        judge("second_is_sound", "(select count(*) from s.second where a <> 2)", "second"),
        table("third", "select a + 1 as a from s.second", "second", "second_is_sound"),
    ),
)


def test_everything_is_built_after_what_it_waits_for(month: duckdb.DuckDBPyConnection) -> None:
    results = BUILD.run(month)
    assert [result["unique_id"] for result in results] == [node.unique_id for node in BUILD.nodes]
    assert {result["status"] for result in results} == {"success", "pass"}
    assert month.execute("select a from s.third").fetchone() == (3,)


def test_a_model_is_chosen_with_its_tests_and_a_test_alone(month: duckdb.DuckDBPyConnection) -> None:
    outcome(BUILD, month)
    assert outcome(BUILD, month, "second") == {"second": "success", "second_is_sound": "pass"}
    assert outcome(BUILD, month, "first_is_sound") == {"first_is_sound": "pass"}
    # the order holds also where what lies between is not chosen
    assert list(outcome(BUILD, month, "third", "first"))[-1] == "third"


def test_what_follows_a_failed_test_is_skipped_and_the_rest_is_built(
    month: duckdb.DuckDBPyConnection,
) -> None:
    failing = judge("first_is_sound", "3", "first")
    beside = table("beside", "select 1 as a", "first")
    build = RecordedBuild(2, ("s",), (BUILD.nodes[0], failing, *BUILD.nodes[2:], beside))
    results = {result["unique_id"]: result for result in build.run(month)}
    assert {name: result["status"] for name, result in results.items()} == {
        "first": "success",
        "first_is_sound": "fail",
        "second": "skipped",
        "second_is_sound": "skipped",
        "third": "skipped",
        "beside": "success",
    }
    assert results["first_is_sound"]["failures"] == 3
    assert results["first_is_sound"]["message"] == "first_is_sound (tests/first_is_sound.sql): 3 rows fail"


def test_a_statement_that_fails_leaves_the_old_table_and_says_where(month: duckdb.DuckDBPyConnection) -> None:
    outcome(BUILD, month)
    broken = table("second", "select nothing from s.first", "first")
    build = RecordedBuild(2, ("s",), (BUILD.nodes[0], broken, *BUILD.nodes[3:]))
    results = {result["unique_id"]: result for result in build.run(month)}
    assert [results[name]["status"] for name in ("first", "second", "third")] == [
        "success",
        "error",
        "skipped",
    ]
    assert results["second"]["message"].startswith("second (models/second.sql): Binder Error")
    assert month.execute("select a from s.second").fetchone() == (2,)


HUNGRY = RecordedBuild(2, ("s",), (table("hungry", "select len(list(range)) as a from range(10000000)"),))
"""A list lies in memory as a whole: this one takes more than 100 MB and less than 800 MB."""


def test_a_statement_that_ends_for_want_of_memory_is_given_more(
    month: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(memory.SETTING, raising=False)
    monkeypatch.setattr(memory, "_LEAST", 100_000_000)
    month.execute("set memory_limit = '100MB'")
    assert outcome(HUNGRY, month) == {"hungry": "success"}
    assert month.execute("select a from s.hungry").fetchone() == (10_000_000,)


def test_a_statement_that_cannot_be_given_more_runs_alone_and_on_one_thread(
    month: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = "row_number() over (partition by range % 7 order by hash(range))"
    numbers = f"select count(*) as a from (select range, {number} from range(4000000)) as numbered(b, c)"
    monkeypatch.setenv(memory.SETTING, "200MB")
    # on one thread it takes 160 MB, on four 250
    month.execute("set memory_limit = '200MB'; set threads = 4; set temp_directory = ''")
    with pytest.raises(duckdb.OutOfMemoryException):
        month.execute(numbers)
    build = RecordedBuild(2, ("s",), tuple(table(name, numbers) for name in ("one", "other", "third")))
    assert outcome(build, month) == dict.fromkeys(["one", "other", "third"], "success")
    assert month.execute("select a from s.other").fetchone() == (4_000_000,)
    assert month.execute("select current_setting('threads')").fetchone() == (4,)


def test_it_is_not_given_more_than_was_set(
    month: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(memory.SETTING, "100MB")
    month.execute("set memory_limit = '100MB'")
    (result,) = HUNGRY.run(month)
    assert (result["status"], result["message"][:45]) == (
        "error",
        "hungry (models/hungry.sql): Out of Memory Err",
    )


def test_what_was_a_table_becomes_a_view(month: duckdb.DuckDBPyConnection) -> None:
    outcome(BUILD, month)
    last = table("third", "select 7 as a", kind="view")
    assert outcome(RecordedBuild(2, ("s",), (last,)), month) == {"third": "success"}
    assert month.execute(
        "select table_type from information_schema.tables where table_name = 'third'"
    ).fetchall() == [("VIEW",)]


def test_every_node_of_the_project_but_the_gates_own_is_recorded_after_what_it_reads() -> None:
    manifest = json.loads(dbt_project().manifest_path.read_text(encoding="utf-8"))
    nodes = {name: node for name, node in manifest["nodes"].items() if "gated" not in node["tags"]}
    recorded = RecordedBuild.read(dbt_project().statements_path)
    assert sorted(node.unique_id for node in recorded.nodes) == sorted(nodes)
    before: set[str] = set()
    for node in recorded.nodes:
        read = {name for name in nodes[node.unique_id]["depends_on"].get("nodes", ()) if name in nodes}
        assert read <= recorded.ancestors[node.unique_id] <= before, node.name
        before.add(node.unique_id)
    # a test holds up what reads the table that it judges
    [test] = [name for name in nodes if name.startswith("test.mbr.unique_key_fct_exceptions_")]
    assert test in recorded.ancestors["model.mbr.fct_close_metrics"]


def test_no_statement_depends_on_when_or_where_dbt_recorded_it() -> None:
    """A model may ask neither the database nor the environment nor the clock while dbt compiles it."""
    asked = re.compile(
        r"run_query|adapter\.|load_result|\bstatement\(|run_started_at|invocation_id|env_var|\bvar\("
    )
    places = [*(PROJECT / "models").rglob("*.sql"), *(PROJECT / "tests").rglob("*.sql")]
    places += [file for file in (PROJECT / "macros").rglob("*.sql") if file.name != "materializations.sql"]
    assert len(places) > 90
    assert [file.name for file in places if asked.search(file.read_text(encoding="utf-8"))] == []
    recorded = RecordedBuild.read(dbt_project().statements_path)
    said = "".join(node.statement for node in recorded.nodes)
    assert "2000-01" not in said and "'nobody'" not in said  # the month it was recorded on
