"""What ``mbr init`` writes: the empty workspace explains itself, the demo holds what it claims and nothing
else.

Belongs here: files, their promises and the planted findings, checked against hand-worked figures and the
independent second engine. Does not: what the pipeline makes of the demo (the end-to-end tests).
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import shutil
import zipfile
from collections import Counter
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.datasets import DATASETS
from connectors.registry import CONNECTORS
from mbr_pipeline.recompute import recompute_month
from mbr_pipeline.scaffold.create import WorkspaceError, create_workspace
from mbr_pipeline.scaffold.demo import BLOCKED, PLANTED, model
from mbr_pipeline.workspace.rules import load_rules
from mbr_pipeline.workspace.settings import Policies, Schedule, load_settings

CODES = [
    "CURRENCY_MISMATCH",
    "COST_PLUS_UNDERBILLED",
    "COST_PLUS_OVERBILLED",
    "BILLED_NOT_PROVIDED",
    "AGREEMENT_NOT_INVOICED",
    "AGREEMENT_ENDED",
    "UNBILLED_PRODUCT",
    "MID_PERIOD_CHANGE_NOT_PRORATED",
    "UNDERBILLED_QUANTITY",
    "OVERBILLED_QUANTITY",
    "INVOICE_PRICE_MISMATCH",
    "INVOICE_AMOUNT_MISMATCH",
    "ROUNDING",
    "SOLD_BELOW_COST",
    "MARGIN_BELOW_FLOOR",
    "DUPLICATE_VENDOR_CHARGE",
    "UNMAPPED_CUSTOMER",
    "UNMAPPED_SKU",
    "USAGE_NOT_METERED",
    "LATE_CHARGE",
    "VENDOR_AMOUNT_MISMATCH",
    "VENDOR_PRICE_CHANGE",
    "VENDOR_QUANTITY_OVER",
    "VENDOR_QUANTITY_UNDER",
    "UNUSED_LICENSES",
]
"""The exception codes of contract §5, copied from its tables."""

IMPACTS = (
    "client_recoverable",
    "client_refund",
    "vendor_claim",
    "vendor_liability",
    "stranded",
    "priced_at_cost",
)
MSP_MONTHS = [
    (msp, period) for msp in ("northwind", "harbour") for period in ("2026-08", "2026-09", "2026-10")
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo workspace; tests must not change it."""
    directory = tmp_path_factory.mktemp("demo")
    create_workspace(directory, demo=True)
    return directory


