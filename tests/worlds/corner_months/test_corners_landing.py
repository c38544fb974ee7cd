"""Corners of landing and controls: records repeated and contradicted, damaged files, totals and
references, against the second engine.

Belongs here: what section 2, 3 and the control codes of section 5 say of files and records. Every test also
states by hand what the case must come to. Amounts and quantities are ``test_corners``.
"""

from __future__ import annotations

import gzip
import shutil

import pytest

from tests.recompute.handmade import Handmade, agreed, charge, counted, invoiced, product
from tests.worlds.compare import Builder
from tests.worlds.corners import JUNE, MARCH, MAY, agree, bought, shelf, sold


def test_a_record_belongs_to_where_it_first_stood(world: Handmade, transformer: Builder) -> None:
    shelf(world, *"abcdefgh")
    prepaid = {"charge_period_end": JUNE, "charge_period_start": MARCH}
    world.land(
        "vendor_charges",
        bought("1", "a", "1", "1", "1", **prepaid),
        bought("2", "b", "1", "1", "1", **prepaid),
        bought("2", "b", "2", "1", "2", **prepaid),
        bought("3", "c", "x", "1", "1", **prepaid),
        bought("4", "d", "1", "1", "1", **prepaid),
        bought("5", "e", "1", "1", "1", **prepaid),
        period="2025-02",
    )
    world.land(
        "vendor_charges",
        bought("1", "a", "1.0", "1", "1.00", **prepaid),
        bought("2", "b", "3", "1", "3", **prepaid),
        bought("3", "c", "1", "1", "1", **prepaid),
        bought("5", "e", "2", "1", "2", **prepaid),
        bought("9", "f", "1", "1", "1", charge_period_start=MARCH, charge_period_end="2025-04-01"),
        period="2025-03",
    )
    world.land(
        "vendor_charges",
        bought("1", "a", "1", "1", "1", **prepaid),
        bought("2", "b", "3", "1", "3", **prepaid),
        bought("3", "c", "1", "1", "1", **prepaid),
        bought("1", "a", "1", "1", "1", invoice_id="V-0", **prepaid),
        bought("7", "g", "1", "1", "1"),
        bought("7", "g", "1", "1", "1"),
        bought("7", "g", "1", "1", "1", invoice_id="V-2"),
        bought("8", "f", "1", "1", "1", charge_period_start=MARCH, charge_period_end="2025-04-01"),
    )
    lines = [sold(c, c, "1", "10", "10") for c in "abcdeg"]
    twice = {"service_period_start": MARCH, "service_period_end": MAY}
    world.land(
        "invoice_lines",
        sold("f", "f", "0", "10", "61", **twice),
        sold("old", "h", "1", "1", "1", **twice),
        period="2025-03",
    )
    now = world.land("invoice_lines", *lines, sold("f", "f", "0.0", "10", "61.00", **twice))
    shutil.copy(now, now.with_name("invoice_lines.copy.csv"))
    now.with_name("invoice_lines.zipped.csv.gz").write_bytes(gzip.compress(now.read_bytes()))
    drifted = now.parents[2] / "2025-03" / "psa" / "invoice_lines.more.csv"
    drifted.write_text("invoice_line_id,invoice_id\nx,y\n", encoding="utf-8")
    result = agree(world, transformer)
    vendor = result.rows("fct_line_dispositions", leg="vendor")
    assert [(row["invoice_id"], row["line_id"]) for row in vendor] == [
        ("V-0", "1"),
        ("V-1", "7"),
        ("V-1", "8"),
        ("V-2", "7"),
    ]
    # line 1 was first landed in February; its twin on V-0 repeats it, as 8 repeats March's line 9 and V-2
    # repeats V-1
    assert result.codes(product_code="a") == ["DUPLICATE_VENDOR_CHARGE"] == result.codes(product_code="f")
    quantities = {code: result.key(code)["vendor_unit_days"] for code in "abcde"}
    assert quantities == {"a": 30, "b": 90, "c": 30, "d": 30, "e": 30}
    assert len(result.rows("fct_line_dispositions", leg="invoice")) == 6


def test_two_contents_of_one_identifier_are_all_refused_and_an_earlier_one_stands(
    world: Handmade, transformer: Builder
) -> None:
    prepaid = {"charge_period_end": JUNE, "charge_period_start": MARCH}
    world.land(
        "vendor_charges", charge("1", "1", "1", "1", **prepaid), charge("2", "1", "1", "1"), period="2025-03"
    )
    world.land(
        "vendor_charges",
        charge("1", "1", "1", "1", **prepaid),
        charge("1", "2", "1", "2", **prepaid),
        charge("2", "9", "1", "9"),
        charge("3", "1", "1", "1", sku_name="one"),
        charge("3", "1", "1", "1", sku_name="two"),
        charge("4", "2", "1", "2"),
    )
    world.land("invoice_lines", invoiced("1", "3", "10", "30"))
    world.land(
        "clients", {"client_id": "acme", "client_name": "A"}, {"client_id": "acme", "client_name": "B"}
    )
    world.land(
        "products", product("mail"), product("mail", vendor_backed="TRUE"), product("x", vendor_backed="no")
    )
    result = agree(world, transformer)
    assert result.document["reasons"] == ["ROW_REJECTED"]
    refused = [(row["file"].rpartition("/")[2], row["line"]) for row in result.document["rejected_rows"]]
    charges = [("vendor_charges.csv", line) for line in (2, 3, 4, 5, 6)]
    assert refused == charges + [("clients.csv", 2), ("clients.csv", 3), ("products.csv", 4)]
    assert result.key("mail")["vendor_unit_days"] == 120 and result.key("mail")["verdict"] == "unreconciled"


