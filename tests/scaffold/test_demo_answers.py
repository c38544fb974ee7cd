"""The demo's mistakes: what must be found is worked by hand, and the independent oracle finds it and no more.

Belongs here: ``tests/support/demo_answers.csv`` against the oracle, its own arithmetic and the page that
tells each mistake. Does not: the files themselves (``test_demo``) and what the pipeline publishes
(``tests/e2e/test_months.py``).
"""

from __future__ import annotations

import csv
import gzip
import re
import shutil
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from connectors.datasets import DATASETS
from mbr_pipeline.exception_codes import exception_codes
from mbr_pipeline.recompute.month import recompute_month
from mbr_pipeline.scaffold.answer_key import IMPACT_COLUMNS
from mbr_pipeline.scaffold.world import EXCEPTION_CODES
from tests.support.demo_answers import (
    BLOCKED_CODE,
    BLOCKED_MONTH,
    FINDINGS,
    ONCE_COMPLETE,
    PUBLISHED,
    DemoFinding,
)

PAGE = Path(__file__).parents[2] / "docs/explanation/the-demo.md"
MSP_MONTHS = [
    (msp, period) for msp in ("northwind", "harbour") for period in ("2026-08", "2026-09", "2026-10")
]


@pytest.fixture(scope="module")
def canonical(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo with its FOCUS exports rewritten by hand as canonical CSV: the oracle knows no connectors."""
    copy = tmp_path_factory.mktemp("canonical") / "workspace"
    shutil.copytree(demo, copy)
    settings = copy / "mbr.yml"
    settings.write_text(settings.read_text().replace(", connector: focus", ""))
    for export in copy.glob("landing/*/*/azure/vendor_charges.focus.csv.gz"):
        rows = list(csv.DictReader(gzip.decompress(export.read_bytes()).decode().splitlines()))
        with (export.parent / "vendor_charges.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(column.name for column in DATASETS["vendor_charges"].columns)
            writer.writerows(focus_as_canonical(number, row) for number, row in enumerate(rows))
        export.unlink()
    return copy


def focus_as_canonical(number: int, row: dict[str, str]) -> list[str]:
    who = [
        row["SubAccountId"],
        row["SubAccountName"],
        row["SkuId"],
        row["ChargeDescription"],
        row["ResourceId"],
    ]
    money = [row["PricingQuantity"], row["ContractedUnitPrice"], row["BilledCost"], row["BillingCurrency"]]
    days = [row["ChargePeriodStart"][:10], row["ChargePeriodEnd"][:10]]
    return [str(number), row["InvoiceId"], *who, "usage", "", "", *money, *days]


def as_counted(findings: Iterable[DemoFinding]) -> Counter[tuple[Any, ...]]:
    return Counter((f.code, f.client_id, f.product_code, f.impact_column, f.impact) for f in findings)


def found(exceptions: list[dict[str, Any]]) -> Counter[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for row in exceptions:
        amounts: list[tuple[str | None, Decimal]] = [
            (column, row[column]) for column in IMPACT_COLUMNS if row[column]
        ]
        key = (row["exception_code"], row["client_id"], row["product_code"])
        rows += [(*key, *amount) for amount in amounts or [(None, Decimal("0.00"))]]
    return Counter(rows)


def test_every_exception_code_that_has_an_impact_is_in_the_demo() -> None:
    with_impact = {name for name in EXCEPTION_CODES if exception_codes()[name].impact != "none"}
    assert with_impact <= {finding.code for finding in PUBLISHED} <= set(EXCEPTION_CODES)


def test_every_amount_is_what_its_arithmetic_comes_to() -> None:
    for finding in FINDINGS:
        assert bool(finding.impact_column) == bool(finding.worked) == bool(finding.impact), finding
        if finding.worked:
            assert re.fullmatch(r"[\d .()*/+-]+", finding.worked), finding
            exact: Fraction = eval(re.sub(r"[\d.]+", r"Fraction('\g<0>')", finding.worked))
            cents = int(abs(exact) * 100 + Fraction(1, 2))  # half away from zero, contract §1
            assert Decimal(cents).scaleb(-2) == finding.impact, finding


def test_the_page_tells_every_finding_with_its_amount_and_no_other() -> None:
    chapters = re.findall(r"^## (\S+), (\S+)\n(.*?)(?=^## )", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    stories = {
        (period, msp_id, code): text
        for period, msp_id, body in chapters
        for code, text in re.findall(r"^- `([A-Z_]+)`, (.*?)(?=^- |\Z)", body, re.M | re.S)
    }

    assert set(stories) == {(finding.period, finding.msp_id, finding.code) for finding in FINDINGS}
    for finding in FINDINGS:
        words = set(re.findall(r"[\w.-]+", stories[finding.period, finding.msp_id, finding.code]))
        named = {finding.client_id or "", finding.product_code or "", str(finding.impact or "")} - {""}
        assert named <= {word.rstrip(".") for word in words}, finding


@pytest.mark.parametrize(("msp", "period"), [m for m in MSP_MONTHS if m != BLOCKED_MONTH])
def test_the_oracle_finds_what_is_hidden_and_nothing_else(canonical: Path, msp: str, period: str) -> None:
    expected = [finding for finding in PUBLISHED if (finding.msp_id, finding.period) == (msp, period)]

    result = recompute_month(canonical, msp, period)

    assert found(result.exceptions) == as_counted(expected)
    assert (result.reasons, result.rejects) == ([], [])
    assert {row["residual"] for row in result.variance_bridge} == {Decimal("0.00")}
    verdicts = Counter(row["verdict"] for row in result.reconciliation)
    assert set(verdicts) == {"matched", "exception"}
    assert verdicts["matched"] > 10 * verdicts["exception"]


def test_the_oracle_blocks_the_month_with_the_missing_page_and_only_on_that(canonical: Path) -> None:
    result = recompute_month(canonical, *BLOCKED_MONTH)

    assert result.reasons == [BLOCKED_CODE]
    assert {row["product_code"] for row in result.reconciliation if row["verdict"] == "unreconciled"} == {
        "BKP-DEV",
        "BKP-GB",
    }


def test_landing_the_late_page_opens_the_blocked_month(canonical: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    shutil.copytree(canonical, workspace)
    shutil.copytree(workspace / "late_arrivals", workspace / "landing", dirs_exist_ok=True)

    result = recompute_month(workspace, *BLOCKED_MONTH)

    assert result.reasons == []
    assert found(result.exceptions) == as_counted(ONCE_COMPLETE)
