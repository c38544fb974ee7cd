"""Version folders: a reader finds the whole old publication or the whole new one, whatever happens to the
writer.

Belongs here: writing versions, the link, and how long a replaced version stays. Does not: what may be
published (``test_publication``), a writer that is killed (``test_interrupted``).
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
from tests.publish.tables import (
    MONTH,
    TABLES,
    by_path,
    by_view,
    by_view_as_it_is,
    earlier_release,
    hidden_below,
    make_old,
    publish_named,
    write_tables,
)
from tests.support.launching import bytes_below


def _versions(root: Path) -> list[str]:
    return sorted(path.name for path in (root / f"{MONTH}.versions").iterdir())


def _state(root: Path) -> dict[str, Any]:
    """Every file, folder and link below published/ with what would show that it was written."""
    paths = sorted((root / "published").rglob("*"))
    return {str(path): (path.lstat().st_ino, path.lstat().st_mtime_ns) for path in paths}


def test_a_month_is_a_relative_link_to_a_folder_that_keeps_its_bytes_when_the_next_is_published(
    tmp_path: Path,
) -> None:
    publish_named(tmp_path, "old")
    first = (tmp_path / MONTH).resolve()
    kept = bytes_below(first)
    assert (tmp_path / MONTH).readlink() == Path(f"2026-10.versions/{first.name}")
    assert first.parent == tmp_path / f"{MONTH}.versions"
    assert first.name[0] == "."
    publish_named(tmp_path, "newer")
    assert bytes_below(first) == kept
    assert (tmp_path / MONTH).resolve() != first
    assert by_path(tmp_path) == by_view(tmp_path) == ["newer", "newer"]
    assert sorted(tmp_path.glob("published/*/*/*.parquet")) == [
        tmp_path / MONTH / f"{table}.parquet" for table in TABLES
    ]


def test_publishing_equal_tables_writes_nothing_whatever(tmp_path: Path) -> None:
    publish_named(tmp_path, "old")
    before = _state(tmp_path)
    publish_named(tmp_path, "old")
    assert _state(tmp_path) == before


def test_going_back_to_earlier_tables_uses_their_folder_again(tmp_path: Path) -> None:
    publish_named(tmp_path, "old")
    first = (tmp_path / MONTH).resolve()
    publish_named(tmp_path, "newer")
    publish_named(tmp_path, "old")
    assert (tmp_path / MONTH).resolve() == first
    assert by_view(tmp_path) == ["old", "old"]


def test_a_published_folder_that_was_damaged_is_not_used_again(tmp_path: Path) -> None:
    publish_named(tmp_path, "old")
    damaged = (tmp_path / MONTH).resolve()
    (damaged / "dim_sku.parquet").write_bytes(b"x")
    for number in (2, 3):
        publish_named(tmp_path, "old")
        assert (tmp_path / MONTH).resolve() == damaged.with_name(f"{damaged.name}-{number}")
        assert by_view(tmp_path) == ["old", "old"]
        (tmp_path / MONTH / "notes.txt").write_text("not of the publication", encoding="utf-8")


def test_a_version_that_is_not_what_was_audited_never_comes_into_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_named(tmp_path, "old")
    before = bytes_below(tmp_path / "published")
    copy = shutil.copyfile

    def damaging(source: Path, target: Path) -> None:
        copy(source, target)
        if target.name == "dim_sku.parquet":
            target.write_bytes(target.read_bytes().replace(b"newer", b"never"))

    monkeypatch.setattr(shutil, "copyfile", damaging)
    with pytest.raises(MbrError, match=r"is not what was audited: check the disk, then run again"):
        publish_named(tmp_path, "newer")
    assert bytes_below(tmp_path / "published") == before
    assert hidden_below(tmp_path) == []


def test_where_there_are_no_symbolic_links_it_is_said_in_one_line_before_anything_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object, **__: object) -> NoReturn:
        raise PermissionError(1, "Operation not permitted")

    earlier_release(tmp_path, "old")
    before = _state(tmp_path)
    monkeypatch.setattr(os, "symlink", no_links)
    with pytest.raises(MbrError, match="cannot make a symbolic link in .*; nothing was changed") as refused:
        publish_named(tmp_path, "newer")
    assert "\n" not in str(refused.value)
    assert _state(tmp_path) == before
    with pytest.raises(MbrError, match="nothing was changed"):
        publish_named(tmp_path / "empty", "newer")
    assert bytes_below(tmp_path / "empty/published") == {}


# ----- versions that were replaced


def test_a_replaced_version_stays_for_an_hour_and_the_one_in_force_for_ever(tmp_path: Path) -> None:
    publish_named(tmp_path, "old")
    first = (tmp_path / MONTH).resolve()
    make_old(first, 10**8)
    publish_named(tmp_path, "newer")
    second = (tmp_path / MONTH).resolve()
    make_old(second, 10**8)
    kept = first.with_name("1")  # a name without a dot is a version that is kept
    kept.mkdir()
    make_old(kept, 10**8)
    make_old(first, 3500)
    refresh_catalogue(WorkspacePaths(tmp_path))
    assert first.exists()
    make_old(first, 3601)
    refresh_catalogue(WorkspacePaths(tmp_path))
    assert _versions(tmp_path) == sorted([second.name, kept.name])
    assert by_view(tmp_path) == ["newer", "newer"]


def test_a_version_that_the_catalogue_named_until_now_stays_an_hour_from_now(tmp_path: Path) -> None:
    # a run was killed after it had changed the link: the catalogue names the replaced version for hours
    publish_named(tmp_path, "old")
    first = (tmp_path / MONTH).resolve()
    _link_only(tmp_path, "newer")
    make_old(first, 7200)
    assert (by_path(tmp_path), by_view_as_it_is(tmp_path)) == (["newer", "newer"], ["old", "old"])
    refresh_catalogue(WorkspacePaths(tmp_path))
    assert first.exists()
    assert time.time() - first.stat().st_mtime < 600
    make_old(first, 3601)
    refresh_catalogue(WorkspacePaths(tmp_path))
    assert not first.exists()


def _link_only(root: Path, name: str) -> None:
    """Publish as far as a run that is killed before it comes to the catalogue."""
    candidate = write_tables(root / "candidate" / name, name)
    hashes = {file.stem: sha256_of(file) for file in candidate.iterdir()}
    versions.switch_to(root / MONTH, candidate, hashes)


def test_a_version_that_only_the_link_led_to_stays_an_hour_from_its_replacement(tmp_path: Path) -> None:
    publish_named(tmp_path, "old")
    _link_only(tmp_path, "newer")
    second = (tmp_path / MONTH).resolve()
    make_old(second, 7200)
    publish_named(tmp_path, "newest")
    assert second.exists()
    assert by_path(tmp_path) == by_view(tmp_path) == ["newest", "newest"]


def test_a_copied_workspace_goes_by_its_own_files(tmp_path: Path) -> None:
    publish_named(tmp_path / "one", "old")
    shutil.copytree(tmp_path / "one", tmp_path / "two", symlinks=True)
    shutil.copytree(tmp_path / "one", tmp_path / "three")  # a copy that followed the links
    shutil.rmtree(tmp_path / "one")
    for root in (tmp_path / "two", tmp_path / "three"):
        assert by_path(root) == by_view(root) == ["old", "old"]
        assert (root / MONTH).is_symlink()
        publish_named(root, "newer")
        assert by_path(root) == by_view(root) == ["newer", "newer"]
