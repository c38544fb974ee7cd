"""Version folders: a month is a link to a folder that keeps its bytes.

Belongs here: writing versions, the link, and how long replaced ones stay. Does not: kills and earlier
releases (``test_version_kills``), what may be published (``test_publication``).
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any, NoReturn

import pytest

from mbr_pipeline.errors import MbrError
from mbr_pipeline.publish import versions
from mbr_pipeline.publish.catalogue import refresh_catalogue
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.publish.versions import (
    MONTH,
    TABLES,
    age,
    by_path,
    by_view,
    earlier_release,
    hidden_in,
    publish_tables,
    tables_of,
    versions_in,
)
from tests.support.launching import bytes_below


def _state(root: Path) -> dict[str, Any]:
    """Every file, folder and link below published/ with what would show that it was written."""
    paths = sorted((root / "published").rglob("*"))
    return {str(path): (path.lstat().st_ino, path.lstat().st_mtime_ns) for path in paths}


def test_a_month_is_a_relative_link_to_a_folder_that_keeps_its_bytes_when_the_next_is_published(
    tmp_path: Path,
) -> None:
    publish_tables(tmp_path, "old")
    first = (tmp_path / MONTH).resolve()
    kept = bytes_below(first)
    assert (tmp_path / MONTH).readlink() == Path(f"2026-10.versions/{first.name}")
    assert first.parent == tmp_path / f"{MONTH}.versions"
    assert first.name[0] == "."
    publish_tables(tmp_path, "newer")
    assert bytes_below(first) == kept
    assert (tmp_path / MONTH).resolve() != first
    assert by_path(tmp_path) == by_view(tmp_path) == ["newer", "newer"]
    assert sorted(tmp_path.glob("published/*/*/*.parquet")) == [
        tmp_path / MONTH / f"{table}.parquet" for table in TABLES
    ]


def test_publishing_equal_tables_writes_nothing_whatever(tmp_path: Path) -> None:
    publish_tables(tmp_path, "old")
    before = _state(tmp_path)
    publish_tables(tmp_path, "old")
    assert _state(tmp_path) == before


def test_going_back_to_earlier_tables_uses_their_folder_again(tmp_path: Path) -> None:
    publish_tables(tmp_path, "old")
    first = (tmp_path / MONTH).resolve()
    publish_tables(tmp_path, "newer")
    publish_tables(tmp_path, "old")
    assert (tmp_path / MONTH).resolve() == first
    assert by_view(tmp_path) == ["old", "old"]


def test_a_published_folder_that_was_damaged_is_not_used_again(tmp_path: Path) -> None:
    publish_tables(tmp_path, "old")
    damaged = (tmp_path / MONTH).resolve()
    (damaged / "dim_sku.parquet").write_bytes(b"x")
    for number in (2, 3):
        publish_tables(tmp_path, "old")
        assert (tmp_path / MONTH).resolve() == damaged.with_name(f"{damaged.name}-{number}")
        assert by_view(tmp_path) == ["old", "old"]
        (tmp_path / MONTH / "notes.txt").write_text("not of the publication", encoding="utf-8")


def test_a_version_that_is_not_what_was_audited_never_comes_into_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_tables(tmp_path, "old")
    before = bytes_below(tmp_path / "published")
    copy = shutil.copyfile

    def damaging(source: Path, target: Path) -> None:
        copy(source, target)
        if target.name == "dim_sku.parquet":
            target.write_bytes(target.read_bytes().replace(b"newer", b"never"))

    monkeypatch.setattr(shutil, "copyfile", damaging)
    with pytest.raises(MbrError, match=r"is not what was audited: check the disk, then run again"):
        publish_tables(tmp_path, "newer")
    assert bytes_below(tmp_path / "published") == before
    assert hidden_in(tmp_path) == []


def test_where_there_are_no_symbolic_links_it_is_said_in_one_line_before_anything_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object, **__: object) -> NoReturn:
        raise PermissionError(1, "Operation not permitted")

    earlier_release(tmp_path, "old")
    before = _state(tmp_path)
    monkeypatch.setattr(os, "symlink", no_links)
    with pytest.raises(MbrError, match="cannot make a symbolic link in .*; nothing was changed") as refused:
        publish_tables(tmp_path, "newer")
    assert "\n" not in str(refused.value)
    shutil.rmtree(tmp_path / "published/acme/2026-10.versions", ignore_errors=True)
    assert _state(tmp_path) == before


def test_a_replaced_version_stays_for_an_hour_and_the_one_in_force_for_ever(tmp_path: Path) -> None:
    publish_tables(tmp_path, "old")
    first = (tmp_path / MONTH).resolve()
    age(first, 10**8)
    publish_tables(tmp_path, "newer")
    second = (tmp_path / MONTH).resolve()
    age(second, 10**8)
    kept = first.with_name("1")  # a name without a dot is a version that is kept
    kept.mkdir()
    age(kept, 10**8)
    age(first, 3500)
    refresh_catalogue(WorkspacePaths(tmp_path))
    assert first.exists()
    age(first, 3601)
    refresh_catalogue(WorkspacePaths(tmp_path))
    assert versions_in(tmp_path) == sorted([second.name, kept.name])
    assert by_view(tmp_path) == ["newer", "newer"]


def test_a_version_that_the_catalogue_named_until_now_stays_an_hour_from_now(tmp_path: Path) -> None:
    # a run was killed after it had changed the link: the catalogue names the replaced version for hours
    publish_tables(tmp_path, "old")
    first = (tmp_path / MONTH).resolve()
    candidate = tables_of(tmp_path / "candidate/newer", "newer")
    hashes = {file.stem: sha256_of(file) for file in candidate.iterdir()}
    versions.switch_to(tmp_path / MONTH, candidate, hashes)
    age(first, 7200)
    assert (by_path(tmp_path), by_view(tmp_path)) == (["newer", "newer"], ["old", "old"])
    refresh_catalogue(WorkspacePaths(tmp_path))
    assert first.exists()
    assert time.time() - first.stat().st_mtime < 600
    age(first, 3601)
    refresh_catalogue(WorkspacePaths(tmp_path))
    assert not first.exists()
