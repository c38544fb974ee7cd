"""Every kind of launch that could publish, and months prepared for it.

Belongs here: what the tests of the gate share. Does not: expectations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import dagster as dg
import pyarrow as pa

from expectations import runner
from expectations.boundary import FailedExpectation, Suite, SuiteResult
from mbr_pipeline.audit.candidate_tables import ROW_ORDER
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.support.launching import Launcher, bytes_below
from tests.support.small import LANDED, PERIOD, changed

# what the landing zone must lack or hold for each control code of contract §5 to fail, and no other
BREAKS: dict[str, dict[str, str | None]] = {
    "SOURCE_MISSING": {"vendor/license_counts.csv": None},
    "SOURCE_EMPTY": {"vendor/license_counts.csv": LANDED["vendor/license_counts.csv"].splitlines()[0] + "\n"},
    "SCHEMA_DRIFT": changed("vendor/vendor_charges.csv", "quantity,unit_cost", "seats,unit_cost"),
    "ROW_REJECTED": changed("vendor/vendor_charges.csv", "50.00", "5O.00"),
    "REFERENCE_MISSING": changed("psa/invoice_lines.csv", "I-1,C-1,SEAT", "I-1,C-1,CHAIR"),
    "CONTROL_TOTAL_MISMATCH": changed("vendor/vendor_invoices.csv", "50.00", "50.01"),
    "SOURCE_STALE": changed("vendor/license_counts.csv", "2026-10-01", "2026-09-30"),
    "DOUBLE_LANDING": {
        "vendor/license_counts.again.csv": LANDED["vendor/license_counts.csv"].replace("10,10", "12,12")
    },
    "COVERAGE_TOO_LOW": {},
}


UNMAPPED = {"sku_map.csv": "source,sku_id,product_code\n"}


PASSING = "passing"


AFTER_THE_MARTS = [
    "audit/evaluation",
    "audit/gate",
    "report/close_report",
    *(f"publish/{name}" for name in ROW_ORDER),
]


PUBLISH = dg.AssetSelection.groups("publish")


WITHOUT_CHECKS = dg.AssetSelection.groups("audit", "report", "publish").without_checks()


LAUNCHES: dict[str, Callable[[Launcher, str], bool]] = {
    "the job": lambda launcher, msp: launcher.close_month(msp, PERIOD, AFTER_THE_MARTS),
    "the job without checks": lambda launcher, msp: launcher.materialize(msp, PERIOD, WITHOUT_CHECKS),
    "publish alone in a later run": lambda launcher, msp: launcher.materialize(msp, PERIOD, PUBLISH),
}


class FailOne:
    """Runs suites for real but lets the one named in ``failing`` fail."""

    failing = ""

    def __call__(self, suite: Suite, frames: Mapping[str, pa.Table]) -> SuiteResult:
        """Stand in for ``expectations.runner.run``."""
        result = runner.run(suite, frames)
        if suite.name != self.failing:
            return result
        return SuiteResult(
            suite.name,
            result.expected,
            result.evaluated,
            (FailedExpectation("Planted", suite.name, "fails"),),
        )


class Prepared:
    """A workspace with an earlier publication, after its months were built again from other files."""

    def __init__(self, root: Path, launcher: Launcher, fail_one: FailOne) -> None:
        """Remember what is published now."""
        self.root, self.launcher, self.fail_one = root, launcher, fail_one
        self.published = bytes_below(root / "published")

    def month(self, msp_id: str = PASSING) -> MonthlyClose:
        """Open a month."""
        return MonthlyClose.of(WorkspacePaths(self.root), msp_id, PERIOD)

    def assert_nothing_changed(self) -> None:
        """Every byte below published/ is what it was."""
        assert len(self.published) > len(ROW_ORDER)
        assert bytes_below(self.root / "published") == self.published
