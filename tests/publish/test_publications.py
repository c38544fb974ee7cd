"""The view ``publications``: which publications are kept, since when and from which inputs.

Belongs here: records of publications and their view. Does not: the tables (``test_publication``) and how long
a replaced version stays (``test_versions``).
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mbr_pipeline.publish.catalogue import refresh_catalogue
from mbr_pipeline.publish.publication import publish
from mbr_pipeline.publish.publications import is_record_sound, note
from mbr_pipeline.publish.reading import reading
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.publish.tables import MONTH, audited, make_old
from tests.support.launching import bytes_below


def _publish(root: Path, *clients: str, inputs: str = "f00d") -> str:
    """Publish a month of these clients; returns its version."""
    publish(audited(root, clients=[{"client_id": client} for client in clients], inputs=inputs), inputs)
    return (root / MONTH).resolve().name[1:]


def _listed(root: Path) -> list[tuple[Any, ...]]:
    with reading(WorkspacePaths(root)) as connection:
        rows: list[tuple[Any, ...]] = connection.execute(
            "select version, inputs_hash, is_in_force, published_at from publications"
            " order by msp_id, period, published_at, is_in_force"
        ).fetchall()
        return rows


def _without_times(root: Path) -> list[tuple[Any, ...]]:
    return [row[:3] for row in _listed(root)]


def test_the_publication_in_force_and_the_one_it_replaced_are_listed_with_time_and_inputs(
    tmp_path: Path,
) -> None:
    before = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    first = _publish(tmp_path, "C-1", inputs="f00d")
    second = _publish(tmp_path, "C-2", inputs="beef")
    assert sorted(_without_times(tmp_path)) == sorted([(first, "f00d", False), (second, "beef", True)])
    for *_, at in _listed(tmp_path):
        assert before <= at <= before + timedelta(minutes=5)
    with reading(WorkspacePaths(tmp_path)) as connection:
        named = connection.execute("select distinct msp_id, period from publications").fetchall()
        words = connection.execute(
            "select count(*), count(comment) from duckdb_columns() where table_name = 'publications'"
        ).fetchall()
    assert (named, words) == ([("acme", "2026-10")], [(6, 6)])


def test_equal_tables_again_change_nothing_unless_their_inputs_did(tmp_path: Path) -> None:
    version = _publish(tmp_path, "C-1")
    before = bytes_below(tmp_path / "published")
    _publish(tmp_path, "C-1")
    assert bytes_below(tmp_path / "published") == before
    _publish(tmp_path, "C-1", inputs="beef")
    assert _without_times(tmp_path) == [(version, "beef", True)]


def test_what_an_earlier_release_published_has_neither_time_nor_inputs(tmp_path: Path) -> None:
    version = _publish(tmp_path, "C-1")
    record = tmp_path / f"{MONTH}.versions/.{version}.json"
    record.unlink()
    refresh_catalogue(WorkspacePaths(tmp_path))
    assert _listed(tmp_path) == [(version, None, True, None)]
    record.write_text("{", encoding="utf-8")
    refresh_catalogue(WorkspacePaths(tmp_path))
    assert _listed(tmp_path) == [(version, None, True, None)]


def test_a_version_that_is_removed_takes_its_record_along(tmp_path: Path) -> None:
    versions = [_publish(tmp_path, client) for client in ("C-1", "C-2", "C-3")]
    folder = tmp_path / f"{MONTH}.versions"
    make_old(folder / f".{versions[0]}", 10**6)
    make_old(folder / f".{versions[1]}", 10**5)
    refresh_catalogue(WorkspacePaths(tmp_path))
    assert sorted(_without_times(tmp_path)) == sorted(
        [(versions[1], "f00d", False), (versions[2], "f00d", True)]
    )
    assert {path.name for path in folder.glob(".*.json")} == {f".{name}.json" for name in versions[1:]}


def test_a_run_that_was_killed_before_its_record_writes_it_when_it_is_run_again(tmp_path: Path) -> None:
    version = _publish(tmp_path, "C-1")
    record = tmp_path / f"{MONTH}.versions/.{version}.json"
    record.unlink()
    _publish(tmp_path, "C-1")
    assert json.loads(record.read_text(encoding="utf-8"))["inputs_hash"] == "f00d"
    assert _without_times(tmp_path) == [(version, "f00d", True)]


def test_a_version_that_is_in_force_again_is_never_listed_with_the_time_of_its_first_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _publish(tmp_path, "C-1")
    record = (tmp_path / MONTH).resolve().with_name(f".{first}.json")
    note(tmp_path / MONTH, "f00d", replaced=True, at="2026-01-01T00:00:00+00:00")
    _publish(tmp_path, "C-2")
    assert "2026-01-01" in record.read_text(encoding="utf-8")

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("mbr_pipeline.publish.publication.note", killed)
        _publish(tmp_path, "C-1")
    assert (tmp_path / MONTH).resolve().name == f".{first}"
    began = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    _publish(tmp_path, "C-1")
    [(at,)] = [row[3:] for row in _listed(tmp_path) if row[0] == first]
    assert at >= began


def test_a_workspace_that_is_copied_keeps_its_list(tmp_path: Path) -> None:
    version = _publish(tmp_path / "one", "C-1")
    shutil.copytree(tmp_path / "one", tmp_path / "two", symlinks=True)
    shutil.rmtree(tmp_path / "one")
    assert _without_times(tmp_path / "two") == [(version, "f00d", True)]


def test_a_record_with_any_other_byte_is_not_what_was_noted(tmp_path: Path) -> None:
    version = _publish(tmp_path, "C-1")
    record = (tmp_path / MONTH).resolve().with_name(f".{version}.json")
    noted = record.read_bytes()
    assert is_record_sound(record)
    for place, byte in enumerate(noted):
        record.write_bytes(noted[:place] + bytes([byte ^ 1]) + noted[place + 1 :])
        assert not is_record_sound(record), place
