"""Version folders: a reader finds the whole old publication or the whole new one, whatever happens to the
writer.

Belongs here: writing versions, the link, folders of earlier releases, kills at every moment. Does not: what
may be published (``test_publication``) and killed runs (tests/e2e).
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mbr_pipeline.errors import MbrError
from mbr_pipeline.publish import versions
from mbr_pipeline.publish.catalogue import reading, refresh_catalogue
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.publish.kill_at import publish_and_die, publish_folder
from tests.support.launching import bytes_below

TABLES = ("dim_client", "dim_sku")
MONTH = "published/acme/2026-10"


def _tables(folder: Path, name: str) -> Path:
    """Write two tables whose rows are all ``name``; how many belongs to the name."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        pq.write_table(pa.table({"name": [name] * len(name)}), folder / f"{table}.parquet")
    return folder


def _publish(root: Path, name: str) -> None:
    publish_folder(root, _tables(root / "candidate" / name, name))


def _by_path(root: Path) -> list[str]:
    return [pq.read_table(root / MONTH / f"{table}.parquet")["name"].to_pylist()[0] for table in TABLES]


def _by_view(root: Path) -> list[str]:
    with reading(WorkspacePaths(root)) as connection:
        found = [
            connection.execute(f"select name, count(*) from {table} group by 1").fetchall()
            for table in TABLES
        ]
    assert all(rows == len(name) for [(name, rows)] in found)
    return [name for [(name, _)] in found]


def _hidden(root: Path) -> list[str]:
    """The names that begin with a dot, below published/, but versions."""
    return sorted(
        path.relative_to(root / "published").as_posix()
        for path in (root / "published").rglob(".*")
        if not path.parent.name.endswith(".versions")
    )


def _versions(root: Path) -> list[str]:
    return sorted(path.name for path in (root / f"{MONTH}.versions").iterdir())


def _state(root: Path) -> dict[str, Any]:
    """Every file, folder and link below published/ with what would show that it was written."""
    paths = sorted((root / "published").rglob("*"))
    return {str(path): (path.lstat().st_ino, path.lstat().st_mtime_ns) for path in paths}


def test_a_month_is_a_relative_link_to_a_folder_that_keeps_its_bytes_when_the_next_is_published(
    tmp_path: Path,
) -> None:
    _publish(tmp_path, "old")
    first = (tmp_path / MONTH).resolve()
    kept = bytes_below(first)
    assert (tmp_path / MONTH).readlink() == Path(f"2026-10.versions/{first.name}")
    assert first.parent == tmp_path / f"{MONTH}.versions"
    assert first.name[0] == "."
    _publish(tmp_path, "newer")
    assert bytes_below(first) == kept
    assert (tmp_path / MONTH).resolve() != first
    assert _by_path(tmp_path) == _by_view(tmp_path) == ["newer", "newer"]
    assert sorted(tmp_path.glob("published/*/*/*.parquet")) == [
        tmp_path / MONTH / f"{table}.parquet" for table in TABLES
    ]


def test_publishing_equal_tables_writes_nothing_whatever(tmp_path: Path) -> None:
    _publish(tmp_path, "old")
    before = _state(tmp_path)
    _publish(tmp_path, "old")
    assert _state(tmp_path) == before


def test_going_back_to_earlier_tables_uses_their_folder_again(tmp_path: Path) -> None:
    _publish(tmp_path, "old")
    first = (tmp_path / MONTH).resolve()
    _publish(tmp_path, "newer")
    _publish(tmp_path, "old")
    assert (tmp_path / MONTH).resolve() == first
    assert _by_view(tmp_path) == ["old", "old"]


def test_a_published_folder_that_was_damaged_is_not_used_again(tmp_path: Path) -> None:
    _publish(tmp_path, "old")
    damaged = (tmp_path / MONTH).resolve()
    (damaged / "dim_sku.parquet").write_bytes(b"x")
    for number in (2, 3):
        _publish(tmp_path, "old")
        assert (tmp_path / MONTH).resolve() == damaged.with_name(f"{damaged.name}-{number}")
        assert _by_view(tmp_path) == ["old", "old"]
        (tmp_path / MONTH / "notes.txt").write_text("not of the publication", encoding="utf-8")


