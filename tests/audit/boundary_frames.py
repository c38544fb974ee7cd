"""Frames of a sound month at every boundary, and running suites over them.

Belongs here: what the tests of expectations share. Does not: expectations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from expectations import invoice_ready, marts, raw, runner
from expectations.boundary import SuiteResult

Frame = list[dict[str, Any]]


CONTROLS = (
    "SOURCE_MISSING",
    "SOURCE_EMPTY",
    "SCHEMA_DRIFT",
    "ROW_REJECTED",
    "REFERENCE_MISSING",
    "CONTROL_TOTAL_MISMATCH",
    "SOURCE_STALE",
    "DOUBLE_LANDING",
    "COVERAGE_TOO_LOW",
)


READY = (
    "lines_missing",
    "lines_of_held_clients",
    "lines_of_unknown_clients",
    "lines_repeated",
    "lines_without_money",
    "lines_finer_than_minor_unit",
    "sums_not_of_landed_and_approved",
)


FACTS = (
    "lines_without_exactly_one_disposition",
    "lines_without_exactly_one_disposition",
    "residuals_not_zero",
    "exception_ids_repeated",
    "impacts_negative_or_missing",
    "ready_lines_of_held_clients",
    "ready_lines_lost_or_altered",
    "ready_money_not_landed_and_approved",
)


# columns of which every value must be 0, and columns of which every value must be 1 or more
ZERO = {
    "datasets": ("drifted_files", "rejected_rows"),
    "controls": CONTROLS,
    "facts": ("violations",),
    "tables": (
        "rows_lost_in_candidate",
        "floating_point_columns",
        "keys_repeated",
        "clean_keys_with_variance",
        "conservation_failures",
    ),
    "ready": READY,
}


SOME = {"datasets": ("files",), "tables": ("control_rows", "client_rows", "disposition_rows")}


SUITES = {"raw": raw.suite, "marts": marts.suite, "invoice_ready": invoice_ready.suite}


SOUND: dict[str, Frame] = {
    "datasets": [
        {"source_number": number, "dataset": dataset, "files": 1, "drifted_files": 0, "rejected_rows": 0}
        for number, dataset in (
            (1, "clients"),
            (1, "products"),
            (1, "agreements"),
            (1, "invoice_lines"),
            (2, "vendor_invoices"),
            (2, "vendor_charges"),
            (2, "license_counts"),
            (3, "vendor_charges"),
        )
    ],
    "controls": [dict.fromkeys(CONTROLS, 0)],
    "facts": [{"fact": fact, "violations": 0} for fact in FACTS],
    "tables": [dict.fromkeys(ZERO["tables"], 0) | dict.fromkeys(SOME["tables"], 1)],
    "ready": [dict.fromkeys(READY, 0)],
}


def run_suite(name: str, frames: Mapping[str, Frame]) -> SuiteResult:
    return runner.run(SUITES[name](), {key: pa.Table.from_pylist(frame) for key, frame in frames.items()})


def failed_in(result: SuiteResult) -> list[tuple[str, str]]:
    return sorted(
        (failure.subject, failure.expectation.removeprefix("ExpectColumnValues")) for failure in result.failed
    )
