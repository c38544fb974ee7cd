"""Checks that the opponents answer one question alike, and that what is recorded shows a loss.

Belongs here: the answers of the opponents and the file of results. How fast anything is, is not tested.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from bench.baseline import run_baseline
from bench.generate import generate
from bench.measure import Measurement
from bench.record import COLD, WARM, SizeResult, append, losses, table
from bench.run import OPPONENTS, ROOT

SEED = 6


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small workspace with many exceptions, over which every opponent has run."""
    made = generate(tmp_path_factory.mktemp("opponents"), 400, SEED, exceptions_per_mille=150)
    run_baseline(made)
    for name, module in OPPONENTS.items():
        if name != "by hand":
            subprocess.run([sys.executable, "-m", *module, str(made)], cwd=ROOT, check=True)
    return made


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_an_opponent_in_floating_point_answers_as_the_exact_one(workspace: Path, name: str) -> None:
    folder = workspace / "opponents"
    with duckdb.connect() as connection:
        exact = f"read_parquet('{folder}/tight.parquet')"
        theirs = f"read_parquet('{folder}/{name}.parquet')"
        columns = [row[0] for row in connection.execute(f"describe from {exact}").fetchall()][2:]
        assert len(columns) == 7
        # money of a month in 64 bits of floating point is right to far less than a thousandth
        wrong = " or ".join(f"coalesce(abs(one.{c} - other.{c}) > 0.001, true)" for c in columns)
        found = connection.execute(
            f"from {exact} one full join {theirs} other using (client_id, product_code) where {wrong}"
        ).fetchall()
    assert found == []


def test_the_exact_opponent_counts_the_days_that_the_hand_written_script_counts(workspace: Path) -> None:
    with duckdb.connect() as connection:
        (rows, keys, wrong) = connection.execute(
            f"""select count(*), count(script.client_id), count(*) filter (
                    where script.invoiced_unit_days <> tight.invoiced_unit_days
                    or script.expected_unit_days - script.invoiced_unit_days <> tight.missing_unit_days)
                from read_parquet('{workspace}/baseline/reconciliation.parquet') script
                full join read_parquet('{workspace}/opponents/tight.parquet') tight
                    using (client_id, product_code)
                -- what is counted by a minimum is not the opponents' question
                where product_code not in (
                    select product_code from read_csv('{workspace}/rules/bench/metering.csv')
                    where minimum_quantity > 0)"""
        ).fetchall()[0]
    assert (keys, wrong) == (rows, 0)
    assert rows > 300


def taken(cpu: float) -> Measurement:
    return Measurement(
        0, "", "", wall_seconds=cpu / 2, cpu_seconds=cpu, tree_rss_bytes=2**21, largest_rss_bytes=1
    )


def size(cold: float, warm: float, pandas: float) -> SizeResult:
    result = SizeResult(1000, stages=[{"load": 2.0}])
    for name, cpu in ((COLD, cold), (WARM, warm), ("pandas", pandas)):
        result.add(name, taken(cpu))
    return result


def test_a_record_is_appended_and_a_later_loss_against_pandas_is_told(tmp_path: Path) -> None:
    path = tmp_path / "results" / "figures.csv"
    append(path, [size(20, 10, 5)], "aaa")
    append(path, [size(30, 15, 5)], "bbb")
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["commit"], row["run"], row["wall_s"], row["cpu_s"]) for row in csv.DictReader(file)]
    assert rows[:2] == [("aaa", COLD, "10.00", "20.00"), ("aaa", WARM, "5.00", "10.00")]
    assert rows[3:5] == [("aaa", "stage load", "2.00", ""), ("bbb", COLD, "15.00", "30.00")]
    # twice as slow a machine: 60 / 10 is the 6 of bbb; 34 / 10 is more than 3 x 1.1
    assert losses(path, [size(60, 34, 10)], "ccc") == [
        "1,000 lines, mbr warm: 3.40 times pandas, 3.00 at bbb"
    ]
    assert losses(path, [size(60, 33, 10)], "ccc") == []
    # a commit is not held against itself
    assert losses(path, [size(21, 12, 5)], "bbb") == ["1,000 lines, mbr warm: 2.40 times pandas, 2.00 at aaa"]


def test_the_table_gives_every_run_as_a_multiple_of_pandas() -> None:
    assert "| 1,000 | mbr cold | 10.00 | 20.00 | 2 | 4.00 | 4.00 |" in table([size(20, 10, 5)]).splitlines()
