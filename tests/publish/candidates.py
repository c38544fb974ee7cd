"""Candidate files written by hand, and publishing them.

Belongs here: what the tests of publication share. Does not: expectations.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from expectations.boundary import SuiteResult
from mbr_pipeline.audit.candidate_tables import write_candidate
from mbr_pipeline.audit.certificate import write_certificate
from mbr_pipeline.audit.gate import SUITE_NAMES, Verdict
from mbr_pipeline.periods import Period
from mbr_pipeline.publish.catalogue import reading, refresh_catalogue
from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths
from tests.support.handmade_marts import Rows, write_marts


def publish_month(root: Path, period: str, name: str) -> WorkspacePaths:
    folder = root / "published/acme" / period
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"client_name": [name]}), folder / "dim_client.parquet")
    refresh_catalogue(WorkspacePaths(root))
    return WorkspacePaths(root)


def names_in(workspace: WorkspacePaths) -> list[str]:
    with reading(workspace) as connection:
        return [
            name for (name,) in connection.execute("select client_name from dim_client order by 1").fetchall()
        ]


def audited(root: Path, period: str = "2026-10", clients: Rows = ()) -> MonthPaths:
    """A month whose tables are candidate and certified."""
    month = WorkspacePaths(root).month("acme", Period(period))
    with connected(None, root / "tmp") as connection:
        write_marts(connection, {"marts.dim_client": clients}, ("marts",))
        candidate = write_candidate(connection, month.candidate)
    write_certificate(
        month, Verdict(tuple(SuiteResult(name, 1, 1, ()) for name in SUITE_NAMES), ()), candidate, "f00d"
    )
    return month
