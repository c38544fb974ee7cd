"""Many MSPs in one `mbr run`: worker processes side by side, each warm, each taking one MSP at a time.

What belongs here: how many workers, handing out MSPs, one line for each that is done, and what is left when a
worker dies: it costs the MSP it was at, and another takes its place. What does not: what a worker does
(``mbr_pipeline.cli.run.worker``). MSPs share files of the catalogue and of the run history alone.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from connectors.counted import plural
from mbr_pipeline.cli.run.outcome import Done, Outcome
from mbr_pipeline.periods import Period
from mbr_pipeline.storage import memory
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths

_LEAST_MSPS = 2
"""So many MSPs at least are worth the start of a worker."""

_WORKER_BYTES = 1_000_000_000
"""What a worker takes with a small month, its dbt process with it."""

_BYTES_PER_LANDED_BYTE = 10
"""What a large month takes beside that (docs/reference/performance.md)."""


def how_many(months: Sequence[MonthPaths]) -> int:
    """Return how many workers these months are run by on this machine; 1: none is worth it."""
    largest = max((month.landed_bytes for month in months), default=0)
    return workers_for(len(months), len(os.sched_getaffinity(0)), memory.free(), largest)


def workers_for(msps: int, cores: int, free_memory: int, largest: int) -> int:
    """Return how many workers so many MSPs want on so many cores: never more than fit into the free memory,
    in bytes, if each has a month as large as the largest, in landed bytes.
    """
    fit = free_memory // (_WORKER_BYTES + _BYTES_PER_LANDED_BYTE * largest)
    return max(1, min(cores, msps // _LEAST_MSPS, fit))


def run(
    workspace: WorkspacePaths, period: Period, msp_ids: Sequence[str], workers: int
) -> Generator[Done, None, None]:
    """Run the months; yields each that came to an end, in the order in which they do. After Ctrl+C no further
    one is begun.
    """
    team = _Team(workspace, period, deque(msp_ids))
    progress = Progress(len(msp_ids))
    print(f"{plural(len(msp_ids), 'MSP')}, {period.text}, {workers} at a time", file=sys.stderr)
    try:
        with _interrupts_passed_to(team):
            for _ in range(workers):
                team.hire()
            for done in team.answers():
                print(f"{done[0]} {period.text}: {progress.line(done[1])}", file=sys.stderr, flush=True)
                yield done
    finally:
        team.end()


class _Team:
    """The workers, what waits for them, and whether Ctrl+C was pressed."""

    def __init__(self, workspace: WorkspacePaths, period: Period, waiting: deque[str]) -> None:
        self._workspace, self._period, self._waiting = workspace, period, waiting
        self._selector = selectors.DefaultSelector()

    def hire(self) -> None:
        """Start a worker on the next MSP, if one waits."""
        if self._waiting:
            worker = _Worker(self._workspace, self._period)
            worker.begin(self._waiting.popleft())
            self._selector.register(worker.pipe, selectors.EVENT_READ, worker)

    def answers(self) -> Iterator[Done]:
        """Yield what the workers answer, and give each the next MSP."""
        while self._selector.get_map():
            for key, _ in self._selector.select():
                worker: _Worker = key.data
                done = worker.answer()
                if self._waiting and worker.is_alive:
                    worker.begin(self._waiting.popleft())
                else:
                    self._selector.unregister(worker.pipe)
                    worker.end()
                    self.hire()  # in the place of one that died
                yield done

    def interrupt(self, *_: object) -> None:
        """Begin nothing more, and let those at work end their step."""
        self._waiting.clear()
        for worker in self._workers():
            worker.interrupt()

    def end(self) -> None:
        """End the workers, whatever they are at."""
        for worker in self._workers():
            worker.end()
        self._selector.close()

    def _workers(self) -> list[_Worker]:
        return [key.data for key in self._selector.get_map().values()]


class _Worker:
    """A worker process, and the MSP it is at."""

    def __init__(self, workspace: WorkspacePaths, period: Period) -> None:
        # -P: nothing in the current folder may stand in for a module
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "mbr_pipeline.cli.run.worker", str(workspace.root), period.text],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            # of a process group of its own: Ctrl+C on the terminal is passed on, once
            process_group=0,
        )
        assert self._process.stdin and self._process.stdout
        self._asks, self.pipe = self._process.stdin, self._process.stdout
        self._period, self._msp_id = period, ""
        self.is_alive, self._is_interrupted = True, False

    def begin(self, msp_id: str) -> None:
        """Hand over an MSP. A worker that has just died says so when it is asked for the answer."""
        self._msp_id = msp_id
        with suppress(BrokenPipeError):
            self._asks.write(f"{msp_id}\n")
            self._asks.flush()

    def answer(self) -> Done:
        """Return the outcome of the MSP it was given; of a worker that died, that it failed."""
        line = self.pipe.readline()
        if not line.endswith("\n"):
            return self._died()
        answer: dict[str, Any] = json.loads(line)
        self.is_alive = not answer["interrupted"]
        return self._msp_id, Outcome(**answer["outcome"]), answer["interrupted"]

    def interrupt(self) -> None:
        """Pass on Ctrl+C."""
        self._is_interrupted = True
        self._process.send_signal(signal.SIGINT)

    def end(self) -> None:
        """Let it end; at once, where it is still at an MSP."""
        with suppress(BrokenPipeError):
            self._asks.close()
        self._process.wait()
        self.pipe.close()

    def _died(self) -> Done:
        code = self._process.wait()
        self.is_alive = False
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        problem = (
            "interrupted"
            if self._is_interrupted
            else f"its process {how}: look for its messages above and whether memory ran out, then run again"
        )
        print(f"mbr: {self._msp_id} {self._period.text}: {problem}", file=sys.stderr)
        return self._msp_id, Outcome(None, True, problem), self._is_interrupted


@contextmanager
def _interrupts_passed_to(team: _Team) -> Iterator[None]:
    """Pass Ctrl+C on to the workers instead of dropping everything, where this process gets it at all."""
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, team.interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Progress:
    """How far many MSPs are, and what is left."""

    def __init__(self, msps: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin to count; ``clock`` returns seconds."""
        self._msps, self._clock, self._begun = msps, clock, clock()
        self._done, self._first = 0, 0.0

    def line(self, outcome: Outcome) -> str:
        """Return what one more outcome is, how many are done, and about how long the others will take."""
        self._done += 1
        now = self._clock()
        if self._done == 1:
            self._first = now
        gate = outcome.document["gate"] if outcome.document else "failed"
        said = f"{'published' if gate == 'passed' else gate}, {self._done} of {self._msps}"
        left = self._msps - self._done
        if not left:
            return f"{said}, {_duration(now - self._begun)} in all"
        # the first one waited for the workers to start
        pace = (now - self._first) / (self._done - 1) if self._done > 1 else now - self._begun
        return f"{said}, about {_duration(pace * left)} left"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