def test_a_version_that_is_not_what_was_audited_never_comes_into_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _publish(tmp_path, "old")
    before = bytes_below(tmp_path / "published")
    copy = shutil.copyfile

    def damaging(source: Path, target: Path) -> None:
        copy(source, target)
        if target.name == "dim_sku.parquet":
            target.write_bytes(target.read_bytes().replace(b"newer", b"never"))

    monkeypatch.setattr(shutil, "copyfile", damaging)
    with pytest.raises(MbrError, match=r"is not what was audited: check the disk, then run again"):
        _publish(tmp_path, "newer")
    assert bytes_below(tmp_path / "published") == before
    assert _hidden(tmp_path) == []


def test_where_there_are_no_symbolic_links_it_is_said_in_one_line_before_anything_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object, **__: object) -> NoReturn:
        raise PermissionError(1, "Operation not permitted")

    _earlier_release(tmp_path, "old")
    before = _state(tmp_path)
    monkeypatch.setattr(os, "symlink", no_links)
    with pytest.raises(MbrError, match="cannot make a symbolic link in .*; nothing was changed") as refused:
        _publish(tmp_path, "newer")
    assert "\n" not in str(refused.value)
    shutil.rmtree(tmp_path / "published/acme/2026-10.versions", ignore_errors=True)
    assert _state(tmp_path) == before


# ----- versions that were replaced


def _age(folder: Path, seconds: float) -> None:
    os.utime(folder, (time.time() - seconds,) * 2)


def test_a_replaced_version_stays_for_an_hour_and_the_one_in_force_for_ever(tmp_path: Path) -> None:
    _publish(tmp_path, "old")
    first = (tmp_path / MONTH).resolve()
    _age(first, 10**8)
    _publish(tmp_path, "newer")
    second = (tmp_path / MONTH).resolve()
    _age(second, 10**8)
    kept = first.with_name("1")  # a name without a dot is a version that is kept
    kept.mkdir()
    _age(kept, 10**8)
    _age(first, 3500)
    refresh_catalogue(WorkspacePaths(tmp_path))
    assert first.exists()
    _age(first, 3601)
    refresh_catalogue(WorkspacePaths(tmp_path))
    assert _versions(tmp_path) == sorted([second.name, kept.name])
    assert _by_view(tmp_path) == ["newer", "newer"]


def test_a_version_that_the_catalogue_named_until_now_stays_an_hour_from_now(tmp_path: Path) -> None:
    # a run was killed after it had changed the link: the catalogue names the replaced version for hours
    _publish(tmp_path, "old")
    first = (tmp_path / MONTH).resolve()
    candidate = _tables(tmp_path / "candidate/newer", "newer")
    hashes = {file.stem: sha256_of(file) for file in candidate.iterdir()}
    versions.switch_to(tmp_path / MONTH, candidate, hashes)
    _age(first, 7200)
    assert (_by_path(tmp_path), _by_view(tmp_path)) == (["newer", "newer"], ["old", "old"])
    refresh_catalogue(WorkspacePaths(tmp_path))
    assert first.exists()
    assert time.time() - first.stat().st_mtime < 600
    _age(first, 3601)
    refresh_catalogue(WorkspacePaths(tmp_path))
    assert not first.exists()


# ----- what an earlier release left


def _earlier_release(root: Path, name: str, period: str = "2026-10") -> None:
    """Publish as the release before version folders: a folder, and a catalogue over links of its files."""
    folder = _tables(root / "published/acme" / period, name)
    links = root / "published/.links/acme" / period
    links.mkdir(parents=True)
    with duckdb.connect(str(root / "published/mbr.duckdb")) as connection:
        for table in TABLES:
            os.link(folder / f"{table}.parquet", links / f"{table}.1-2.parquet")
            connection.execute(
                f"create view {table} as select * from read_parquet(['{links}/{table}.1-2.parquet'],"
                " union_by_name = true)"
            )


