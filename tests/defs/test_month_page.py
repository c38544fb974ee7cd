"""What the page of a partition says in Dagster.

Belongs here: figures and words made of ``gate.json``. Does not: the verdict (``test_gate_launches``).
"""

from __future__ import annotations

from typing import Any

from mbr_pipeline.defs.month_page import figures, in_one_line, in_words

_PASSED: dict[str, Any] = {
    "msp_id": "acme",
    "period": "2026-10",
    "gate": "passed",
    "controls": [],
    "suites": [{"name": "raw", "failed": []}],
    "exceptions": {"OVERBILLED_QUANTITY": 2, "ROUNDING": 3},
    "clients": {"pass": 4, "pass_with_waiver": 0, "hold": 1},
    "rejected_count": 0,
    "rejected_rows": [],
    "inputs": [{"rows": 10}, {"rows": 5}],
    "coverage": [{"currency": "USD", "pct": "99.5"}, {"currency": "EUR", "pct": None}],
}

_BLOCKED: dict[str, Any] = {
    **_PASSED,
    "gate": "blocked",
    "controls": [
        {"code": "COVERAGE_TOO_LOW", "message": "USD: 50 % is mapped: map\n<b>it</b>"},
    ],
    "suites": [
        {"name": "raw", "failed": [{"subject": "vendor_charges", "detail": "3 rows"}] * 21},
    ],
    "rejected_count": 1,
    "rejected_rows": [{"file": "2026-10/psa/a.csv", "line": 3, "column": None, "reason": "too short"}],
}


def test_the_figures_of_a_month_are_numbers_that_dagster_plots_and_never_money() -> None:
    found = {name: value.value for name, value in figures(_BLOCKED, 12.34).items()}
    assert found == {
        "failed_controls": 1,
        "failed_expectations": 21,
        "exceptions": 5,
        "held_clients": 1,
        "rejected_rows": 1,
        "input_files": 2,
        "input_rows": 15,
        "coverage_pct_USD": 99.5,
        "seconds_to_gate": 12.3,
    }
    assert "seconds_to_gate" not in figures(_PASSED, None)


def test_a_blocked_month_says_what_failed_and_what_to_do_without_markup_from_files() -> None:
    text = in_words(_BLOCKED).md_str or ""
    assert text.startswith("**acme 2026-10: blocked.** Nothing was published")
    assert "- `COVERAGE_TOO_LOW` USD: 50 % is mapped: map \\<b\\>it\\</b\\>\n" in text
    assert text.count("- `raw` vendor\\_charges: 3 rows") == 20
    assert "- and 1 more: see gate.json" in text
    assert "- 2026-10/psa/a.csv, line 3, the whole record: too short" in text
    assert text.endswith("    mbr run --period 2026-10 --msp acme")


def test_a_month_that_passed_says_so_and_asks_for_nothing() -> None:
    assert in_words(_PASSED).md_str == "**acme 2026-10: passed.** 1 client is held."


def test_the_failure_of_a_run_names_three_things_and_counts_the_rest() -> None:
    blocked = {**_BLOCKED, "reasons": ["SUITE_FAILED:raw"], "controls": []}
    assert in_one_line(blocked) == (
        "blocked by SUITE_FAILED:raw: raw: vendor_charges: 3 rows; raw: vendor_charges: 3 rows; raw:"
        " vendor_charges: 3 rows; and 18 more, see gate.json. Nothing was published. Mend what is named, then"
        " re-execute all of this run, or type: mbr run --period 2026-10 --msp acme"
    )


def test_a_control_is_named_once_and_what_it_does_not_explain_beside_it() -> None:
    blocked = {**_BLOCKED, "reasons": ["COVERAGE_TOO_LOW", "SUITE_FAILED:raw"]}
    assert in_one_line(blocked).startswith(
        "blocked by SUITE_FAILED:raw: COVERAGE_TOO_LOW: USD: 50 % is mapped: map <b>it</b>. Nothing was"
    )
    assert in_one_line({**_BLOCKED, "reasons": ["COVERAGE_TOO_LOW"]}).startswith(
        "blocked: COVERAGE_TOO_LOW: USD: 50 % is mapped: map <b>it</b>. Nothing was published."
    )
