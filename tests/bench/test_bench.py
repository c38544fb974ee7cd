"""Checks that the benchmark compares like with like.

Belongs here: the generated workspace passes the controls it promises to pass, and the hand-written script
agrees with an oracle in plain Python fractions, worked from contract §4 and §5 over the CSV files. How fast
anything is, is not tested.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from bench.baseline import run_baseline
from bench.compare import BASELINE_CODES, IMPACTS, differences
from bench.generate import generate
from bench.measure import measure
from tests.bench.oracle import Finding, Key, Oracle, rows, vendor_rows

LINES = 200


SEEDS = (6, 7)  # between them they show every code


@pytest.fixture(scope="module")
def workspaces(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two small workspaces with many exceptions, over which the hand-written script has run."""
    made = [
        generate(tmp_path_factory.mktemp("bench"), LINES, seed, exceptions_per_mille=150) for seed in SEEDS
    ]
    for one in made:
        run_baseline(one)
    return made


@pytest.fixture(params=range(2), ids=lambda index: f"seed {SEEDS[index]}")
def workspace(request: pytest.FixtureRequest, workspaces: list[Path]) -> Path:
    """Each of the workspaces in turn."""
    index: int = request.param
    return workspaces[index]


def published_findings(path: Path) -> list[Finding]:
    found = []
    with duckdb.connect() as connection:
        cursor = connection.execute("FROM read_parquet(?)", [str(path)])
        names = [column[0] for column in cursor.description]
        for values in cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            (impact,) = [(name, row[name]) for name in IMPACTS if row[name] != 0] or [("none", Decimal(0))]
            seat = (row["source"], row["vendor_customer_id"], row["sku_id"])
            key = (row["client_id"], row["product_code"])
            about = (row["line_id"],) if row["line_id"] else seat if row["source"] else key
            found.append(Finding(row["exception_code"], about, *impact))
    return found


def test_every_leg_has_exactly_the_lines_asked_for(workspace: Path) -> None:
    for dataset in ("vendor_charges", "license_counts"):
        assert len(vendor_rows(workspace, dataset)) == LINES
    for dataset in ("agreements", "invoice_lines"):
        assert len(rows(workspace, "connectwise", dataset)) == LINES


def test_generated_vendor_invoices_tie_out_without_tax(workspace: Path) -> None:
    totals: dict[Key, Decimal] = defaultdict(Decimal)
    for row in vendor_rows(workspace, "vendor_charges"):
        totals[row["source"], row["invoice_id"]] += (
            Decimal(row["amount"]) if row["charge_category"] != "tax" else 0
        )
    stated = {
        (r["source"], r["invoice_id"]): Decimal(r["invoice_total"])
        for r in vendor_rows(workspace, "vendor_invoices")
    }
    assert stated == totals


def test_every_reference_is_landed_and_every_vendor_row_is_mapped(workspace: Path) -> None:
    oracle = Oracle(workspace)
    clients = {r["client_id"] for r in rows(workspace, "connectwise", "clients")}
    for dataset in ("agreements", "invoice_lines"):
        for row in rows(workspace, "connectwise", dataset):
            assert row["client_id"] in clients
            assert row["product_code"] in oracle.products
    for dataset in ("vendor_charges", "license_counts"):
        assert {oracle.key(row)[0] for row in vendor_rows(workspace, dataset)} <= clients


def test_identities_are_unique_so_that_no_row_is_rejected(workspace: Path) -> None:
    vendor = Counter(
        (r["source"], r["invoice_id"], r["line_id"]) for r in vendor_rows(workspace, "vendor_charges")
    )
    invoice = Counter(r["invoice_line_id"] for r in rows(workspace, "connectwise", "invoice_lines"))
    agreement = Counter(r["agreement_line_id"] for r in rows(workspace, "connectwise", "agreements"))
    assert {count for counter in (vendor, invoice, agreement) for count in counter.values()} == {1}


