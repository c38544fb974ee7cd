"""The outcome of one MSP's month in `mbr run`: the gate's document, if this run wrote it, and one
line for each problem.

What belongs here: reading Dagster's result and the sentences on standard error. A sentence says that a month
was published, or that it was not, only where that is known. What does not: launching
(``mbr_pipeline.cli.run``) and the summary (``mbr_pipeline.cli.run.summary``).
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mbr_pipeline.errors import GateClosed
from mbr_pipeline.safe_text import shown
from mbr_pipeline.step_failures import reason_of
from mbr_pipeline.storage.atomic_files import write_json
from mbr_pipeline.workspace.paths import MonthPaths

if TYPE_CHECKING:
    from dagster import DagsterEvent, ExecuteInProcessResult

_EVALUATION, _GATE, _PUBLISH = "audit__evaluation", "audit__gate", "publish"


@dataclass(frozen=True)
class Outcome:
    """One MSP's month after a run. ``document`` is the gate's; without one, the run says nothing reliable
    about the month.

    ``failed``: a step failed, though the month may have been published or blocked before that; ``problem``:
    the sentences on it, also on what was refused. ``document["gate"]`` is ``stale`` where the gate passed and
    publication was refused, as what it passed is not what is there now.
    """

    document: Mapping[str, Any] | None
    failed: bool
    problem: str = field(default="", compare=False)


STALE = "stale"
"""What is said of a gate that passed what is not there any more."""

Done = tuple[str, Outcome, bool]
"""An MSP whose month came to an end, its outcome, and whether Ctrl+C was pressed meanwhile."""


class MonthWatch:
    """Watches one month from before its run: a step may change what is published and then fail."""

    def __init__(self, month: MonthPaths) -> None:
        """Remember what is published now."""
        self._month = month
        self._before = self._published()
        self._problems: list[str] = []

    def outcome(self, result: ExecuteInProcessResult, is_interrupted: bool) -> Outcome:
        """Return the month's outcome, and report what failed or that the gate is closed. What failed after
        Ctrl+C failed of it, whatever libraries made of it.
        """
        done = {event.step_key for event in result.all_events if event.is_step_success}
        # the gate.json of an earlier run says nothing about this one
        document = self._document() if _EVALUATION in done else None
        blocked = document is not None and document["gate"] != "passed"
        failures = {event.step_key: event for event in result.all_events if event.is_step_failure}
        if blocked:
            failures.pop(_GATE, None)
        is_refused = not is_interrupted and _PUBLISH in failures and _is_refused(failures[_PUBLISH])
        where = f"{self._month.msp_id} {self._month.period.text}: "
        for step, event in failures.items():
            reason = "interrupted" if is_interrupted else reason_of(event.step_failure_data)
            self._fail(
                f"publication refused: {reason.removeprefix(where)}"
                if is_refused and step == _PUBLISH
                else f"step {step} failed: {reason}; {self._left(_PUBLISH in done)}"
            )
        if document is not None and blocked:
            self._say(
                f"gate blocked by {', '.join(document['reasons'])}: see {self._month.report / 'gate.json'}"
            )
        complete = blocked or _PUBLISH in done
        if not complete and not failures:
            self._fail(
                f"interrupted between two steps; {self._left(False)}"
                if is_interrupted
                else "the run failed before any step: see its log in the UI"
            )
        if document is not None and is_refused and len(failures) == 1:
            return Outcome(document | {"gate": STALE}, False, "; ".join(self._problems))
        failed = bool(failures) or not complete
        return Outcome(document if complete else None, failed, "; ".join(self._problems))

    def unexpected(self, error: Exception) -> Outcome:
        """Report that the run ended in an error outside any step, and what it left behind."""
        if os.environ.get("MBR_TRACEBACK"):
            traceback.print_exception(error)
        self._fail(f"unexpected {type(error).__name__}: {error}; {self._left(False)}")
        return Outcome(None, True, "; ".join(self._problems))

    def write_timings(self, result: ExecuteInProcessResult, start_up: float) -> None:
        """Write the seconds of every step; failing to save a figure does not fail the run."""
        seconds = {
            event.step_key or "?": round(event.step_success_data.duration_ms / 1000, 3)
            for event in result.all_events
            if event.event_type_value == "STEP_SUCCESS"
        }
        try:
            write_json(self._month.report / "timings.json", {"start_up": round(start_up, 3), **seconds})
        except OSError as error:
            self._say(f"timings.json was not written: {error.strerror}")

    def _document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self._month.report / "gate.json").read_text(encoding="utf-8"))
        return document

    def _left(self, is_published: bool) -> str:
        if is_published:
            return "the month was published"
        # first the month's link leads to another folder, then the catalogue is made
        begun = self._published() != self._before
        return (
            "its tables were published, the catalogue may not show them: run again"
            if begun
            else "nothing was published"
        )

    def _published(self) -> tuple[int, int] | None:
        place = self._month.published  # a link: what counts is the folder that it leads to
        return (place.stat().st_dev, place.stat().st_ino) if place.exists() else None

    def _fail(self, text: str) -> None:
        self._problems.append(" ".join(text.split()))
        self._say(text)

    def _say(self, text: str) -> None:
        print(
            shown(f"mbr: {self._month.msp_id} {self._month.period.text}: {' '.join(text.split())}"),
            file=sys.stderr,
        )


def _is_refused(failure: DagsterEvent) -> bool:
    """Whether publication was refused by the gate's certificate, which changes nothing."""
    error = failure.step_failure_data.error
    return bool(error and error.cause and error.cause.cls_name == GateClosed.__name__)
