"""A month on disk that the tests change.

Belongs here: what they share. Does not: expectations.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from expectations.boundary import Suite, SuiteResult
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.support.small import LANDED, write


def month_of(root: Path, msp_id: str = "acme", period: str = "2026-10") -> MonthlyClose:
    return MonthlyClose.of(WorkspacePaths(root), msp_id, period)


def hold(suite: Suite, frames: Mapping[str, pa.Table]) -> SuiteResult:
    return SuiteResult(suite.name, 1, 1, ())


# ----- the fingerprint of what a month is computed from


def _more_charges(root: Path) -> None:
    write(
        root / "landing/acme/2026-10/vendor/vendor_charges.more.csv",
        LANDED["vendor/vendor_charges.csv"] + "\n",
    )
