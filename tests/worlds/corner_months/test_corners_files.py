"""Corners of files and totals: damaged, of every make, declared by nobody, against the second engine.

Belongs here: as in ``test_corners_landing``, files and bills. Does not: records and cells
(``test_corners_landing``).
"""

from __future__ import annotations

import gzip
import json
import shutil

import pytest

from tests.recompute.handmade import Handmade, charge, counted, invoiced, mapped, product
from tests.worlds.compare import Builder
from tests.worlds.corners import agree, bought, shelf, sold


def test_damaged_files_close_the_gate_and_leave_what_needs_them_unreconciled(
    world: Handmade, transformer: Builder
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


def test_files_of_every_make_are_read_line_by_line(world: Handmade, transformer: Builder) -> None:
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


def test_a_bill_ties_out_with_its_repeats_and_without_its_tax(world: Handmade, transformer: Builder) -> None:
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
def test_a_feed_nobody_declares_proves_nothing(world: Handmade, transformer: Builder, landed: str) -> None:
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
