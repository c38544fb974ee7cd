"""Corners of the contract that generated worlds do not reach: hand-made months through the pipeline, compared with the oracle.

Belongs here: cases in which two readings of the contract give different numbers, many to a workspace because each month costs
seconds. Every test also states by hand what the case must come to, so that it cannot pass by both sides finding nothing.
"""

from __future__ import annotations

import gzip
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from mbr_pipeline.transform import Transformer

from .compare import compare, run_month
from .oracle.handmade import P, Handmade, Row, agreed, charge, counted, invoiced, mapped, product

Table = list[dict[str, Any]]


class Outcome:
    """The staged tables and gate.json of a month on which pipeline and oracle agree."""

    def __init__(self, folder: Path, document: dict[str, Any]) -> None:
        self.folder, self.document = folder, document

    def rows(self, table: str, **where: Any) -> Table:
        """Rows of a staged table with these values."""
        rows = pq.read_table(self.folder / f"{table}.parquet").to_pylist()
        return [row for row in rows if all(row[name] == value for name, value in where.items())]

    def key(self, product_code: str, **where: Any) -> dict[str, Any]:
        """The one reconciliation row of a product."""
        (row,) = self.rows("fct_reconciliation", product_code=product_code, **where)
        return row

    def codes(self, **where: Any) -> list[str]:
        """Exception codes, sorted."""
        return sorted(row["exception_code"] for row in self.rows("fct_exceptions", **where))

    def found(self, code: str, **where: Any) -> dict[str, Any]:
        """The one exception of a code."""
        (row,) = self.rows("fct_exceptions", exception_code=code, **where)
        return row

    def reason(self, line_id: str, leg: str = "vendor") -> tuple[str, str | None]:
        """Disposition and reason of a line."""
        (row,) = self.rows("fct_line_dispositions", leg=leg, line_id=line_id)
        return row["disposition"], row["reason"]


@pytest.fixture
def world(tmp_path: Path) -> Handmade:
    return Handmade(tmp_path)


def agree(world: Handmade, transformer: Transformer, period: str = P) -> Outcome:
    """Run the month through the pipeline; fails where it differs from the oracle."""
    root = world.finish()
    folder, document = run_month(root, "msp", period, transformer)
    differences = compare(root, "msp", period, folder, document)
    assert not differences, "\n".join(differences)
    return Outcome(folder, document)


def shelf(world: Handmade, *codes: str, source: str = "dist") -> None:
    """Sell SKU S-x of the source as product x, for every x."""
    world.rule("sku_map", *(mapped(f"S-{code}", code, source) for code in codes))


def bought(line_id: str, code: str, quantity: str, unit_cost: str, amount: str, **other: str) -> Row:
    """A vendor line of product ``code``."""
    return charge(line_id, quantity, unit_cost, amount, sku_id=f"S-{code}", **other)


def sold(line_id: str, code: str, quantity: str, unit_price: str, amount: str, **other: str) -> Row:
    """An invoice line of product ``code``."""
    return invoiced(line_id, quantity, unit_price, amount, product_code=code, **other)


def deal(line_id: str, code: str, quantity: str, unit_price: str, **other: str) -> Row:
    """An agreement line of product ``code``."""
    return agreed(line_id, quantity, unit_price, product_code=code, **other)


MAY, JUNE, MARCH = "2025-05-01", "2025-06-01", "2025-03-01"


