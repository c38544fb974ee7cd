"""Numbers that are allowed one by one and absurd together: the record is named, and all others are computed.

Belongs here: ``mbr_pipeline.ingest.absurd_numbers`` in the load of a month, and one month to its gate. Does
not: values refused by themselves (tests/ingest).
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from mbr_pipeline.transform.dbt_client import Transformer
from tests.monthly_close.months import month_of
from tests.support.launching import rows
from tests.support.small import LANDED, changed, write_msp

BIG, MOST = "999999999999", "999999999999999"
UNITS_PER, COST = "99999999999", "99999999999999"  # ten of them, as in the small month, are not too many
HEADER = LANDED["vendor/vendor_charges.csv"].splitlines()[0]
UNITS = {"sku_map.csv": f"source,sku_id,product_code,units_per\nvendor,SKU-1,SEAT,{UNITS_PER}\n"}
LIST = {"cost_list.csv": f"source,sku_id,unit_cost,currency\nvendor,SKU-1,{COST},USD\n"}
COUNTED = changed("vendor/license_counts.csv", "10,10", f"{BIG},10")


def _charge(quantity: str, amount: str) -> dict[str, str | None]:
    line = f"1,V-1,T-1,SKU-1,recurring,{quantity},0,{amount},USD,2026-10-01,2026-11-01"
    return {"vendor/vendor_charges.csv": f"{HEADER}\n{line}\n"}


ABSURD: dict[str, tuple[dict[str, str | None], dict[str, str], str, str]] = {
    "units_per": (_charge("1000", "0"), UNITS, "vendor_charges", "quantity x units_per of sku_map.csv"),
    "units_per of counts": (COUNTED, UNITS, "license_counts", "entitled_quantity x units_per of sku_map.csv"),
    "cost_list": (_charge("1000", "0"), LIST, "vendor_charges", "quantity x unit_cost of cost_list.csv"),
    "cost_list of counts": (
        COUNTED,
        LIST,
        "license_counts",
        "entitled_quantity x unit_cost of cost_list.csv",
    ),
    "markup": (
        _charge("1", MOST),
        {"metering.csv": "product_code,basis,markup_pct\nSEAT,cost_plus,999999\n"},
        "vendor_charges",
        "amount x markup_pct of metering.csv",
    ),
    "price": (
        _charge(BIG, "0") | changed("psa/products.csv", "8.00", "10000"),
        {},
        "vendor_charges",
        "quantity x the price of its product",
    ),
    "minimum": (
        changed("psa/products.csv", "8.00", "10000"),
        {"metering.csv": f"product_code,basis,minimum_quantity\nSEAT,vendor_billed,{BIG}\n"},
        "products",
        "default_unit_price x minimum_quantity of metering.csv",
    ),
}


@pytest.mark.parametrize("what", ABSURD)
def test_the_record_is_rejected_by_name_and_gone_from_the_month(what: str, root: Path) -> None:
    landed, rules, dataset, said = ABSURD[what]
    write_msp(root, "acme", landed, rules)
    month = month_of(root)
    month.load()
    with duckdb.connect(str(month.paths.warehouse_file), read_only=True) as connection:
        found = connection.execute("select dataset, file, line, reason from raw.rejects").fetchall()
        assert connection.execute(f"select count(*) from raw.{dataset}").fetchone() == (0,)
    folder = "psa" if dataset == "products" else "vendor"
    at = (dataset, f"2026-10/{folder}/{dataset}.csv", 2)
    assert [row[:3] for row in found if said in row[3]] == [at]
    assert {row[:3] for row in found} == {at}


def test_numbers_at_the_edge_stay_and_so_do_records_without_a_rule(root: Path) -> None:
    other = _charge(BIG, "0")["vendor/vendor_charges.csv"]
    assert other is not None
    landed = _charge(BIG, "0") | {
        "vendor/vendor_charges.more.csv": other.replace("1,V-1,T-1,SKU-1", "2,V-1,T-1,S-2")
    }
    write_msp(root, "acme", landed, UNITS | {"sku_map.csv": UNITS["sku_map.csv"].replace(UNITS_PER, "1")})
    month = month_of(root)
    month.load()
    with duckdb.connect(str(month.paths.warehouse_file), read_only=True) as connection:
        assert connection.execute("select count(*) from raw.rejects").fetchone() == (0,)
        assert connection.execute("select count(*) from raw.vendor_charges").fetchone() == (2,)


def test_of_an_earlier_month_it_is_left_out_without_a_word(root: Path) -> None:
    earlier = root / "landing/acme/2026-09/vendor/vendor_charges.csv"
    earlier.parent.mkdir(parents=True)
    text = _charge("1000", "0")["vendor/vendor_charges.csv"]
    assert text is not None
    earlier.write_text(text.replace("1,V-1", "9,V-0"), encoding="utf-8")
    write_msp(
        root,
        "acme",
        _charge("1", "0"),
        {"sku_map.csv": UNITS["sku_map.csv"].replace(UNITS_PER, "1000000000")},
    )
    month = month_of(root)
    month.load()
    with duckdb.connect(str(month.paths.warehouse_file), read_only=True) as connection:
        assert connection.execute("select count(*) from raw.rejects").fetchone() == (0,)
        assert connection.execute("select line_id from raw.vendor_charges").fetchall() == [("1",)]


def test_a_month_with_such_a_record_ends_with_a_gate_that_says_so(
    root: Path, transformer: Transformer
) -> None:
    write_msp(root, "acme", _charge("1000", "0"), UNITS)
    month = month_of(root)
    month.load()
    assert all(node.succeeded for node in month.transform(transformer))
    document = month.audit()
    assert document["reasons"] == ["ROW_REJECTED"]
    [row] = document["rejected_rows"]
    assert (row["file"], row["line"], row["column"]) == ("2026-10/vendor/vendor_charges.csv", 2, "quantity")
    [key] = rows(month.paths.candidate / "fct_reconciliation.parquet")
    assert key["verdict"] == "unreconciled"
