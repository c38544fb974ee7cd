"""The second engine: formats, rejects, identities and control codes of landed files, by worked examples.

Belongs here: what section 5 calls controls. What the numbers come to is ``tests/recompute/test_month.py``.
"""

from __future__ import annotations

import gzip
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from openpyxl import Workbook
from pyarrow import parquet

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.recompute.reading.files import read_table
from tests.recompute.handmade import Handmade, charge, codes, counted, invoiced, key, mapped, product, run


@pytest.fixture
def world(tmp_path: Path) -> Handmade:
    return Handmade(tmp_path)


def invoice_head(total: str) -> dict[str, str]:
    return {"invoice_id": "V-1", "invoice_date": "2025-04-30", "currency": "USD", "invoice_total": total}


def test_a_bill_that_does_not_add_up_leaves_its_products_unreconciled(world: Handmade) -> None:
    world.land(
        "vendor_charges", charge("1", "9", "2", "18"), charge("t", "1", "4", "4", charge_category="tax")
    )
    other = invoiced("b", "1", "7", "7", product_code="labour")
    world.land("invoice_lines", invoiced("a", "5", "10", "50"), other)
    world.land("vendor_invoices", invoice_head("18.004"))
    assert run(world).controls["CONTROL_TOTAL_MISMATCH", "dist"]
    world.land("vendor_invoices", invoice_head("22"))
    result = run(world)
    assert result.reasons == ["CONTROL_TOTAL_MISMATCH"]
    assert key(result)["verdict"] == "unreconciled"
    assert key(result)["expected_amount"] == key(result)["invoiced_amount"] == Decimal("50.00")
    # Nothing maps to labour: nothing can be compared there either, and a rule is asked for.
    assert codes(result) == ["UNMAPPED_PRODUCT"]
    assert result.client_gate[0]["verdict"] == "HOLD"


def test_one_identifier_with_two_contents_is_rejected_whole_but_an_earlier_one_stands(
    world: Handmade,
) -> None:
    world.land("vendor_charges", charge("0", "1", "1", "1"), period="2025-03")
    twice = (charge("1", "5", "2", "10"), charge("1", "6", "2", "12"))
    world.land("vendor_charges", charge("0", "2", "1", "2"), *twice, charge("2", "4", "2", "8"))
    world.land("invoice_lines", invoiced("a", "5", "10", "50"))
    result = run(world)
    assert result.reasons == ["ROW_REJECTED"]
    assert [row["line"] for row in result.rejects] == [2, 3, 4]
    assert {row["file"] for row in result.rejects} == {"landing/msp/2025-04/dist/vendor_charges.csv"}
    assert key(result)["vendor_unit_days"] == 5 * 30  # line 0 as first landed, and line 2
    assert key(result)["verdict"] == "unreconciled"


def test_a_record_landed_again_with_equal_content_belongs_to_the_earlier_month(world: Handmade) -> None:
    world.land("vendor_charges", charge("0", "5", "2", "10"), period="2025-03")
    world.land(
        "vendor_charges", charge("0", "5.0", "2", "10.00"), charge("1", "1", "1", "1", charge_category="tax")
    )
    world.land("invoice_lines", invoiced("a", "5", "10", "50"))
    result = run(world)
    vendor = [row["line_id"] for row in result.line_dispositions if row["leg"] == "vendor"]
    assert vendor == ["1"] and key(result)["verdict"] == "matched" and result.reasons == []


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"quantity": "1e1"}, "quantity"),
        ({"quantity": "1.0000001"}, "quantity"),
        ({"quantity": "1234567890123"}, "quantity"),
        ({"quantity": "\uff11"}, "quantity"),
        ({"amount": "10.001"}, "amount"),
        ({"currency": "usd"}, "currency"),
        ({"service_period_end": "2025-04-01"}, "service_period_end"),
        ({"service_period_end": "2025-4-30"}, "service_period_end"),
        ({"client_id": "  "}, "client_id"),
        ({"charge_category": "Recurring"}, "charge_category"),
    ],
)
def test_a_row_that_does_not_parse_is_rejected_by_column(
    world: Handmade, change: dict[str, str], column: str
) -> None:
    world.land("vendor_charges", charge("1", "5", "2", "10"))
    world.land("invoice_lines", invoiced("a", "5", "10", "50.0000000"), invoiced("b", "1", "1", "1") | change)
    result = run(world)
    assert [(row["line"], row["column"]) for row in result.rejects] == [(3, column)]
    assert {row["verdict"] for row in result.reconciliation} == {"unreconciled"}


@pytest.mark.parametrize("wrong", [b"b\0", b"b\xff"])
@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_cell_that_is_no_text_rejects_its_row_by_column_and_no_other(
    world: Handmade, form: str, wrong: bytes
) -> None:
    world.land("vendor_charges", charge("1", "5", "2", "10"))
    rows = [invoiced("a", "5", "10", "50"), invoiced("bad", "1", "1", "1")]
    path = world.land("invoice_lines", *rows)
    content = path.read_bytes()
    if form == "jsonl":
        content = "".join(json.dumps(row) + "\n" for row in rows).encode()
        wrong = wrong.replace(b"\0", b"\\u0000")
    content = content.replace(b"bad", wrong)
    path.unlink()
    path = path.with_name(f"invoice_lines.{form}")
    if form == "parquet":
        table = pa.Table.from_pylist(rows)
        ids = pa.array([b"a", wrong]).view(pa.string())  # no Parquet reader looks whether it is UTF-8
        parquet.write_table(
            table.set_column(table.column_names.index("invoice_line_id"), "invoice_line_id", ids), path
        )
    else:
        path.write_bytes(content)
    result = run(world)
    assert [row["column"] for row in result.rejects] == ["invoice_line_id"]
    assert {row["line_id"] for row in result.line_dispositions if row["leg"] == "invoice"} == {"a"}
    assert result.reasons == ["ROW_REJECTED"]


