"""The catalogue names the files of its own workspace, also after the folder was moved.

Belongs here: opening the publication. Does not: whether it may be published (tests/assets) and readers beside a run (tests/e2e).
"""

from __future__ import annotations

import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mbr_pipeline.errors import MbrError
from mbr_pipeline.files import swap_folder
from mbr_pipeline.publication import reading, refresh_catalogue
from mbr_pipeline.workspace_paths import WorkspacePaths


def _publish(root: Path, period: str, name: str) -> WorkspacePaths:
    folder = root / "published/acme" / period
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"client_name": [name]}), folder / "dim_client.parquet")
    refresh_catalogue(WorkspacePaths(root))
    return WorkspacePaths(root)


def _names(workspace: WorkspacePaths) -> list[str]:
    with reading(workspace) as connection:
        return [name for (name,) in connection.execute("select client_name from dim_client order by 1").fetchall()]


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
    # the number of rows belongs to the name: the head of one file with the rows of another would show in one of them
    workspace = WorkspacePaths(tmp_path)
    month = tmp_path / "published/acme/2026-10"

    def publish(number: int) -> None:
        building = tmp_path / f"building{number}"
        building.mkdir()
        rows = 3000 + 700 * (number % 3)
        pq.write_table(pa.table({"client_name": [f"name {number % 3}"] * rows}), building / "dim_client.parquet")
        swap_folder(building, month)
        refresh_catalogue(workspace)

    publish(0)
    swaps = threading.Thread(target=lambda: [publish(number) for number in range(1, 60)])
    swaps.start()
    answers = []
    while swaps.is_alive():
        with reading(workspace) as connection:
            answers += connection.execute("select client_name, count(*) from dim_client group by 1").fetchall()
    swaps.join()
    assert len(answers) > 10
    assert set(answers) <= {("name 0", 3000), ("name 1", 3700), ("name 2", 4400)}
