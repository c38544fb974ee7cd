"""Rows of the maps that nearly say something: one warning for each kind, with examples.

Belongs here: ``near_misses`` on raw tables that loading made. Does not: the same of agreement and invoice
lines (int_reference_controls, dbt unit tests).
"""

from __future__ import annotations

import json
from pathlib import Path

from mbr_pipeline.audit.near_misses import near_misses
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.monthly_close.months import hold
from tests.support.handmade_marts import write_marts
from tests.support.small import LANDED, PERIOD, RULES, settings, write, write_msp

CLIENTS = "client_id,client_name\n007,Alder & Sons\nC-2,Finch\nC-3,Finch\nC-4,c-2\n"
HEAD = "source,vendor_customer_id,client_id,valid_from,valid_to\n"


def _loaded(root: Path, client_map: str, sku_map: str, **landed: str) -> MonthlyClose:
    write(root / "mbr.yml", settings(["acme"]))
    files = {"psa/clients.csv": CLIENTS, **{f"vendor/{name}.csv": text for name, text in landed.items()}}
    write_msp(root, "acme", files, {"client_map.csv": client_map, "sku_map.csv": sku_map})
    month = MonthlyClose.of(WorkspacePaths(root), "acme", PERIOD)
    month.load()
    return month


def _hints(root: Path, client_map: str, sku_map: str = RULES["sku_map.csv"], **landed: str) -> list[str]:
    month = _loaded(root, client_map, sku_map, **landed)
    with connected(month.paths.warehouse_file, root / "tmp") as connection:
        return near_misses(connection)


def _customers(*ids: str) -> str:
    head, line = LANDED["vendor/vendor_charges.csv"].splitlines()
    return f"{head}\n" + "".join(
        line.replace("1,V-1,T-1", f'{at},V-1,"{name}"') + "\n" for at, name in enumerate(ids)
    )


def test_a_map_that_says_what_is_landed_is_not_spoken_of(tmp_path: Path) -> None:
    # T-9 is nothing like anything; !internal is no name
    assert _hints(tmp_path, HEAD + "vendor,T-1,007,,\nvendor,T-9,C-2,,\nvendor,T-8,!internal,,\n") == []


def test_vendor_ids_that_differ_in_capitals_blanks_or_zeros_are_told_with_three_examples(
    tmp_path: Path,
) -> None:
    landed = _customers("0042", "AB c", "x\u00a0y", "Z-1", "T-1", "m-1", "000")
    rows = "vendor,42,C-2,,\nvendor,abC,C-2,,\nvendor,X Y,C-2,,\nvendor,z-1,C-2,,\nvendor,t-1,C-2,,\n"
    # T-1 has its own row; M-1's row ends before the month; nothing but zeros is nobody
    others = "vendor,T-1,C-2,,\nvendor,M-1,C-2,,2026-10-01\nvendor,0,C-2,,\nvendor,ONLY,C-2,,\n"
    [hint] = _hints(tmp_path, HEAD + rows + others, vendor_charges=landed)
    assert hint == (
        "client_map.csv: the customer of a row is in no bill or count, but an unmapped one differs only in"
        " capitals, blanks or leading zeros: line 2, “42” of vendor for 0042; line 3, “abC” of vendor for AB"
        " c; line 4, “X Y” of vendor for x⟨U+00A0⟩y and 1 more: correct the row's id"
    )


def test_an_id_that_only_counts_have_is_meant_as_well_and_skus_are_told_apart(tmp_path: Path) -> None:
    counts = LANDED["vendor/license_counts.csv"] + "T-1,Sku-2,2026-10-01,1,1\n"
    sku_map = "source,sku_id,product_code\nvendor,SKU-1,SEAT\nvendor,SKU-2,seat\npsa,sku-2,SEAT\n"
    first, second = _hints(tmp_path, HEAD + "vendor,T-1,C-2,,\n", sku_map, license_counts=counts)
    assert first.startswith("sku_map.csv: the SKU of a row is in no bill or count")
    assert "line 3, “SKU-2” of vendor for Sku-2: correct" in first
    assert second == (
        "sku_map.csv: product_code differs from a landed one only in capitals, blanks or leading zeros:"
        " line 3, “seat” for SEAT: write the id as it is landed"
    )


def test_names_in_the_place_of_ids_are_told_with_the_ids(tmp_path: Path) -> None:
    rows = "vendor,T-1,ALDER  & sons,,\nvendor,T-2,finch,,\nvendor,T-3,7,,\nvendor,T-4,c-2,,\n"
    names, spelled = _hints(tmp_path, HEAD + rows, "source,sku_id,product_code\nvendor,SKU-1,SEAT\n")
    assert names == (
        "client_map.csv: client_id holds names of clients: line 2, “ALDER  & sons” for 007; line 3, “finch”"
        " for C-2 or C-3; line 5, “c-2” for C-4: write the id as it is landed"
    )
    assert spelled == (
        "client_map.csv: client_id differs from a landed one only in capitals, blanks or leading zeros:"
        " line 4, “7” for 007: write the id as it is landed"
    )


def test_the_gate_lists_them_as_warnings(tmp_path: Path) -> None:
    month = _loaded(tmp_path, HEAD + "vendor,T-1,Alder & Sons,,\n", RULES["sku_map.csv"])
    with connected(month.paths.warehouse_file, tmp_path / "tmp") as connection:
        write_marts(connection, schemas=("marts", "intermediate"))
    month.audit(hold)
    [hint] = [
        text
        for text in json.loads((month.paths.report / "gate.json").read_text(encoding="utf-8"))["warnings"]
        if "client_map" in text
    ]
    assert "“Alder & Sons” for 007" in hint