@pytest.mark.parametrize(
    ("minimum", "reasons"), [("74.9999", []), ("75", []), ("75.0001", ["COVERAGE_TOO_LOW"])]
)
def test_the_lowest_currency_is_the_coverage(
    world: Handmade, transformer: Builder, minimum: str, reasons: list[str]
) -> None:
    world.policies = {"min_coverage_pct": minimum}
    world.land(
        "vendor_charges",
        charge("1", "3", "1", "3"),
        charge("2", "1", "1", "1", sku_id="?"),
        charge("3", "1", "1", "1", currency="EUR"),
        charge("4", "1", "1", "1", currency="GBP", sku_id="?"),
        charge("5", "-1", "1", "-1", currency="GBP", sku_id="?"),
        charge("6", "-4", "1", "-4", currency="CHF"),
        charge("7", "9", "1", "9", sku_id="?", charge_category="credit"),
        charge("8", "9", "1", "9", sku_id="?", charge_period_start=MAY, charge_period_end=JUNE),
        charge("9", "1", "1", "1", sku_id="?", invoice_id="V-2"),
    )
    world.land("invoice_lines", invoiced("1", "3", "10", "30"))
    assert agree(world, transformer).document["reasons"] == reasons


def test_every_faulty_cell_is_listed_where_it_stands(world: Handmade, transformer: Builder) -> None:
    good = invoiced("ok", "1", "10", "10")
    faults = [
        {"quantity": "1e1"},
        {"quantity": ""},
        {"quantity": "+1"},
        {"quantity": "1,0"},
        {"quantity": "1.1234567"},
        {"quantity": " 1"},
        {"quantity": "1.1234560"},
        {"quantity": ".5"},
        {"quantity": "5."},
        {"quantity": "-0"},
        {"quantity": "0000000000000001"},
        {"quantity": "1234567890123"},
        {"unit_price": "1.00000000001"},
        {"unit_price": "NaN"},
        {"amount": "10.001"},
        {"amount": "10.0000"},
        {"amount": "1234567890123456"},
        {"amount": "1", "currency": "XXX"},
        {"currency": "eur"},
        {"currency": "JPY", "amount": "1.5"},
        {"service_period_start": "2025-02-30"},
        {"service_period_start": "2025-04-01T00:00:00"},
        {"service_period_end": "2025-03-01"},
        {"service_period_end": "2025-04-01"},
        {"service_period_end": "2025-04-01", "charge_category": "one_time"},
        {"charge_category": "Recurring"},
        {"charge_category": "usage"},
        {"client_id": "  "},
        {"quantity": "x", "amount": "y"},
        {"quantity": "999999999999", "unit_price": "999999999"},
        {"currency": "", "amount": "1.005"},
        {"service_period_end": "2025-03-01", "amount": "10.001"},
        {"quantity": "１"},
        {"invoice_id": "null"},
    ]
    world.land(
        "invoice_lines", *({**good, "invoice_line_id": f"{i}", **fault} for i, fault in enumerate(faults))
    )
    world.land(
        "vendor_charges",
        charge("1", "1", "1.00000000001", "1"),
        charge("2", "1", "1", "1.0000000000001"),
        charge("3", "1", "1", "1.000000000001"),
        charge("4", "1", "1", "1", charge_category="discount"),
        charge("5", "1", "1", "1", charge_period_end="2025-03-31"),
        charge("6", "1", "1", "1", charge_period_end="2025-04-01"),
        charge("", "1", "1", "1"),
    )
    world.land(
        "license_counts",
        counted("2025-04-01", "S1", "1", "x"),
        counted("2025-04-31", "S1", "1"),
        counted("2025-04-02", "", "1"),
    )
    world.land(
        "agreements",
        agreed("1", "1", "1", effective_end="2024-12-31"),
        agreed("2", "1", "1", effective_end="2025-01-01"),
    )
    world.land(
        "products",
        product("mail", vendor_backed="TRUE"),
        product("a", default_unit_price="1.0.0"),
        product("b", currency="USDX"),
    )
    world.land("clients", {"client_id": "acme", "client_name": " A ", "status": "gone"})
    result = agree(world, transformer)
    assert result.document["reasons"] == ["ROW_REJECTED"]
    refused = {(r["file"].split("/")[2], r["line"]) for r in result.document["rejected_rows"]}
    assert {line for file, line in refused if file == "vendor_charges.csv"} == {2, 3, 5, 6, 8}
    assert ("invoice_lines.csv", 2 + faults.index({"amount": "10.0000"})) not in refused
