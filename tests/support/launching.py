"""Launches months of a workspace in this process, as Dagster does, and says what is published.

Belongs here: what the asset and end-to-end tests share to run the real graph and to compare publications.
Does not: workspaces (``tests.support.small``, the demo) and expectations.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.parquet as pq

from expectations import runner
from mbr_pipeline.audit.gate import RunSuite
from mbr_pipeline.definitions import WorkspaceResource, build_definitions, partition_key
from mbr_pipeline.periods import Period
from mbr_pipeline.transform.dbt_client import Transformer
from mbr_pipeline.workspace.paths import WorkspacePaths


class Launcher:
    """The definitions of one workspace and an instance that forgets, for launches of any kind."""

    def __init__(self, root: Path, transformer: Transformer, run_suite: RunSuite = runner.run) -> None:
        """Build fresh definitions; the landing zone may change afterwards, mbr.yml may not."""
        self.resource = WorkspaceResource(WorkspacePaths(root), run_suite=run_suite)
        self.resource.use(transformer, Period("2026-10"))
        self.definitions = build_definitions(self.resource)
        self.job = self.definitions.resolve_job_def("close_month")
        self.instance = dg.DagsterInstance.ephemeral()
        self.instance.add_dynamic_partitions("msp", list(self.resource.workspace.settings.msps))

    def close_month(self, msp_id: str, period: str, assets: Iterable[str] = ()) -> bool:
        """Run the job, whole or for the named assets only; returns whether every step succeeded."""
        result = self.job.execute_in_process(
            partition_key=partition_key(msp_id, period),
            instance=self.instance,
            asset_selection=[dg.AssetKey(name.split("/")) for name in assets] or None,
            run_config={"loggers": {"console": {"config": {}}}},
            raise_on_error=False,
        )
        return bool(result.success)

    def materialize(self, msp_id: str, period: str, selection: dg.AssetSelection) -> bool:
        """Materialise a selection in a run of its own; returns whether every step succeeded."""
        result = dg.materialize(
            list(self.definitions.assets or []),
            selection=selection,
            partition_key=partition_key(msp_id, period),
            instance=self.instance,
            raise_on_error=False,
        )
        return bool(result.success)


def published_rows(workspace: Path) -> dict[str, str]:
    """Return a hash of schema and rows, in order, of every published table by ``msp/period/table``."""
    published = workspace / "published"
    return {
        p.relative_to(published).as_posix(): rows_hash(p) for p in sorted(published.glob("*/*/*.parquet"))
    }


def rows_hash(path: Path) -> str:
    """Return a hash of a Parquet file's columns, types and rows in their order: not of its bytes."""
    table = pq.read_table(path)
    digest = hashlib.sha256(repr([(f.name, str(f.type)) for f in table.schema]).encode())
    for row in table.to_pylist():
        digest.update(repr(list(row.values())).encode())
    return digest.hexdigest()


def bytes_below(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder by its path: two equal results mean that nothing whatever changed."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def rows(path: Path) -> list[Mapping[str, Any]]:
    """Return the rows of a Parquet file in order."""
    content: list[Mapping[str, Any]] = pq.read_table(path).to_pylist()
    return content
