"""The raw boundary: everything declared was delivered, whole, in shape, and adds up.

Frames: ``datasets``, one row per declared dataset (files, drifted_files, rejected_rows); ``controls``, one
row with the number of failures of every control code of contract §5 that is decided on raw data.
"""

from __future__ import annotations

from expectations.boundary import Expectation, Suite, at_least_one, rows, zero

DATASETS = (
    "clients",
    "products",
    "vendor_invoices",
    "vendor_charges",
    "license_counts",
    "agreements",
    "invoice_lines",
)
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


def suite() -> Suite:
    """Return the suite of the raw boundary."""
    return Suite(
        "raw",
        (
            rows("datasets", 2),
            Expectation(
                "datasets", "ExpectColumnValuesToBeInSet", {"column": "dataset", "value_set": list(DATASETS)}
            ),
            Expectation(
                "datasets", "ExpectCompoundColumnsToBeUnique", {"column_list": ["source_number", "dataset"]}
            ),
            *at_least_one("datasets", "files"),
            *zero("datasets", "drifted_files"),
            *zero("datasets", "rejected_rows"),
            rows("controls", 1, 1),
            *(e for control in CONTROLS for e in zero("controls", control)),
        ),
    )
