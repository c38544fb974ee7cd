"""The worklist: rows for commitments, and months in which something is missing.

Belongs here: ``worklist`` on a month written by hand. Does not: customers and their order
(``test_worklist``).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mbr_pipeline.errors import MbrError
from mbr_pipeline.mapping_help.worklist import Row, worklist
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.mapping_help.lists import K1, only, todo
from tests.mapping_help.month import CHARGES, CLIENT_MAP, SETTINGS, SKU_MAP, charge, land, ran, unmapped
from tests.support.launching import bytes_below
from tests.support.small import write

TWO_TERMS = CHARGES + "".join(
    charge(line, "T-1", "", "K1", "M365 Business Premium", term)
    for line, term in enumerate(("P1M", "P1Y"), start=1)
)


def test_one_product_for_all_commitments_is_one_row_for_all(tmp_path: Path) -> None:
    land(tmp_path, "pax8", "vendor_charges", TWO_TERMS)
    item = only(todo(tmp_path, K1))
    assert (item.terms, item.row) == (
        ("P1M", "P1Y"),
        Row("sku", "pax8", "K1", "BP", "", date(2026, 10, 1), None),
    )


def test_a_product_for_each_commitment_is_a_row_for_each(tmp_path: Path) -> None:
    land(tmp_path, "pax8", "vendor_charges", TWO_TERMS)
    products = {
        "BP-M": "Microsoft 365 Business Premium (monthly)",
        "BP-A": "Microsoft 365 Business Premium (annual)",
    }
    found = todo(tmp_path, K1, products=products)
    assert [(item.terms, item.row and (item.row.term, item.row.target)) for item in found.items] == [
        (("P1M",), ("P1M", "BP-M")),
        (("P1Y",), ("P1Y", "BP-A")),
    ]


def test_a_product_with_a_yearly_twin_gets_a_row_for_its_own_commitment(tmp_path: Path) -> None:
    land(tmp_path, "pax8", "vendor_charges", TWO_TERMS)
    products = {"BP": "Microsoft 365 Business Premium", "BP-A": "Microsoft 365 Business Premium (annual)"}
    found = todo(tmp_path, K1, products=products)
    assert [item.row and (item.row.term, item.row.target) for item in found.items] == [
        ("P1M", "BP"),
        ("P1Y", "BP-A"),
    ]


def test_what_no_vendor_stands_behind_is_no_vendors_sku(tmp_path: Path) -> None:
    land(tmp_path, "pax8", "vendor_charges", CHARGES + charge(1, "T-1", "", "K1", "Managed SIEM labour"))
    assert (
        only(todo(tmp_path, unmapped("sku", "pax8", "K1", ["vendor_charges.csv:2"]))).answer.suggestions == ()
    )


def test_a_name_is_not_taken_from_a_line_that_is_another_customers_by_now(tmp_path: Path) -> None:
    land(tmp_path, "pax8", "vendor_charges", CHARGES + charge(1, "T-2", "Bluewater Dental"))
    item = only(todo(tmp_path, unmapped("customer", "pax8", "T-1", ["vendor_charges.csv:2"])))
    assert (item.names, item.answer.suggestions) == ((), ())


def test_a_blocked_run_is_the_last_one(tmp_path: Path) -> None:
    ran(tmp_path, [unmapped("customer", "pax8", "old")])
    workspace, month = ran(
        tmp_path, [unmapped("customer", "pax8", "new")], folder="reports/acme/2026-10/blocked"
    )
    assert [item.id for item in worklist(workspace, month, 90).items] == ["new"]


def test_before_the_first_run_the_error_says_what_to_do(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", SETTINGS)
    _, month = ran(tmp_path / "elsewhere", [])
    there = WorkspacePaths(tmp_path).month("acme", month.period)
    with pytest.raises(MbrError, match=r"run `mbr run --period 2026-10 --msp acme` first"):
        worklist(Workspace.open(WorkspacePaths(tmp_path)), there, 90)


def test_asking_changes_nothing_but_the_cache_and_gives_the_same_again(tmp_path: Path) -> None:
    land(tmp_path, "pax8", "vendor_charges", TWO_TERMS)
    workspace, month = ran(tmp_path, [K1, unmapped("customer", "pax8", "T-1", ["vendor_charges.csv:2"])])
    before = bytes_below(tmp_path)
    first = worklist(workspace, month, 90)
    assert worklist(workspace, month, 90) == first
    assert {
        name: content for name, content in bytes_below(tmp_path).items() if not name.startswith("warehouse/")
    } == before


def test_an_id_that_no_command_line_can_say_has_no_row(tmp_path: Path) -> None:
    write(tmp_path / "rules/acme/client_map.csv", CLIENT_MAP + "huntress,alder-architects\x00-x,C1,,\n")
    item = only(todo(tmp_path, unmapped("customer", "pax8", "alder-architects\x00-x")))
    assert item.answer.suggestions[0].id == "C1"
    assert item.row is None


def test_a_customer_whose_row_has_ended_and_whose_name_is_another_may_be_someone_else_by_now(
    tmp_path: Path,
) -> None:
    land(tmp_path, "pax8", "vendor_charges", CHARGES + charge(1, "T-1", "Quarry Road Brewing"))
    write(tmp_path / "rules/acme/client_map.csv", CLIENT_MAP + "pax8,T-1,C1,,2026-10-01\n")
    assert (
        only(todo(tmp_path, unmapped("customer", "pax8", "T-1", ["vendor_charges.csv:2"]))).answer.suggestions
        == ()
    )


def test_a_commitment_that_is_mapped_already_does_not_hide_the_other(tmp_path: Path) -> None:
    land(tmp_path, "pax8", "vendor_charges", TWO_TERMS)
    write(tmp_path / "rules/acme/sku_map.csv", SKU_MAP + "pax8,K1,P1M,BP,,,\n")
    assert only(todo(tmp_path, K1)).terms == ("P1Y",)


def test_a_client_that_the_psa_did_not_deliver_is_not_found_by_its_name(tmp_path: Path) -> None:
    land(tmp_path, "pax8", "vendor_charges", CHARGES + charge(1, "T-1", "Contoso Foods"))
    workspace, month = ran(tmp_path, [unmapped("customer", "pax8", "T-1", ["vendor_charges.csv:2"])])
    table = pq.read_table(month.published / "dim_client.parquet").to_pylist()
    gone = [row | {"mapping_state": "not_landed"} if row["client_id"] == "C3" else row for row in table]
    assert worklist(workspace, month, 90).items[0].answer.suggestions[0].id == "C3"
    pq.write_table(pa.Table.from_pylist(gone), month.published / "dim_client.parquet")
    assert worklist(workspace, month, 90).items[0].answer.suggestions == ()