@pytest.fixture(scope="module")
def canonical(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo with its FOCUS exports rewritten by hand as canonical CSV: no connector is in the way."""
    copy = tmp_path_factory.mktemp("canonical") / "workspace"
    shutil.copytree(demo, copy)
    settings = copy / "mbr.yml"
    settings.write_text(settings.read_text().replace(", connector: focus", ""))
    for export in copy.glob("landing/*/*/azure/vendor_charges.focus.csv.gz"):
        rows = read_csv(export)
        with (export.parent / "vendor_charges.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(column.name for column in DATASETS["vendor_charges"].columns)
            writer.writerows(focus_as_canonical(number, row) for number, row in enumerate(rows))
        export.unlink()
    return copy


def read_csv(path: Path) -> list[dict[str, str]]:
    data = path.read_bytes()
    return list(
        csv.DictReader(io.StringIO((gzip.decompress(data) if path.suffix == ".gz" else data).decode()))
    )


def focus_as_canonical(number: int, row: dict[str, str]) -> list[str]:
    who = [
        row["SubAccountId"],
        row["SubAccountName"],
        row["SkuId"],
        row["ChargeDescription"],
        row["ResourceId"],
    ]
    money = [row["PricingQuantity"], row["ContractedUnitPrice"], row["BilledCost"], row["BillingCurrency"]]
    days = [row["ChargePeriodStart"][:10], row["ChargePeriodEnd"][:10]]
    return [str(number), row["InvoiceId"], *who, "usage", "", "", *money, *days]


def planted(msp: str, period: str) -> Counter[tuple[Any, ...]]:
    return as_counted(f for f in PLANTED if (f.msp_id, f.period) == (msp, period))


def as_counted(findings: Any) -> Counter[tuple[Any, ...]]:
    return Counter((f.code, f.client_id, f.product_code, f.amount_column, f.amount) for f in findings)


def found(exceptions: list[dict[str, Any]]) -> Counter[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for row in exceptions:
        amounts: list[tuple[str | None, Decimal]] = [
            (column, row[column]) for column in IMPACTS if row[column]
        ]
        key = (row["exception_code"], row["client_id"], row["product_code"])
        rows += [(*key, *amount) for amount in amounts or [(None, Decimal("0.00"))]]
    return Counter(rows)


@pytest.mark.parametrize("with_demo", [False, True])
def test_a_new_folder_gets_exactly_the_files_reported_in_path_order(tmp_path: Path, with_demo: bool) -> None:
    directory = tmp_path / "not" / "there" / "yet"

    written = create_workspace(directory, demo=with_demo)

    on_disk = [path for path in directory.rglob("*") if path.is_file()]
    assert sorted(written) == sorted(on_disk)
    assert [path.relative_to(directory).as_posix() for path in written] == sorted(
        path.relative_to(directory).as_posix() for path in on_disk
    )


@pytest.mark.parametrize("with_demo", [False, True])
def test_a_folder_that_holds_anything_even_hidden_is_refused_and_left_alone(
    tmp_path: Path, with_demo: bool
) -> None:
    (tmp_path / ".keep").write_text("mine")

    with pytest.raises(WorkspaceError, match="not empty") as refusal:
        create_workspace(tmp_path, demo=with_demo)

    assert "\n" not in str(refusal.value)
    assert [path.name for path in tmp_path.iterdir()] == [".keep"]


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")

    with pytest.raises(WorkspaceError, match="is a file"):
        create_workspace(tmp_path / "file", demo=False)


def test_a_folder_that_cannot_be_made_is_a_one_line_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")

    with pytest.raises(WorkspaceError, match="choose another folder") as refusal:
        create_workspace(tmp_path / "file" / "below", demo=False)

    assert "\n" not in str(refusal.value)


def test_the_empty_workspace_holds_headers_and_guides_but_no_data(tmp_path: Path) -> None:
    create_workspace(tmp_path, demo=False)

    files = {
        path.relative_to(tmp_path).as_posix(): path.read_text()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    assert set(files) == {
        "mbr.yml",
        "landing/README.md",
        "rules/README.md",
        "rules/my_msp/client_map.csv",
        "rules/my_msp/sku_map.csv",
        "rules/my_msp/metering.csv",
        "rules/my_msp/cost_list.csv",
    }
    assert files["rules/my_msp/client_map.csv"] == "source,vendor_customer_id,client_id,valid_from,valid_to\n"
    assert (
        files["rules/my_msp/sku_map.csv"] == "source,sku_id,term,product_code,units_per,valid_from,valid_to\n"
    )
    assert files["rules/my_msp/metering.csv"] == (
        "product_code,basis,minimum_quantity,markup_pct,margin_floor_pct,count_source\n"
    )
    assert (
        files["rules/my_msp/cost_list.csv"] == "source,sku_id,term,unit_cost,currency,valid_from,valid_to\n"
    )


def test_the_empty_settings_are_valid_declare_every_dataset_and_spell_out_the_defaults(
    tmp_path: Path,
) -> None:
    create_workspace(tmp_path, demo=False)

    settings = load_settings(tmp_path)
    written = yaml.safe_load((tmp_path / "mbr.yml").read_text())
    assert {dataset for _, dataset in settings.msps["my_msp"].declared()} == set(DATASETS)
    assert written["policies"] == {"materiality": "0.00", "rounding_tolerance": 1, "min_coverage_pct": "0"}
    assert set(written["policies"]) == set(Policies.model_fields)
    assert (settings.policies, settings.schedule) == (Policies(), Schedule())
    assert set(written["schedule"]) == set(Schedule.model_fields)
    assert {name: table.num_rows for name, table in load_rules(tmp_path, "my_msp").items()} == {
        "client_map": 0,
        "sku_map": 0,
        "metering": 0,
        "cost_list": 0,
    }


def test_every_setting_and_dataset_is_explained_in_a_comment(tmp_path: Path) -> None:
    create_workspace(tmp_path, demo=False)

    comments = re.findall(r"#.*", (tmp_path / "mbr.yml").read_text())
    text = "\n".join(comments)
    assert all(name in text for name in (*DATASETS, "msp_id", "datasets", "connector"))
    for setting in ("name", "materiality", "rounding_tolerance", "min_coverage_pct", "day", "hour"):
        assert re.search(rf"^ +{setting}: .*#", (tmp_path / "mbr.yml").read_text(), re.M), setting


def test_the_landing_guide_lists_every_canonical_column_and_marks_the_required_ones(tmp_path: Path) -> None:
    create_workspace(tmp_path, demo=False)

    chapters = dict(
        re.findall(r"^## (\w+)\n((?:- .*\n)+)", (tmp_path / "landing/README.md").read_text(), re.M)
    )
    listed = {name: re.findall(r"^- (\w+\*?)", body, re.M) for name, body in chapters.items()}
    assert listed["license_counts"] == [
        "vendor_customer_id*",
        "sku_id*",
        "as_of_date*",
        "entitled_quantity*",
        "assigned_quantity",
    ]
    assert {name: len(columns) for name, columns in listed.items()} == {
        "clients": 3,
        "products": 5,
        "vendor_invoices": 4,
        "vendor_charges": 16,
        "license_counts": 5,
        "agreements": 9,
        "invoice_lines": 12,
    }


@pytest.mark.parametrize(
    ("dataset", "kind"),
    [
        ("vendor_invoices", model.VendorInvoice),
        ("vendor_charges", model.VendorCharge),
        ("license_counts", model.LicenseCount),
        ("agreements", model.AgreementLine),
        ("invoice_lines", model.InvoiceLine),
    ],
)
def test_demo_rows_have_the_canonical_columns_in_order(dataset: str, kind: type[Any]) -> None:
    assert tuple(field.name for field in fields(kind)) == DATASETS[dataset].column_names


def test_two_demos_are_the_same_bytes(demo: Path, tmp_path: Path) -> None:
    again = create_workspace(tmp_path / "again", demo=True)

    assert len(again) > 80
    for path in again:
        assert path.read_bytes() == (demo / path.relative_to(tmp_path / "again")).read_bytes(), path


def test_archives_carry_no_clock(demo: Path) -> None:
    zipped, packed = list(demo.rglob("*.xlsx")), list(demo.rglob("*.gz"))

    assert zipped
    assert packed
    for path in zipped:
        with zipfile.ZipFile(path) as archive:
            assert {info.date_time for info in archive.infolist()} == {(2026, 1, 1, 0, 0, 0)}
            assert set(re.findall(r"20\d\d-\d\d-\d\dT", archive.read("docProps/core.xml").decode())) == {
                "2026-01-01T"
            }
    for path in packed:
        assert path.read_bytes()[4:8] == b"\0\0\0\0", path  # RFC 1952: the modification time


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


@pytest.mark.parametrize(("msp", "clients"), [("northwind", 21), ("harbour", 12)])
def test_the_demo_rules_load_and_map_every_client(demo: Path, msp: str, clients: int) -> None:
    rules = load_rules(demo, msp)

    assert len(set(rules["client_map"]["client_id"].to_pylist())) == clients
    assert all(table.num_rows for table in rules.values())


def test_every_exception_code_is_planted() -> None:
    assert len(CODES) == 25
    assert set(CODES) == {finding.code for finding in PLANTED}


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
    assert (BLOCKED.expected, BLOCKED.actual) == (Decimal("284.40"), Decimal("262.70"))


@pytest.mark.parametrize(("msp", "period"), [m for m in MSP_MONTHS if m != (BLOCKED.msp_id, BLOCKED.period)])
def test_the_second_engine_finds_what_is_planted_and_nothing_else(
    canonical: Path, msp: str, period: str
) -> None:
    result = recompute_month(canonical, msp, period)

    assert found(result.exceptions) == planted(msp, period)
    assert (result.reasons, result.rejects) == ([], [])
    assert {row["residual"] for row in result.variance_bridge} == {Decimal("0.00")}
    verdicts = Counter(row["verdict"] for row in result.reconciliation)
    assert set(verdicts) == {"matched", "exception"}
    assert verdicts["matched"] > 10 * verdicts["exception"]


def test_the_second_engine_blocks_the_month_with_the_missing_page_and_only_on_that(canonical: Path) -> None:
    result = recompute_month(canonical, BLOCKED.msp_id, BLOCKED.period)

    assert result.reasons == [BLOCKED.code]
    assert {row["product_code"] for row in result.reconciliation if row["verdict"] == "unreconciled"} == {
        "BKP-DEV",
        "BKP-GB",
    }


def test_landing_the_late_page_opens_the_blocked_month(canonical: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    shutil.copytree(canonical, workspace)
    shutil.copytree(workspace / "late_arrivals", workspace / "landing", dirs_exist_ok=True)

    result = recompute_month(workspace, BLOCKED.msp_id, BLOCKED.period)

    assert result.reasons == []
    assert found(result.exceptions) == as_counted(BLOCKED.once_complete)


@pytest.mark.parametrize("period", ["2026-09", "2026-10"])
def test_read_by_its_connector_a_focus_export_comes_to_what_its_canonical_copy_comes_to(
    demo: Path, canonical: Path, period: str
) -> None:
    read, copied = (recompute_month(root, "northwind", period) for root in (demo, canonical))
    assert {row["source"] for row in read.line_dispositions} >= {"azure"}
    assert read.reconciliation == copied.reconciliation
    assert read.variance_bridge == copied.variance_bridge
    assert read.coverage == copied.coverage
    assert found(read.exceptions) == found(copied.exceptions)