def test_quantities_below_zero_of_nothing_and_beside_each_other(world: Handmade, transformer: Transformer) -> None:
    codes = ("minus", "swing", "min", "minzero", "minneg", "half", "zero", "over", "credit", "foreign", "stale", "none", "back")
    shelf(world, *codes)
    world.rule(
        "metering",
        {"product_code": "min", "basis": "vendor_billed", "minimum_quantity": "5"},
        {"product_code": "minzero", "basis": "vendor_billed", "minimum_quantity": "0"},
        {"product_code": "minneg", "basis": "vendor_billed", "minimum_quantity": "5"},
        {"product_code": "zero", "basis": "agreement"},
        {"product_code": "over", "basis": "agreement"},
    )
    world.rule("sku_map", *(mapped(f"S-{c}", c, units_per="0.5" if c == "half" else "1") for c in codes))
    world.land(
        "vendor_charges",
        bought("1", "minus", "-4", "2", "-8"),
        bought("2", "swing", "9", "1", "9", charge_period_end="2025-04-11"),
        bought("3", "swing", "-2", "2", "-4", charge_period_start="2025-04-21"),
        bought("4", "min", "2", "1", "2", charge_period_end="2025-04-16"),
        bought("5", "minzero", "0", "1", "0"),
        bought("6", "minneg", "-1", "1", "-1"),
        bought("7", "half", "3", "1", "3"),
        bought("8", "credit", "5", "1", "5"),
        bought("9", "foreign", "2", "1", "2"),
        bought("10", "stale", "2", "1", "2"),
        bought("11", "none", "0.000001", "1", "0.000001"),
        bought("12", "back", "-3", "2", "-6"),
    )
    world.land(
        "agreements",
        deal("a-minus", "minus", "3", "10"),
        deal("a-swing", "swing", "3", "10"),
        deal("a-min", "min", "0", "10"),
        deal("a-minneg", "minneg", "0", "10"),
        deal("a-half", "half", "1.5", "10"),
        deal("a-zero", "zero", "0", "10"),
        deal("a-over", "over", "2", "10", effective_end="2025-04-20"),
        deal("b-over", "over", "3", "11", effective_start="2025-04-10"),
        deal("c-over", "over", "-1", "12", effective_start="2025-04-10", effective_end=MAY),
        deal("a-credit", "credit", "5", "10"),
        deal("a-foreign", "foreign", "2", "10"),
        deal("a-stale", "stale", "2", "10", effective_end="2025-04-10"),
        deal("b-stale", "stale", "2", "12", effective_start="2025-04-10"),
    )
    world.land(
        "invoice_lines",
        sold("1", "minus", "1", "10", "10"),
        sold("2", "swing", "3", "10", "30"),
        sold("3", "minzero", "0", "10", "0"),
        sold("4", "half", "1.5", "10", "15.01"),
        sold("5", "zero", "0", "10", "3"),
        sold("6", "over", "3", "11", "33"),
        sold("7", "credit", "7", "10", "70"),
        sold("8", "credit", "-2", "10", "-20"),
        sold("9", "foreign", "2", "11", "22", agreement_line_id="b-over"),
        sold("10", "stale", "2", "10", "20", agreement_line_id="a-stale"),
        sold("11", "back", "-3", "10", "-30"),
    )
    result = agree(world, transformer)
    assert result.key("minus")["expected_unit_days"] == 0 and result.codes(product_code="minus") == ["BILLED_NOT_PROVIDED"]
    # 9 x 10 - 2 x 10 days; the last day's -2 counts as 0
    assert (result.key("swing")["expected_unit_days"], result.key("swing")["expected_quantity"]) == (70, 0)
    assert (result.key("min")["expected_unit_days"], result.key("min")["expected_quantity"]) == (150, 5)
    assert result.key("minneg")["expected_unit_days"] == 0 == result.key("minzero")["expected_unit_days"]
    # 2 x 19 + 3 x 21 - 1 x 21 days
    assert result.key("over")["expected_unit_days"] == 80
    assert result.codes(product_code="half") == ["ROUNDING"]
    # named by its id, but the agreement line of another key: the price in force is 10
    assert result.found("INVOICE_PRICE_MISMATCH", product_code="foreign")["client_refund"] == 2
    assert result.key("stale")["price_variance"] == 0
    assert result.codes(product_code="credit") == []