def test_one_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    made = [generate(tmp_path / name, 60, seed) for name, seed in (("a", 1), ("b", 1), ("c", 2))]
    first, second, other = ([path.read_bytes() for path in sorted(one.rglob("*.csv"))] for one in made)
    assert first == second
    assert first != other


def test_the_hand_written_script_finds_what_plain_fractions_find(workspace: Path) -> None:
    found = Counter(published_findings(workspace / "baseline" / "exceptions.parquet"))
    assert found == Counter(Oracle(workspace).findings())


def test_the_small_worlds_show_every_code_the_script_computes(workspaces: list[Path]) -> None:
    shown = {finding.code for workspace in workspaces for finding in Oracle(workspace).findings()}
    assert shown == set(BASELINE_CODES)


def test_every_landed_line_gets_exactly_the_disposition_the_contract_orders_first(workspace: Path) -> None:
    with duckdb.connect() as connection:
        path = str(workspace / "baseline" / "dispositions.parquet")
        found = connection.execute("SELECT line_id, disposition FROM read_parquet(?)", [path]).fetchall()
    assert Counter(found) == Counter(Oracle(workspace).dispositions())


def test_expected_minus_invoiced_is_the_sum_of_the_client_side_findings(workspace: Path) -> None:
    with duckdb.connect() as connection:
        (expected,) = connection.execute(
            "SELECT sum(expected_amount) - sum(invoiced_amount) FROM read_parquet(?)",
            [str(workspace / "baseline" / "reconciliation.parquet")],
        ).fetchall()
    client_side = [
        f for f in Oracle(workspace).findings() if f.impact.startswith("client_") and f.code != "LATE_CHARGE"
    ]
    assert expected[0] == sum(
        f.amount if f.impact == "client_recoverable" else -f.amount for f in client_side
    )


def test_a_changed_cent_is_a_reported_difference(workspace: Path, tmp_path: Path) -> None:
    baseline = workspace / "baseline"
    names = {
        "exceptions": "fct_exceptions",
        "dispositions": "fct_line_dispositions",
        "reconciliation": "fct_reconciliation",
    }
    for theirs, ours in names.items():
        shutil.copy(baseline / f"{theirs}.parquet", tmp_path / f"{ours}.parquet")
    assert differences(tmp_path, baseline) == []
    with duckdb.connect() as connection:
        connection.execute(
            f"""COPY (SELECT * REPLACE (
                          client_refund + CASE WHEN exception_code = 'ROUNDING' THEN 1 ELSE 0 END
                          AS client_refund)
                      FROM '{baseline}/exceptions.parquet') TO '{tmp_path}/fct_exceptions.parquet'"""
        )
    (said,) = differences(tmp_path, baseline)
    assert said.startswith("exceptions, ROUNDING: client_refund is ")


def test_the_memory_of_a_child_process_is_counted(tmp_path: Path) -> None:
    child = "import time; block = bytearray(80_000_000); time.sleep(0.3)"
    parent = (
        "import subprocess, sys; block = bytearray(80_000_000); subprocess.run([sys.executable, '-c',"
        f" {child!r}], check=True)"
    )
    taken = measure([sys.executable, "-c", parent], tmp_path)
    assert taken.returncode == 0
    assert 80_000_000 < taken.largest_rss_bytes < 160_000_000 < taken.tree_rss_bytes


def test_what_a_helper_and_those_it_waited_for_took_is_counted(tmp_path: Path) -> None:
    for name in ("ask", "answer"):
        os.mkfifo(tmp_path / name)
    burn = "import time\nwhile time.process_time() < 0.4: pass"
    serve = f"open('ask').read(); import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}])"
    ask = "open('ask', 'w').close(); open('answer').read()"
    helper = subprocess.Popen([sys.executable, "-c", f"{serve}; open('answer', 'w').close()"], cwd=tmp_path)
    taken = measure([sys.executable, "-c", ask], tmp_path, helper=helper.pid)
    assert helper.wait() == 0
    assert taken.returncode == 0
    assert taken.cpu_seconds > 0.4
    assert measure([sys.executable, "-c", "pass"], tmp_path).cpu_seconds < 0.4
