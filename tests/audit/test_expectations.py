"""The suites of the three boundaries, run by Great Expectations: whatever a frame shows that should not be
there fails its suite.

Belongs here: ``expectations`` on frames written by hand. Does not: frames that are missing or cannot be
evaluated (``test_runner``), computing frames (``test_frames``) and the verdict (``test_gate``).
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pytest

from expectations import runner
from expectations.boundary import Expectation, FailedExpectation, Suite, SuiteResult, at_least_one, rows, zero
from tests.audit.boundary_frames import FACTS, SOME, SOUND, SUITES, ZERO, Frame, failed_in, run_suite

FRAMES_OF = {"raw": ("datasets", "controls"), "marts": ("facts", "tables"), "invoice_ready": ("ready",)}


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
    assert {name: list(suite().expectations) for name, suite in SUITES.items()} == {
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
            _rows("facts", 8, 8),
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


@pytest.mark.parametrize(("name", "expected"), [("raw", 28), ("marts", 21), ("invoice_ready", 15)])
def test_a_sound_month_holds_at_every_boundary_and_every_expectation_was_evaluated(
    name: str, expected: int
) -> None:
    # every column of integers has two expectations; then there are rows of frames, names and uniqueness
    assert run_suite(name, SOUND) == SuiteResult(name, expected, expected, ())


@pytest.mark.parametrize("name", SUITES)
@pytest.mark.parametrize("value", [1, -1])
def test_one_violation_in_one_row_fails_every_column_that_must_be_zero(name: str, value: int) -> None:
    result = run_suite(name, _everywhere(ZERO, value))
    assert failed_in(result) == sorted(
        (f"{frame}.{column}", "ToBeBetween") for frame in FRAMES_OF[name] for column in ZERO[frame]
    )
    assert (result.evaluated, result.passed) == (result.expected, False)


@pytest.mark.parametrize(("name", "value"), [("raw", 0), ("marts", 0)])
def test_where_there_must_be_some_none_fails(name: str, value: int) -> None:
    result = run_suite(name, _everywhere(SOME, value))
    wanted = sorted(
        (f"{frame}.{column}", "ToBeBetween") for frame in FRAMES_OF[name] for column in SOME.get(frame, ())
    )
    assert failed_in(result) == wanted
    assert not run_suite(name, _everywhere(SOME, 2)).failed


@pytest.mark.parametrize("name", SUITES)
def test_a_count_that_is_missing_fails_and_never_passes_for_zero(name: str) -> None:
    columns = {frame: ZERO.get(frame, ()) + SOME.get(frame, ()) for frame in FRAMES_OF[name]}
    result = run_suite(name, _everywhere(columns, None))
    assert [f for f in failed_in(result) if f[1] == "ToNotBeNull"] == sorted(
        (f"{f}.{c}", "ToNotBeNull") for f in columns for c in columns[f]
    )


@pytest.mark.parametrize("name", SUITES)
def test_empty_frames_fail_and_so_do_frames_with_a_row_too_many(name: str) -> None:
    empty = {frame: [] for frame in FRAMES_OF[name]}
    tables = {frame: pa.Table.from_pylist(SOUND[frame]).slice(0, 0) for frame in empty}
    counted = {
        failure.subject
        for failure in runner.run(SUITES[name](), tables).failed
        if "RowCount" in failure.expectation
    }
    assert counted == set(empty)
    doubled = run_suite(name, {frame: SOUND[frame] * 2 for frame in empty})
    assert {f.subject for f in doubled.failed if "RowCount" in f.expectation} == set(empty) - {"datasets"}


def test_a_month_with_one_declared_dataset_has_no_two_legs() -> None:
    [failure] = run_suite("raw", SOUND | {"datasets": SOUND["datasets"][:1]}).failed
    assert (failure.subject, failure.expectation) == ("datasets", "ExpectTableRowCountToBeBetween")
    assert run_suite("raw", SOUND | {"datasets": SOUND["datasets"][:2]}).passed


def test_a_dataset_of_the_contract_is_known_and_no_other() -> None:
    [failure] = run_suite(
        "raw", SOUND | {"datasets": [*SOUND["datasets"], SOUND["datasets"][0] | {"dataset": "timesheets"}]}
    ).failed
    assert (failure.subject, failure.expectation) == ("datasets.dataset", "ExpectColumnValuesToBeInSet")


def test_a_dataset_is_declared_once_for_a_source() -> None:
    [failure] = run_suite("raw", SOUND | {"datasets": [*SOUND["datasets"], SOUND["datasets"][0]]}).failed
    assert failure == FailedExpectation(
        "ExpectCompoundColumnsToBeUnique", "datasets.source_number+dataset", "it does not hold"
    )
