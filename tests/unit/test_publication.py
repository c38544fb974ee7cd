"""The catalogue names the files of its own workspace, also after the folder was moved.

Belongs here: opening the publication. Does not: whether it may be published (tests/assets) and readers beside a run (tests/e2e).
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mbr_pipeline.errors import MbrError
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
