"""The generator's injections: each breaks what it says.

Belongs here: findings and control faults put into a world. Does not: clean worlds (``test_generator``).
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import pytest

from mbr_pipeline.scaffold.world import (
    EXCEPTION_CODES,
    INJECTABLE,
    Answer,
    Injection,
    World,
    make_workspace,
    make_world,
)
from mbr_pipeline.scaffold.world.model import Size
from tests.worlds.generator.clean import assert_vendor_invoices_tie_out, digest
from tests.worlds.readback import PLACES, Books, half_up, landed, month, ordered, rules

SIZES = get_args(Size)


CONTROLS = [code for code in INJECTABLE if code not in EXCEPTION_CODES]


def _flat(landing: dict[Any, Any]) -> Counter[str]:
    return Counter(
        f"{place}{ordered(row)}"
        for place, data in landing.items()
        if place[2] != "vendor_invoices"
        for row in data.rows
    )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("code", EXCEPTION_CODES)
def test_an_injected_finding_only_adds_rows_and_states_its_answer(code: str, size: Size) -> None:
    clean, broken = make_workspace(5, 2, 2), make_workspace(5, 2, 2, [Injection(code, size)])
    assert _flat(clean.books[0].landing) < _flat(broken.books[0].landing)
    assert code in {answer.code for answer in broken.answers}
    for answer in broken.answers:
        assert (answer.impact is None) == (answer.impact_column is None) == (answer.currency is None)
        assert answer.impact is None or answer.impact > 0
        assert answer.period == broken.periods[-1]
    assert not broken.blocked


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> World:
    inject = [Injection(code, size) for code in EXCEPTION_CODES for size in SIZES]
    return make_world(tmp_path_factory.mktemp("damaged"), 11, 2, 3, inject)


def answers(world: World, *codes: str) -> list[Answer]:
    found = [answer for answer in world.answers if answer.code in codes]
    assert len(found) >= len(SIZES)
    return found


def test_vendor_invoices_still_tie_out_when_lines_are_injected(damaged: World) -> None:
    assert assert_vendor_invoices_tie_out(damaged) >= 8


def test_quantity_impacts_are_price_times_missing_unit_days(tmp_path: Path) -> None:
    codes = (
        "UNDERBILLED_QUANTITY",
        "OVERBILLED_QUANTITY",
        "BILLED_NOT_PROVIDED",
        "AGREEMENT_NOT_INVOICED",
        "AGREEMENT_ENDED",
        "MID_PERIOD_CHANGE_NOT_PRORATED",
    )
    made = make_world(tmp_path, 12, 2, 2, [Injection(code, size) for code in codes for size in SIZES])
    books, period = Books(made), made.periods[-1]
    days = (month(period)[1] - month(period)[0]).days
    vendor, invoiced = books.vendor_days(period), books.invoiced_days(period)
    agreed = landed(made, period, "agreements")
    assert Counter(answer.code for answer in made.answers) == dict.fromkeys(codes, len(SIZES))
    for answer in made.answers:
        key = (answer.client_id or "", answer.product_code or "")
        line = max(
            (a for a in agreed if (a["client_id"], a["product_code"]) == key),
            key=lambda a: a["effective_start"],
        )
        off = Fraction(vendor[key]) - Fraction(invoiced[key])
        exact = half_up(Fraction(line["unit_price"]) * off / days, PLACES[answer.currency or ""])
        assert answer.impact == abs(exact)
        assert answer.impact_column == ("client_recoverable" if off > 0 else "client_refund")


def test_line_impacts_are_the_price_in_force_against_the_amount(damaged: World) -> None:
    period = damaged.periods[-1]
    lines = {row["invoice_line_id"]: row for row in landed(damaged, period, "invoice_lines")}
    agreed = {
        row["product_code"]: row
        for row in landed(damaged, period, "agreements")
        if "-late" not in row["agreement_line_id"]
    }
    for answer in answers(damaged, "INVOICE_PRICE_MISMATCH", "INVOICE_AMOUNT_MISMATCH", "ROUNDING"):
        line = lines[answer.line_id or ""]
        price = agreed[line["product_code"]]["unit_price"]
        variance = half_up(Fraction(price * line["quantity"]), PLACES[line["currency"]]) - line["amount"]
        assert answer.impact == abs(variance)
        assert answer.impact_column == ("client_recoverable" if variance > 0 else "client_refund")
        assert (line["unit_price"] != price) == (answer.code == "INVOICE_PRICE_MISMATCH")


def test_vendor_line_impacts_follow_from_the_line_named(damaged: World) -> None:
    period = damaged.periods[-1]
    lines = {(r["source"], r["line_id"]): r for r in landed(damaged, period, "vendor_charges")}
    listed = {row["sku_id"]: row for row in rules(damaged, "cost_list")}
    for answer in answers(
        damaged, "DUPLICATE_VENDOR_CHARGE", "VENDOR_AMOUNT_MISMATCH", "VENDOR_PRICE_CHANGE"
    ):
        line = lines[answer.source or "", answer.line_id or ""]
        signed = {
            "DUPLICATE_VENDOR_CHARGE": line["amount"],
            "VENDOR_AMOUNT_MISMATCH": line["amount"] - line["quantity"] * line["unit_cost"],
            "VENDOR_PRICE_CHANGE": line["quantity"]
            * (line["unit_cost"] - Decimal(listed.get(line["sku_id"], {}).get("unit_cost", 0))),
        }[answer.code]
        assert answer.impact == abs(signed)
        assert answer.impact_column == ("vendor_claim" if signed > 0 else "vendor_liability")


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return digest(make_world(tmp_path_factory.mktemp("healthy"), 9, 1, 1).directory)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("code", CONTROLS)
def test_an_injected_control_fault_changes_the_workspace_and_is_expected_to_block(
    code: str, size: Size, tmp_path: Path, healthy: dict[str, str]
) -> None:
    broken = make_world(tmp_path, 9, 1, 1, [Injection(code, size)])
    assert broken.blocked == {("northwind", broken.periods[-1]): {code}}
    assert digest(tmp_path) != healthy


def test_control_faults_are_the_ones_named(tmp_path: Path) -> None:
    def folder(code: str, size: Size) -> Path:
        made = make_world(tmp_path / code / size, 9, 1, 1, [Injection(code, size)])
        return made.directory / "landing" / "northwind" / made.periods[0]

    assert not list(folder("SOURCE_MISSING", "typical").glob("pax8/license_counts*"))
    (empty,) = folder("SOURCE_EMPTY", "gross").glob("connectwise/invoice_lines*")
    assert len(empty.read_text(encoding="utf-8-sig").splitlines()) == 1
    (drift,) = folder("SCHEMA_DRIFT", "typical").glob("pax8/vendor_invoices*")
    assert drift.read_text(encoding="utf-8-sig").splitlines()[0].split(",").count("invoice_total") == 2
    (renamed,) = folder("SCHEMA_DRIFT", "minor").glob("connectwise/clients*")
    assert set(renamed.read_text(encoding="utf-8-sig").splitlines()[0].split(",")) == {"client_id", "status"}


def test_faults_that_hide_findings_and_unknown_codes_are_refused() -> None:
    with pytest.raises(ValueError, match="leave keys unreconciled"):
        make_workspace(1, 1, 1, [Injection("ROUNDING"), Injection("SOURCE_EMPTY")])
    with pytest.raises(ValueError, match="cannot inject"):
        make_workspace(1, 1, 1, [Injection("CONSERVATION_BROKEN")])
