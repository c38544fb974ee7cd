"""dbt's unit tests of every formula, run for real: on an empty month that loading itself created.

Belongs here: running them once and counting them. The tests are the ``*__unit_tests.yml`` files beside the
models.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.datasets import DATASETS
from mbr_pipeline.ingest.load import load_dataset, start_month
from mbr_pipeline.ingest.load_controls import load_controls
from mbr_pipeline.periods import Period
from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.workspace.rules import load_rules
from mbr_pipeline.workspace.settings import MspSettings, Policies

PERIOD = Period.parse("2026-09")
MSP = MspSettings.model_validate(
    {
        "name": "Northwind IT",
        "sources": {
            "pax8": {"datasets": ["vendor_invoices", "vendor_charges", "license_counts"]},
            "connectwise": {"datasets": ["clients", "products", "agreements", "invoice_lines"]},
        },
    }
)
DBT = (
    "import sys; from dbt.cli.main import dbtRunner; result = dbtRunner().invoke(sys.argv[1:]); sys.exit(0 if"
    " result.success else 1)"
)


def empty_month(warehouse: Path, workspace: Path) -> None:
    """Create the raw tables of a month without files or rules: dbt takes the types of a unit test's inputs
    from them.
    """
    with connected(warehouse, workspace / "temp") as connection:
        start_month(connection, "northwind", MSP, Policies(), PERIOD, load_rules(workspace, "northwind"))
        for name in DATASETS:
            load_dataset(connection, name, [], PERIOD)
        load_controls(connection, MSP, [])


def declared(project: Path) -> list[str]:
    files = sorted((project / "models").rglob("*.yml"))
    entries = [
        (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("unit_tests") or [] for file in files
    ]
    return sorted(f"{test['model']}.{test['name']}" for tests in entries for test in tests)


@pytest.fixture(scope="module")
def results(project: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Build the models and run the unit tests in one dbt process; what became of every unit test, by model
    and name.
    """
    folder = tmp_path_factory.mktemp("dbt")
    empty_month(folder / "month.duckdb", folder)
    finished = subprocess.run(
        [
            sys.executable,
            "-c",
            DBT,
            "build",
            "--exclude-resource-type",
            "test",
            "--project-dir",
            str(project),
            "--profiles-dir",
            str(project),
            "--target-path",
            str(folder / "target"),
            "--log-path",
            str(folder / "logs"),
            "--no-use-colors",
        ],
        env={
            **os.environ,
            "MBR_WAREHOUSE_FILE": str(folder / "month.duckdb"),
            "MBR_TEMP_DIRECTORY": str(folder / "temp"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    written = folder / "target" / "run_results.json"
    assert written.exists(), finished.stdout[-4000:] + finished.stderr[-4000:]
    nodes = json.loads(written.read_text(encoding="utf-8"))["results"]
    # a failed unit test skips the models below it, which is its own message; a model that fails by itself is
    # another matter
    broken = [
        f"{node['unique_id']}: {node['message']}"
        for node in nodes
        if node["unique_id"].startswith("model.") and node["status"] == "error"
    ]
    assert broken == []
    return {
        node["unique_id"].removeprefix("unit_test.mbr."): (node["status"], node["message"])
        for node in nodes
        if node["unique_id"].startswith("unit_test.")
    }


def test_every_unit_test_passes(results: dict[str, Any]) -> None:
    assert Counter(status for status, _ in results.values()).keys() == {"pass"}, "\n\n".join(
        f"{name}: {message}" for name, (status, message) in results.items() if status != "pass"
    )


def test_every_declared_unit_test_ran(results: dict[str, Any], project: Path) -> None:
    assert len(declared(project)) > 0
    assert sorted(results) == declared(project)
