"""The publication is what was candidate, whole; its catalogue names the files of its own workspace, also
after a move.

Belongs here: publishing candidate files, keeping a blocked month's, and the catalogue. Does not: versions
(``test_versions``), what readers may do (``test_reading``), whether a month may be published (``test_gate``,
tests/defs) and readers beside a run (tests/e2e).
"""

from __future__ import annotations

import fcntl
import threading
from itertools import count
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mbr_pipeline.audit.candidate_tables import RESTATEMENT, ROW_ORDER
from mbr_pipeline.errors import GateClosed, MbrError
from mbr_pipeline.publish import catalogue, publication
from mbr_pipeline.publish.catalogue import refresh_catalogue
from mbr_pipeline.publish.publication import keep_for_inspection, publish
from mbr_pipeline.publish.reading import reading
from mbr_pipeline.storage.locks import locked_alone
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.publish.kill_at import publish_folder
from tests.publish.tables import audited
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

    def publish(number: int) -> None:
        candidate = tmp_path / f"candidate{number}"
        candidate.mkdir()
        rows = 3000 + 700 * (number % 3)
        pq.write_table(
            pa.table({"client_name": [f"name {number % 3}"] * rows}), candidate / "dim_client.parquet"
        )
        with locked_alone(workspace.warehouse / "publication.lock"):  # as a run does
            publish_folder(tmp_path, candidate)

    publish(0)
    enough = threading.Event()

    def publish_until_enough() -> None:
        for number in count(1):
            if enough.is_set():
                return
            publish(number)

    swaps = threading.Thread(target=publish_until_enough)
    swaps.start()
    answers = []
    try:
        while swaps.is_alive() and len(answers) <= 10:
            with reading(workspace) as connection:
                answers += connection.execute(
                    "select client_name, count(*) from dim_client group by 1"
                ).fetchall()
    finally:
        enough.set()
        swaps.join()
    assert len(answers) > 10
    assert set(answers) <= {("name 0", 3000), ("name 1", 3700), ("name 2", 4400)}


# ----- publishing


def _names_below(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_publication_is_the_staged_bytes_and_takes_the_place_of_everything_before(tmp_path: Path) -> None:
    month = audited(tmp_path)
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
    # beside the months: the catalogue and the versions, nothing half built
    assert sorted(path.name for path in (tmp_path / "published").iterdir()) == ["acme", "mbr.duckdb"]
    assert _names_below(tmp_path / "published/acme") == ["2026-10", "2026-10.versions"]
    before = bytes_below(month.published)
    publish(month, "f00d")
    assert bytes_below(month.published) == before


def test_without_a_certificate_for_these_inputs_nothing_is_touched(tmp_path: Path) -> None:
    month = audited(tmp_path)
    before = bytes_below(tmp_path)
    with pytest.raises(GateClosed):
        publish(month, "beef")
    assert bytes_below(tmp_path) == before


def test_a_swap_that_was_killed_before_is_finished_first(tmp_path: Path) -> None:
    month = audited(tmp_path)
    aside = month.published.with_name(".2026-10.previous")
    aside.mkdir(parents=True)
    (aside / "fct_old.parquet").write_bytes(b"x")
    publish(month, "f00d")
    assert bytes_below(month.published) == bytes_below(month.candidate)
    assert _names_below(month.published.parent) == ["2026-10", "2026-10.versions"]


def test_publishing_and_repairing_a_moved_catalogue_wait_for_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[bool] = []
    refresh = catalogue.refresh_catalogue

    def noting(workspace: WorkspacePaths) -> None:
        with (workspace.warehouse / "publication.lock").open("rb") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                held.append(False)
            except BlockingIOError:
                held.append(True)
        refresh(workspace)

    for module in (publication, catalogue):
        monkeypatch.setattr(module, "refresh_catalogue", noting)
    publish(audited(tmp_path / "old"), "f00d")
    (tmp_path / "old").rename(tmp_path / "new")
    with reading(WorkspacePaths(tmp_path / "new")):
        pass
    assert held == [True, True]


def test_a_blocked_month_keeps_its_tables_but_those_that_could_be_acted_on(tmp_path: Path) -> None:
    month = audited(tmp_path)
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
    publish(audited(tmp_path, "2026-10", [{"client_id": "C-1"}]), "f00d")
    publish(audited(tmp_path, "2026-09", [{"client_id": "C-2"}, {"client_id": "C-3"}]), "f00d")
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
    tables = (*ROW_ORDER, RESTATEMENT)
    of_versions = [f"{name}_versions" for name in tables]
    assert [name for (name,) in views] == sorted([*tables, *of_versions, "publications"])
    assert rows == [("C-1", "acme", None), ("C-2", "acme", None), ("C-3", "acme", None), ("C-9", None, "red")]


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
    _publish(tmp_path, "2026-10", "Alder")
    with reading(WorkspacePaths(tmp_path)) as connection:
        views = connection.execute("select view_name from duckdb_views() where not internal order by 1")
        assert [name for (name,) in views.fetchall()] == [
            "dim_client",
            "dim_client_versions",
            "fct_restatement",
            "fct_restatement_versions",
            "publications",
        ]