def test_money_of_three_no_and_four_decimals_is_prorated_half_up(world: Handmade, transformer: Transformer) -> None:
    world.policies = {"rounding_tolerance": "3", "materiality": "5.00"}
    shelf(world, "kwd", "jpy", "clf", "far", "tol", "off", "mat", "mat1")
    money = {"kwd": "KWD", "jpy": "JPY", "clf": "CLF"}
    clients = [{"source": "dist", "vendor_customer_id": f"vc-{c}", "client_id": f"c-{c}"} for c in money]
    world.rule("client_map", *clients, {"source": "dist", "vendor_customer_id": "vc1", "client_id": "acme"})
    half = {"charge_period_start": "2025-04-16"}
    world.land(
        "vendor_charges",
        *(bought(c, c, "7", "0.5", "3.5", currency=m, vendor_customer_id=f"vc-{c}", **half) for c, m in money.items()),
        bought("far", "far", "1", "365", "365", charge_period_start="2025-02-01", charge_period_end="2026-02-01"),
        *(bought(c, c, "1", "1", "1") for c in ("tol", "off", "mat", "mat1")),
    )
    world.land(
        "agreements",
        *(deal(f"a-{c}", c, "7", "3.3333", currency=m, client_id=f"c-{c}") for c, m in money.items()),
        *(deal(f"a-{c}", c, "1", "10") for c in ("tol", "off", "mat", "mat1")),
        deal("a-far", "far", "1", "40"),
    )
    world.land(
        "invoice_lines",
        *(sold(c, c, "7", "3.3333", "23", currency=m, client_id=f"c-{c}") for c, m in money.items()),
        sold("far", "far", "1", "40", "-100.01", service_period_start=MARCH, service_period_end="2025-05-11"),
        sold("tol", "tol", "1", "10", "9.97"),
        sold("off", "off", "1", "10", "9.96"),
        sold("mat", "mat", "1", "5", "5"),
        sold("mat1", "mat1", "1", "4.99", "4.99"),
        sold("labour", "labour", "-1", "7", "-7", charge_category="one_time", service_period_end="2025-04-01"),
    )
    result = agree(world, transformer)
    # 3.3333 x 7 x 15 of 30 days less than invoiced: -11.66655
    amounts = [result.key(c)["volume_variance"] for c in money]
    assert amounts == [Decimal("-11.667"), Decimal(-12), Decimal("-11.6666")]
    assert result.key("far")["invoiced_amount"] == Decimal("-42.26")  # -100.01 x 30 / 71
    assert result.codes(product_code="tol") == ["ROUNDING"] and result.codes(product_code="off") == ["INVOICE_AMOUNT_MISMATCH"]
    assert [result.found("INVOICE_PRICE_MISMATCH", product_code=c)["blocking"] for c in ("mat", "mat1")] == [False, True]


def test_what_counts_say_when_sources_dates_and_lists_disagree(world: Handmade, transformer: Transformer) -> None:
    products = ("named", "both", "unlisted", "gap", "blank", "late", "term", "free", "neg")
    world.rule(
        "sku_map",
        *(mapped(f"S-{c}", c, source) for c in products for source in ("dist", "rmm") if c not in ("unlisted", "term")),
        mapped("S-unlisted", "unlisted"),
        mapped("S-term", "term", "rmm", term="P1Y"),
        mapped("S-term", "term", "dist", term="P1Y"),
    )
    world.rule(
        "metering",
        *({"product_code": c, "basis": "entitled"} for c in products if c not in ("named", "blank", "unlisted")),
        {"product_code": "named", "basis": "assigned", "count_source": "rmm"},
        {"product_code": "blank", "basis": "assigned", "count_source": "rmm"},
        {"product_code": "unlisted", "basis": "entitled", "count_source": "rmm"},
    )
    listed = {"source": "dist", "currency": "USD"}
    world.rule(
        "cost_list",
        {**listed, "sku_id": "S-late", "term": "", "unit_cost": "4"},
        {**listed, "sku_id": "S-late", "term": "P1Y", "unit_cost": "3"},
        {**listed, "sku_id": "S-late", "term": "", "unit_cost": "5", "currency": "EUR"},
        {**listed, "sku_id": "S-free", "term": "", "unit_cost": "7.005", "currency": "EUR"},
        {**listed, "sku_id": "S-gap", "term": "P1Y", "unit_cost": "9"},
    )
    early, late = "2025-04-05", "2025-04-25"
    world.land(
        "license_counts",
        counted(early, "S-named", "9", "4"), counted(late, "S-named", "9", "4"), counted(early, "S-blank", "3", ""),
        counted(late, "S-blank", "3", "3"), counted(early, "S-gap", "6", "6"), counted(late, "S-both", "1", "1"),
    )  # fmt: skip
    world.land(
        "license_counts",
        counted(early, "S-named", "8", "8"), counted(early, "S-both", "1", "1"), counted(early, "S-late", "2", "1"),
        counted(early, "S-late", "3", "1"), counted(early, "S-free", "2", "0"), counted(early, "S-term", "5", "2"),
        counted(early, "S-neg", "1", "0"), counted("2025-03-31", "S-neg", "7", "0"), counted("2025-05-01", "S-neg", "7", "0"),
        {**counted(early, "S-nobody", "4", "1"), "vendor_customer_id": "stranger"},
        source="dist",
    )  # fmt: skip
    world.land(
        "vendor_charges",
        bought("1", "late", "6", "3", "18", term="P1Y"),
        bought("2", "term", "6", "3", "18", term="P1Y"),
        bought("3", "gap", "6", "2", "12", charge_period_end="2025-04-16"),
        bought("4", "neg", "3", "-2", "-6"),
        bought("5", "both", "2", "1", "2", charge_period_end=JUNE),
        bought("6", "both", "2", "1", "2", charge_period_end=JUNE, currency="EUR"),
    )
    world.land("invoice_lines", *(sold(c, c, "4", "10", "40") for c in products))
    result = agree(world, transformer)
    assert result.key("named")["verdict"] == "matched" and result.key("named")["assigned_quantity"] == 4
    assert result.key("both")["verdict"] == "unreconcilable" == result.key("blank")["verdict"]
    # rmm counted the customer on two dates and never this SKU, but no map row says that it would
    assert result.key("unlisted")["verdict"] == "unreconcilable"
    assert result.key("gap")["expected_unit_days"] == 6 * 24
    assert result.found("VENDOR_QUANTITY_OVER", sku_id="S-late")["vendor_claim"] == 4  # (6 - 5) x the blank term's price
    assert result.found("UNUSED_LICENSES", sku_id="S-free")["currency"] == "EUR"
    assert result.found("UNUSED_LICENSES", sku_id="S-free")["stranded"] == Decimal("14.01")
    assert result.codes(vendor_customer_id="stranger") == ["UNMAPPED_CUSTOMER", "UNUSED_LICENSES"]


