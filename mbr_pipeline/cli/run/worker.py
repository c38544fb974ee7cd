"""One of the processes that `mbr run` starts for many MSPs: it takes one at a time and says what came of it.

What belongs here: the loop, over pipes: an MSP a line on standard input, one JSON object a line on standard
output. What does not: the asking side (``mbr_pipeline.cli.run.side_by_side``) and the work
(``mbr_pipeline.cli.run.months``). Started as ``python -m mbr_pipeline.cli.run.worker WORKSPACE PERIOD``.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

from mbr_pipeline.cli.messages import say_warnings
from mbr_pipeline.cli.run.months import opened
from mbr_pipeline.cli.streams import print_anything
from mbr_pipeline.periods import Period
from mbr_pipeline.transform.dbt_client import Transformer
from mbr_pipeline.workspace.paths import WorkspacePaths


class _Asked:
    """What is asked, read on a thread of its own: where `mbr run` is gone, so is its worker, at once."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._is_at_work = False
        threading.Thread(target=self._read, daemon=True).start()

    def next(self) -> str:
        """Return the next MSP; an empty text if there is none any more."""
        self._is_at_work = False
        msp_id = self._lines.get().strip()
        self._is_at_work = bool(msp_id)
        return msp_id

    def _read(self) -> None:
        for line in sys.stdin:
            self._lines.put(line)
        if self._is_at_work:  # a month that nobody waits for: as if it had been killed with the command
            os._exit(1)
        self._lines.put("")


def main() -> None:
    """Answer until standard input closes, or an interrupt that `mbr run` passes on."""
    try:
        _answer()
    except KeyboardInterrupt:
        os._exit(1)
    sys.stderr.flush()
    os._exit(0)  # everything is closed; unloading Dagster's modules takes more than a second


def _answer() -> None:
    started = time.monotonic()
    answers = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)  # what a step prints is no answer
    print_anything()
    say_warnings()
    workspace, period = WorkspacePaths(Path(sys.argv[1])), Period.parse(sys.argv[2])
    asked = _Asked()
    with (
        Transformer() as transformer,
        opened(workspace, period, transformer, started, is_quiet=True, refreshes_catalogue=False) as months,
    ):
        while msp_id := asked.next():
            outcome, was_interrupted = months.run(msp_id)
            print(json.dumps({"outcome": asdict(outcome), "interrupted": was_interrupted}), file=answers)
            if was_interrupted:
                break


if __name__ == "__main__":
    main()
