"""Kills at every moment, and what an earlier release left: one whole publication, and a rerun repairs it.

Belongs here: a writer that ends in between. Does not: killed runs (tests/e2e) and undisturbed ones
(``test_versions``).
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

from mbr_pipeline.publish.catalogue import refresh_catalogue
from mbr_pipeline.publish.reading import reading
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.publish.kill_at import publish_and_die, publish_folder
from tests.publish.tables import (
    MONTH,
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


def test_every_month_of_an_earlier_release_is_taken_over_without_a_moment_of_nothing_in_the_catalogue(
    tmp_path: Path,
) -> None:
    earlier_release(tmp_path, "old")
    (tmp_path / "published/.acme.2026-10.building").mkdir()
    other = write_tables(tmp_path / "published/birch/2026-09", "other")
    killed = write_tables(tmp_path / "published/birch/.2026-08.previous", "killed")
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
    publish_named(tmp_path, "newer")
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
    assert hidden_below(tmp_path) == [".links", *_links(tmp_path)]
    make_old(tmp_path / "published/.links", 3601)
    refresh_catalogue(WorkspacePaths(tmp_path))
    assert hidden_below(tmp_path) == []
    with reading(WorkspacePaths(tmp_path)) as connection:
        found = connection.execute("select distinct name from dim_client order by 1").fetchall()
    assert found == [("killed",), ("newer",), ("other",)]


def _links(root: Path) -> list[str]:
    hidden = (root / "published/.links").rglob(".*")
    return [path.relative_to(root / "published").as_posix() for path in hidden]


# ----- kills


def _published_before(root: Path) -> None:
    publish_named(root, "old")
    stale = root / f"{MONTH}.versions/.0123456789abcdef"
    shutil.copytree((root / MONTH).resolve(), stale)
    make_old(stale, 7200)


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
        candidate = write_tables(root / "candidate/newer", "newer")
        child = processes.Process(target=publish_and_die, args=(root, candidate, moment))
        child.start()
        child.join()
        assert child.exitcode in (-9, 0)
        [name, *others] = by_view_as_it_is(root)
        assert others == [name]
        if (root / MONTH).exists():
            linked = by_path(root)
            assert linked in (["old", "old"], ["newer", "newer"])
            seen.add((linked[0], name))
        else:
            # a folder of the earlier release was moved, and its link is not in its place yet
            assert (before, name) == ("a month that an earlier release published", "old")
            seen.add(("nothing", name))
        if (root / MONTH).exists():  # whatever command comes next finds both the same
            assert by_view(root) == by_path(root)
        publish_folder(root, candidate)
        assert by_view(root) == by_path(root) == ["newer", "newer"]
        assert [hidden for hidden in hidden_below(root) if not hidden.startswith(".links")] == []
        assert not (root / f"{MONTH}.versions/.building").exists()
        if child.exitcode == 0:
            break
    assert child.exitcode == 0
    assert moment > 15
    # before the link, between link and catalogue, after both
    assert seen >= {("old", "old"), ("newer", "old"), ("newer", "newer")}
    assert (("nothing", "old") in seen) == (before == "a month that an earlier release published")


def test_what_a_kill_left_of_other_months_is_repaired_when_any_month_is_published(tmp_path: Path) -> None:
    moved = write_tables(tmp_path / "published/birch/2026-09.versions/.earlier", "birch")
    (moved.parents[1] / ".2026-09.link").symlink_to("2026-09.versions/.earlier")
    # this one was never in force: publishing it is up to its own gate
    write_tables(tmp_path / "published/birch/2026-08.versions/.0123456789abcdef", "never")
    (moved.parents[1] / ".2026-08.link").symlink_to("2026-08.versions/.0123456789abcdef")
    half_written = write_tables(tmp_path / "published/birch/2026-07.versions/.building", "half")
    publish_named(tmp_path, "acme")
    assert not half_written.exists()
    with reading(WorkspacePaths(tmp_path)) as connection:
        found = connection.execute("select distinct name from dim_client order by 1").fetchall()
    assert found == [("acme",), ("birch",)]
    assert not os.path.lexists(tmp_path / "published/birch/2026-08")
    assert hidden_below(tmp_path) == []
