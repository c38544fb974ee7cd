"""The gate as assets: the evaluation of the suites, the gate that blocks on it, and the close report that is
written either way.
"""

import json
import time
import warnings
from collections.abc import Iterator
from typing import Any

import dagster as dg

from mbr_pipeline.audit.candidate_tables import ROW_ORDER
from mbr_pipeline.audit.gate import SUITE_NAMES
from mbr_pipeline.defs import month_page
from mbr_pipeline.defs.metadata import OWNERS
from mbr_pipeline.defs.resources import WorkspaceResource
from mbr_pipeline.exception_codes import codes_of, meaning_of

EVALUATION = dg.AssetKey(["audit", "evaluation"])
GATE = dg.AssetKey(["audit", "gate"])
REPORT = dg.AssetKey(["report", "close_report"])


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
    controls = codes_of("control")
    with warnings.catch_warnings():
        # Dagster calls checks of partitions a preview; without them one month's result hides another's
        warnings.simplefilter("ignore", dg.PreviewWarning)
        checks = [
            dg.AssetCheckSpec(
                name,
                asset=GATE,
                blocking=True,
                partitions_def=resource.partitions,
                description=(
                    f"Fails where: {meaning_of(name)}"
                    if name in controls
                    else f"The {name} suite ran in full and held."
                ),
            )
            for name in (*controls, *SUITE_NAMES)
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
        metadata: dict[str, Any] = {
            "gate": document["gate"],
            "reasons": document["reasons"],
            "what_to_do": month_page.in_words(document),
            **month_page.figures(document, _seconds_so_far(context)),
        }
        suites = {suite["name"]: suite for suite in document["suites"]}
        results = [
            _control_result(key.name, document)
            if key.name in controls
            else _suite_result(key.name, suites.get(key.name))
            for key in sorted(context.selected_asset_check_keys)
        ]
        if document["gate"] == "passed":
            if GATE in context.selected_asset_keys:
                yield dg.MaterializeResult(asset_key=GATE, metadata=metadata)
            yield from results
            return
        # observed, not materialized: the partition has failed, and its page shows why all the same
        context.log_event(dg.AssetObservation(GATE, partition=context.partition_key, metadata=metadata))
        yield from results
        raise dg.Failure(description=month_page.in_one_line(document), allow_retries=False)

    return gate


def _seconds_so_far(context: dg.AssetExecutionContext) -> float | None:
    """Return the seconds since this run began; None if its history does not say."""
    stats = context.instance.get_run_stats(context.run.run_id)
    return time.time() - stats.start_time if stats.start_time else None


def _control_result(code: str, document: dict[str, Any]) -> dg.AssetCheckResult:
    """Return a control's result, with what it says of each scope that failed it."""
    failed = [control for control in document["controls"] if control["code"] == code]
    return dg.AssetCheckResult(
        asset_key=GATE,
        check_name=code,
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={"failed": len(failed), "messages": [control["message"] for control in failed[:5]]},
        description=f"{len(failed)} failed: {failed[0]['message']}" if failed else None,
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
