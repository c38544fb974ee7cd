"""The demo's three months, closed: what is published, what is not, and that neither order nor repetition
matters (contract §6, §7).

Belongs here: promises about whole publications, on the demo workspace. Does not: single figures (the worlds)
and the command line.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from mbr_pipeline.audit.candidate_tables import ROW_ORDER
from tests.conftest import DEMO_MONTHS
from tests.support.demo_answers import (
    BLOCKED_ACTUAL,
    BLOCKED_CODE,
    BLOCKED_EXPECTED,
    BLOCKED_INVOICE,
    BLOCKED_SOURCE,
    ONCE_COMPLETE,
    PUBLISHED,
    DemoFinding,
)
from tests.support.launching import Launcher, bytes_below, published_rows, rows, rows_hash

IMPACTS = (
    "client_recoverable",
    "client_refund",
    "vendor_claim",
    "vendor_liability",
    "stranded",
    "priced_at_cost",
)
PUBLISHED_MONTHS = [month for month in DEMO_MONTHS if month != ("harbour", "2026-10")]
Opener = Callable[[Path], Launcher]


def _expected(finding: DemoFinding) -> tuple[object, ...]:
    money = ((finding.impact_column, finding.impact),) if finding.impact_column and finding.impact else ()
    return (finding.msp_id, finding.period, finding.code, finding.client_id, finding.product_code, money)


def _found(workspace: Path, msp_id: str, period: str) -> list[tuple[object, ...]]:
    table = workspace / "published" / msp_id / period / "fct_exceptions.parquet"
    return [
        (
            r["msp_id"],
            r["period"],
            r["exception_code"],
            r["client_id"],
            r["product_code"],
            tuple((c, r[c]) for c in IMPACTS if r[c]),
        )
        for r in rows(table)
    ]


def test_the_published_exceptions_are_the_demos_answers_and_no_others(closed_demo: Path) -> None:
    found = [finding for month in PUBLISHED_MONTHS for finding in _found(closed_demo, *month)]
    assert len(PUBLISHED) == 34
    assert Counter(found) == Counter(map(_expected, PUBLISHED))


def test_every_residual_of_every_published_month_is_zero(closed_demo: Path) -> None:
    for msp_id, period in PUBLISHED_MONTHS:
        bridge = rows(closed_demo / "published" / msp_id / period / "fct_variance_bridge.parquet")
        assert bridge
        assert {row["residual"] for row in bridge} == {Decimal(0)}


def test_a_month_whose_gate_blocked_has_no_publication_and_says_why(closed_demo: Path) -> None:
    assert not (closed_demo / "published/harbour/2026-10").exists()
    report = closed_demo / "reports/harbour/2026-10"
    document = json.loads((report / "gate.json").read_text(encoding="utf-8"))
    assert (document["gate"], document["reasons"]) == ("blocked", [BLOCKED_CODE])
    [control] = document["controls"]
    assert (control["source"], control["scope"]) == (BLOCKED_SOURCE, f"{BLOCKED_INVOICE} GBP")
    assert (Decimal(control["expected"]), Decimal(control["actual"])) == (BLOCKED_EXPECTED, BLOCKED_ACTUAL)
    assert (report / "index.html").stat().st_size > 5_000


def test_a_blocked_months_tables_are_kept_but_for_what_could_be_acted_on(closed_demo: Path) -> None:
    kept = {path.stem for path in (closed_demo / "reports/harbour/2026-10/blocked").iterdir()}
    assert kept == set(ROW_ORDER) - {"fct_invoice_lines_ready", "fct_psa_changes"}
    assert rows(closed_demo / "reports/harbour/2026-10/blocked/fct_reconciliation.parquet")


def test_rebuilt_from_nothing_in_another_order_the_months_publish_equal_rows(
    demo: Path, launcher_of: Opener
) -> None:
    shutil.rmtree(demo / "published/harbour")
    before = published_rows(demo)
    shutil.rmtree(demo / "warehouse")
    shutil.rmtree(demo / "published")
    launcher = launcher_of(demo)
    for period in ("2026-10", "2026-08", "2026-09"):
        assert launcher.close_month("northwind", period)
    assert len(before) == 3 * len(ROW_ORDER)
    assert published_rows(demo) == before


def test_running_a_month_again_changes_nothing(demo: Path, launcher_of: Opener) -> None:
    folders = [demo / "published" / msp_id / period for msp_id, period in PUBLISHED_MONTHS]
    before = [bytes_below(folder) for folder in folders]
    assert launcher_of(demo).close_month("harbour", "2026-09")
    assert [bytes_below(folder) for folder in folders] == before


def test_the_page_that_comes_late_opens_the_month_and_losing_it_again_leaves_the_publication_alone(
    demo: Path, launcher_of: Opener
) -> None:
    others = published_rows(demo)
    launcher = launcher_of(demo)
    shutil.copytree(demo / "late_arrivals/harbour", demo / "landing/harbour", dirs_exist_ok=True)
    assert launcher.close_month("harbour", "2026-10")
    assert _found(demo, "harbour", "2026-10") == [_expected(finding) for finding in ONCE_COMPLETE]
    assert not (demo / "reports/harbour/2026-10/blocked").exists()
    assert {
        name: value for name, value in published_rows(demo).items() if "harbour/2026-10" not in name
    } == others

    opened = bytes_below(demo / "published")
    (demo / "landing/harbour/2026-10/acronis/vendor_charges.page2.csv").unlink()
    assert not launcher.close_month("harbour", "2026-10")
    assert bytes_below(demo / "published") == opened
    blocked = demo / "reports/harbour/2026-10/blocked/fct_line_dispositions.parquet"
    assert rows_hash(blocked) != rows_hash(demo / "published/harbour/2026-10/fct_line_dispositions.parquet")