def test_a_line_billed_over_the_turn_of_the_year_is_late_month_by_month(world: Handmade, transformer: Transformer) -> None:
    shelf(world, "long", "gone", "point", "twin", "alone", "back")
    world.rule("sku_map", *(mapped(f"S-{c}", c, units_per="2" if c == "long" else "1") for c in ("long", "gone", "point", "alone", "back")))
    line = {"charge_period_start": "2024-11-16", "charge_period_end": "2025-01-16"}
    world.land(
        "vendor_charges",
        bought("long", "long", "3", "20.3333333333", "61", **line),
        bought("gone", "gone", "1", "10", "10", charge_period_start="2024-02-29", charge_period_end="2024-03-01"),
        bought("point", "point", "1", "10", "10", charge_period_start="2024-12-31", charge_period_end="2024-12-31"),
        bought("alone", "alone", "1", "9", "9", charge_period_start="2024-12-01", charge_period_end="2025-01-01", currency="EUR"),
        bought("back", "back", "-2", "9", "-18", charge_period_start="2024-12-01", charge_period_end="2025-02-01"),
        period="2025-01",
    )
    world.land(
        "agreements",
        deal("a-long", "long", "6", "10", effective_start="2024-06-01", effective_end="2024-12-20"),
        deal("b-long", "long", "6", "13", effective_start="2024-12-20"),
        deal("c-long", "long", "6", "99", effective_start="2024-12-25", effective_end="2024-12-25"),
        deal("a-gone", "gone", "1", "29", effective_start="2024-02-01", effective_end="2024-06-01"),
        deal("a-point", "point", "1", "10", effective_start="2024-01-01"),
        deal("a-back", "back", "1", "10", effective_start="2024-01-01"),
        period="2025-01",
    )
    january = {"service_period_start": "2025-01-01", "service_period_end": "2025-02-01"}
    half = {**january, "service_period_end": "2025-01-16"}
    world.land("invoice_lines", sold("1", "long", "6", "13", "37.74", **half), period="2025-01")
    result = agree(world, transformer, "2025-01")
    # November: 15 of 30 days at 10 (in force on the 30th); December: 31 of 31 at 13; six units
    assert result.found("LATE_CHARGE", product_code="long")["client_recoverable"] == 30 + 78
    assert result.key("long")["verdict"] == "matched" and result.reason("long") == ("matched", None)
    assert result.found("LATE_CHARGE", product_code="gone")["client_recoverable"] == 1
    assert result.found("LATE_CHARGE", product_code="point")["client_recoverable"] == 0
    assert result.found("LATE_CHARGE", product_code="back")["client_refund"] == 20
    assert (result.found("LATE_CHARGE", product_code="alone")["currency"], result.reason("alone")[1]) == ("USD", "LATE_CHARGE")


