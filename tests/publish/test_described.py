"""What the catalogue says of its views: the words of dbt's marts, and the month as a date.

Belongs here: comments and the column that only views have. Does not: rows (``test_publication``).
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from mbr_pipeline.publish.reading import reading
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.publish.kill_at import publish_folder
from tests.publish.tables import by_view, publish_named


def test_views_and_columns_say_what_they_mean_and_the_month_is_a_date_too(tmp_path: Path) -> None:
    folder = tmp_path / "candidate"
    folder.mkdir()
    pq.write_table(pa.table({"period": ["2026-10"], "client_id": ["C1"]}), folder / "fct_client_gate.parquet")
    publish_folder(tmp_path, folder)
    with duckdb.connect(str(tmp_path / "published/mbr.duckdb"), read_only=True) as connection:
        views = connection.execute(
            "select comment from duckdb_views() where view_name = 'fct_client_gate'"
        ).fetchall()
        columns = connection.execute(
            "select column_name, data_type, comment from duckdb_columns()"
            " where table_name = 'fct_client_gate'"
        ).fetchall()
        assert connection.execute("select period, period_start from fct_client_gate").fetchall() == [
            ("2026-10", date(2026, 10, 1))
        ]
    assert views == [("Whether a client's invoices may go out, one row per client and currency.",)]
    assert columns == [
        ("period", "VARCHAR", "Calendar month YYYY-MM."),
        ("client_id", "VARCHAR", "The company the MSP invoices (PSA company)."),
        ("period_start", "DATE", "First day of the month."),
    ]


def test_published_copied_alone_into_an_empty_folder_opens_after_one_query(tmp_path: Path) -> None:
    publish_named(tmp_path / "here", "Alder")
    there = tmp_path / "there"
    shutil.copytree(tmp_path / "here/published", there / "published", symlinks=True)
    shutil.rmtree(tmp_path / "here")
    with reading(WorkspacePaths(there)) as connection:
        assert connection.execute("select distinct name from dim_client").fetchall() == [("Alder",)]
    assert by_view(there) == ["Alder", "Alder"]
