"""Publication as assets: one per published table, behind the gate."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pyarrow.parquet as pq

from mbr_pipeline.audit.candidate_tables import ROW_ORDER
from mbr_pipeline.defs.audit import GATE
from mbr_pipeline.defs.metadata import OWNERS, failing, selected
from mbr_pipeline.defs.resources import WorkspaceResource
from mbr_pipeline.errors import MbrError


def build(resource: WorkspaceResource) -> dg.AssetsDefinition:
    """Return the published tables. However they are launched, the gate's certificate is checked first."""
    specs = [
        dg.AssetSpec(
            ["publish", name],
            deps=[GATE, dg.AssetKey(["marts", name])],
            group_name="publish",
            kinds={"parquet"},
            owners=OWNERS,
            description=f"published/<msp_id>/<period>/{name}.parquet, queried through published/mbr.duckdb.",
        )
        for name in ROW_ORDER
    ]

    @dg.multi_asset(
        name="publish",
        specs=specs,
        can_subset=True,
        partitions_def=resource.partitions,
        op_tags={"step": "publish"},
    )
    def publish(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        # a month is published as a whole, whichever of its tables is selected
        month = resource.month(context.partition_key)
        try:
            month.publish(resource.refreshes_catalogue, resource.run_suite)
        except MbrError as error:
            raise failing(error) from error
        for spec in selected(context, specs):
            path = month.paths.published / f"{spec.key.path[-1]}.parquet"
            metadata = {
                "dagster/row_count": pq.read_metadata(path).num_rows,
                "path": dg.MetadataValue.path(str(path)),
            }
            yield dg.MaterializeResult(asset_key=spec.key, metadata=metadata)

    return publish
