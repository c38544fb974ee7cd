"""The demo's files: written as they are in the package, readable, and holding what the documentation says.

Belongs here: bytes, formats and single figures of the files. Does not: the mistakes in them and what must be
found (``test_demo_answers``), and what the pipeline makes of the demo (the end-to-end tests).
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import os
import re
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from connectors.datasets import DATASETS
from connectors.registry import CONNECTORS
from mbr_pipeline.scaffold.create import create_workspace
from mbr_pipeline.workspace.rules import load_rules
from mbr_pipeline.workspace.settings import load_settings
from tests.support.demo_answers import BLOCKED_ACTUAL, BLOCKED_EXPECTED

DIGESTS = Path(__file__).with_name("demo.sha256")
GUIDES = {"landing/README.md", "rules/README.md"}
"""Written into every new workspace; they follow the datasets, so they have no fixed digest."""


def read_csv(path: Path) -> list[dict[str, str]]:
    data = path.read_bytes()
    return list(
        csv.DictReader(io.StringIO((gzip.decompress(data) if path.suffix == ".gz" else data).decode()))
    )


def below(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def test_the_demo_is_written_byte_for_byte_and_nothing_beside_it(demo: Path) -> None:
    listed = [line.split("  ", 1) for line in DIGESTS.read_text(encoding="utf-8").splitlines()]
    written = {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in below(demo).items()
        if name not in GUIDES
    }

    assert len(listed) == 87
    assert written == {name: digest for digest, name in listed}


def test_the_demo_has_the_guides_of_an_empty_workspace(demo: Path, tmp_path: Path) -> None:
    create_workspace(tmp_path, demo=False)

    for name in GUIDES:
        assert (demo / name).read_bytes() == (tmp_path / name).read_bytes()


def test_the_demos_files_are_the_readers_own(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for path in create_workspace(first, demo=True):
        assert path.stat().st_mode & 0o777 == 0o666 & ~_umask(), path
        path.write_bytes(b"changed")
    create_workspace(second, demo=True)

    assert not [name for name, path in below(second).items() if path.read_bytes() == b"changed"]


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def test_the_demo_uses_five_vendors_and_every_file_format(demo: Path) -> None:
    settings = yaml.safe_load((demo / "mbr.yml").read_text())
    vendors = {
        name
        for provider in settings["msps"].values()
        for name, source in provider["sources"].items()
        if "vendor_charges" in source["datasets"]
    }
    assert vendors == {"pax8", "microsoft", "huntress", "acronis", "azure"}
    suffixes = {re.sub(r"^[^.]*", "", path.name) for path in demo.glob("landing/*/*/*/*")}
    assert suffixes >= {
        ".csv",
        ".csv.gz",
        ".jsonl",
        ".jsonl.gz",
        ".xlsx",
        ".parquet",
        ".focus.csv.gz",
        ".page1.csv",
    }


def test_every_declared_dataset_lands_every_month(demo: Path) -> None:
    for msp_id, provider in yaml.safe_load((demo / "mbr.yml").read_text())["msps"].items():
        for period in ("2026-08", "2026-09", "2026-10"):
            landed = {
                (path.parent.name, path.name.split(".")[0])
                for path in demo.glob(f"landing/{msp_id}/{period}/*/*")
            }
            declared = {(source, name) for source, s in provider["sources"].items() for name in s["datasets"]}
            assert landed == declared


def test_every_demo_file_is_read_by_its_sources_connector_without_a_fault(demo: Path) -> None:
    settings = load_settings(demo)
    for path in demo.glob("landing/*/*/*/*"):
        source = settings.msps[path.parts[-4]].sources[path.parent.name]
        dataset = DATASETS[path.name.split(".")[0]]
        records = CONNECTORS[source.connector].open(path, dataset, source.settings)
        assert sum(batch.num_rows for batch in records.batches()) > 0, path
        assert records.faults == [], path
        assert set(records.header) >= set(dataset.required_columns), path


def test_whole_tables_of_the_demo_have_the_canonical_columns_in_order(demo: Path) -> None:
    settings, compared = load_settings(demo), set()
    for path in demo.glob("landing/*/*/*/*"):
        source = settings.msps[path.parts[-4]].sources[path.parent.name]
        dataset = DATASETS[path.name.split(".")[0]]
        # a FOCUS export has columns of its own, and JSON leaves out what is null
        if source.connector != "focus" and ".jsonl" not in path.name:
            header = CONNECTORS[source.connector].open(path, dataset, source.settings).header
            assert header == tuple(name for name in dataset.column_names if name in header), path
            assert set(dataset.required_columns) <= set(header), path
            compared.add(dataset.name)
    assert compared == set(DATASETS)


@pytest.mark.parametrize(("msp", "clients"), [("northwind", 21), ("harbour", 12)])
def test_the_demo_rules_load_and_map_every_client(demo: Path, msp: str, clients: int) -> None:
    rules = load_rules(demo, msp)

    assert len(set(rules["client_map"]["client_id"].to_pylist())) == clients
    assert all(table.num_rows for table in rules.values())


def test_a_year_is_paid_in_advance_on_both_sides(demo: Path) -> None:
    august = demo / "landing/harbour/2026-08"
    yearly = [row for row in read_csv(august / "microsoft/vendor_charges.csv.gz") if row["term"] == "P1Y"]
    invoiced = [
        row for row in read_csv(august / "halopsa/invoice_lines.csv") if row["product_code"] == "M365-BP-A"
    ]

    # 60 seats x 12 months at 13.50 and 18.10.
    assert [(r["amount"], r["charge_period_start"], r["charge_period_end"]) for r in yearly] == [
        ("9720.00", "2026-08-01", "2027-08-01")
    ]
    assert [(r["amount"], r["service_period_start"], r["service_period_end"]) for r in invoiced] == [
        ("13032.00", "2026-08-01", "2027-08-01")
    ]


def test_cloud_usage_is_daily_and_adds_up(demo: Path) -> None:
    rows = read_csv(demo / "landing/northwind/2026-08/azure/vendor_charges.focus.csv.gz")
    granite = [row for row in rows if row["SubAccountName"] == "Granite Peak Engineering"]

    assert {row["ChargeCategory"] for row in rows} == {"Usage"}
    assert len(granite) == 3 * 31 + 8
    # 31 x (48 x 0.1920 + 512 x 0.0026 + 20 x 0.0870) + 8 x 24 x 0.1920
    assert sum(Decimal(row["BilledCost"]) for row in granite) == Decimal("417.7672")


def test_json_numbers_are_numbers_with_all_their_digits(demo: Path) -> None:
    lines = (demo / "landing/northwind/2026-08/huntress/vendor_charges.jsonl").read_text().splitlines()
    first = json.loads(lines[0], parse_float=Decimal, parse_int=Decimal)

    # Alder & Finch: 20 agents at 2.75.
    assert (first["quantity"], first["unit_cost"], first["amount"]) == (
        Decimal(20),
        Decimal("2.75"),
        Decimal("55.00"),
    )
    assert '"amount": 55.00' in lines[0]


def test_the_missing_page_is_what_the_blocked_bill_lacks(demo: Path) -> None:
    folder = demo / "landing/harbour/2026-10/acronis"
    held_back = demo / "late_arrivals/harbour/2026-10/acronis/vendor_charges.page2.csv"

    assert sorted(path.name for path in folder.iterdir()) == [
        "vendor_charges.page1.csv",
        "vendor_invoices.csv",
    ]
    assert [row["invoice_total"] for row in read_csv(folder / "vendor_invoices.csv")] == ["284.40"]
    assert sum(Decimal(row["amount"]) for row in read_csv(folder / "vendor_charges.page1.csv")) == Decimal(
        "262.70"
    )
    assert [(row["vendor_customer_name"], row["amount"]) for row in read_csv(held_back)] == [
        ("Moorside Foods", "21.70")
    ]
    assert (Decimal("284.40"), Decimal("262.70")) == (BLOCKED_EXPECTED, BLOCKED_ACTUAL)
