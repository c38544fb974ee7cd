"""The list of connectors.

Belongs here: what the registry promises. Does not: reading (the modules of the formats).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from connectors.datasets import DATASETS
from connectors.registry import CONNECTORS, SPECS
from connectors.spec import SourceSpec

OWN = Path(__file__).parent / "fixtures" / "focus_1_0.csv"


BILL, SEATS = ("vendor_invoices", "vendor_charges"), ("license_counts",)
EVERYTHING = (
    "clients",
    "products",
    "vendor_invoices",
    "vendor_charges",
    "license_counts",
    "agreements",
    "invoice_lines",
)


def test_every_connector_delivers_what_it_says() -> None:
    assert {name: set(connector.datasets) for name, connector in CONNECTORS.items()} == {
        "canonical": set(EVERYTHING),
        "focus": {"vendor_charges"},
        "mapped": set(EVERYTHING),
        "pax8": {*BILL, *SEATS},
        "connectwise": {"clients", "products", "agreements", "invoice_lines"},
        "halopsa": {"clients", "products", "agreements", "invoice_lines"},
        "quickbooks": {"clients", "products", "invoice_lines"},
        "xero": {"clients", "products", "invoice_lines"},
        "huntress": {*BILL, *SEATS},
        "huntress_reseller": {*BILL, *SEATS},
        "ninjaone": set(SEATS),
        "microsoft_partner_center": set(BILL),
        "microsoft_graph_billing": set(BILL),
        "microsoft_graph_licenses": set(SEATS),
        "sherweb": {"vendor_charges"},
        "singer": set(EVERYTHING),
    }
    assert all(connector.doc for connector in CONNECTORS.values())
    assert {name for name, connector in CONNECTORS.items() if connector.spec is None} == {
        "canonical",
        "focus",
        "mapped",
        "singer",
    }


@pytest.mark.parametrize("name", ["canonical", "focus"])
def test_readers_of_files_give_batches_of_the_dataset_s_columns(name: str) -> None:
    dataset = DATASETS["vendor_charges"]
    (batch,) = CONNECTORS[name].open(OWN, dataset, {}).batches()
    assert batch.schema.names == ["_line", *dataset.column_names, "_extra"]
    assert batch.num_rows == 10


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_readers_of_native_records_give_batches_of_the_dataset_s_columns(
    spec: SourceSpec, tmp_path: Path
) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text('{"nothing": "of use"}\n')
    for name in spec.datasets:
        records = CONNECTORS[spec.name].open(
            path, DATASETS[name], {setting.name: setting.default or "" for setting in spec.settings}
        )
        (batch,) = records.batches()
        assert batch.schema.names == ["_line", *DATASETS[name].column_names, "_extra"]
        assert batch.num_rows == 0 and (records.faults or records.warnings), (
            "a record of nothing was neither rejected nor told"
        )


def test_declarations_name_what_is_checked_and_what_is_only_believed() -> None:
    for spec in SPECS:
        assert [each for each in spec.checked if not each.is_believed], (
            f"{spec.name} was held against nothing"
        )
        assert [each for each in spec.checked if each.is_believed], f"{spec.name} believes nothing"
        assert spec.credentials and all(feed.endpoints for feed in spec.feeds)


def test_connectors_load_nothing_of_the_pipeline_and_no_engine() -> None:
    script = (
        "import connectors.registry, connectors.files.xlsx, sys; print(*{m.split('.')[0] for m in"
        " sys.modules})"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"mbr_pipeline", "dagster", "duckdb", "dbt", "pandas"} & set(loaded)
