"""Runs that the page started: each is `mbr run` in a process of its own.

What belongs here: starting, listening, remembering. A run goes on when the page ends: it is `mbr run`, and
one that is killed is repaired by the next. What does not: pages (``views``).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.safe_text import shown

_MOST = 200
_MOST_LINES = 1000


@dataclass
class Run:
    """One run.

    Attributes:
        number: Of this process, from 1.
        by: Who started it.
        lines: What it said so far.
        code: Its exit code (contract §7); None while it goes on.
        result: What it printed at the end; None where it did not come so far.
    """

    number: int
    msp_id: str
    period: str
    by: str
    lines: list[str] = field(default_factory=list)
    code: int | None = None
    result: dict[str, Any] | None = None
    said: threading.Condition = field(default_factory=threading.Condition)

    @property
    def outcome(self) -> str:
        """What became of it, in a few words."""
        words = {None: "running", 0: "published", 3: "blocked by the gate", 4: "the month is closed"}
        return words.get(self.code, "failed")

    def wait_for(self, count: int, seconds: float) -> bool:
        """Wait until there are more lines than ``count`` or it has ended; False if neither came."""
        with self.said:
            return self.said.wait_for(lambda: len(self.lines) > count or self.code is not None, seconds)


class Runs:
    """The runs of this process, newest last; one at a time of an MSP's month."""

    def __init__(self) -> None:
        """Begin without any."""
        self._runs: OrderedDict[int, Run] = OrderedDict()
        self._last = 0
        self._lock = threading.Lock()

    def find(self, number: int) -> Run | None:
        """Return a run of this process."""
        with self._lock:
            return self._runs.get(number)

    def going(self, msp_id: str, period: str) -> Run | None:
        """Return the run of a month that goes on now."""
        with self._lock:
            return self._going(msp_id, period)

    def newest(self, msp_id: str, period: str) -> Run | None:
        """Return the last run of a month."""
        with self._lock:
            of_month = [run for run in self._runs.values() if (run.msp_id, run.period) == (msp_id, period)]
            return of_month[-1] if of_month else None

    def start(self, root: Path, msp_id: str, period: str, by: str) -> Run:
        """Run a month, or return the run of it that goes on.

        Raises:
            ConfigError: The process cannot be started.
        """
        with self._lock:
            if going := self._going(msp_id, period):
                return going
            # -P: no file of the current folder may stand in for a module
            command = [sys.executable, "-P", "-c", "from mbr_pipeline.cli import main; main()", "run"]
            try:
                process = subprocess.Popen(
                    [*command, "--workspace", str(root), "--msp", msp_id, "--period", period, "--json"],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                    encoding="utf-8",
                    errors="replace",
                    # somebody waits for it, though at no terminal
                    env={"MBR_WARM": "on", **os.environ, "MBR_ACTOR": by},
                    start_new_session=True,
                )
            except OSError as error:
                raise ConfigError(f"the run cannot be started ({error.strerror}): try again") from error
            self._last += 1
            run = Run(self._last, msp_id, period, by)
            self._runs[run.number] = run
            while len(self._runs) > _MOST:
                done = next((n for n, each in self._runs.items() if each.code is not None), None)
                if done is None:
                    break
                del self._runs[done]
        threading.Thread(target=_listen, args=(run, process), daemon=True).start()
        return run

    def _going(self, msp_id: str, period: str) -> Run | None:
        return next(
            (
                run
                for run in self._runs.values()
                if (run.msp_id, run.period) == (msp_id, period) and run.code is None
            ),
            None,
        )


def _listen(run: Run, process: subprocess.Popen[str]) -> None:
    assert process.stdout and process.stderr
    printed: list[str] = []
    reader = threading.Thread(target=printed.extend, args=(process.stdout,), daemon=True)
    reader.start()
    for line in process.stderr:
        with run.said:
            if len(run.lines) < _MOST_LINES:
                run.lines.append(shown(line.rstrip("\n")))
            run.said.notify_all()
    code = process.wait()
    reader.join()
    with run.said:
        run.result = _document(printed)
        run.code = code
        run.said.notify_all()


def _document(printed: list[str]) -> dict[str, Any] | None:
    try:
        found = json.loads(printed[-1])
    except (IndexError, ValueError):
        return None
    return found if isinstance(found, dict) else None
