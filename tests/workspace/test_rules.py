"""Rule files: strict reading, and no two rules that hold at once (contract §2).

Belongs here: ``mbr_pipeline.workspace.rules`` alone. Does not: how rules apply (dbt, the worlds).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.workspace.rules import load_rules
from tests.workspace.reading_rules import HEAD, read


def test_missing_files_are_empty_rules_of_the_full_shape(tmp_path: Path) -> None:
    rules = load_rules(tmp_path, "acme")
    assert {name: table.num_rows for name, table in rules.items()} == dict.fromkeys(
        ("client_map", "sku_map", "metering", "cost_list"), 0
    )
    assert rules["sku_map"].schema.names == [
        "source",
        "sku_id",
        "term",
        "product_code",
        "units_per",
        "valid_from",
        "valid_to",
        "note",
        "line",
    ]


def test_empty_cells_are_the_contracts_defaults_and_numbers_are_exact(tmp_path: Path) -> None:
    [row] = read(
        tmp_path, "sku_map", "source,sku_id,product_code,units_per,valid_from\npax8,S,P,,2026-01-01\n"
    )
    assert (row["units_per"], row["term"], row["valid_from"], row["valid_to"], row["line"]) == (
        Decimal(1),
        None,
        date(2026, 1, 1),
        None,
        2,
    )
    [row] = read(tmp_path, "metering", "product_code,basis\nP,entitled\n")
    assert (row["minimum_quantity"], row["markup_pct"], row["margin_floor_pct"]) == (0, 0, None)
    [row] = read(tmp_path, "cost_list", "source,sku_id,unit_cost,currency\npax8,S,0.0000000001,USD\n")
    assert row["unit_cost"] == Decimal("0.0000000001")


def test_excel_saves_it_with_a_byte_order_mark_blank_lines_and_crlf(tmp_path: Path) -> None:
    path = tmp_path / "rules/acme/client_map.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xef\xbb\xbfsource,vendor_customer_id,client_id\r\n\r\npax8,T,C\r\n,,\r\n")
    assert [row["line"] for row in load_rules(tmp_path, "acme")["client_map"].to_pylist()] == [3]


WRONG = {
    "nothing in it": ("client_map", "", ["line 1", "source", "missing"]),
    "unknown column": (
        "client_map",
        "source,vendor_customer_id,client_id,notes\n",
        ["line 1", "'notes'", "valid_from"],
    ),
    "column twice": ("client_map", "source,source,vendor_customer_id,client_id\n", ["line 1", "twice"]),
    "column missing": ("client_map", "source,client_id\n", ["line 1", "vendor_customer_id", "missing"]),
    "empty": ("client_map", HEAD + "pax8,,C,,\n", ["line 2", "vendor_customer_id is empty"]),
    "too many cells": ("client_map", HEAD + "pax8,T,C,,,x\n", ["line 2", "6 cells under 5"]),
    "not a date": ("client_map", HEAD + "pax8,T,C,01/02/2026,\n", ["line 2", "valid_from", "01/02/2026"]),
    "not a day": ("client_map", HEAD + "pax8,T,C,2026-02-30,\n", ["line 2", "2026-02-30", "calendar"]),
    "ends before it starts": (
        "client_map",
        HEAD + "pax8,T,C,2026-02-01,2026-01-01\n",
        ["line 2", "2026-01-01"],
    ),
    "not a basis": ("metering", "product_code,basis\nP,seats\n", ["line 2", "'seats'", "vendor_billed"]),
    "negative minimum": (
        "metering",
        "product_code,basis,minimum_quantity\nP,entitled,-1\n",
        ["line 2", "below zero"],
    ),
    "own seats, misspelt": (
        "client_map",
        HEAD + "pax8,T,!Internal,,\n",
        ["line 2", "'!Internal'", "!internal"],
    ),
    "a word after a blank": ("client_map", HEAD + "pax8,T, !ignore,,\n", ["line 2", "' !ignore'", "!ignore"]),
    "a product's word for a client": (
        "client_map",
        HEAD + "pax8,T,!not_billed,,\n",
        ["line 2", "client_id", "'!not_billed' stands in product_code of sku_map.csv"],
    ),
    "a client's word for a product": (
        "sku_map",
        "source,sku_id,product_code\np,S,!internal\n",
        ["line 2", "product_code", "'!internal' stands in client_id of client_map.csv"],
    ),
    "another word for a product": (
        "sku_map",
        "source,sku_id,product_code\np,S,!trial\n",
        ["line 2", "'!trial' is no word that MBR knows", "!not_billed"],
    ),
    "one id in two cases": (
        "client_map",
        HEAD
        + f"pax8,{'AB' * 4}-0000-0000-0000-{'0' * 12},C,,\npax8,{'ab' * 4}-0000-0000-0000-{'0' * 12},D,,\n",
        ["lines 2 and 3", "abababab"],
    ),
    "zero units": ("sku_map", "source,sku_id,product_code,units_per\np,S,P,0\n", ["line 2", "above zero"]),
    "a number Python would take": (
        "cost_list",
        "source,sku_id,unit_cost,currency\np,S,1_000,USD\n",
        ["line 2", "'1_000'"],
    ),
    "not a number": ("cost_list", "source,sku_id,unit_cost,currency\np,S,NaN,USD\n", ["line 2", "'NaN'"]),
    "eleven places": (
        "cost_list",
        "source,sku_id,unit_cost,currency\np,S,0.00000000001,USD\n",
        ["line 2", "unit_cost"],
    ),
    "lower-case currency": (
        "cost_list",
        "source,sku_id,unit_cost,currency\np,S,1,usd\n",
        ["line 2", "'usd'"],
    ),
    "two of one product": (
        "metering",
        "product_code,basis\nP,entitled\nQ,entitled\nP,assigned\n",
        ["lines 2 and 4", "'P'"],
    ),
    "both open": ("client_map", HEAD + "pax8,T,C,,\npax8,T,D,,\n", ["lines 2 and 3", "'T'"]),
    "a day of overlap": (
        "client_map",
        HEAD + "pax8,T,D,2026-05-31,\npax8,T,C,,2026-06-01\n",
        ["lines 2 and 3", "'T'"],
    ),
    "one inside another": (
        "client_map",
        HEAD + "pax8,T,C,2026-01-01,2027-01-01\npax8,U,C,,\npax8,T,D,2026-03-01,2026-04-01\n",
        ["lines 2 and 4"],
    ),
    "one SKU and term": (
        "sku_map",
        "source,sku_id,term,product_code\np,S,P1M,A\np,S,P1M,B\n",
        ["lines 2 and 3", "'P1M'"],
    ),
    "one SKU without a term": (
        "sku_map",
        "source,sku_id,term,product_code\np,S,,A\np,S,,B\n",
        ["lines 2 and 3", "'S'"],
    ),
    "one price": (
        "cost_list",
        "source,sku_id,unit_cost,currency\np,S,1,USD\np,S,1,USD\n",
        ["lines 2 and 3", "'USD'"],
    ),
    "the first day of one is the last but one of another, in whatever order they stand": (
        "client_map",
        HEAD + "p,T,A,2026-02-01,2026-04-01\np,T,B,2026-06-01,2026-09-01\np,T,C,2026-03-31,2026-05-01\n",
        ["lines 2 and 4"],
    ),
    "a cell that is not closed": (
        "client_map",
        HEAD + 'p,"T,C,,\n',
        ["not a CSV file", "save it as CSV UTF-8"],
    ),
    "text behind a closing quote": ("client_map", HEAD + 'p,"T"x,C,,\n', ["not a CSV file"]),
    "thirteen digits of units": (
        "sku_map",
        "source,sku_id,product_code,units_per\np,S,P,1000000000000\n",
        ["line 2", "12 digits"],
    ),
    "seven places of units": (
        "sku_map",
        "source,sku_id,product_code,units_per\np,S,P,0.0000001\n",
        ["line 2", "6 decimal places"],
    ),
    "negative units": (
        "sku_map",
        "source,sku_id,product_code,units_per\np,S,P,-1\n",
        ["line 2", "above zero"],
    ),
    "thirteen digits of a minimum": (
        "metering",
        "product_code,basis,minimum_quantity\nP,entitled,1000000000000\n",
        ["12 digits"],
    ),
    "seven places of a minimum": (
        "metering",
        "product_code,basis,minimum_quantity\nP,entitled,0.0000001\n",
        ["6 decimal places"],
    ),
    "seven digits of a markup": (
        "metering",
        "product_code,basis,markup_pct\nP,cost_plus,1000000\n",
        ["line 2", "markup_pct", "6 digits"],
    ),
    "seven places of a floor": (
        "metering",
        "product_code,basis,margin_floor_pct\nP,entitled,0.0000001\n",
        ["6 decimal places"],
    ),
    "sixteen digits of a price": (
        "cost_list",
        "source,sku_id,unit_cost,currency\np,S,1000000000000000,USD\n",
        ["line 2", "15 digits"],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_rule_is_one_line_with_file_and_lines(case: str, tmp_path: Path) -> None:
    name, text, words = WRONG[case]
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, name, text)
    message = str(caught.value)
    assert message.startswith(str(tmp_path / f"rules/acme/{name}.csv"))
    assert [word for word in words if word not in message] == [], message
    assert "\n" not in message


def test_a_rule_file_that_cannot_be_read_is_one_line_with_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "rules/acme/client_map.csv"
    folder.mkdir(parents=True)
    told = (
        rf"^{folder}: cannot be read \(Is a directory\): make it a CSV file that you may read, or remove it$"
    )
    with pytest.raises(ConfigError, match=told):
        load_rules(tmp_path, "acme")