def test_a_record_belongs_to_where_it_first_stood(world: Handmade, transformer: Transformer) -> None:
    shelf(world, *"abcdefgh")
    prepaid = {"charge_period_end": JUNE, "charge_period_start": MARCH}
    world.land(
        "vendor_charges",
        bought("1", "a", "1", "1", "1", **prepaid), bought("2", "b", "1", "1", "1", **prepaid), bought("2", "b", "2", "1", "2", **prepaid),
        bought("3", "c", "x", "1", "1", **prepaid), bought("4", "d", "1", "1", "1", **prepaid), bought("5", "e", "1", "1", "1", **prepaid),
        period="2025-02",
    )  # fmt: skip
    world.land(
        "vendor_charges",
        bought("1", "a", "1.0", "1", "1.00", **prepaid), bought("2", "b", "3", "1", "3", **prepaid),
        bought("3", "c", "1", "1", "1", **prepaid), bought("5", "e", "2", "1", "2", **prepaid),
        bought("9", "f", "1", "1", "1", charge_period_start=MARCH, charge_period_end="2025-04-01"), period="2025-03",
    )  # fmt: skip
    world.land(
        "vendor_charges",
        bought("1", "a", "1", "1", "1", **prepaid), bought("2", "b", "3", "1", "3", **prepaid), bought("3", "c", "1", "1", "1", **prepaid),
        bought("1", "a", "1", "1", "1", invoice_id="V-0", **prepaid),
        bought("7", "g", "1", "1", "1"), bought("7", "g", "1", "1", "1"), bought("7", "g", "1", "1", "1", invoice_id="V-2"),
        bought("8", "f", "1", "1", "1", charge_period_start=MARCH, charge_period_end="2025-04-01"),
    )  # fmt: skip
    lines = [sold(c, c, "1", "10", "10") for c in "abcdeg"]
    twice = {"service_period_start": MARCH, "service_period_end": MAY}
    world.land("invoice_lines", sold("f", "f", "0", "10", "61", **twice), sold("old", "h", "1", "1", "1", **twice), period="2025-03")
    now = world.land("invoice_lines", *lines, sold("f", "f", "0.0", "10", "61.00", **twice))
    shutil.copy(now, now.with_name("invoice_lines.copy.csv"))
    now.with_name("invoice_lines.zipped.csv.gz").write_bytes(gzip.compress(now.read_bytes()))
    drifted = now.parents[2] / "2025-03" / "psa" / "invoice_lines.more.csv"
    drifted.write_text("invoice_line_id,invoice_id\nx,y\n", encoding="utf-8")
    result = agree(world, transformer)
    vendor = result.rows("fct_line_dispositions", leg="vendor")
    assert [(row["invoice_id"], row["line_id"]) for row in vendor] == [("V-0", "1"), ("V-1", "7"), ("V-1", "8"), ("V-2", "7")]
    # line 1 was first landed in February; its twin on V-0 repeats it, as 8 repeats March's line 9 and V-2 repeats V-1
    assert result.codes(product_code="a") == ["DUPLICATE_VENDOR_CHARGE"] == result.codes(product_code="f")
    quantities = {code: result.key(code)["vendor_unit_days"] for code in "abcde"}
    assert quantities == {"a": 30, "b": 90, "c": 30, "d": 30, "e": 30}
    assert len(result.rows("fct_line_dispositions", leg="invoice")) == 6


def test_two_contents_of_one_identifier_are_all_refused_and_an_earlier_one_stands(world: Handmade, transformer: Transformer) -> None:
    prepaid = {"charge_period_end": JUNE, "charge_period_start": MARCH}
    world.land("vendor_charges", charge("1", "1", "1", "1", **prepaid), charge("2", "1", "1", "1"), period="2025-03")
    world.land(
        "vendor_charges",
        charge("1", "1", "1", "1", **prepaid), charge("1", "2", "1", "2", **prepaid), charge("2", "9", "1", "9"),
        charge("3", "1", "1", "1", sku_name="one"), charge("3", "1", "1", "1", sku_name="two"), charge("4", "2", "1", "2"),
    )  # fmt: skip
    world.land("invoice_lines", invoiced("1", "3", "10", "30"))
    world.land("clients", {"client_id": "acme", "client_name": "A"}, {"client_id": "acme", "client_name": "B"})
    world.land("products", product("mail"), product("mail", vendor_backed="TRUE"), product("x", vendor_backed="no"))
    result = agree(world, transformer)
    assert result.document["reasons"] == ["ROW_REJECTED"]
    refused = [(row["file"].rpartition("/")[2], row["line"]) for row in result.document["rejected_rows"]]
    charges = [("vendor_charges.csv", line) for line in (2, 3, 4, 5, 6)]
    assert refused == charges + [("clients.csv", 2), ("clients.csv", 3), ("products.csv", 4)]
    assert result.key("mail")["vendor_unit_days"] == 120 and result.key("mail")["verdict"] == "unreconciled"
