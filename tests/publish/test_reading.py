"""Reading the publication: only what is published, whatever is asked and whatever links lie about.

Belongs here: what a connection for reading can and cannot do. Does not: what it finds (``test_publication``,
``test_versions``).
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from mbr_pipeline.errors import MbrError
from mbr_pipeline.publish import versions
from mbr_pipeline.publish.reading import reading
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.publish.tables import MONTH, by_view, publish_named, write_tables


@pytest.fixture
def shut(tmp_path: Path) -> Path:
    """A publication in a folder whose name is a pattern, and a file beside it that is nobody's business."""
    root = tmp_path / "a[b]*'s"
    publish_named(root, "Alder")
    (tmp_path / "secret.csv").write_text("password\nhunter2\n", encoding="utf-8")
    return root


FORBIDDEN = {
    "write a table": "create table mine as select 1",
    "write a file": "copy (select 1) to '{beside}/stolen.csv'",
    "write into the publication's place": "attach '{beside}/other.duckdb'",
    "read a file beside it": "select * from read_csv('{beside}/secret.csv')",
    "open the doors again": "set enable_external_access = true",
    "allow another folder": "set allowed_directories = ['{beside}']",
    "change any setting": "set threads = 1",
    "load an extension": "install httpfs",
}


@pytest.mark.parametrize("case", FORBIDDEN)
def test_who_reads_can_do_nothing_but_read_the_publication(case: str, shut: Path) -> None:
    beside = str(shut.parent).replace("'", "''")
    with reading(WorkspacePaths(shut)) as connection, pytest.raises(duckdb.Error):
        connection.execute(FORBIDDEN[case].format(beside=beside)).fetchall()
    assert sorted(path.name for path in shut.parent.iterdir()) == sorted([shut.name, "secret.csv"])


def test_who_reads_reads_in_utc_without_anything_fetched(shut: Path) -> None:
    settings = (
        "TimeZone",
        "autoinstall_known_extensions",
        "autoload_known_extensions",
        "enable_external_access",
        "lock_configuration",
    )
    with reading(WorkspacePaths(shut)) as connection:
        values = [connection.execute(f"select current_setting('{name}')").fetchone() for name in settings]
        assert connection.execute("select distinct name from dim_client").fetchall() == [("Alder",)]
    assert values == [("UTC",), (False,), (False,), (False,), (True,)]
    with pytest.raises(duckdb.Error, match="closed"):
        connection.execute("select 1")


def test_a_catalogue_that_was_not_moved_is_not_written_again(shut: Path) -> None:
    before = (shut / "published/mbr.duckdb").stat()
    for _ in range(2):
        with reading(WorkspacePaths(shut)):
            pass
    after = (shut / "published/mbr.duckdb").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_copied_workspace_whose_name_only_goes_on_reads_its_own_files(tmp_path: Path) -> None:
    publish_named(tmp_path / "ws2/published/x", "Alder")
    (tmp_path / "ws2/published/x").rename(tmp_path / "ws")
    publish_named(tmp_path / "ws2/published/x", "Somebody else's")
    assert by_view(tmp_path / "ws") == ["Alder", "Alder"]


# ----- links that somebody else put there


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder beside the workspace that holds what nobody published."""
    return write_tables(tmp_path / "outside", "secret")


@pytest.mark.parametrize("place", ["acme/2026-10", "acme/2026-09", "birch/2026-10", "birch"])
def test_a_month_that_leads_out_of_the_workspace_is_neither_read_nor_published_over(
    place: str, outside: Path, tmp_path: Path
) -> None:
    root = tmp_path / "workspace"
    publish_named(root, "old")
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
    publish_named(tmp_path, "old")
    (tmp_path / "published/acme/2026-09").symlink_to((tmp_path / MONTH).readlink())
    with pytest.raises(MbrError, match="no publication of that month"), reading(WorkspacePaths(tmp_path)):
        pass


def test_no_link_inside_the_publication_opens_what_lies_outside(outside: Path, tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    publish_named(root, "old")
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
