"""The suites of the three boundaries, run by Great Expectations: whatever a frame shows that should not be
there fails its suite.

Belongs here: ``expectations`` on frames written by hand. Does not: computing frames (``test_audit_frames``)
and the verdict (``test_gate``).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest

from expectations import invoice_ready, marts, raw, runner
from expectations.boundary import Expectation, FailedExpectation, Suite, SuiteResult, at_least_one, rows, zero
from mbr_pipeline.audit.gate import run_suites

Frame = list[dict[str, Any]]

CONTROLS = (
    "SOURCE_MISSING",
    "SOURCE_EMPTY",
    "SCHEMA_DRIFT",
    "ROW_REJECTED",
    "REFERENCE_MISSING",
    "CONTROL_TOTAL_MISMATCH",
    "COVERAGE_TOO_LOW",
)
READY = (
    "lines_missing",
    "lines_of_held_clients",
    "lines_of_unknown_clients",
    "lines_repeated",
    "lines_without_money",
    "lines_finer_than_minor_unit",
    "currencies_not_summing_to_landed",
)
FACTS = (
    "lines_without_exactly_one_disposition",
    "lines_without_exactly_one_disposition",
    "residuals_not_zero",
    "exception_ids_repeated",
    "impacts_negative_or_missing",
    "ready_lines_of_held_clients",
    "ready_lines_lost_or_altered",
)
# columns of which every value must be 0, and columns of which every value must be 1 or more
ZERO = {
    "datasets": ("drifted_files", "rejected_rows"),
    "controls": CONTROLS,
    "facts": ("violations",),
    "tables": (
        "rows_lost_in_candidate",
        "floating_point_columns",
        "keys_repeated",
        "clean_keys_with_variance",
        "conservation_failures",
    ),
    "ready": READY,
}
SOME = {"datasets": ("files",), "tables": ("control_rows", "client_rows", "disposition_rows")}
FRAMES_OF = {"raw": ("datasets", "controls"), "marts": ("facts", "tables"), "invoice_ready": ("ready",)}
SUITES = {suite.name: suite for suite in (raw.suite(), marts.suite(), invoice_ready.suite())}

SOUND: dict[str, Frame] = {
    "datasets": [
        {"source_number": number, "dataset": dataset, "files": 1, "drifted_files": 0, "rejected_rows": 0}
        for number, dataset in (
            (1, "clients"),
            (1, "products"),
            (1, "agreements"),
            (1, "invoice_lines"),
            (2, "vendor_invoices"),
            (2, "vendor_charges"),
            (2, "license_counts"),
            (3, "vendor_charges"),
        )
    ],
    "controls": [dict.fromkeys(CONTROLS, 0)],
    "facts": [{"fact": fact, "violations": 0} for fact in FACTS],
    "tables": [dict.fromkeys(ZERO["tables"], 0) | dict.fromkeys(SOME["tables"], 1)],
    "ready": [dict.fromkeys(READY, 0)],
}


def _run(name: str, frames: Mapping[str, Frame]) -> SuiteResult:
    return runner.run(SUITES[name], {key: pa.Table.from_pylist(frame) for key, frame in frames.items()})


def _failed(result: SuiteResult) -> list[tuple[str, str]]:
    return sorted(
        (failure.subject, failure.expectation.removeprefix("ExpectColumnValues")) for failure in result.failed
    )


def _everywhere(columns: Mapping[str, tuple[str, ...]], value: int | None) -> dict[str, Frame]:
    """The sound frames with this value in the last row of these columns."""
    return {
        name: [*frame[:-1], frame[-1] | dict.fromkeys(columns.get(name, ()), value)]
        for name, frame in SOUND.items()
    }


# ----- suites as data: no need to start Great Expectations for these


def test_a_suite_passed_only_if_all_that_was_expected_was_evaluated_and_held_and_something_was() -> None:
    failure = FailedExpectation("e", "s", "d")
    passed = {
        (e, v, f): SuiteResult("s", e, v, f).passed
        for e in (0, 1, 2)
        for v in (0, 1, 2)
        for f in ((), (failure,))
    }
    assert {case for case, is_passed in passed.items() if is_passed} == {(1, 1, ()), (2, 2, ())}


def test_an_expectation_says_what_it_is_about() -> None:
    assert Expectation("tables", "E", {"column": "keys"}).subject == "tables.keys"
    assert Expectation("tables", "E", {"column_list": ["a", "b"]}).subject == "tables.a+b"
    assert Expectation("tables", "E").subject == "tables"


def test_the_frames_of_a_suite_are_named_once_in_order() -> None:
    assert Suite("s", (rows("b", 1), rows("a", 1), rows("b", 1))).frames == ("b", "a")


def test_columns_are_asked_for_before_their_values_because_nothing_holds_of_nothing() -> None:
    for expectations in (zero("f", "c"), at_least_one("f", "c")):
        assert [e.kind for e in expectations] == [
            "ExpectColumnValuesToNotBeNull",
            "ExpectColumnValuesToBeBetween",
        ]
    assert zero("f", "c")[1].arguments == {"column": "c", "min_value": 0, "max_value": 0}
    assert at_least_one("f", "c")[1].arguments == {"column": "c", "min_value": 1}
    assert rows("f", 1, 2) == Expectation(
        "f", "ExpectTableRowCountToBeBetween", {"min_value": 1, "max_value": 2}
    )


def _ranges(frame: str) -> list[Expectation]:
    columns = [(column, {"min_value": 1}) for column in SOME.get(frame, ())]
    columns += [(column, {"min_value": 0, "max_value": 0}) for column in ZERO.get(frame, ())]
    return [
        Expectation(frame, kind, {"column": column} | limits)
        for column, between in columns
        for kind, limits in (
            ("ExpectColumnValuesToNotBeNull", {}),
            ("ExpectColumnValuesToBeBetween", between),
        )
    ]


def _rows(frame: str, at_least: int, at_most: int | None) -> Expectation:
    return Expectation(frame, "ExpectTableRowCountToBeBetween", {"min_value": at_least, "max_value": at_most})


def test_the_suites_expect_rows_first_and_then_every_column_and_nothing_else() -> None:
    datasets = [
        "clients",
        "products",
        "vendor_invoices",
        "vendor_charges",
        "license_counts",
        "agreements",
        "invoice_lines",
    ]
    facts = [fact for at, fact in enumerate(FACTS) if at]
    assert {name: list(suite.expectations) for name, suite in SUITES.items()} == {
        "raw": [
            _rows("datasets", 2, None),
            Expectation(
                "datasets", "ExpectColumnValuesToBeInSet", {"column": "dataset", "value_set": datasets}
            ),
            Expectation(
                "datasets", "ExpectCompoundColumnsToBeUnique", {"column_list": ["source_number", "dataset"]}
            ),
            *_ranges("datasets"),
            _rows("controls", 1, 1),
            *_ranges("controls"),
        ],
        "marts": [
            # one fact is there for both legs
            _rows("facts", 7, 7),
            Expectation(
                "facts", "ExpectColumnDistinctValuesToEqualSet", {"column": "fact", "value_set": facts}
            ),
            *_ranges("facts"),
            _rows("tables", 1, 1),
            *_ranges("tables"),
        ],
        "invoice_ready": [_rows("ready", 1, 1), *_ranges("ready")],
    }


# ----- suites run by Great Expectations


@pytest.mark.parametrize(("name", "expected"), [("raw", 24), ("marts", 21), ("invoice_ready", 15)])
def test_a_sound_month_holds_at_every_boundary_and_every_expectation_was_evaluated(
    name: str, expected: int
) -> None:
    # every column of integers has two expectations; then there are rows of frames, names and uniqueness
    assert _run(name, SOUND) == SuiteResult(name, expected, expected, ())


@pytest.mark.parametrize("name", SUITES)
@pytest.mark.parametrize("value", [1, -1])
def test_one_violation_in_one_row_fails_every_column_that_must_be_zero(name: str, value: int) -> None:
    result = _run(name, _everywhere(ZERO, value))
    assert _failed(result) == sorted(
        (f"{frame}.{column}", "ToBeBetween") for frame in FRAMES_OF[name] for column in ZERO[frame]
    )
    assert (result.evaluated, result.passed) == (result.expected, False)


@pytest.mark.parametrize(("name", "value"), [("raw", 0), ("marts", 0)])
def test_where_there_must_be_some_none_fails(name: str, value: int) -> None:
    result = _run(name, _everywhere(SOME, value))
    wanted = sorted(
        (f"{frame}.{column}", "ToBeBetween") for frame in FRAMES_OF[name] for column in SOME.get(frame, ())
    )
    assert _failed(result) == wanted
    assert not _run(name, _everywhere(SOME, 2)).failed


@pytest.mark.parametrize("name", SUITES)
def test_a_count_that_is_missing_fails_and_never_passes_for_zero(name: str) -> None:
    columns = {frame: ZERO.get(frame, ()) + SOME.get(frame, ()) for frame in FRAMES_OF[name]}
    result = _run(name, _everywhere(columns, None))
    assert [f for f in _failed(result) if f[1] == "ToNotBeNull"] == sorted(
        (f"{f}.{c}", "ToNotBeNull") for f in columns for c in columns[f]
    )


@pytest.mark.parametrize("name", SUITES)
def test_empty_frames_fail_and_so_do_frames_with_a_row_too_many(name: str) -> None:
    empty = {frame: [] for frame in FRAMES_OF[name]}
    tables = {frame: pa.Table.from_pylist(SOUND[frame]).slice(0, 0) for frame in empty}
    counted = {
        failure.subject
        for failure in runner.run(SUITES[name], tables).failed
        if "RowCount" in failure.expectation
    }
    assert counted == set(empty)
    doubled = _run(name, {frame: SOUND[frame] * 2 for frame in empty})
    assert {f.subject for f in doubled.failed if "RowCount" in f.expectation} == set(empty) - {"datasets"}


def test_a_month_with_one_declared_dataset_has_no_two_legs() -> None:
    [failure] = _run("raw", SOUND | {"datasets": SOUND["datasets"][:1]}).failed
    assert (failure.subject, failure.expectation) == ("datasets", "ExpectTableRowCountToBeBetween")
    assert _run("raw", SOUND | {"datasets": SOUND["datasets"][:2]}).passed


def test_a_dataset_of_the_contract_is_known_and_no_other() -> None:
    [failure] = _run(
        "raw", SOUND | {"datasets": [*SOUND["datasets"], SOUND["datasets"][0] | {"dataset": "timesheets"}]}
    ).failed
    assert (failure.subject, failure.expectation) == ("datasets.dataset", "ExpectColumnValuesToBeInSet")


def test_a_dataset_is_declared_once_for_a_source() -> None:
    [failure] = _run("raw", SOUND | {"datasets": [*SOUND["datasets"], SOUND["datasets"][0]]}).failed
    assert failure == FailedExpectation(
        "ExpectCompoundColumnsToBeUnique", "datasets.source_number+dataset", "it does not hold"
    )


@pytest.mark.parametrize("fact", sorted(set(FACTS)))
def test_a_fact_that_nobody_computed_fails(fact: str) -> None:
    facts = [row if row["fact"] != fact else row | {"fact": "something_else"} for row in SOUND["facts"]]
    assert ("facts.fact", "ExpectColumnDistinctValuesToEqualSet") in _failed(
        _run("marts", SOUND | {"facts": facts})
    )


def test_a_frame_that_was_not_delivered_fails_all_its_expectations_and_evaluates_none() -> None:
    result = _run("marts", {"facts": SOUND["facts"]})
    assert (result.expected, result.evaluated, result.passed) == (21, 4, False)
    assert {failure.subject.partition(".")[0] for failure in result.failed} == {"tables"}
    assert len(result.failed) == 17
    assert {failure.detail for failure in result.failed} == {"its frame was not delivered"}


def test_a_frame_that_was_not_delivered_keeps_no_other_from_being_looked_at() -> None:
    result = _run("marts", {"tables": [SOUND["tables"][0] | {"keys_repeated": 1}]})
    assert (result.expected, result.evaluated) == (21, 17)
    assert [f.subject for f in result.failed if f.detail == "it does not hold"] == ["tables.keys_repeated"]
    assert len([f for f in result.failed if f.detail == "its frame was not delivered"]) == 4


def test_an_expectation_that_cannot_be_evaluated_has_failed_and_does_not_count_as_evaluated() -> None:
    ready = [{name: count for name, count in SOUND["ready"][0].items() if name != "lines_repeated"}]
    result = _run("invoice_ready", {"ready": ready})
    assert (result.expected, result.evaluated, result.passed) == (15, 13, False)
    assert [(f.subject, f.detail) for f in result.failed] == [
        ("ready.lines_repeated", "it could not be evaluated")
    ] * 2


def test_equal_expectations_are_evaluated_each() -> None:
    suite = Suite("twice", (rows("a", 1), rows("a", 1), *zero("a", "n"), *zero("a", "n")))
    assert runner.run(suite, {"a": pa.table({"n": [0]})}) == SuiteResult("twice", 6, 6, ())


def test_what_the_gate_runs_by_itself_is_great_expectations() -> None:
    results = run_suites({name: pa.Table.from_pylist(frame) for name, frame in SOUND.items()})
    assert [(result.name, result.expected, result.passed) for result in results] == [
        ("raw", 24, True),
        ("marts", 21, True),
        ("invoice_ready", 15, True),
    ]


def test_great_expectations_tells_nobody_that_it_was_started_and_draws_no_bars(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GX_ANALYTICS_ENABLED", raising=False)
    assert _run("invoice_ready", SOUND).passed
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
    assert capfd.readouterr() == ("", "")
