"""Coverage, residuals and money in gate.json (contract §6.1).

Belongs here: its sums, worked by hand. Does not: controls and rejected rows (``test_gate_document``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.audit.gate_rows import control_row

COVERED = [
    ("USD", "33.333300000000", "100", "33.3333"),
    ("EUR", "0", "7", None),
    ("GBP", "-20", "-200", "10"),
]


def test_coverage_is_that_of_every_currency_in_plain_figures(document: Callable[..., dict[str, Any]]) -> None:
    columns = ("currency", "mapped_amount", "total_amount", "coverage_pct")
    rows = [dict(zip(columns, row, strict=True)) for row in COVERED]
    evaluated = [
        control_row("COVERAGE_TOO_LOW", scope=row["currency"], actual=row["coverage_pct"] or "0")
        for row in rows
    ]
    assert document({"intermediate.int_coverage": rows, "marts.fct_control_totals": evaluated})[
        "coverage"
    ] == [
        {"currency": "EUR", "mapped": "0", "total": "7", "pct": None},
        {"currency": "GBP", "mapped": "-20", "total": "-200", "pct": "10"},
        {"currency": "USD", "mapped": "33.3333", "total": "100", "pct": "33.3333"},
    ]


def test_the_percentage_is_the_one_that_was_judged_and_there_is_none_where_none_was(
    document: Callable[..., dict[str, Any]],
) -> None:
    # 2 of 3 is 66.6667 % to four places, and below a policy of 66.6667 %: the control shows 66.6666
    rows = [
        {"currency": currency, "mapped_amount": "2", "total_amount": "3", "coverage_pct": "66.6667"}
        for currency in ("EUR", "USD")
    ]
    controls = [
        control_row("COVERAGE_TOO_LOW", scope="USD", actual="66.6666"),
        control_row("CONTROL_TOTAL_MISMATCH", scope="EUR", actual="5"),
    ]
    found = document({"intermediate.int_coverage": rows, "marts.fct_control_totals": controls})
    assert found["coverage"] == [{"currency": "USD", "mapped": "2", "total": "3", "pct": "66.6666"}]


@pytest.mark.parametrize(
    ("residuals", "text"),
    [
        ([], "0.00"),
        (["0.01", "-0.01"], "0.02"),
        (["-1"], "1.00"),
        (["0.001"], "0.0010"),
        (["0.0005", "0.0025"], "0.0030"),
        (["0.0004"], "0.0004"),
    ],
)
def test_residuals_never_offset_each_other(
    residuals: list[str], text: str, document: Callable[..., dict[str, Any]]
) -> None:
    rows = [
        {"client_id": f"C-{n}", "currency": "USD", "residual": residual}
        for n, residual in enumerate(residuals)
    ]
    assert document({"marts.fct_variance_bridge": rows})["residual"] == text


def test_a_client_counts_once_whatever_currencies_it_has(document: Callable[..., dict[str, Any]]) -> None:
    verdicts = [
        ("C-1", "USD", "PASS"),
        ("C-1", "EUR", "PASS"),
        ("C-2", "USD", "PASS"),
        ("C-3", "USD", "HOLD"),
        ("C-4", "USD", "PASS_WITH_WAIVER"),
    ]
    rows = [
        {"client_id": client, "currency": currency, "verdict": verdict}
        for client, currency, verdict in verdicts
    ]
    assert document({"marts.fct_client_gate": rows})["clients"] == {
        "pass": 2,
        "pass_with_waiver": 1,
        "hold": 1,
    }


IMPACTS = ("client_recoverable", "client_refund", "vendor_claim", "vendor_liability", "stranded")


def _finding(code: str, currency: str | None, *amounts: str) -> dict[str, Any]:
    return {"exception_code": code, "currency": currency, **dict(zip(IMPACTS, amounts, strict=True))}


def test_money_is_summed_by_direction_and_currency_with_the_places_of_the_currency(
    document: Callable[..., dict[str, Any]],
) -> None:
    findings = [
        _finding("LATE_CHARGE", "USD", "1.10", "2.20", "3.30", "4.40", "5.50"),
        _finding("ROUNDING", "USD", "0.01", "0.01", "0", "0", "0"),
        _finding("UNUSED_LICENSES", "JPY", "7", "0", "1", "2", "3"),
        _finding("ROUNDING", "KWD", "0.001", "0.010", "1", "2", "3.5"),
        _finding("ROUNDING", "ONE", "0.1", "0", "1", "2.5", "3"),
        _finding("ROUNDING", "CLF", "0.0001", "0", "1", "2.5", "3"),
        *(
            _finding("ROUNDING", currency, "1", "1", "1", "1", "1")
            for currency in ("JPY", "KWD", "ONE", "CLF")
        ),
        _finding("UNMAPPED_SKU", None, "0", "0", "0", "0", "0"),
    ]
    found = document({"marts.fct_exceptions": findings})
    assert [tuple(row.values()) for row in found["money"]] == [
        ("CLF", "1.0001", "1.0000", "2.0000", "3.5000", "4.0000"),
        ("JPY", "8", "1", "2", "3", "4"),
        ("KWD", "1.001", "1.010", "2.000", "3.000", "4.500"),
        ("ONE", "1.1", "1.0", "2.0", "3.5", "4.0"),
        ("USD", "1.11", "2.21", "3.30", "4.40", "5.50"),
    ]
    assert list(found["money"][0]) == ["currency", *IMPACTS]
    assert list(found["exceptions"].items()) == [
        ("LATE_CHARGE", 1),
        ("ROUNDING", 8),
        ("UNMAPPED_SKU", 1),
        ("UNUSED_LICENSES", 1),
    ]
