"""The marts boundary: every line is accounted for, every difference explained, every number exact.

Frames: ``facts``, one row per audit fact that dbt computed, with its violations; ``tables``, one row with the
counts of the candidate marts as read back from Parquet.
"""

from __future__ import annotations

from expectations.boundary import Expectation, Suite, at_least_one, rows, zero

FACTS = (
    "lines_without_exactly_one_disposition",
    "residuals_not_zero",
    "exception_ids_repeated",
    "impacts_negative_or_missing",
    "ready_lines_of_held_clients",
    "ready_lines_lost_or_altered",
    "ready_money_not_landed_and_approved",
)


def suite() -> Suite:
    """Return the suite of the marts boundary."""
    return Suite(
        "marts",
        (
            # conservation is computed for both legs
            rows("facts", len(FACTS) + 1, len(FACTS) + 1),
            Expectation(
                "facts", "ExpectColumnDistinctValuesToEqualSet", {"column": "fact", "value_set": list(FACTS)}
            ),
            *zero("facts", "violations"),
            rows("tables", 1, 1),
            *at_least_one("tables", "control_rows"),
            *at_least_one("tables", "client_rows"),
            *at_least_one("tables", "disposition_rows"),
            *zero("tables", "rows_lost_in_candidate"),
            *zero("tables", "floating_point_columns"),
            *zero("tables", "keys_repeated"),
            *zero("tables", "clean_keys_with_variance"),
            *zero("tables", "conservation_failures"),
        ),
    )
