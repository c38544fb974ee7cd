"""Corners of landing and controls: records repeated and contradicted, damaged files, totals and references,
against the second engine.

Belongs here: what section 2, 3 and the control codes of section 5 say of files and records. Every test also
states by hand what the case must come to. Amounts and quantities are ``test_corners``.
"""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest

from mbr_pipeline.transform.dbt_client import Transformer
from tests.recompute.handmade import Handmade, agreed, charge, counted, invoiced, mapped, product
from tests.worlds.corners import JUNE, MARCH, MAY, agree, bought, shelf, sold


@pytest.fixture
def world(tmp_path: Path) -> Handmade:
    return Handmade(tmp_path)


def test_a_record_belongs_to_where_it_first_stood(world: Handmade, transformer: Transformer) -> None:
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
    world: Handmade, transformer: Transformer
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
    world: Handmade, transformer: Transformer, minimum: str, reasons: list[str]
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


def test_every_faulty_cell_is_listed_where_it_stands(world: Handmade, transformer: Transformer) -> None:
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


def test_damaged_files_close_the_gate_and_leave_what_needs_them_unreconciled(
    world: Handmade, transformer: Transformer
) -> None:
    shelf(world, "ours")
    world.rule(
        "sku_map",
        mapped("S-ours", "ours"),
        mapped("S1", "mail", "twin"),
        mapped("S2", "seat", "rmm"),
        mapped("S3", "vpn", "cut"),
    )
    world.rule("metering", {"product_code": "seat", "basis": "entitled"})
    world.land(
        "invoice_lines", *(sold(c, c, "1", "10", "10") for c in ("ours", "mail", "seat", "vpn", "fee"))
    )
    world.land("vendor_charges", bought("1", "ours", "1", "1", "1"))
    twin = world.land("vendor_charges", charge("1", "1", "1", "1"), source="twin")
    twin.write_text("line_id,amount,note,note\n1,2,3,4\n", encoding="utf-8")
    world.land("license_counts").write_bytes(b"")
    cut = world.land("vendor_charges", source="cut")
    cut.unlink()
    cut.with_name("vendor_charges.csv.gz").write_bytes(gzip.compress(b"line_id,invoice_id\n1,2\n" * 99)[:40])
    world.land("clients", {"client_id": "acme", "client_name": "Acme"}).unlink()
    world.land("products", *(product(c) for c in ("ours", "mail", "seat", "vpn", "fee"))).with_name(
        "products.extra.csv"
    ).write_text("product_code,product_name,note,note\nother,Other,1,2\n", encoding="utf-8")
    result = agree(world, transformer)
    assert result.document["reasons"] == ["SCHEMA_DRIFT", "SOURCE_EMPTY", "SOURCE_MISSING"]
    assert {row["verdict"] for row in result.rows("fct_reconciliation")} == {"unreconciled"}


def test_files_of_every_make_are_read_line_by_line(world: Handmade, transformer: Transformer) -> None:
    columns = list(invoiced("1", "1", "1", "1"))
    base = [list(invoiced(str(i), "1", "10", "10").values()) for i in range(9)]
    base[1][1] = '"I\n1"'
    base[3] = base[3][:-1]
    base[4].append("")
    base[5].append("more")
    text = "\r\n".join([",".join(columns), *map(",".join, base[:3]), "", *map(",".join, base[3:])])
    path = world.land("invoice_lines", invoiced("x", "1", "1", "1"))
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    shutil.copy(path, path.with_name("invoice_lines.again.csv"))
    records = [
        invoiced("j1", "1", "10", "10"),
        {**invoiced("j2", "1", "10", "10"), "quantity": 1, "amount": 10.5, "note": {"a": [1]}},
    ]
    lines = [json.dumps(r) for r in records] + ["{broken", "[1]", "", json.dumps({"invoice_line_id": "j3"})]
    lines += [
        json.dumps(records[0]).replace('"10"', "1e1").replace("j1", "j4"),
        json.dumps(records[0]).replace('"10"', "true"),
    ]
    path.with_name("invoice_lines.b.jsonl").write_text("\n".join(lines), encoding="utf-8")
    path.with_name("other.csv").write_text("a\n1\n", encoding="utf-8")
    world.land("vendor_charges", charge("1", "8", "1", "8"))
    result = agree(world, transformer)
    assert result.document["reasons"] == ["ROW_REJECTED"]
    kept = {row["line_id"] for row in result.rows("fct_line_dispositions", leg="invoice")}
    # refused: a row cut short of its last date, two with a cell too many, and JSON that is broken, a list, or
    # without values
    assert kept == {"0", "1", "2", "6", "7", "8", "j1", "j2", "j4"}


