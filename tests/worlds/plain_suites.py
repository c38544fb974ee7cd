"""Evaluates the gate's suites in plain Python: what each expectation says, without the seconds that Great
Expectations takes.

Belongs here: the few kinds of expectation that the suites use. A release is always judged by Great
Expectations itself (``expectations.runner``); ``test_compiled`` holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from expectations.boundary import Expectation, FailedExpectation, Suite, SuiteResult


def run(suite: Suite, frames: Mapping[str, pa.Table]) -> SuiteResult:
    """Stand where ``expectations.runner.run`` does."""
    failed = [
        FailedExpectation(e.kind, e.subject, "it does not hold")
        for e in suite.expectations
        if e.frame not in frames or not _holds(e, frames[e.frame])
    ]
    return SuiteResult(suite.name, len(suite.expectations), len(suite.expectations), tuple(failed))


def _holds(expectation: Expectation, frame: pa.Table) -> bool:
    arguments = dict(expectation.arguments)
    if expectation.kind == "ExpectTableRowCountToBeBetween":
        return _between(frame.num_rows, **arguments)
    if expectation.kind == "ExpectCompoundColumnsToBeUnique":
        rows = [tuple(row.values()) for row in frame.select(arguments["column_list"]).to_pylist()]
        return len(set(rows)) == len(rows)
    values = frame.column(arguments.pop("column")).to_pylist()
    if expectation.kind == "ExpectColumnValuesToNotBeNull":
        return None not in values
    present = [value for value in values if value is not None]
    if expectation.kind == "ExpectColumnValuesToBeBetween":
        return all(_between(value, **arguments) for value in present)
    if expectation.kind == "ExpectColumnValuesToBeInSet":
        return set(present) <= set(arguments["value_set"])
    if expectation.kind == "ExpectColumnDistinctValuesToEqualSet":
        return set(present) == set(arguments["value_set"])
    raise NotImplementedError(f"{expectation.kind}: say here what it means")


def _between(value: Any, min_value: Any = None, max_value: Any = None) -> bool:
    return (min_value is None or value >= min_value) and (max_value is None or value <= max_value)
