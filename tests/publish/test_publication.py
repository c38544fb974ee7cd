"""The publication is what was candidate, swapped in whole; its catalogue names the files of its own
workspace, also after a move.

Belongs here: publishing candidate files, keeping a blocked month's, and opening the publication. Does not:
whether it may be published (``test_gate``, tests/assets) and readers beside a run (tests/e2e).
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import NoReturn

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expectations.boundary import SuiteResult
from mbr_pipeline.audit.candidate_tables import ROW_ORDER, write_candidate
from mbr_pipeline.audit.certificate import write_certificate
from mbr_pipeline.audit.gate import SUITE_NAMES, Verdict
from mbr_pipeline.errors import GateClosed, MbrError
from mbr_pipeline.periods import Period
from mbr_pipeline.publish import catalogue, publication
from mbr_pipeline.publish.catalogue import reading, refresh_catalogue
from mbr_pipeline.publish.publication import keep_for_inspection, publish
from mbr_pipeline.storage import locks
from mbr_pipeline.storage.folder_swap import swap_folder
from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths
from tests.support.handmade_marts import Rows, write_marts
from tests.support.launching import bytes_below


def _publish(root: Path, period: str, name: str) -> WorkspacePaths:
    folder = root / "published/acme" / period
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"client_name": [name]}), folder / "dim_client.parquet")
    refresh_catalogue(WorkspacePaths(root))
    return WorkspacePaths(root)


def _names(workspace: WorkspacePaths) -> list[str]:
    with reading(workspace) as connection:
        return [
            name for (name,) in connection.execute("select client_name from dim_client order by 1").fetchall()
        ]


def test_all_published_months_are_behind_one_view_whatever_the_folder_is_called(tmp_path: Path) -> None:
    root = tmp_path / "what's [new]*"
    _publish(root, "2026-09", "Alder")
    assert _names(_publish(root, "2026-10", "Birch")) == ["Alder", "Birch"]


def test_a_moved_workspace_reads_its_own_files_and_not_those_of_the_old_place(tmp_path: Path) -> None:
    _publish(tmp_path / "old", "2026-10", "Alder")
    (tmp_path / "old").rename(tmp_path / "new")
    _publish(tmp_path / "old", "2026-10", "Somebody else's")
    assert _names(WorkspacePaths(tmp_path / "new")) == ["Alder"]


def test_nothing_published_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(MbrError, match="nothing is published"), reading(WorkspacePaths(tmp_path)):
        pass


def test_a_query_beside_many_swaps_reads_one_publication_and_never_parts_of_two(tmp_path: Path) -> None:
    # the number of rows belongs to the name: the head of one file with the rows of another would show in one
    # of them
    workspace = WorkspacePaths(tmp_path)
    month = tmp_path / "published/acme/2026-10"

    def publish(number: int) -> None:
        building = tmp_path / f"building{number}"
        building.mkdir()
        rows = 3000 + 700 * (number % 3)
        pq.write_table(
            pa.table({"client_name": [f"name {number % 3}"] * rows}), building / "dim_client.parquet"
        )
        swap_folder(building, month)
        refresh_catalogue(workspace)

    publish(0)
    swaps = threading.Thread(target=lambda: [publish(number) for number in range(1, 60)])
    swaps.start()
    answers = []
    while swaps.is_alive():
        with reading(workspace) as connection:
            answers += connection.execute(
                "select client_name, count(*) from dim_client group by 1"
            ).fetchall()
    swaps.join()
    assert len(answers) > 10
    assert set(answers) <= {("name 0", 3000), ("name 1", 3700), ("name 2", 4400)}


# ----- publishing


def _audited(root: Path, period: str = "2026-10", clients: Rows = ()) -> MonthPaths:
    """A month whose tables are candidate and certified."""
    month = WorkspacePaths(root).month("acme", Period(period))
    with connected(None, root / "tmp") as connection:
        write_marts(connection, {"marts.dim_client": clients}, ("marts",))
        candidate = write_candidate(connection, month.candidate)
    write_certificate(
        month, Verdict(tuple(SuiteResult(name, 1, 1, ()) for name in SUITE_NAMES), ()), candidate, "f00d"
    )
    return month


def test_a_publication_is_the_staged_bytes_and_takes_the_place_of_everything_before(tmp_path: Path) -> None:
    month = _audited(tmp_path)
    for left_over in (
        month.published / "fct_old.parquet",
        tmp_path / "published/.acme.2026-10.building/fct_killed.parquet",
        month.report / "blocked/fct_exceptions.parquet",
    ):
        left_over.parent.mkdir(parents=True)
        left_over.write_bytes(b"x")
    assert publish(month, "f00d") == [month.published / f"{name}.parquet" for name in sorted(ROW_ORDER)]
    assert bytes_below(month.published) == bytes_below(month.candidate)
    assert not (month.report / "blocked").exists()
    # beside the months: the catalogue and the links its views name, nothing half built
    assert sorted(path.name for path in (tmp_path / "published").iterdir()) == [
        ".links",
        "acme",
        "mbr.duckdb",
    ]
    assert [path.name for path in (tmp_path / "published/acme").iterdir()] == ["2026-10"]
    before = bytes_below(month.published)
    publish(month, "f00d")
    assert bytes_below(month.published) == before


def test_without_a_certificate_for_these_inputs_nothing_is_touched(tmp_path: Path) -> None:
    month = _audited(tmp_path)
    before = bytes_below(tmp_path)
    with pytest.raises(GateClosed):
        publish(month, "beef")
    assert bytes_below(tmp_path) == before


def test_a_swap_that_was_killed_before_is_finished_first(tmp_path: Path) -> None:
    month = _audited(tmp_path)
    aside = month.published.with_name(".2026-10.previous")
    aside.mkdir(parents=True)
    (aside / "fct_old.parquet").write_bytes(b"x")
    publish(month, "f00d")
    assert bytes_below(month.published) == bytes_below(month.candidate)
    assert [path.name for path in month.published.parent.iterdir()] == ["2026-10"]


def test_publishing_and_repairing_a_moved_catalogue_wait_for_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[Path] = []
    refresh = catalogue.refresh_catalogue

    def noting(workspace: WorkspacePaths) -> None:
        held.extend(locks._held)
        refresh(workspace)

    for module in (publication, catalogue):
        monkeypatch.setattr(module, "refresh_catalogue", noting)
    publish(_audited(tmp_path / "old"), "f00d")
    (tmp_path / "old").rename(tmp_path / "new")
    with reading(WorkspacePaths(tmp_path / "new")):
        pass
    assert held == [tmp_path / "old/warehouse/publication.lock", tmp_path / "new/warehouse/publication.lock"]


def test_a_blocked_month_keeps_its_tables_but_those_that_could_be_acted_on(tmp_path: Path) -> None:
    month = _audited(tmp_path)
    for left_over in (
        month.report / "blocked/fct_old.parquet",
        month.report / ".blocked.building/fct_killed.parquet",
    ):
        left_over.parent.mkdir(parents=True)
        left_over.write_bytes(b"x")
    assert keep_for_inspection(month) == month.report / "blocked"
    wanted = {
        name: content
        for name, content in bytes_below(month.candidate).items()
        if not name.startswith(("fct_invoice_lines_", "fct_psa_"))
    }
    assert len(wanted) == len(ROW_ORDER) - 2
    assert bytes_below(month.report / "blocked") == wanted
    assert [path.name for path in month.report.iterdir()] == ["blocked"]
    assert keep_for_inspection(month) == month.report / "blocked"
    assert not (tmp_path / "published").exists()


# ----- the catalogue


def test_every_month_of_every_msp_is_behind_its_view_and_nothing_else_is(tmp_path: Path) -> None:
    publish(_audited(tmp_path, "2026-10", [{"client_id": "C-1"}]), "f00d")
    publish(_audited(tmp_path, "2026-09", [{"client_id": "C-2"}, {"client_id": "C-3"}]), "f00d")
    # a folder that a killed run left, a file in an MSP's place, and a month with tables of its own
    hidden = tmp_path / "published/.acme.2026-08.building/2026-08"
    hidden.mkdir(parents=True)
    pq.write_table(pa.table({"client_id": ["hidden"]}), hidden / "dim_client.parquet")
    (tmp_path / "published/acme/notes.txt").write_text("x", encoding="utf-8")
    (tmp_path / "published/birch/2026-10").mkdir(parents=True)
    pq.write_table(
        pa.table({"client_id": ["C-9"], "colour": ["red"]}),
        tmp_path / "published/birch/2026-10/dim_client.parquet",
    )
    pq.write_table(pa.table({"n": [1]}), tmp_path / "published/birch/2026-10/other.parquet")
    refresh_catalogue(WorkspacePaths(tmp_path))
    with reading(WorkspacePaths(tmp_path)) as connection:
        views = connection.execute(
            "select view_name from duckdb_views() where not internal order by 1"
        ).fetchall()
        # columns by name: the month with one more, or fewer, hides none
        rows = connection.execute("select client_id, msp_id, colour from dim_client order by 1").fetchall()
    assert [name for (name,) in views] == sorted(ROW_ORDER)
    assert rows == [("C-1", "acme", None), ("C-2", "acme", None), ("C-3", "acme", None), ("C-9", None, "red")]


def test_the_catalogue_reads_months_in_order(tmp_path: Path) -> None:
    for period in ("2026-10", "2026-08", "2026-09"):
        publish(_audited(tmp_path, period, [{"client_id": period}]), "f00d")
    with duckdb.connect(str(tmp_path / "published/mbr.duckdb"), read_only=True) as connection:
        [(sql,)] = connection.execute(
            "select sql from duckdb_views() where view_name = 'dim_client'"
        ).fetchall()
    places = [sql.index(f"/{period}/") for period in ("2026-08", "2026-09", "2026-10")]
    assert places == sorted(places)


def test_a_month_in_which_a_table_is_not_there_has_no_rows_in_its_view(tmp_path: Path) -> None:
    _publish(tmp_path, "2026-10", "Alder")
    with reading(WorkspacePaths(tmp_path)) as connection:
        assert connection.execute("select view_name from duckdb_views() where not internal").fetchall() == [
            ("dim_client",)
        ]


def _links(root: Path) -> list[str]:
    return sorted(
        path.relative_to(root / "published/.links").as_posix()
        for path in (root / "published/.links").rglob("*.parquet")
    )


def _name_of(file: Path) -> str:
    info = file.stat()
    return f"acme/2026-10/{file.stem}.{info.st_ino}-{info.st_mtime_ns}.parquet"


def test_the_links_of_a_publication_outlive_it_by_an_hour_and_those_in_use_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(_audited(tmp_path, clients=[{"client_id": "C-1"}]), "f00d")
    published = tmp_path / "published/acme/2026-10"
    first = {_name_of(file) for file in published.iterdir()}
    assert set(_links(tmp_path)) == first
    assert all(file.stat().st_nlink == 2 for file in published.iterdir())
    publish(_audited(tmp_path, clients=[{"client_id": "C-2"}]), "f00d")
    second = {_name_of(file) for file in published.iterdir()}
    assert not first & second
    assert set(_links(tmp_path)) == first | second

    changed = max((tmp_path / "published/.links" / name).stat().st_ctime for name in first)
    monkeypatch.setattr(catalogue.time, "time", lambda: changed + 3600)
    refresh_catalogue(WorkspacePaths(tmp_path))
    assert len(_links(tmp_path)) > len(second), "not all of them are older than an hour"
    monkeypatch.setattr(catalogue.time, "time", lambda: changed + 3600.9)
    refresh_catalogue(WorkspacePaths(tmp_path))
    assert set(_links(tmp_path)) == second
    monkeypatch.setattr(catalogue.time, "time", lambda: time.monotonic() + 10**10)
    refresh_catalogue(WorkspacePaths(tmp_path))
    assert set(_links(tmp_path)) == second


def test_where_there_are_no_links_a_copy_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> NoReturn:
        raise OSError("this file system knows no links")

    monkeypatch.setattr(os, "link", no_links)
    month = _audited(tmp_path, clients=[{"client_id": "C-1"}])
    publish(month, "f00d")
    assert {_name_of(file) for file in month.published.iterdir()} == set(_links(tmp_path))
    assert not list((tmp_path / "published/.links").rglob("*.building"))
    with reading(WorkspacePaths(tmp_path)) as connection:
        assert connection.execute("select client_id from dim_client").fetchall() == [("C-1",)]


# ----- reading


@pytest.fixture
def shut(tmp_path: Path) -> Path:
    """A publication in a folder whose name is a pattern, and a file beside it that is nobody's business."""
    root = tmp_path / "a[b]*'s"
    _publish(root, "2026-10", "Alder")
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
    _publish(tmp_path / "ws2/published/x", "2026-10", "Alder")
    (tmp_path / "ws2/published/x").rename(tmp_path / "ws")
    _publish(tmp_path / "ws2/published/x", "2026-10", "Somebody else's")
    assert _names(WorkspacePaths(tmp_path / "ws")) == ["Alder"]
