"""Whole months of the field, with the right answers of whoever sent them; the second engine agrees.

Belongs here: workspaces of ``cases`` through the pipeline's statements. Does not: what a reader makes of a
file (``test_bills``, ``test_counts``), and the rules themselves in made-up months
(``tests/worlds/corner_months``).
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from tests.field.field_cases import CASES
from tests.worlds.compare import compare, run_month
from tests.worlds.compiled import CompiledTransformer
from tests.worlds.corners import Outcome

Close = Callable[..., Outcome]


@pytest.fixture(scope="module")
def compiled() -> CompiledTransformer:
    return CompiledTransformer()


@pytest.fixture
def close(tmp_path: Path, compiled: CompiledTransformer) -> Close:
    """Copies a case and closes a month of it; files are taken out or put in before that."""

    def closed(case: str, period: str = "2026-10", lacking: str = "", **more: str) -> Outcome:
        if not (tmp_path / "mbr.yml").exists():
            shutil.copytree(CASES / case, tmp_path, dirs_exist_ok=True)
        if lacking:
            shutil.rmtree(tmp_path / "landing/acme" / period / lacking)
        for source, name in more.items():
            folder = tmp_path / "landing/acme" / period / source
            folder.mkdir()
            shutil.copy(CASES / case / "input" / name, folder / f"vendor_charges.{name}")
        folder, document = run_month(tmp_path, "acme", period, compiled)
        assert compare(tmp_path, "acme", period, folder, document) == []
        return Outcome(folder, document)

    return closed


def test_01_usage_of_millionths_of_a_cent_is_worth_nothing_and_the_tax_is_no_cost(close: Close) -> None:
    result = close("01-aws-cur", "2023-11")
    assert (result.document["gate"], result.codes()) == ("passed", ["COST_PLUS_OVERBILLED"])
    key = result.key("CLOUD")
    # 0.0000210112 x 1.1 is nothing in whole cents, and a cent is invoiced
    assert (key["effective_cost"], key["expected_amount"]) == (Decimal("0.0000210112"), 0)
    assert result.found("COST_PLUS_OVERBILLED")["client_refund"] == Decimal("0.01")
    lines = result.rows("fct_line_dispositions", leg="vendor")
    assert Counter((row["disposition"], row["reason"]) for row in lines) == {
        ("exception", "COST_PLUS_OVERBILLED"): 80,
        ("excluded", "tax"): 6,
    }
    assert sum(row["amount"] for row in lines if row["reason"] == "tax") == Decimal("0.08")


@pytest.mark.parametrize("source", ["ms", "csp"])
def test_08_seats_that_a_refund_takes_away_match_the_invoice(
    close: Close, tmp_path: Path, source: str
) -> None:
    case = "08-cloudcockpit-indirect"
    shutil.copytree(CASES / case, tmp_path, dirs_exist_ok=True)
    settings = yaml.safe_load((CASES / case / "mbr.yml").read_text(encoding="utf-8"))
    del settings["msps"]["acme"]["sources"]["csp" if source == "ms" else "ms"]
    (tmp_path / "mbr.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    result = close(case) if source == "ms" else close(case, lacking="ms", csp="recon_csp_en-US.csv")
    assert (result.document["gate"], result.codes()) == ("passed", [])
    key = result.key("M365BP")
    assert (key["verdict"], key["expected_unit_days"]) == ("matched", 342)


def test_18_a_part_of_a_month_s_price_is_no_mismatch(close: Close) -> None:
    result = close("18-ingram-duration")
    assert (result.document["gate"], result.codes(), result.key("BP")["verdict"]) == ("passed", [], "matched")


def test_19_usage_counts_in_the_month_it_is_billed_for(close: Close) -> None:
    assert close("19-usage-two-months", "2026-09").key("BK")["expected_amount"] == Decimal("12.00")
    assert close("19-usage-two-months", "2026-10").key("BK")["expected_amount"] == Decimal("30.60")


def test_20_usage_of_a_workbook_is_passed_on_at_cost(close: Close) -> None:
    result = close("20-cloudblue-usage")
    assert (result.key("P")["expected_amount"], result.codes()) == (Decimal("32.75"), [])


def test_24_credits_without_dates_count_in_the_file_s_month(close: Close) -> None:
    result = close("24-credits-without-dates")
    assert result.document["gate"] == "passed"
    credits = result.rows("fct_line_dispositions", leg="vendor", reason="credit")
    assert sum(row["amount"] for row in credits) == Decimal("-197.683073")


def test_26_days_of_february(close: Close) -> None:
    result = close("26-february", "2025-02")
    seats, support = result.key("SEAT"), result.key("SUP")
    assert (seats["expected_unit_days"], seats["invoiced_unit_days"]) == (280, 280)
    assert (support["expected_amount"], support["invoiced_amount"]) == (Decimal("0.96"), Decimal("0.87"))


def test_27_a_credit_for_three_months_before_is_refunded(close: Close) -> None:
    result = close("27-credit-memo-3-months")
    assert result.codes() == ["LATE_CHARGE"]
    assert "Refund 132.00 USD" in result.found("LATE_CHARGE")["explanation"]
    assert result.key("SEAT")["verdict"] == "matched"


def test_11_and_28_counts_of_portals_meet_what_is_invoiced(close: Close, tmp_path: Path) -> None:
    result = close("28-licences-in-one-cell")
    assert (result.document["gate"], result.codes()) == ("passed", [])
    assert [result.key(code)["expected_quantity"] for code in ("FIN", "SCM")] == [3, 2]
    shutil.rmtree(tmp_path)
    shutil.copytree(CASES / "11-cipp-licences", tmp_path)
    for period in ("2026-09", "2026-10"):
        result = close("11-cipp-licences", period)
        seats = {code: result.key(code)["expected_quantity"] for code in ("BP", "BS")}
        assert seats == {"BP": _seats(tmp_path, period, 0), "BS": _seats(tmp_path, period, 1)}


def _seats(root: Path, period: str, row: int) -> int:
    """The TotalLicenses of a row, as the export writes it."""
    text = (root / f"landing/acme/{period}/cipp/license_counts.csv").read_text(encoding="utf-8-sig")
    return int(text.splitlines()[1 + row].split(",")[4])