def test_every_month_of_an_earlier_release_is_taken_over_without_a_moment_of_nothing_in_the_catalogue(
    tmp_path: Path,
) -> None:
    _earlier_release(tmp_path, "old")
    (tmp_path / "published/.acme.2026-10.building").mkdir()
    other = _tables(tmp_path / "published/birch/2026-09", "other")
    killed = _tables(tmp_path / "published/birch/.2026-08.previous", "killed")
    bytes_of_other, bytes_of_killed = bytes_below(other), bytes_below(killed)
    seen: list[list[str]] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            with duckdb.connect(str(tmp_path / "published/mbr.duckdb"), read_only=True) as connection:
                query = "select distinct name from dim_client where name in ('old', 'newer')"
                seen.append([name for (name,) in connection.execute(query).fetchall()])

    reader = threading.Thread(target=read)
    reader.start()
    while not seen:
        time.sleep(0.01)
    _publish(tmp_path, "newer")
    read_then = len(seen)
    while len(seen) < read_then + 2:
        time.sleep(0.01)
    done.set()
    reader.join()
    assert [name for [name] in seen][:1] == ["old"]
    assert [name for [name] in seen][-1:] == ["newer"]
    for period, content in (("2026-09", bytes_of_other), ("2026-08", bytes_of_killed)):
        assert (tmp_path / "published/birch" / period).readlink() == Path(f"{period}.versions/.earlier")
        assert bytes_below(tmp_path / "published/birch" / period) == content
    assert _hidden(tmp_path) == [".links", *_links(tmp_path)]
    _age(tmp_path / "published/.links", 3601)
    refresh_catalogue(WorkspacePaths(tmp_path))
    assert _hidden(tmp_path) == []
    with reading(WorkspacePaths(tmp_path)) as connection:
        found = connection.execute("select distinct name from dim_client order by 1").fetchall()
    assert found == [("killed",), ("newer",), ("other",)]


def _links(root: Path) -> list[str]:
    hidden = (root / "published/.links").rglob(".*")
    return [path.relative_to(root / "published").as_posix() for path in hidden]


# ----- kills


def _published_before(root: Path) -> None:
    _publish(root, "old")
    stale = root / f"{MONTH}.versions/.0123456789abcdef"
    shutil.copytree((root / MONTH).resolve(), stale)
    _age(stale, 7200)


BEFORE: dict[str, Callable[[Path], None]] = {
    "a month that was published before": _published_before,
    "a month that an earlier release published": lambda root: _earlier_release(root, "old"),
}


@pytest.mark.parametrize("before", BEFORE)
def test_a_kill_at_any_moment_leaves_one_whole_publication_and_a_rerun_repairs_it(
    before: str, tmp_path: Path
) -> None:
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.publish.kill_at"])
    seen = set()
    for moment in range(1, 200):
        root = tmp_path / str(moment)
        BEFORE[before](root)
        candidate = _tables(root / "candidate/newer", "newer")
        child = processes.Process(target=publish_and_die, args=(root, candidate, moment))
        child.start()
        child.join()
        assert child.exitcode in (-9, 0)
        [name, *others] = _by_view(root)
        assert others == [name]
        if (root / MONTH).exists():
            linked = _by_path(root)
            assert linked in (["old", "old"], ["newer", "newer"])
            seen.add((linked[0], name))
        else:
            # a folder of the earlier release was moved, and its link is not in its place yet
            assert (before, name) == ("a month that an earlier release published", "old")
            seen.add(("nothing", name))
        publish_folder(root, candidate)
        assert _by_view(root) == _by_path(root) == ["newer", "newer"]
        assert [hidden for hidden in _hidden(root) if not hidden.startswith(".links")] == []
        assert ".building" not in _versions(root)
        if child.exitcode == 0:
            break
    assert child.exitcode == 0
    assert moment > 15
    # before the link, between link and catalogue, after both
    assert seen >= {("old", "old"), ("newer", "old"), ("newer", "newer")}
    assert (("nothing", "old") in seen) == (before == "a month that an earlier release published")


