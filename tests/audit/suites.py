"""Suites that held and suites that failed, and a month of marts that the tests of the gate change.

Belongs here: what they share. Does not: expectations.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from expectations.boundary import FailedExpectation, SuiteResult

HELD = tuple(SuiteResult(name, 3, 3, ()) for name in ("raw", "marts", "invoice_ready"))


FAILED = FailedExpectation("ExpectSomething", "tables.keys_repeated", "it does not hold")


def suites_with(place: int, **changes: Any) -> tuple[SuiteResult, ...]:
    return tuple(replace(suite, **changes) if at == place else suite for at, suite in enumerate(HELD))
