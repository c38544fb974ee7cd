"""Shows a run on a terminal: one line per step with rows and seconds, and what failed."""

from __future__ import annotations

import logging
import time
from typing import IO

from dagster import DagsterEventType

_TITLES = {
    "land": "land      files typed",
    "load": "load      raw tables",
    "transform": "transform dbt models and tests",
    "audit__evaluation": "audit     suites and controls",
    "audit__gate": "gate",
    "report__close_report": "report    close report",
    "publish": "publish   tables",
}


class ProgressHandler(logging.Handler):
    """Turns Dagster's event records into lines such as ``transform dbt models and tests   61 assets   4,210
    rows   3.2 s``.
    """

    def __init__(self, stream: IO[str]) -> None:
        """Write to ``stream``."""
        super().__init__(level=logging.DEBUG)
        self._stream = stream
        self._started: dict[str, float] = {}
        self._assets: dict[str, int] = {}
        self._rows: dict[str, int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Show a step's end; gather its assets and rows until then."""
        meta = getattr(record, "dagster_meta", {})
        event = meta.get("dagster_event")
        if event is None:
            message = str(meta.get("orig_message", record.getMessage()))
            # a step skipped after a failure adds nothing to what the failed step says
            if record.levelno >= logging.ERROR and not message.startswith("Dependencies for step "):
                self._line(f"  {message}")
            return
        step = event.step_key or ""
        if event.event_type is DagsterEventType.STEP_START:
            self._started[step] = time.monotonic()
        elif event.event_type is DagsterEventType.ASSET_MATERIALIZATION:
            self._count(step, event.materialization.metadata)
        elif event.event_type is DagsterEventType.STEP_SUCCESS:
            self._line(self._summary(step))
        elif event.event_type is DagsterEventType.STEP_FAILURE:
            self._line(f"{self._summary(step)}   failed")

    def _count(self, step: str, metadata: dict[str, object]) -> None:
        self._assets[step] = self._assets.get(step, 0) + 1
        rows = getattr(metadata.get("dagster/row_count"), "value", 0)
        self._rows[step] = self._rows.get(step, 0) + (rows if isinstance(rows, int) else 0)

    def _summary(self, step: str) -> str:
        seconds = time.monotonic() - self._started.get(step, time.monotonic())
        assets, rows = self._assets.pop(step, 0), self._rows.pop(step, 0)
        counts = f"{assets:>4} {'asset ' if assets == 1 else 'assets'}"
        counts += f"  {rows:>12,} {'row ' if rows == 1 else 'rows'}" if rows else " " * 19
        return f"  {_TITLES.get(step, step):<34}{counts}  {seconds:>7.2f} s"

    def _line(self, text: str) -> None:
        print(text, file=self._stream, flush=True)
