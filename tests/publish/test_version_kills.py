"""Version folders: a reader finds the whole old publication or the whole new one, whatever happens to the
writer.

Belongs here: folders of earlier releases, kills at every moment, links that lead away. Does not: an
undisturbed writer (``test_versions``), killed runs (tests/e2e).
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from mbr_pipeline.errors import MbrError
from mbr_pipeline.publish import versions
from mbr_pipeline.publish.catalogue import reading, refresh_catalogue
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.publish.kill_at import publish_and_die, publish_folder
from tests.publish.versions import (
    MONTH,
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


def test_every_month_of_an_earlier_release_is_taken_over_without_a_moment_of_nothing_in_the_catalogue(
    tmp_path: Path,
) -> None:
    earlier_release(tmp_path, "old")
    (tmp_path / "published/.acme.2026-10.building").mkdir()
    other = tables_of(tmp_path / "published/birch/2026-09", "other")
    killed = tables_of(tmp_path / "published/birch/.2026-08.previous", "killed")
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
    publish_tables(tmp_path, "newer")
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
    assert hidden_in(tmp_path) == [".links", *_links(tmp_path)]
    age(tmp_path / "published/.links", 3601)
    refresh_catalogue(WorkspacePaths(tmp_path))
    assert hidden_in(tmp_path) == []
    with reading(WorkspacePaths(tmp_path)) as connection:
        found = connection.execute("select distinct name from dim_client order by 1").fetchall()
    assert found == [("killed",), ("newer",), ("other",)]


def _links(root: Path) -> list[str]:
    hidden = (root / "published/.links").rglob(".*")
    return [path.relative_to(root / "published").as_posix() for path in hidden]


# ----- kills


def _published_before(root: Path) -> None:
    publish_tables(root, "old")
    stale = root / f"{MONTH}.versions/.0123456789abcdef"
    shutil.copytree((root / MONTH).resolve(), stale)
    age(stale, 7200)


BEFORE: dict[str, Callable[[Path], None]] = {
    "a month that was published before": _published_before,
    "a month that an earlier release published": lambda root: earlier_release(root, "old"),
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
        candidate = tables_of(root / "candidate/newer", "newer")
        child = processes.Process(target=publish_and_die, args=(root, candidate, moment))
        child.start()
        child.join()
        assert child.exitcode in (-9, 0)
        [name, *others] = by_view(root)
        assert others == [name]
        if (root / MONTH).exists():
            linked = by_path(root)
            assert linked in (["old", "old"], ["newer", "newer"])
            seen.add((linked[0], name))
        else:
            # a folder of the earlier release was moved, and its link is not in its place yet
            assert (before, name) == ("a month that an earlier release published", "old")
            seen.add(("nothing", name))
        publish_folder(root, candidate)
        assert by_view(root) == by_path(root) == ["newer", "newer"]
        assert [hidden for hidden in hidden_in(root) if not hidden.startswith(".links")] == []
        assert ".building" not in versions_in(root)
        if child.exitcode == 0:
            break
    assert child.exitcode == 0
    assert moment > 15
    # before the link, between link and catalogue, after both
    assert seen >= {("old", "old"), ("newer", "old"), ("newer", "newer")}
    assert (("nothing", "old") in seen) == (before == "a month that an earlier release published")


def test_a_month_whose_takeover_was_killed_comes_back_when_any_month_is_published(tmp_path: Path) -> None:
    moved = tables_of(tmp_path / "published/birch/2026-09.versions/.earlier", "birch")
    (moved.parents[1] / ".2026-09.link").symlink_to("2026-09.versions/.earlier")
    # this one was never in force: publishing it is up to its own gate
    tables_of(tmp_path / "published/birch/2026-08.versions/.0123456789abcdef", "never")
    (moved.parents[1] / ".2026-08.link").symlink_to("2026-08.versions/.0123456789abcdef")
    publish_tables(tmp_path, "acme")
    with reading(WorkspacePaths(tmp_path)) as connection:
        found = connection.execute("select distinct name from dim_client order by 1").fetchall()
    assert found == [("acme",), ("birch",)]
    assert not os.path.lexists(tmp_path / "published/birch/2026-08")
    assert hidden_in(tmp_path) == []


# ----- links that somebody else put there


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder beside the workspace that holds what nobody published."""
    return tables_of(tmp_path / "outside", "secret")


@pytest.mark.parametrize("place", ["acme/2026-10", "acme/2026-09", "birch/2026-10", "birch"])
def test_a_month_that_leads_out_of_the_workspace_is_neither_read_nor_published_over(
    place: str, outside: Path, tmp_path: Path
) -> None:
    root = tmp_path / "workspace"
    publish_tables(root, "old")
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
    publish_tables(tmp_path, "old")
    (tmp_path / "published/acme/2026-09").symlink_to((tmp_path / MONTH).readlink())
    with pytest.raises(MbrError, match="no publication of that month"), reading(WorkspacePaths(tmp_path)):
        pass


def test_no_link_inside_the_publication_opens_what_lies_outside(outside: Path, tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    publish_tables(root, "old")
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
    publish_tables(tmp_path / "one", "old")
    shutil.copytree(tmp_path / "one", tmp_path / "two", symlinks=True)
    shutil.copytree(tmp_path / "one", tmp_path / "three")  # a copy that followed the links
    shutil.rmtree(tmp_path / "one")
    for root in (tmp_path / "two", tmp_path / "three"):
        assert by_path(root) == by_view(root) == ["old", "old"]
        assert (root / MONTH).is_symlink()
        publish_tables(root, "newer")
        assert by_path(root) == by_view(root) == ["newer", "newer"]
