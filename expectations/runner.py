"""Runs suites with Great Expectations: the only module that imports it, and only when a suite runs (the
import takes seconds).

What belongs here: turning ``Suite`` data into Great Expectations objects and its results into
``SuiteResult``. Results are asked for as booleans only: no observed value ever leaves a frame.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from typing import TYPE_CHECKING, Any

from expectations.boundary import Expectation, FailedExpectation, Suite, SuiteResult

if TYPE_CHECKING:
    import pyarrow as pa


_NEVER_CALLED = ("scipy.stats", "altair")
"""What Great Expectations imports for statistics and pictures that no suite asks for: a third of its time."""


class _OnFirstUse(MetaPathFinder):
    """Finds those modules as usual, but has them loaded when something of them is first asked for."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if name not in _NEVER_CALLED:
            return None
        found = PathFinder.find_spec(name, path, target)
        if found is not None and found.loader is not None:
            found.loader = importlib.util.LazyLoader(found.loader)
        return found


@contextmanager
def _what_is_never_called_put_off() -> Iterator[None]:
    finder = _OnFirstUse()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def warm_up() -> None:
    """Import Great Expectations ahead of time, so that a run can do it while files load."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    with warnings.catch_warnings(), _what_is_never_called_put_off():
        warnings.simplefilter("ignore")
        import great_expectations  # noqa: F401, PLC0415
        from great_expectations.expectations import expectation  # noqa: PLC0415

    # the name of an expectation's class in small letters, made by patterns fifty times for each expectation
    if not hasattr(expectation.camel_to_snake, "cache_info"):
        expectation.camel_to_snake = cache(expectation.camel_to_snake)


def warm_up_beside() -> None:
    """Do that on another thread. What others use of SQLAlchemy meanwhile is imported before: it looks at
    whatever it is given with the parts that are there, and half of one fails.
    """
    import sqlalchemy.orm  # noqa: F401, PLC0415

    threading.Thread(target=warm_up, daemon=True).start()


def run(suite: Suite, frames: Mapping[str, pa.Table]) -> SuiteResult:
    """Evaluate a suite on its frames (integers and enumerations). A frame that is missing
    fails all its expectations.
    """
    warm_up()
    import great_expectations as gx  # noqa: PLC0415

    evaluated = 0
    failed: list[FailedExpectation] = []
    for name in suite.frames:
        expectations = [e for e in suite.expectations if e.frame == name]
        if name not in frames:
            failed += [
                FailedExpectation(e.kind, e.subject, "its frame was not delivered") for e in expectations
            ]
            continue
        place = f"{suite.name}.{name}"
        batch = _frame(place).get_batch({"dataframe": frames[name].to_pandas()})
        results = _validate(gx, batch, place, expectations)
        for expectation, result in zip(expectations, results, strict=True):
            raised = any(info.get("raised_exception") for info in _exceptions(result))
            evaluated += not raised
            if raised:
                failed.append(
                    FailedExpectation(expectation.kind, expectation.subject, "it could not be evaluated")
                )
            elif not result.success:
                failed.append(FailedExpectation(expectation.kind, expectation.subject, "it does not hold"))
    return SuiteResult(suite.name, len(suite.expectations), evaluated, tuple(failed))


@cache
def _source() -> Any:
    """Return where Great Expectations gets its frames from; it writes its settings anew for whatever is added
    to it, so it is made once.
    """
    import great_expectations as gx  # noqa: PLC0415

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context.data_sources.add_pandas("frames")


@cache
def _frame(place: str) -> Any:
    """Return what Great Expectations takes a frame as; the frame itself is given each time."""
    return _source().add_dataframe_asset(place).add_batch_definition_whole_dataframe("all")


def _validate(gx: Any, batch: Any, name: str, expectations: list[Expectation]) -> list[Any]:
    # numbered: Great Expectations merges equal expectations, and returns results in an order of its own
    built = [
        getattr(gx.expectations, each.kind)(**each.arguments, meta={"number": number})
        for number, each in enumerate(expectations)
    ]
    suite = gx.ExpectationSuite(name=name, expectations=built)
    found = batch.validate(suite, result_format="BOOLEAN_ONLY").results
    results = {result.expectation_config.meta["number"]: result for result in found}
    return [results[number] for number in range(len(expectations))]


def _exceptions(result: Any) -> list[Mapping[str, Any]]:
    info = result.exception_info or {}
    return [info] if "raised_exception" in info else [v for v in info.values() if isinstance(v, Mapping)]
