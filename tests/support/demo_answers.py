"""What the demo must yield: every finding of its months, and the control that blocks Harbour's October.

Belongs here: ``demo_answers.csv`` as records. Its column ``worked`` holds the arithmetic of each amount, done
by hand from the contract; the stories are on the page ``docs/explanation/the-demo.md``. Does not: what must
hold; the tests of the scaffold and of whole months say that.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path


@dataclass(frozen=True)
class DemoFinding:
    """A finding and its one amount, in a column of fct_exceptions; ``impact_column`` is None without one."""

    period: str
    msp_id: str
    code: str
    client_id: str | None
    product_code: str | None
    impact_column: str | None
    impact: Decimal
    worked: str


def _read(path: Path) -> list[DemoFinding]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    return [
        DemoFinding(
            row["period"],
            row["msp_id"],
            row["code"],
            row["client_id"] or None,
            row["product_code"] or None,
            row["impact_column"] or None,
            Decimal(row["impact"] or "0.00"),
            row["worked"],
        )
        for row in rows
    ]


FINDINGS = _read(Path(__file__).with_suffix(".csv"))

BLOCKED_MONTH = ("harbour", "2026-10")
"""The second page of a backup bill never came: 7 devices at 3.10 are missing from its total."""
BLOCKED_CODE = "CONTROL_TOTAL_MISMATCH"
BLOCKED_SOURCE, BLOCKED_INVOICE = "acronis", "ACRONIS-202610"
BLOCKED_EXPECTED, BLOCKED_ACTUAL = Decimal("284.40"), Decimal("262.70")

PUBLISHED = [finding for finding in FINDINGS if (finding.msp_id, finding.period) != BLOCKED_MONTH]
"""What the published months yield, and nothing else."""
ONCE_COMPLETE = [finding for finding in FINDINGS if (finding.msp_id, finding.period) == BLOCKED_MONTH]
"""What the blocked month yields when the page has landed too."""
