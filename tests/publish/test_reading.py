"""Reading the publication: nothing else, in UTC, from the files of its own workspace.

Belongs here: the catalogue and what readers can do. Does not: publishing (``test_publication``).
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from mbr_pipeline.publish.catalogue import reading
from mbr_pipeline.publish.publication import publish
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.publish.candidates import audited, names_in, publish_month


def test_the_catalogue_reads_months_in_order(tmp_path: Path) -> None:
    for period in ("2026-10", "2026-08", "2026-09"):
        publish(audited(tmp_path, period, [{"client_id": period}]), "f00d")
    with duckdb.connect(str(tmp_path / "published/mbr.duckdb"), read_only=True) as connection:
        [(sql,)] = connection.execute(
            "select sql from duckdb_views() where view_name = 'dim_client'"
        ).fetchall()
    places = [sql.index(f"/{period}.versions/") for period in ("2026-08", "2026-09", "2026-10")]
    assert places == sorted(places)


def test_a_month_in_which_a_table_is_not_there_has_no_rows_in_its_view(tmp_path: Path) -> None:
    publish_month(tmp_path, "2026-10", "Alder")
    with reading(WorkspacePaths(tmp_path)) as connection:
        assert connection.execute("select view_name from duckdb_views() where not internal").fetchall() == [
            ("dim_client",)
        ]


# ----- reading


@pytest.fixture
def shut(tmp_path: Path) -> Path:
    """A publication in a folder whose name is a pattern, and a file beside it that is nobody's business."""
    root = tmp_path / "a[b]*'s"
    publish_month(root, "2026-10", "Alder")
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
        assert connection.execute("select client_name from dim_client").fetchall() == [("Alder",)]
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
    publish_month(tmp_path / "ws2/published/x", "2026-10", "Alder")
    (tmp_path / "ws2/published/x").rename(tmp_path / "ws")
    publish_month(tmp_path / "ws2/published/x", "2026-10", "Somebody else's")
    assert names_in(WorkspacePaths(tmp_path / "ws")) == ["Alder"]
