"""What a suite is: expectations about named frames, as plain data.

What belongs here: the vocabulary the boundary modules are written in, and the result of running one. It
imports nothing, so that a suite can be listed without starting Great Expectations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Expectation:
    """One expectation: ``kind`` is the name of Great Expectations' class, ``arguments`` what it takes, about
    the frame ``frame``.
    """

    frame: str
    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """What it is about, for people: frame and column."""
        column = self.arguments.get("column") or "+".join(self.arguments.get("column_list", ()))
        return f"{self.frame}.{column}" if column else self.frame


@dataclass(frozen=True)
class Suite:
    """The expectations of one boundary."""

    name: str
    expectations: tuple[Expectation, ...]

    @property
    def frames(self) -> tuple[str, ...]:
        """Names of the frames the suite is about."""
        return tuple(dict.fromkeys(e.frame for e in self.expectations))


@dataclass(frozen=True)
class FailedExpectation:
    """An expectation that did not hold, or could not be evaluated."""

    expectation: str
    subject: str
    detail: str


@dataclass(frozen=True)
class SuiteResult:
    """The result of running a suite. It passed only if there was something to evaluate, and all of it was
    evaluated and held.
    """

    name: str
    expected: int
    evaluated: int
    failed: tuple[FailedExpectation, ...]

    @property
    def passed(self) -> bool:
        """Whether the boundary is open."""
        return self.expected > 0 and self.evaluated == self.expected and not self.failed


def zero(frame: str, column: str) -> list[Expectation]:
    """Expect an integer column to exist and be 0 in every row. Not-null comes first: a null must
    not pass for 0.
    """
    return [
        Expectation(frame, "ExpectColumnValuesToNotBeNull", {"column": column}),
        Expectation(
            frame, "ExpectColumnValuesToBeBetween", {"column": column, "min_value": 0, "max_value": 0}
        ),
    ]


def at_least_one(frame: str, column: str) -> list[Expectation]:
    """Expect an integer column to exist and be 1 or more in every row."""
    return [
        Expectation(frame, "ExpectColumnValuesToNotBeNull", {"column": column}),
        Expectation(frame, "ExpectColumnValuesToBeBetween", {"column": column, "min_value": 1}),
    ]


def rows(frame: str, at_least: int, at_most: int | None = None) -> Expectation:
    """Expect the frame to have rows: the first expectation of every suite, because expectations about columns
    hold on empty frames.
    """
    return Expectation(frame, "ExpectTableRowCountToBeBetween", {"min_value": at_least, "max_value": at_most})
