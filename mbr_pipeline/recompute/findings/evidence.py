"""The records that a finding is based on (contract §5: every exception carries its evidence).

What belongs here: which records of a key, or of a vendor customer's SKU, are named. What does not: when there
is a finding (``findings.client``, ``findings.vendor``, ``findings.counts``).
"""

from __future__ import annotations

from collections.abc import Iterable

from mbr_pipeline.recompute.keys import Key, active_in
from mbr_pipeline.recompute.periods import Period
from mbr_pipeline.recompute.vendor import Snapshot, VendorLine


def of_key(key: Key, period: Period) -> tuple[str, ...]:
    """The counted vendor lines, invoice lines and agreement lines of a key, and where seats
    are counted, the counts.

    An agreement line is named if it is active in P or ended by its start.
    """
    records = {line.charge.record_id for line in key.vendor_lines}
    records |= {line.record_id for line in key.invoice_lines}
    records |= {
        row.record_id
        for row in key.agreements
        if active_in(row, period) or row.effective_start < row.end <= period.start
    }
    if key.basis in ("entitled", "assigned"):
        records |= {row.count.record_id for row in key.snapshots}
    return tuple(sorted(records))


def of_vendor(lines: Iterable[VendorLine], counts: Iterable[Snapshot] = ()) -> tuple[str, ...]:
    """These vendor lines and seat counts."""
    named = [line.charge.record_id for line in lines] + [row.count.record_id for row in counts]
    return tuple(sorted(named))
