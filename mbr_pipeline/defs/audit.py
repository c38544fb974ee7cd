"""The gate as assets: the evaluation of the suites, the gate that blocks on it, and the close report that is
written either way.
"""

import json
import time
from collections.abc import Iterator
from typing import Any

import dagster as dg

from mbr_pipeline.audit.candidate_tables import ROW_ORDER
from mbr_pipeline.audit.gate import SUITE_NAMES
from mbr_pipeline.defs import month_page
from mbr_pipeline.defs.metadata import OWNERS
from mbr_pipeline.defs.resources import WorkspaceResource

EVALUATION = dg.AssetKey(["audit", "evaluation"])
GATE = dg.AssetKey(["audit", "gate"])
REPORT = dg.AssetKey(["report", "close_report"])
_CONTROLS = "controls"


def build(resource: WorkspaceResource) -> list[dg.AssetsDefinition]:
    """Return the audit assets. The report depends on the evaluation, not on the gate: a blocked month
    needs a report too.
    """
    return [_evaluation(resource), _gate(resource), _report(resource)]


def _evaluation(resource: WorkspaceResource) -> dg.AssetsDefinition:
    marts = [dg.AssetKey(["marts", name]) for name in ROW_ORDER]

    @dg.asset(
        key=EVALUATION,
        deps=marts,
        group_name="audit",
        kinds={"greatexpectations", "parquet"},
        owners=OWNERS,
        partitions_def=resource.partitions,
        op_tags={"step": "audit"},
        description=(
            "The marts candidate as Parquet, audited at the three boundaries; gate.json and the gate"
            " certificate."
        ),
    )
    def evaluation(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        document = resource.month(context.partition_key).audit(resource.run_suite)
        return dg.MaterializeResult(
            metadata={
                "gate": document["gate"],
                "reasons": document["reasons"],
                "residual": document["residual"],
                "clients": document["clients"],
                "exceptions": document["exceptions"],
                "rejected_rows": document["rejected_count"],
                "money": dg.MetadataValue.json(document["money"]),
                "coverage": dg.MetadataValue.json(document["coverage"]),
            }
        )

    return evaluation


def _gate(resource: WorkspaceResource) -> dg.AssetsDefinition:
    checks = [
        dg.AssetCheckSpec(
            name,
            asset=GATE,
            blocking=True,
            description=(
                "Every control held." if name == _CONTROLS else f"The {name} suite ran in full and held."
            ),
        )
        for name in (_CONTROLS, *SUITE_NAMES)
    ]

    spec = dg.AssetSpec(
        GATE,
        deps=[EVALUATION],
        group_name="audit",
        kinds={"greatexpectations"},
        owners=OWNERS,
        description="Open or closed. Its checks block everything that would leave the resource.",
    )

    # subsettable: otherwise Dagster refuses every selection without its checks; publication does
    # not rely on them
    @dg.multi_asset(
        name="audit__gate",
        specs=[spec],
        check_specs=checks,
        can_subset=True,
        partitions_def=resource.partitions,
        op_tags={"step": "gate"},
    )
    def gate(context: dg.AssetExecutionContext) -> Iterator[Any]:
        month = resource.month(context.partition_key)
        document = json.loads((month.paths.report / "gate.json").read_text(encoding="utf-8"))
        if GATE in context.selected_asset_keys:
            metadata: dict[str, Any] = {
                "gate": document["gate"],
                "reasons": document["reasons"],
                "what_to_do": month_page.in_words(document),
                **month_page.figures(document, _seconds_so_far(context)),
            }
            yield dg.MaterializeResult(asset_key=GATE, metadata=metadata)
        suites = {suite["name"]: suite for suite in document["suites"]}
        for key in context.selected_asset_check_keys:
            yield (
                _controls_result(document)
                if key.name == _CONTROLS
                else _suite_result(key.name, suites.get(key.name))
            )

    return gate


def _seconds_so_far(context: dg.AssetExecutionContext) -> float | None:
    """Return the seconds since this run began; None if its history does not say."""
    stats = context.instance.get_run_stats(context.run.run_id)
    return time.time() - stats.start_time if stats.start_time else None


def _controls_result(document: dict[str, Any]) -> dg.AssetCheckResult:
    failed = document["controls"]
    return dg.AssetCheckResult(
        asset_key=GATE,
        check_name=_CONTROLS,
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={
            "failed": len(failed),
            "messages": [c["message"] for c in failed[:5]],
            "first": "; ".join(f"{c['code']} {c['scope']}" for c in failed[:5]),
        },
    )


def _suite_result(name: str, suite: dict[str, Any] | None) -> dg.AssetCheckResult:
    counts = (
        {"expected": suite["expected"], "evaluated": suite["evaluated"], "failed": len(suite["failed"])}
        if suite
        else None
    )
    facts: dict[str, Any] = counts or {"note": "did not run"}
    subjects = [failure["subject"] for failure in suite["failed"][:10]] if suite else []
    return dg.AssetCheckResult(
        asset_key=GATE,
        check_name=name,
        passed=bool(suite and suite["passed"]),
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={**facts, "subjects": subjects},
    )


def _report(resource: WorkspaceResource) -> dg.AssetsDefinition:
    @dg.asset(
        key=REPORT,
        deps=[EVALUATION],
        group_name="report",
        kinds={"html"},
        owners=OWNERS,
        partitions_def=resource.partitions,
        op_tags={"step": "report"},
        description="The close report: one page for the controller and the billing team.",
    )
    def close_report(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        return dg.MaterializeResult(
            metadata={"page": dg.MetadataValue.path(resource.month(context.partition_key).report())}
        )

    return close_report