def test_a_bill_ties_out_with_its_repeats_and_without_its_tax(
    world: Handmade, transformer: Transformer
) -> None:
    def bill(invoice_id: str, total: str, currency: str = "USD") -> dict[str, str]:
        return {
            "invoice_id": invoice_id,
            "invoice_date": "2025-05-03",
            "currency": currency,
            "invoice_total": total,
        }

    kinds = ("recurring", "usage", "one_time", "credit", "adjustment", "tax")
    for source in ("fine", "early"):
        lines = [
            charge(kind, "1", "1", "1.0045", charge_category=kind, invoice_id="V-1", sku_id=f"{source}-1")
            for kind in kinds
        ]
        again = charge("again", "1", "1", "1.0045", sku_id=f"{source}-1")
        tax = charge("only", "1", "1", "3", charge_category="tax", invoice_id="V-2", sku_id=f"{source}-1")
        world.land("vendor_invoices", bill("V-1", "6.025"), bill("V-2", "0.004"), source=source)
        world.land("vendor_charges", *lines, again, tax, source=source)
    world.land("vendor_invoices", bill("V-1", "6.03"), source="early", period="2025-03")
    world.rule(
        "client_map",
        *({"source": s, "vendor_customer_id": "vc1", "client_id": "acme"} for s in ("fine", "early")),
    )
    world.rule("sku_map", mapped("fine-1", "mail", "fine"), mapped("early-1", "voice", "early"))
    world.land(
        "invoice_lines", invoiced("1", "1", "10", "10"), invoiced("2", "1", "10", "10", product_code="voice")
    )
    result = agree(world, transformer)
    failed = [(c["code"], c["source"]) for c in result.document["controls"]]
    # 6 x 1.0045 = 6.027, rounded 6.03, as is 6.025; the early source's bill is in conflict with the one
    # landed in March
    assert failed == [("ROW_REJECTED", "early")]
    assert (result.key("mail")["verdict"], result.key("voice")["verdict"]) == ("matched", "unreconciled")


@pytest.mark.parametrize("landed", ["vendor_charges", "license_counts"])
def test_a_feed_nobody_declares_proves_nothing(
    world: Handmade, transformer: Transformer, landed: str
) -> None:
    row = charge("1", "2", "1", "2") if landed == "vendor_charges" else counted("2025-04-30", "S1", "2", "2")
    world.rule(
        "metering",
        {"product_code": "seat", "basis": "entitled"},
        {"product_code": "noc", "basis": "agreement"},
    )
    world.rule(
        "sku_map",
        *(mapped("S1", "mail", s) for s in ("dist", "rmm")),
        *(mapped("S2", "seat", s) for s in ("dist", "rmm")),
    )
    world.land(landed, row)
    world.land("invoice_lines", *(sold(c, c, "2", "10", "20") for c in ("mail", "seat", "noc")))
    result = agree(world, transformer)
    verdicts = [result.key(c)["verdict"] for c in ("mail", "seat", "noc")]
    expected = {
        "vendor_charges": ["matched", "unreconciled", "unreconciled"],
        "license_counts": ["unreconciled", "exception", "unreconciled"],
    }
    assert verdicts == expected[landed]
    assert result.rows("fct_client_gate", client_id="acme")[0]["verdict"] == "HOLD"
