"""Landing and loading: one asset per source and dataset, one per raw table and rule file."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from connectors.datasets import DATASETS
from connectors.registry import CONNECTORS
from mbr_pipeline.defs import fetch
from mbr_pipeline.defs.metadata import OWNERS, money_metadata, selected
from mbr_pipeline.defs.resources import WorkspaceResource
from mbr_pipeline.ingest.parse import ParsedFile
from mbr_pipeline.ingest.raw_tables import RUN_TABLES
from mbr_pipeline.workspace.rules import RULE_FILES


def build(resource: WorkspaceResource) -> list[dg.AssetsDefinition]:
    """Return the ingest assets for the sources that the workspace declares."""
    return [_landed(resource), _raw_tables(resource)]


def _landed_spec(source: str, dataset: str, connectors: set[str]) -> dg.AssetSpec:
    return dg.AssetSpec(
        ["raw", f"{source}__{dataset}"],
        deps=[fetch.asset_key(name) for name in sorted(connectors) if CONNECTORS[name].spec],
        description=(
            f"Files of {dataset} landed by {source}, typed and exact; what was refused is listed with file,"
            " line and reason."
        ),
        group_name="landing",
        kinds={"parquet", "file"},
        owners=OWNERS,
        tags={"source": source, "dataset": dataset},
    )


def _declared(resource: WorkspaceResource) -> dict[tuple[str, str], dg.AssetSpec]:
    connectors: dict[tuple[str, str], set[str]] = {}
    for msp in resource.workspace.settings.msps.values():
        for source, dataset in msp.declared():
            connectors.setdefault((source, dataset), set()).add(msp.sources[source].connector)
    return {pair: _landed_spec(*pair, connectors[pair]) for pair in sorted(connectors)}


def _landed(resource: WorkspaceResource) -> dg.AssetsDefinition:
    declared = _declared(resource)

    @dg.multi_asset(
        name="land",
        specs=list(declared.values()),
        can_subset=True,
        partitions_def=resource.partitions,
        op_tags={"step": "land"},
    )
    def land(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        month = resource.month(context.partition_key)
        wanted = {pair for pair, spec in declared.items() if spec.key in context.selected_asset_keys}
        parsed = [f for f in month.parse() if f.landed.period == month.paths.period.text]
        for pair in sorted(wanted):
            files = [f for f in parsed if (f.landed.source, f.landed.dataset) == pair]
            metadata = _landed_metadata(files if pair in month.msp.declared() else None)
            yield dg.MaterializeResult(asset_key=declared[pair].key, metadata=metadata)

    return land


def _landed_metadata(files: list[ParsedFile] | None) -> dict[str, Any]:
    if files is None:
        return {"note": "not declared for this MSP: nothing to land", "dagster/row_count": 0}
    totals = {
        f"{f.landed.path.name} {currency}": total for f in files for currency, total in f.totals.items()
    }
    return {
        "dagster/row_count": sum(f.rows - f.rejected for f in files),
        "rejected_rows": sum(f.rejected for f in files),
        "files": [f.landed.name for f in files],
        "unusable_files": [f.landed.name for f in files if f.is_drifted],
        **money_metadata(totals),
    }


def _raw_specs(resource: WorkspaceResource) -> list[dg.AssetSpec]:
    by_dataset: dict[str, list[dg.AssetKey]] = {}
    for (_, dataset), spec in _declared(resource).items():
        by_dataset.setdefault(dataset, []).append(spec.key)
    common: dict[str, Any] = {"owners": OWNERS, "kinds": {"duckdb", "table"}}
    return [
        *(
            dg.AssetSpec(
                ["raw", name],
                deps=by_dataset.get(name, []),
                group_name="raw",
                **common,
                description=f"Accepted records of {name} that matter to the period, one per identity.",
            )
            for name in DATASETS
        ),
        *(
            dg.AssetSpec(
                ["rules", name],
                group_name="rules",
                description=f"rules/<msp_id>/{name}.csv, checked.",
                **common,
            )
            for name in RULE_FILES
        ),
        *(
            dg.AssetSpec(
                ["raw", name],
                group_name="raw",
                description=text,
                **common,
                deps=[spec.key for spec in _declared(resource).values()] if name == "load_controls" else [],
            )
            for name, text in ((t.name, t.description) for t in RUN_TABLES)
        ),
    ]


def _raw_tables(resource: WorkspaceResource) -> dg.AssetsDefinition:
    specs = _raw_specs(resource)

    @dg.multi_asset(
        name="load",
        specs=specs,
        can_subset=True,
        partitions_def=resource.partitions,
        op_tags={"step": "load"},
    )
    def load(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        # the raw tables of a month are always built together, whichever is selected: they come from one
        # reading of the landing zone
        loaded = {result.dataset: result for result in resource.month(context.partition_key).load()}
        for spec in selected(context, specs):
            result = loaded.get(spec.key.path[-1])
            metadata = (
                {
                    "dagster/row_count": result.rows,
                    "landed_rows": result.landed,
                    **money_metadata(result.totals),
                }
                if result
                else {}
            )
            yield dg.MaterializeResult(asset_key=spec.key, metadata=metadata)

    return load