def test_a_month_whose_takeover_was_killed_comes_back_when_any_month_is_published(tmp_path: Path) -> None:
    moved = _tables(tmp_path / "published/birch/2026-09.versions/.earlier", "birch")
    (moved.parents[1] / ".2026-09.link").symlink_to("2026-09.versions/.earlier")
    # this one was never in force: publishing it is up to its own gate
    _tables(tmp_path / "published/birch/2026-08.versions/.0123456789abcdef", "never")
    (moved.parents[1] / ".2026-08.link").symlink_to("2026-08.versions/.0123456789abcdef")
    _publish(tmp_path, "acme")
    with reading(WorkspacePaths(tmp_path)) as connection:
        found = connection.execute("select distinct name from dim_client order by 1").fetchall()
    assert found == [("acme",), ("birch",)]
    assert not os.path.lexists(tmp_path / "published/birch/2026-08")
    assert _hidden(tmp_path) == []


# ----- links that somebody else put there


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder beside the workspace that holds what nobody published."""
    return _tables(tmp_path / "outside", "secret")


@pytest.mark.parametrize("place", ["acme/2026-10", "acme/2026-09", "birch/2026-10", "birch"])
def test_a_month_that_leads_out_of_the_workspace_is_neither_read_nor_published_over(
    place: str, outside: Path, tmp_path: Path
) -> None:
    root = tmp_path / "workspace"
    _publish(root, "old")
    link = root / "published" / place
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    if place == "birch":
        outside.rename(tmp_path / "2026-10")
        outside.mkdir()
        (tmp_path / "2026-10").rename(outside / "2026-10")
    link.symlink_to(outside)
    with (
        pytest.raises(MbrError, match=f"published/{place}.* leads to .*: remove the link"),
        reading(WorkspacePaths(root)),
    ):
        pass
    with pytest.raises(MbrError, match=f"published/{place}.* leads to .*: remove the link"):
        versions.refuse_foreign_links(root / "published")


def test_a_month_that_leads_to_another_month_is_refused_too(tmp_path: Path) -> None:
    _publish(tmp_path, "old")
    (tmp_path / "published/acme/2026-09").symlink_to((tmp_path / MONTH).readlink())
    with pytest.raises(MbrError, match="no publication of that month"), reading(WorkspacePaths(tmp_path)):
        pass


def test_no_link_inside_the_publication_opens_what_lies_outside(outside: Path, tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    _publish(root, "old")
    published = root / "published"
    (published / "away").symlink_to(outside)
    (published / "acme/2026-10.versions/.away").symlink_to(outside)
    (published / "acme/away.parquet").symlink_to(outside / "dim_client.parquet")
    with reading(WorkspacePaths(root)) as connection:
        inside = f"select name from read_parquet('{root / MONTH}/dim_client.parquet')"
        assert connection.execute(inside).fetchone() == ("old",)
        for path in (
            "away/dim_client.parquet",
            "away/*.parquet",
            "acme/2026-10.versions/.away/dim_client.parquet",
            "acme/away.parquet",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(f"select name from read_parquet('{published / path}')").fetchall()


def test_a_copied_workspace_goes_by_its_own_files(tmp_path: Path) -> None:
    _publish(tmp_path / "one", "old")
    shutil.copytree(tmp_path / "one", tmp_path / "two", symlinks=True)
    shutil.copytree(tmp_path / "one", tmp_path / "three")  # a copy that followed the links
    shutil.rmtree(tmp_path / "one")
    for root in (tmp_path / "two", tmp_path / "three"):
        assert _by_path(root) == _by_view(root) == ["old", "old"]
        assert (root / MONTH).is_symlink()
        _publish(root, "newer")
        assert _by_path(root) == _by_view(root) == ["newer", "newer"]
