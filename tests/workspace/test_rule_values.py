"""Rule files that are right: validities, digits, and how cells may be written (contract §2).

Belongs here: ``mbr_pipeline.workspace.rules`` on what it accepts. Does not: wrong rules (``test_rules``).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.workspace.rules import load_rules
from tests.workspace.reading_rules import HEAD, read

RIGHT = {
    "one ends where the next starts": ("client_map", HEAD + "pax8,T,C,,2026-06-01\npax8,T,D,2026-06-01,\n"),
    "two sources": ("client_map", HEAD + "pax8,T,C,,\nhuntress,T,D,,\n"),
    "an exact term beside a blank one": ("sku_map", "source,sku_id,term,product_code\np,S,,A\np,S,P1M,B\n"),
    "two currencies": ("cost_list", "source,sku_id,unit_cost,currency\np,S,1,USD\np,S,1,EUR\n"),
    "one that never holds": ("client_map", HEAD + "pax8,T,C,,\npax8,T,D,2026-06-01,2026-06-01\n"),
}


@pytest.mark.parametrize("case", RIGHT)
def test_rules_that_never_hold_at_once_are_accepted(case: str, tmp_path: Path) -> None:
    name, text = RIGHT[case]
    assert len(read(tmp_path, name, text)) == 2


def test_two_rows_of_one_key_are_named_by_what_they_say_of_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, "sku_map", "source,sku_id,product_code\np,S,A\np,S,B\n")
    assert str(caught.value).endswith(
        "lines 2 and 3 both hold for source 'p', sku_id 'S' at once: end one before the other starts"
        " (valid_from, valid_to)"
    )
    with pytest.raises(ConfigError, match="lines 2 and 3 both hold for product_code 'P' at once: keep one$"):
        read(tmp_path / "other", "metering", "product_code,basis\nP,entitled\nP,entitled\n")


LARGEST = {
    "sku_map": (
        "source,sku_id,product_code,units_per\np,S,P,999999999999.999999\n",
        {"units_per": "999999999999.999999"},
    ),
    "metering": (
        "product_code,basis,minimum_quantity,markup_pct,margin_floor_pct\nP,cost_plus,999999999999.999999,999999.999999,-999999.999999\n",
        {
            "basis": "cost_plus",
            "minimum_quantity": "999999999999.999999",
            "markup_pct": "999999.999999",
            "margin_floor_pct": "-999999.999999",
        },
    ),
    "cost_list": (
        "source,sku_id,unit_cost,currency\np,S,-999999999999999.9999999999,JPY\n",
        {"unit_cost": "-999999999999999.9999999999", "currency": "JPY"},
    ),
}


SMALLEST = {
    "sku_map": ("source,sku_id,product_code,units_per\np,S,P,0.000001\n", {"units_per": "0.000001"}),
    "metering": (
        "product_code,basis,minimum_quantity,margin_floor_pct\nP,agreement,0,0\n",
        {"minimum_quantity": "0", "margin_floor_pct": "0"},
    ),
}


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [(name, *case) for cases in (LARGEST, SMALLEST) for name, case in cases.items()],
)
def test_values_up_to_the_contracts_digits_are_kept_exactly(
    name: str, text: str, values: dict[str, str], tmp_path: Path
) -> None:
    [row] = read(tmp_path, name, text)
    wanted = {
        column: value if column in ("basis", "currency") else Decimal(value)
        for column, value in values.items()
    }
    assert {column: row[column] for column in values} == wanted


def test_rules_are_kept_as_decimals_of_the_contracts_digits(tmp_path: Path) -> None:
    rules = load_rules(tmp_path, "acme")
    types = {
        f"{name}.{field.name}": str(field.type) for name, table in rules.items() for field in table.schema
    }
    assert {column: kind for column, kind in types.items() if kind.startswith("decimal")} == {
        "sku_map.units_per": "decimal128(18, 6)",
        "metering.minimum_quantity": "decimal128(18, 6)",
        "metering.markup_pct": "decimal128(18, 6)",
        "metering.margin_floor_pct": "decimal128(18, 6)",
        "cost_list.unit_cost": "decimal128(25, 10)",
    }


@pytest.mark.parametrize("basis", ["vendor_billed", "entitled", "assigned", "agreement", "cost_plus"])
def test_every_basis_of_the_contract_is_known(basis: str, tmp_path: Path) -> None:
    [row] = read(tmp_path, "metering", f"product_code,basis,count_source\nP,{basis},pax8\n")
    assert (row["basis"], row["count_source"]) == (basis, "pax8")


def test_cells_left_away_at_the_end_of_a_row_are_empty_and_a_validity_of_no_day_is_allowed(
    tmp_path: Path,
) -> None:
    rows = read(tmp_path, "client_map", HEAD + "p,T,C\np,U,C,2026-06-01,2026-06-01\n")
    assert [(row["valid_from"], row["valid_to"]) for row in rows] == [
        (None, None),
        (date(2026, 6, 1), date(2026, 6, 1)),
    ]


def test_names_of_columns_may_have_spaces_around_and_texts_keep_theirs(tmp_path: Path) -> None:
    [row] = read(tmp_path, "client_map", "source , vendor_customer_id,client_id\np, T ,C\n")
    assert (row["source"], row["vendor_customer_id"], row["client_id"]) == ("p", " T ", "C")


def test_a_line_break_inside_a_cell_moves_the_line_that_is_named(tmp_path: Path) -> None:
    rows = read(tmp_path, "client_map", 'source,vendor_customer_id,client_id\np,"T\n1",C\nq,T,C\n')
    assert [(row["vendor_customer_id"], row["line"]) for row in rows] == [("T\n1", 3), ("T", 4)]


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rules/acme/client_map.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes("source,vendor_customer_id,client_id\np,Zürich,C\n".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"client_map\.csv.*UTF-8"):
        load_rules(tmp_path, "acme")


def test_words_for_no_client_and_no_product_are_kept_and_hexadecimal_ids_lose_their_capitals(
    tmp_path: Path,
) -> None:
    capitals = "0A1B2C3D-0001-4ABC-8DEF-00112233445F"
    rows = read(
        tmp_path, "client_map", HEAD + f"p,T,!internal,,\np,U,!ignore,,\n{capitals},{capitals},{capitals},,\n"
    )
    assert [row["client_id"] for row in rows] == ["!internal", "!ignore", capitals.lower()]
    assert (rows[2]["source"], rows[2]["vendor_customer_id"]) == (capitals, capitals.lower())
    [row] = read(
        tmp_path, "sku_map", f"source,sku_id,term,product_code\np,{capitals},{capitals},!not_billed\n"
    )
    assert (row["sku_id"], row["term"], row["product_code"]) == (capitals.lower(), capitals, "!not_billed")
    [row] = read(tmp_path, "metering", f"product_code,basis\n{capitals},entitled\n")
    assert row["product_code"] == capitals.lower()
