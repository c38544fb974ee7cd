"""Customers and SKUs in one round, and names from wherever records say them.

Belongs here: SKUs behind customers that are unmapped themselves, and what they cost; names of counts and of
other records with the same id. Does not: how names are compared (``test_clients``, ``test_catalogue``).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from mbr_pipeline.mapping_help.records import effective_cost
from mbr_pipeline.mapping_help.worklist import Item, Row, Worklist, worklist
from mbr_pipeline.periods import Period
from tests.mapping_help.lists import only
from tests.mapping_help.month import CHARGES, CLIENT_MAP, SKU_MAP, charge, land, ran, unmapped
from tests.support.small import write

BP = "Microsoft 365 Business Premium"
COUNTS = "vendor_customer_id,vendor_customer_name,sku_id,sku_name,as_of_date,entitled_quantity\n"
GUID = "1e8b2ba1-7d1c-4a52-9b0c-8d5b1a3f9c11"


def _todo(root: Path, *exceptions: dict[str, object]) -> Worklist:
    return worklist(*ran(root, exceptions), 90)


def _line(line: int, customer: str, sku: str, amount: str, start: str, end: str, category: str) -> str:
    return f"{line},V-1,{customer},,{sku},{BP},{category},,1,{amount},{amount},USD,{start},{end}\n"


def _customer(lines: int, thing: str = "T-1") -> dict[str, object]:
    return unmapped("customer", "pax8", thing, [f"vendor_charges.csv:{n + 2}" for n in range(lines)])


def _skus(found: Worklist) -> list[Item]:
    return [item for item in found.items if item.kind == "sku"]


def test_a_sku_is_suggested_though_its_customer_is_unmapped(tmp_path: Path) -> None:
    bill = charge(1, "T-1", "Alder Architects", "K1", BP) + charge(2, "T-1", "Alder Architects", "K1", BP)
    land(tmp_path, "pax8", "vendor_charges", CHARGES + bill)
    customer, sku = sorted(_todo(tmp_path, _customer(2)).items, key=lambda item: item.kind)
    assert (customer.kind, customer.row and customer.row.target) == ("customer", "C1")
    assert (sku.names, sku.costs) == ((BP,), (("USD", Decimal("20.00")),))
    assert sku.row == Row("sku", "pax8", "K1", "BP", "", date(2026, 10, 1), None)


def test_what_is_mapped_already_is_not_asked_and_nothing_waits_for_a_run_that_never_listed_it(
    tmp_path: Path,
) -> None:
    land(tmp_path, "pax8", "vendor_charges", CHARGES + charge(1, "T-1", "", "K1", BP))
    write(tmp_path / "rules/acme/sku_map.csv", SKU_MAP + "pax8,K1,,BP,,,\n")
    found = _todo(tmp_path, _customer(1))
    assert ([item.kind for item in found.items], found.waiting) == (["customer"], 0)


def test_a_sku_of_mapped_and_of_unmapped_customers_is_one_item_with_the_money_of_both(
    tmp_path: Path,
) -> None:
    bill = charge(1, "T-1", "", "K1", BP) + charge(2, "T-2", "", "K1", BP, start="2026-10-12")
    land(tmp_path, "pax8", "vendor_charges", CHARGES + bill)
    found = _todo(
        tmp_path, unmapped("sku", "pax8", "K1", ["vendor_charges.csv:3"], cost="7.25"), _customer(1)
    )
    [sku] = _skus(found)
    assert sku.costs == (("USD", Decimal("17.2500")),)


def test_what_was_mapped_since_is_left_out_of_the_money_of_the_lines_behind(tmp_path: Path) -> None:
    bill = charge(1, "T-1", "", "K1", BP) + charge(2, "T-1", "", "K1", BP, start="2026-10-21")
    land(tmp_path, "pax8", "vendor_charges", CHARGES + bill)
    write(tmp_path / "rules/acme/sku_map.csv", SKU_MAP + "pax8,K1,,BP,,,2026-10-10\n")
    [sku] = _skus(_todo(tmp_path, _customer(2)))
    assert (sku.costs, sku.place.valid_from) == ((("USD", Decimal("10.00")),), date(2026, 10, 10))


def test_lines_that_no_finding_stands_on_are_not_counted(tmp_path: Path) -> None:
    land(
        tmp_path,
        "pax8",
        "vendor_charges",
        CHARGES + charge(1, "T-1", "", "K1", BP) + charge(2, "T-1", "", "K2", BP),
    )
    assert [item.id for item in _skus(_todo(tmp_path, _customer(1)))] == ["K1"]


OCTOBER = Period("2026-10")


@pytest.mark.parametrize(
    ("category", "start", "end", "cost"),
    [
        ("recurring", "2026-10-01", "2026-11-01", "31"),
        ("recurring", "2026-10-12", "2026-11-11", "20.6666666667"),
        ("recurring", "2026-09-21", "2026-10-11", "15.5"),
        ("recurring", "2026-08-01", "2026-09-01", "0"),
        ("recurring", "2026-10-05", "2026-10-05", "31"),
        ("recurring", "2026-09-05", "2026-09-05", "0"),
        ("usage", "2026-09-01", "2026-10-01", "31"),
        ("usage", "2026-09-05", "2026-09-05", "31"),
        ("usage", "2026-10-02", "2026-11-02", "30"),
    ],
)
def test_the_cost_of_a_line_in_the_month(category: str, start: str, end: str, cost: str) -> None:
    # by hand: 31 × days of the period that count / all its days, usage counting all before 1 November
    days = date.fromisoformat(start), date.fromisoformat(end)
    assert effective_cost(Decimal(31), category, *days, OCTOBER) == Decimal(cost)
    assert effective_cost(Decimal(-31), category, *days, OCTOBER) == -Decimal(cost)


def test_the_money_behind_is_rounded_once_to_the_currency(tmp_path: Path) -> None:
    lines = [_line(n, "T-1", "K1", "0.005", "2026-10-01", "2026-11-01", "recurring") for n in (1, 2, 3)]
    land(tmp_path, "pax8", "vendor_charges", CHARGES + "".join(lines))
    [sku] = _skus(_todo(tmp_path, _customer(3)))
    assert sku.costs == (("USD", Decimal("0.02")),)  # 0.015, not three times 0.01


def test_commitments_that_are_not_all_clear_have_a_row_each(tmp_path: Path) -> None:
    bill = charge(1, "T-1", "", "K1", BP, "P1M") + charge(2, "T-1", "", "K1", BP, "P1Y")
    land(tmp_path, "pax8", "vendor_charges", CHARGES + bill)
    k1 = unmapped("sku", "pax8", "K1", ["vendor_charges.csv:2", "vendor_charges.csv:3"])
    products = {"BP": BP, "BPA": f"{BP} (annual)", "BPB": f"{BP} annual"}
    found = worklist(*ran(tmp_path, [k1], products=products), 90)
    assert [(item.place.term, item.row and item.row.target) for item in found.items] == [
        ("P1M", "BP"),
        ("P1Y", None),
    ]


# ----- names


def _counted(root: Path, name: str, sku_name: str = "") -> dict[str, object]:
    land(root, "pax8", "license_counts", COUNTS + f"{GUID},{name},K1,{sku_name},2026-10-09,4\n")
    write(root / "rules/acme/sku_map.csv", SKU_MAP + "pax8,K1,,BP,,,\n")
    return unmapped("customer", "pax8", GUID, ["license_counts.csv:2"], cost=None, currency=None)


def test_counts_say_their_customers_and_skus_names(tmp_path: Path) -> None:
    exception = _counted(tmp_path, "Alder Architects", BP)
    write(tmp_path / "rules/acme/sku_map.csv", SKU_MAP)
    customer, sku = _todo(tmp_path, exception).items
    assert (customer.names, customer.row and customer.row.target) == (("Alder Architects",), "C1")
    assert (sku.names, sku.row and sku.row.target, sku.costs) == ((BP,), "BP", ())


def test_counts_without_names_take_them_from_the_same_sources_bills(tmp_path: Path) -> None:
    exception = _counted(tmp_path, "")
    land(tmp_path, "pax8", "vendor_charges", CHARGES + charge(1, GUID, "Alder Architects"), "2026-09")
    item = only(_todo(tmp_path, exception))
    assert (item.names, item.named_by, item.row and item.row.target) == (("Alder Architects",), "", "C1")


def test_counts_without_names_take_them_from_another_source_with_the_same_id_and_say_so(
    tmp_path: Path,
) -> None:
    exception = _counted(tmp_path, "")
    land(tmp_path, "huntress", "vendor_charges", CHARGES + charge(1, GUID.upper(), "Alder Architects"))
    item = only(_todo(tmp_path, exception))
    assert (item.names, item.named_by) == (("Alder Architects",), "huntress")
    [best] = item.answer.suggestions
    assert (best.id, best.because) == ("C1", "the same name; huntress calls it so under the same id")


def test_an_id_that_two_sources_may_have_by_chance_names_nobody(tmp_path: Path) -> None:
    land(tmp_path, "pax8", "license_counts", COUNTS + "1001,,K1,,2026-10-09,4\n")
    land(tmp_path, "huntress", "vendor_charges", CHARGES + charge(1, "1001", "Alder Architects"))
    write(tmp_path / "rules/acme/sku_map.csv", SKU_MAP + "pax8,K1,,BP,,,\n")
    counted = unmapped("customer", "pax8", "1001", ["license_counts.csv:2"], cost=None, currency=None)
    item = only(_todo(tmp_path, counted))
    assert (item.names, item.row) == ((), None)


def test_what_mapped_counts_are_called_teaches_names_and_a_word_in_the_map_is_nobody(
    tmp_path: Path,
) -> None:
    land(tmp_path, "pax8", "vendor_charges", CHARGES + charge(1, "T-1", "Finch Group"))
    land(tmp_path, "pax8", "license_counts", COUNTS + "T-2,Finch Group,K1,,2026-10-09,4\n")
    write(tmp_path / "rules/acme/sku_map.csv", SKU_MAP + "pax8,K1,,BP,,,\n")
    write(tmp_path / "rules/acme/client_map.csv", CLIENT_MAP + "pax8,T-2,C3,,\n")
    assert [s.id for s in only(_todo(tmp_path, _customer(1))).answer.suggestions] == ["C3"]
    write(tmp_path / "rules/acme/client_map.csv", CLIENT_MAP + "pax8,T-2,!internal,,\n")
    assert only(_todo(tmp_path, _customer(1))).answer.nearest == ()
