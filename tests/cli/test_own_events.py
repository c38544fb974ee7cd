"""What a run writes into its history is what Dagster would write, and nobody asks the history for it again.

Belongs here: ``mbr_pipeline.cli.run.own_events``. Does not: files and connections of the history
(``test_held_history``).
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa

from mbr_pipeline.cli.run.held_history import history_held
from mbr_pipeline.cli.run.own_events import own_events_known

MONTHS = dg.StaticPartitionsDefinition(["acme|2026-01", "beta|2026-01"])


@dg.asset(partitions_def=MONTHS, code_version="1")
def landed() -> dg.MaterializeResult[Any]:
    """What a step of its own makes."""
    return dg.MaterializeResult(metadata={"rows": 3, "note": 'says "ü", \\ and a\nline'})


@dg.multi_asset(
    name="transform",
    specs=[
        dg.AssetSpec("staged", deps=[landed], code_version="1"),
        dg.AssetSpec("mart", deps=["staged", landed], code_version="1"),
        dg.AssetSpec("bare", deps=["mart"], code_version="1"),
    ],
    check_specs=[dg.AssetCheckSpec("is_whole", asset="mart")],
    partitions_def=MONTHS,
    can_subset=True,
)
def transformed(context: dg.AssetExecutionContext) -> Iterator[Any]:
    """What one step makes, one of another."""
    for name in ("staged", "mart"):
        yield dg.MaterializeResult(asset_key=name, metadata={"rows": len(context.partition_key)})
    if dg.AssetKey("bare") in context.selected_asset_keys:
        yield dg.MaterializeResult(asset_key="bare")
    yield dg.AssetCheckResult(asset_key="mart", check_name="is_whole", passed=context.partition_key != "beta")
    context.log_event(dg.AssetObservation("mart", partition=context.partition_key))


@dg.asset(partitions_def=MONTHS, deps=["mart", "bare"], code_version="1")
def published() -> None:
    """What reads of two steps."""


MADE = [landed, transformed, published]
ASKED = (
    ("acme|2026-01", None),
    ("beta|2026-01", None),
    ("acme|2026-01", ["staged", "mart", "published"]),  # without what the others were made of
)


def _instance(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dg.DagsterInstance:
    folder.mkdir()
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    (folder / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    return dg.DagsterInstance.get()


def _run(instance: dg.DagsterInstance, number: int, asked: tuple[str, list[str] | None]) -> None:
    partition, names = asked
    ran = dg.materialize(
        MADE,
        partition_key=partition,
        instance=instance,
        selection=names,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        tags={"number": str(number)},
    )
    assert ran.success


_CHANGES = (
    (r"\b\d{10}\.\d+\b", "TIME"),
    (r'"duration_ms": [0-9.e-]+', '"duration_ms": 0'),
    (r"\b\d+\.?\d*(ms|s)\b", "TIME"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?", "TIME"),
    (r"\(pid: \d+\)", "PID"),
    (r'"log_key": "\w+"', "CHANCE"),
)


def _stored(folder: Path, run_ids: Sequence[str]) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table of the history, without what differs from one time to the next."""
    found = {}
    for file in ("index", *run_ids):
        with closing(sqlite3.connect(folder / "history" / "runs" / f"{file}.db")) as history:
            names = [
                name for (name,) in history.execute("select name from sqlite_master where type = 'table'")
            ]
            for name in sorted(names):
                rows = history.execute(f'select * from "{name}"').fetchall()
                shown = "run" if file in run_ids else file
                place = f"{shown} {run_ids.index(file) if file in run_ids else ''} {name}"
                found[place] = [tuple(_plain(value, run_ids) for value in row) for row in rows]
    return found


def _plain(value: Any, run_ids: Sequence[str]) -> Any:
    if not isinstance(value, str):
        return value
    for number, run_id in enumerate(run_ids):
        value = value.replace(run_id, f"RUN {number}").replace(run_id[:8], f"RUN {number}")
    for pattern, plain in _CHANGES:
        value = re.sub(pattern, plain, value)
    return value


def test_what_is_stored_is_what_dagster_stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = []
    for way in ("held", "of_dagster"):
        with _instance(tmp_path / way, monkeypatch) as instance:
            held: AbstractContextManager[None] = history_held(instance) if way == "held" else nullcontext()
            with held:
                for number, asked in enumerate(ASKED):
                    _run(instance, number, asked)
            run_ids = [run.run_id for run in reversed(instance.get_runs())]
        stored.append(_stored(tmp_path / way, run_ids))
    held_rows, rows = stored
    assert held_rows.keys() == rows.keys()
    for place in rows:
        assert held_rows[place] == rows[place], place
    assert len(rows["index  asset_keys"]) == 5
    assert len(rows["index  asset_check_executions"]) == 3
    assert sum(len(each) for each in rows.values()) > 150


def test_what_a_run_wrote_is_not_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with _instance(tmp_path / "home", monkeypatch) as instance, history_held(instance):
        _run(instance, 0, ASKED[0])
        asked: list[str] = []
        with instance.event_log_storage.index_connection() as connection:
            sa.event.listen(
                connection.engine, "before_cursor_execute", lambda *words: asked.append(str(words[2]))
            )
        _run(instance, 1, ASKED[1])
    questions = [each for each in asked if each.startswith(("SELECT", "WITH"))]
    about_versions = [
        each for each in questions if "asset_event_tags" in each or "last_materialization" in each
    ]
    # before its first step it asks for what nothing made in this run: there is nothing
    assert about_versions == []
    assert [each for each in asked if each.startswith("UPDATE asset_keys")]


def test_another_run_is_asked_for_as_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an earlier run of this process made, and another process since made anew, is read as it is now."""
    with _instance(tmp_path / "home", monkeypatch) as instance:
        with history_held(instance):
            _run(instance, 0, ASKED[0])
            with dg.DagsterInstance.get() as another:
                events = vars(instance.event_log_storage)
                assert "prepare_insert_event" in events
                assert "prepare_insert_event" not in vars(another.event_log_storage)
                _run(another, 1, ("acme|2026-01", ["landed"]))
            _run(instance, 2, ASKED[2])
        newest, *_ = instance.fetch_materializations(dg.AssetKey("landed"), limit=1).records
        made = (
            instance.fetch_materializations(dg.AssetKey("staged"), limit=1).records[0].asset_materialization
        )
        assert made is not None
        assert made.tags is not None
        assert made.tags["dagster/input_event_pointer/landed"] == str(newest.storage_id)


def test_a_history_elsewhere_is_left_alone() -> None:
    store = object()
    with own_events_known(store):
        pass