def test_missing_empty_and_drifted_files_and_references_are_named(world: Handmade) -> None:
    world.land("vendor_charges").write_bytes(b"")
    world.land("invoice_lines", invoiced("a", "5", "10", "50"))
    world.land("products", product("disk"))
    world.declare("dist", "license_counts")
    result = run(world)
    assert result.reasons == ["REFERENCE_MISSING", "SCHEMA_DRIFT", "SOURCE_EMPTY", "SOURCE_MISSING"]
    assert not result.controls["SOURCE_MISSING", "dist"] and result.controls["SOURCE_MISSING", "psa"]


def test_two_rules_valid_at_once_are_a_configuration_error(world: Handmade) -> None:
    world.rule(
        "sku_map", mapped("S1", "mail", valid_to="2025-04-02"), mapped("S1", "disk", valid_from="2025-04-01")
    )
    world.land("invoice_lines")
    with pytest.raises(ConfigError, match="lines 2 and 3"):
        run(world)


def as_csv(rows: list[dict[str, str]]) -> bytes:
    return "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)]).encode()


def test_control_characters_of_a_workbook_are_read_as_themselves(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["name"], ["Copilot_x000D_\nper user_x0009__x000d_"], ["SKU_x0041_"]):
        book.worksheets[0].append(row)
    book.save(tmp_path / "clients.xlsx")
    names = [row.cells["name"] for row in read_table(tmp_path / "clients.xlsx").rows]
    assert names == ["Copilot\r\nper user\t\r", "SKU_x0041_"]


@pytest.mark.parametrize("form", ["csv.gz", "jsonl", "xlsx", "parquet"])
def test_every_format_reads_like_csv(world: Handmade, form: str) -> None:
    rows = [
        charge("1", "5", "2.1", "10.5"),
        charge("2", "5", "1.05", "5.25", charge_period_start="2025-04-16"),
    ]
    path = world.land("vendor_charges", *rows)
    path.unlink()
    path = path.with_name(f"vendor_charges.part.{form}")
    if form == "csv.gz":
        path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + as_csv(rows)))
    elif form == "jsonl":
        text = "\n".join(json.dumps(row) for row in rows).replace('"amount": "10.5"', '"amount": 10.50')
        path.write_text(text, encoding="utf-8")
    elif form == "xlsx":
        book = Workbook()
        sheet = book.worksheets[0]
        sheet.append(list(rows[0]))
        for row in rows:
            typed = {
                **row,
                "amount": float(row["amount"]),
                "charge_period_start": date.fromisoformat(row["charge_period_start"]),
            }
            sheet.append(list(typed.values()))
        book.save(path)
    else:
        typed_rows = [{**row, "amount": Decimal(row["amount"])} for row in rows]
        parquet.write_table(pa.Table.from_pylist(typed_rows), path)
    world.land(
        "invoice_lines",
        invoiced("a", "5", "10", "50"),
        invoiced("b", "5", "10", "25", service_period_start="2025-04-16"),
    )
    result = run(world)
    assert result.reasons == [] and result.rejects == []
    assert (key(result)["verdict"], key(result)["effective_cost"]) == ("matched", Decimal("15.75"))


def test_a_short_row_is_filled_up_and_a_long_one_rejected(world: Handmade) -> None:
    world.land("vendor_charges", charge("1", "5", "2", "10"))
    path = world.land(
        "invoice_lines", invoiced("a", "5", "10", "50") | {"agreement_line_id": "x", "charge_category": ""}
    )
    short = "b,I-1,acme,mail,1,10,10,USD,2025-04-01,2025-05-01\n"
    long = short.replace("b,", "c,").replace("\n", ",x,recurring,more\n")
    path.write_text(path.read_text(encoding="utf-8") + short + long, encoding="utf-8")
    result = run(world)
    assert [(row["line"], row["reason"]) for row in result.rejects] == [(4, "more cells than the header")]
    assert {row["line_id"] for row in result.line_dispositions if row["leg"] == "invoice"} == {"a", "b"}


def test_equal_files_count_seats_once_but_equal_rows_add_up(world: Handmade) -> None:
    world.rule("metering", {"product_code": "mail", "basis": "entitled"})
    path = world.land("license_counts", counted("2025-04-30", "S1", "2"), counted("2025-04-30", "S1", "2"))
    path.with_name("license_counts.again.csv").write_bytes(path.read_bytes())
    world.land("invoice_lines", invoiced("a", "4", "10", "40"))
    assert key(run(world))["expected_unit_days"] == 4 * 30


def test_a_repeated_column_is_drift(world: Handmade) -> None:
    world.land("vendor_charges", charge("1", "5", "2", "10"))
    path = world.land("invoice_lines", invoiced("a", "5", "10", "50") | {"note": "", "remark": ""})
    path.write_text(path.read_text(encoding="utf-8").replace("remark", "note"), encoding="utf-8")
    assert run(world).reasons == ["SCHEMA_DRIFT"]


def test_a_missing_register_leaves_references_unjudged(world: Handmade) -> None:
    world.land("vendor_charges", charge("1", "5", "2", "10"))
    world.land("invoice_lines", invoiced("a", "5", "10", "50"))
    world.declare("psa", "clients")
    result = run(world)
    assert result.reasons == ["SOURCE_MISSING"]
    assert ("REFERENCE_MISSING", "psa") not in result.controls
    assert key(result)["verdict"] == "unreconciled"
