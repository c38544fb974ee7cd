"""The list of file connectors.

Belongs here: what the registry promises. Does not: reading (the modules of the formats).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from connectors.datasets import DATASETS
from connectors.registry import CONNECTORS

OWN = Path(__file__).parent / "fixtures" / "focus_1_0.csv"


def test_canonical_reads_every_dataset_and_focus_reads_vendor_charges() -> None:
    assert {name: connector.datasets for name, connector in CONNECTORS.items()} == {
        "canonical": (
            "clients", "products", "vendor_invoices", "vendor_charges", "license_counts", "agreements", "invoice_lines",
        ),
        "focus": ("vendor_charges",),
    }  # fmt: skip
    assert all(connector.doc for connector in CONNECTORS.values())


@pytest.mark.parametrize("name", sorted(CONNECTORS))
def test_every_connector_gives_batches_of_the_dataset_s_columns(name: str) -> None:
    dataset = DATASETS["vendor_charges"]
    (batch,) = CONNECTORS[name].open(OWN, dataset, {}).batches()
    assert batch.schema.names == ["_line", *dataset.column_names, "_extra"]
    assert batch.num_rows == 10


def test_connectors_load_nothing_of_the_pipeline_and_no_engine() -> None:
    script = "import connectors.registry, connectors.files.xlsx, sys; print(*{m.split('.')[0] for m in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"mbr_pipeline", "dagster", "duckdb", "dbt", "pandas"} & set(loaded)
