"""The invoice-ready boundary: what may be invoiced is complete, altered by approved corrections alone,
priced, and only of clients that pass.

Frame: ``ready``, one row of counts over the candidate ready lines as read back from Parquet.
"""

from __future__ import annotations

from expectations.boundary import Suite, rows, zero


def suite() -> Suite:
    """Return the suite of the invoice-ready boundary."""
    return Suite(
        "invoice_ready",
        (
            rows("ready", 1, 1),
            *zero("ready", "lines_missing"),
            *zero("ready", "lines_of_held_clients"),
            *zero("ready", "lines_of_unknown_clients"),
            *zero("ready", "lines_repeated"),
            *zero("ready", "lines_without_money"),
            *zero("ready", "lines_finer_than_minor_unit"),
            *zero("ready", "sums_not_of_landed_and_approved"),
        ),
    )
