"""What gate.json says of a month: controls, rejected rows, coverage and money (contract §6.1).

Belongs here: ``mbr_pipeline.audit.gate_document`` on marts written by hand. Does not: the verdict
(``test_gate``).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mbr_pipeline.audit import gate, gate_document
from mbr_pipeline.audit.gate import SUITE_NAMES, Verdict
from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.workspace.paths import MonthPaths
from tests.audit.gate_rows import control_row
from tests.audit.suites import FAILED, suites_with
from tests.support.handmade_marts import write_marts


def test_gate_json_of_a_passed_month(document: Callable[..., dict[str, Any]]) -> None:
    covered = control_row("COVERAGE_TOO_LOW", scope="USD", expected="0", actual="50", passed=True)
    assert document({"marts.fct_control_totals": [covered]}) == {
        "msp_id": "acme",
        "msp_name": "Acme & Sons",
        "period": "2026-10",
        "gate": "passed",
        "evaluated_at": "2026-11-05T06:00:00+00:00",
        "reasons": [],
        "controls": [],
        "suites": [
            {"name": name, "passed": True, "expected": 3, "evaluated": 3, "failed": []}
            for name in SUITE_NAMES
        ],
        "rejected_count": 0,
        "rejected_rows": [],
        "rejected_file": None,
        "coverage": [{"currency": "USD", "mapped": "50", "total": "100", "pct": "50"}],
        "residual": "0.00",
        "clients": {"pass": 1, "pass_with_waiver": 0, "hold": 1},
        "exceptions": {"UNDERBILLED_QUANTITY": 1},
        "money": [
            {
                "currency": "USD",
                "client_recoverable": "8.00",
                "client_refund": "0.00",
                "vendor_claim": "0.00",
                "vendor_liability": "0.00",
                "stranded": "0.00",
            }
        ],
        "inputs": [{"path": "2026-10/psa/clients.csv", "sha256": "0", "rows": 1, "bytes": 9}],
        "superseded": [
            {"path": "2026-10/psa/clients.1.csv", "sha256": "1", "bytes": 8, "by": "2026-10/psa/clients.csv"}
        ],
        "warnings": ["w"],
        "input_hash": "f00d",
    }


def test_gate_json_of_a_blocked_month_says_why(document: Callable[..., dict[str, Any]]) -> None:
    suites = suites_with(1, failed=(FAILED,))
    found = document({}, Verdict(suites, ()))
    assert (found["gate"], found["reasons"]) == ("blocked", ["SUITE_FAILED:marts"])
    assert found["suites"][1] == {
        "name": "marts",
        "passed": False,
        "expected": 3,
        "evaluated": 3,
        "failed": [
            {
                "expectation": "ExpectSomething",
                "subject": "tables.keys_repeated",
                "detail": "it does not hold",
            }
        ],
    }


def test_failed_controls_are_listed_in_order_with_plain_figures(
    document: Callable[..., dict[str, Any]],
) -> None:
    controls = [
        control_row("C"),
        control_row("B", "b"),
        control_row("B", "a", "e"),
        control_row("B", "a", "d", "t"),
        control_row("B", "a", "d", "s", "n"),
        control_row("B", expected="0", actual="0.000000000001", difference=None),
        control_row("A", passed=True),
    ]
    found = document({"marts.fct_control_totals": controls})["controls"]
    listed = [(row["code"], row["source"], row["dataset"], row["scope"], row["message"]) for row in found]
    assert listed == [
        ("B", "a", "d", "s", "m"),
        ("B", "a", "d", "s", "n"),
        ("B", "a", "d", "t", "m"),
        ("B", "a", "e", "s", "m"),
        ("B", "b", "d", "s", "m"),
        ("C", "a", "d", "s", "m"),
    ]
    assert [found[0][name] for name in ("expected", "actual", "difference")] == ["0", "0.000000000001", None]
    assert [found[1][name] for name in ("expected", "actual", "difference")] == ["10.5", "100", "-89.5"]


def test_failed_controls_are_those_of_the_marts_each_once(tmp_path: Path) -> None:
    with connected(None, tmp_path / "tmp") as connection:
        controls = [control_row("B"), control_row("A"), control_row("B", "b"), control_row("C", passed=True)]
        write_marts(connection, {"marts.fct_control_totals": controls}, ("marts",))
        assert gate.failed_controls(connection) == ("A", "B")


def _reject(
    line: int, column: str = "amount", file: str = "f.csv", source: str = "psa", dataset: str = "clients"
) -> dict[str, Any]:
    return {
        "source": source,
        "dataset": dataset,
        "file": file,
        "line": line,
        "column_name": column,
        "value": "x",
        "reason": "r",
    }


def test_rejected_rows_are_counted_once_and_listed_with_every_fault(
    document: Callable[..., dict[str, Any]],
) -> None:
    rejects = [
        _reject(3),
        _reject(2, "b"),
        _reject(2, "a"),
        _reject(2, file="e.csv"),
        _reject(2, source="other"),
        _reject(2, dataset="products"),
    ]
    found = document({"raw.rejects": rejects})
    # line 2 of f.csv has two faults, and is another row for another source and for another dataset
    assert found["rejected_count"] == 5
    assert [(row["file"], row["line"], row["column"]) for row in found["rejected_rows"]] == [
        ("e.csv", 2, "amount"),
        ("f.csv", 2, "a"),
        ("f.csv", 2, "amount"),
        ("f.csv", 2, "amount"),
        ("f.csv", 2, "b"),
        ("f.csv", 3, "amount"),
    ]
    assert found["rejected_rows"][0] == {
        "file": "e.csv",
        "line": 2,
        "column": "amount",
        "value": "x",
        "reason": "r",
    }
    assert found["rejected_file"] == "rejected.csv"


def test_a_thousand_rejected_values_are_listed_and_all_rows_counted(
    month: MonthPaths, tmp_path: Path
) -> None:
    with connected(None, tmp_path / "tmp") as connection:
        write_marts(connection)
        connection.execute(
            "insert into raw.rejects select 's', 'd', 'f', i, 'c', 'v', 'r' from range(1001) as r(i)"
        )
        found = gate_document._rejects(connection)
    assert (found["rejected_count"], len(found["rejected_rows"])) == (1001, 1000)
