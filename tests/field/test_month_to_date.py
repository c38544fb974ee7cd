"""Two exports of one month so far, landed side by side: nothing is counted twice without being asked for.

Belongs here: the two files of 06-month-to-date-twice. Does not: which pairs of files repeat each other
(tests/ingest/test_double_landing.py).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from mbr_pipeline.ingest.land_checks import Place
from mbr_pipeline.ingest.land_files import land_files
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.transform.dbt_client import Transformer
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.support.launching import rows
from tests.support.small import write

EXPORTS = Path(__file__).parent / "06-month-to-date-twice"
OLD, NEW = (f"vendor_charges.export_{day}.csv" for day in ("2026-10-28", "2026-11-01"))
SETTINGS = """\
msps:
  acme:
    name: Acme IT
    sources:
      psa: {datasets: [clients, products, agreements, invoice_lines]}
      azure: {datasets: [vendor_charges], connector: focus}
"""
FILES = {
    "landing/acme/2026-10/psa/clients.csv": "client_id,client_name\nC1,Client One\n",
    "landing/acme/2026-10/psa/products.csv": "product_code,product_name\nAZ,Azure\n",
    "landing/acme/2026-10/psa/agreements.csv": (
        "agreement_line_id,agreement_id,client_id,product_code,quantity,unit_price,currency,effective_start\n"
        "A1,AG1,C1,AZ,1,17.28,USD,2026-01-01\n"
    ),
    "landing/acme/2026-10/psa/invoice_lines.csv": (
        "invoice_line_id,invoice_id,client_id,product_code,quantity,unit_price,amount,currency,"
        "service_period_start,service_period_end\nL1,INV1,C1,AZ,1,17.28,17.28,USD,2026-10-01,2026-11-01\n"
    ),
    "rules/acme/client_map.csv": "source,vendor_customer_id,client_id\nazure,sub-1,C1\n",
    "rules/acme/sku_map.csv": "source,sku_id,product_code\nazure,SKU1,AZ\n",
    "rules/acme/metering.csv": "product_code,basis,markup_pct\nAZ,cost_plus,0\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "mbr.yml", SETTINGS)
    for name, text in FILES.items():
        write(tmp_path / name, text)
    folder = tmp_path / "landing/acme/2026-10/azure"
    folder.mkdir()
    for name in (OLD, NEW):
        shutil.copyfile(EXPORTS / name.removeprefix("vendor_charges."), folder / name)
    return tmp_path


def _closed(root: Path, transformer: Transformer) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return gate.json, and the only row of the reconciliation."""
    month = MonthlyClose.of(WorkspacePaths(root), "acme", "2026-10")
    month.load()
    assert all(node.succeeded for node in month.transform(transformer))
    document = month.audit()
    [key] = rows(month.paths.candidate / "fct_reconciliation.parquet")
    return document, dict(key)


def test_both_together_are_refused_as_landed_twice(root: Path, transformer: Transformer) -> None:
    document, key = _closed(root, transformer)
    assert document["reasons"] == ["DOUBLE_LANDING"]
    [control] = document["controls"]
    assert (control["source"], control["dataset"], control["actual"]) == ("azure", "vendor_charges", "1")
    assert f"{OLD} and {NEW} hold lines that are equal" in control["message"]
    assert "5 of 5 of the smaller file" in control["message"] and "`detail`" in control["message"]
    assert key["verdict"] == "unreconciled"
    # replaced by command, the month is right
    workspace = Workspace.open(WorkspacePaths(root))
    place = Place.of(workspace, "acme", "2026-10", "azure", "vendor_charges")
    land_files(place, [EXPORTS / "export_2026-11-01.csv"], [OLD])
    _assert_right(*_closed(root, transformer))


def test_of_a_source_that_replaces_the_last_one_counts(root: Path, transformer: Transformer) -> None:
    write(root / "mbr.yml", SETTINGS.replace("connector: focus", "connector: focus, files: replace"))
    document, key = _closed(root, transformer)
    _assert_right(document, key)
    assert [(each["path"], each["by"]) for each in document["superseded"]] == [
        (f"2026-10/azure/{OLD}", f"2026-10/azure/{NEW}")
    ]
    assert f"2026-10/azure/{OLD}: {NEW} counts in its place (files: replace)" in document["warnings"]


def _assert_right(document: dict[str, Any], key: dict[str, Any]) -> None:
    assert (document["gate"], document["exceptions"]) == ("passed", {})
    assert (key["verdict"], f"{key['effective_cost']:.2f}", f"{key['expected_amount']:.2f}") == (
        "matched",
        "17.28",
        "17.28",
    )
