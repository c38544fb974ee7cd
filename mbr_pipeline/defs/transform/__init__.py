"""dbt models as assets and dbt tests as checks, built by the process that builds months."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from connectors.counted import plural
from mbr_pipeline.defs.metadata import money_metadata
from mbr_pipeline.defs.resources import WorkspaceResource
from mbr_pipeline.defs.transform.kept_specs import specs_of
from mbr_pipeline.transform.compiled_project import DbtProject
from mbr_pipeline.transform.dbt_client import NodeResult
from mbr_pipeline.transform.table_stats import TableStats, table_stats
from mbr_pipeline.workspace.rules import RULE_FILES

_UNIQUE_ID = "dagster_dbt/unique_id"


def build(resource: WorkspaceResource, project: DbtProject) -> dg.AssetsDefinition:
    """Return the dbt models as one subsettable asset definition with their tests as checks."""
    specs, check_specs = specs_of(project)

    @dg.multi_asset(
        name="transform",
        specs=specs,
        check_specs=check_specs,
        can_subset=True,
        partitions_def=resource.partitions,
        allow_arbitrary_check_specs=True,
    )
    def transform(context: dg.AssetExecutionContext) -> Iterator[Any]:
        definition = context.assets_def
        models = {
            spec.metadata[_UNIQUE_ID]: spec.key for spec in definition.specs if _UNIQUE_ID in spec.metadata
        }
        checks = {
            spec.metadata[_UNIQUE_ID]: spec for spec in definition.check_specs if _UNIQUE_ID in spec.metadata
        }
        month = resource.month(context.partition_key)
        results = month.transform(resource.transformer, _selection(context, models, checks))
        built = {
            r.unique_id: r
            for r in results
            if r.unique_id in models and models[r.unique_id] in context.selected_asset_keys
        }
        facts = table_stats(month.paths)
        for unique_id, result in built.items():
            if result.succeeded:
                key = models[unique_id]
                yield dg.MaterializeResult(
                    asset_key=key, metadata=_metadata(result, facts.get(key.path[-1]), project, models)
                )
        for result in results:
            spec = checks.get(result.unique_id)
            if spec and spec.key in context.selected_asset_check_keys and result.status in ("pass", "fail"):
                yield dg.AssetCheckResult(
                    asset_key=spec.asset_key,
                    check_name=spec.name,
                    passed=result.succeeded,
                    metadata={"failures": result.failures or 0},
                )
        _raise_on_failure(results)

    return transform


def _selection(
    context: dg.AssetExecutionContext,
    models: Mapping[str, dg.AssetKey],
    checks: Mapping[str, dg.AssetCheckSpec],
) -> list[str]:
    """Return dbt's selection: nothing for the whole project, else the names of the models, or
    of the tests alone.
    """
    wanted = [unique_id for unique_id, key in models.items() if key in context.selected_asset_keys]
    if len(wanted) == len(models):
        return []
    names = [unique_id.split(".")[2] for unique_id in wanted]
    return names or [
        unique_id.split(".")[2]
        for unique_id, spec in checks.items()
        if spec.key in context.selected_asset_check_keys
    ]


def _metadata(
    result: NodeResult, facts: TableStats | None, project: DbtProject, models: Mapping[str, dg.AssetKey]
) -> dict[str, Any]:
    metadata: dict[str, Any] = {"seconds": result.seconds}
    if facts is None:
        return metadata
    if facts.rows is not None:
        metadata["dagster/row_count"] = facts.rows
    columns = [dg.TableColumn(name, type=column_type) for name, column_type in facts.columns]
    return metadata | {
        "dagster/column_schema": dg.TableSchema(columns=columns),
        "dagster/column_lineage": _lineage(project.lineage.get(result.unique_id, {}), models),
        **money_metadata(facts.totals),
    }


def _lineage(
    columns: Mapping[str, Sequence[Sequence[str]]], models: Mapping[str, dg.AssetKey]
) -> dg.TableColumnLineage:
    def key(parent: str) -> dg.AssetKey:
        name = parent.split(".")[-1]
        return models.get(parent) or dg.AssetKey(["rules" if name in RULE_FILES else "raw", name])

    return dg.TableColumnLineage(
        {
            column: [
                dg.TableColumnDep(asset_key=key(parent), column_name=parent_column)
                for parent, parent_column in parents
            ]
            for column, parents in columns.items()
        }
    )


def _raise_on_failure(results: Sequence[NodeResult]) -> None:
    broken = [r for r in results if r.status in ("error", "fail")]
    if broken:
        first = broken[0]
        raise dg.Failure(
            description=(
                f"{plural(len(broken), 'dbt node')} failed, first {first.unique_id}:"
                f" {first.message or first.status}. Nothing is published."
            ),
            allow_retries=False,
        )
