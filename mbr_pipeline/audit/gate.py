"""The run gate: does this month pass, why not, and the certificate that says so (contract §6.1,
decision 4 of docs/development/architecture.md).

What belongs here: the decision over suites and controls, ``gate.json``, and the certificate that publication
asks for. What does not: what each suite expects (``expectations``), computing facts (dbt,
``mbr_pipeline.audit.frames``), moving tables (``mbr_pipeline.publish.publication``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from expectations import invoice_ready, marts, raw, runner
from expectations.boundary import FailedExpectation, Suite, SuiteResult

RunSuite = Callable[[Suite, Mapping[str, pa.Table]], SuiteResult]


def suites() -> tuple[Suite, ...]:
    """Return the suites of the three boundaries, in order."""
    return (raw.suite(), marts.suite(), invoice_ready.suite())


SUITE_NAMES = tuple(s.name for s in suites())


@dataclass(frozen=True)
class Verdict:
    """The gate's decision: it passed only if every suite ran in full and held and no control failed."""

    suites: tuple[SuiteResult, ...]
    failed_controls: tuple[str, ...]

    @property
    def reasons(self) -> list[str]:
        """Failing control codes; where there is none, the suites that failed or did not run."""
        # a failed control is why suites fail; without one, the suites speak for themselves
        if self.failed_controls:
            return sorted(self.failed_controls)
        broken = [f"SUITE_FAILED:{s.name}" for s in self.suites if not s.passed]
        return sorted(
            broken
            + [f"SUITE_MISSING:{name}" for name in SUITE_NAMES if name not in {s.name for s in self.suites}]
        )

    @property
    def passed(self) -> bool:
        """Whether the month may be published."""
        return (
            not self.reasons
            and {s.name for s in self.suites} == set(SUITE_NAMES)
            and all(s.passed for s in self.suites)
        )


def run_suites(frames: Mapping[str, pa.Table], run_suite: RunSuite = runner.run) -> tuple[SuiteResult, ...]:
    """Run every suite. One that raises has failed; it never stops the others, nor the record of them."""
    results = []
    for suite in suites():
        try:
            results.append(run_suite(suite, frames))
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the boundary did not hold
            failure = FailedExpectation("suite", suite.name, f"it could not run: {type(error).__name__}")
            results.append(SuiteResult(suite.name, len(suite.expectations), 0, (failure,)))
    return tuple(results)


def failed_controls(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Return the codes of controls that failed in the month's marts, sorted."""
    rows = connection.execute(
        "select distinct control from marts.fct_control_totals where not passed order by 1"
    ).fetchall()
    return tuple(code for (code,) in rows)
