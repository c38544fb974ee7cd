"""Running suites: what was not delivered or cannot be evaluated has failed.

Belongs here: ``expectations.runner``. Does not: what a suite expects of values (``test_expectations``).
"""

from __future__ import annotations

import os
import subprocess
import sys

import pyarrow as pa
import pytest

from expectations import runner
from expectations.boundary import Suite, SuiteResult, rows, zero
from mbr_pipeline.audit.gate import run_suites
from tests.audit.boundary_frames import FACTS, SOUND, failed_in, run_suite


@pytest.mark.parametrize("fact", sorted(set(FACTS)))
def test_a_fact_that_nobody_computed_fails(fact: str) -> None:
    facts = [row if row["fact"] != fact else row | {"fact": "something_else"} for row in SOUND["facts"]]
    assert ("facts.fact", "ExpectColumnDistinctValuesToEqualSet") in failed_in(
        run_suite("marts", SOUND | {"facts": facts})
    )


def test_a_frame_that_was_not_delivered_fails_all_its_expectations_and_evaluates_none() -> None:
    result = run_suite("marts", {"facts": SOUND["facts"]})
    assert (result.expected, result.evaluated, result.passed) == (21, 4, False)
    assert {failure.subject.partition(".")[0] for failure in result.failed} == {"tables"}
    assert len(result.failed) == 17
    assert {failure.detail for failure in result.failed} == {"its frame was not delivered"}


def test_a_frame_that_was_not_delivered_keeps_no_other_from_being_looked_at() -> None:
    result = run_suite("marts", {"tables": [SOUND["tables"][0] | {"keys_repeated": 1}]})
    assert (result.expected, result.evaluated) == (21, 17)
    assert [f.subject for f in result.failed if f.detail == "it does not hold"] == ["tables.keys_repeated"]
    assert len([f for f in result.failed if f.detail == "its frame was not delivered"]) == 4


def test_a_frame_that_was_not_delivered_hides_no_failure_before_it() -> None:
    suite = Suite("two", (*zero("a", "n"), *zero("b", "n")))
    found = runner.run(suite, {"a": pa.table({"n": [1]})}).failed
    assert [(each.subject, each.detail) for each in found] == [
        ("a.n", "it does not hold"),
        ("b.n", "its frame was not delivered"),
        ("b.n", "its frame was not delivered"),
    ]


def test_an_expectation_that_cannot_be_evaluated_has_failed_and_does_not_count_as_evaluated() -> None:
    ready = [{name: count for name, count in SOUND["ready"][0].items() if name != "lines_repeated"}]
    result = run_suite("invoice_ready", {"ready": ready})
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
        ("raw", 28, True),
        ("marts", 21, True),
        ("invoice_ready", 15, True),
    ]


def test_great_expectations_tells_nobody_that_it_was_started_and_draws_no_bars(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GX_ANALYTICS_ENABLED", raising=False)
    assert run_suite("invoice_ready", SOUND).passed
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
    assert capfd.readouterr() == ("", "")


def test_a_frame_of_the_same_name_is_looked_at_anew_each_time() -> None:
    suite = Suite("again", zero("a", "n"))
    frames = [{"n": [0]}, {"n": [0, 1]}, {"n": [0, 0, 0]}, {"m": [0]}]
    results = [runner.run(suite, {"a": pa.table(frame)}) for frame in frames]
    assert [(each.evaluated, len(each.failed)) for each in results] == [(2, 0), (2, 1), (2, 0), (0, 2)]


_BESIDE = """
import sys, threading
from expectations import runner
threading.Thread.start = lambda self: print("sqlalchemy.orm" in sys.modules)
runner.warm_up_beside()
"""


def test_what_others_use_meanwhile_is_imported_before_the_thread_that_imports_the_rest() -> None:
    done = subprocess.run([sys.executable, "-c", _BESIDE], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("True\n", "")
