"""A night of 40,000 MSPs on paper: how long it takes with so many workers, and what everybody waits for.

What belongs here: a simulation by what one month was measured to cost (``many_workers.py``, ``run.py``). What
does not: measuring. It knows workers that take one month at a time, Dagster's daemon that launches one run
after the other at each of its ticks, and PostgreSQL with so many cores; a file server or object storage is
counted, not simulated. How large months are is an assumption: log-normal, as sizes of businesses are.
"""

from __future__ import annotations

import argparse
import heapq
import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Costs:
    """What was measured, in seconds of a processor like the one it was measured on."""

    month: float
    """Of a worker for the smallest month."""
    line: float
    """Of a worker for each line more."""
    launch: float
    """Of the daemon for each run; it has one core, as any Python process."""
    tick: float
    """Between two looks of the daemon at its queue; no cost, but free slots wait for it."""
    database: float
    """Of PostgreSQL for each run."""
    database_cores: int
    requests: int
    """Of files read and written for each month."""


@dataclass(frozen=True)
class Night:
    """What came of it; shares are of the time that it took."""

    seconds: float
    workers_busy: float
    daemon_busy: float
    database_busy: float
    requests_a_second: float
    half_done: float
    """Seconds until half of the months were done: what most MSPs wait for."""

    @property
    def bound_by(self) -> str:
        """What is busiest: more of anything else would change little."""
        busy = {"workers": self.workers_busy, "daemon": self.daemon_busy, "PostgreSQL": self.database_busy}
        return max(busy, key=busy.__getitem__)


def sizes(msps: int, median: int, spread: float, largest: int, seed: int = 1) -> list[int]:
    """Draw the lines of each MSP's month."""
    drawn = random.Random(seed)
    return [min(largest, int(median * drawn.lognormvariate(0, spread))) for _ in range(msps)]


def night(lines: Sequence[int], workers: int, slots: int, costs: Costs) -> Night:
    """Simulate: small months first, ``slots`` runs launched at once and so many of them executed as there are
    workers.
    """
    waiting = sorted(lines, reverse=True)
    free = [0.0] * workers
    heapq.heapify(free)
    running: list[float] = []
    ends: list[float] = []
    now = daemon = database = busy = 0.0
    while waiting:
        while running and running[0] <= now:
            heapq.heappop(running)
        for _ in range(min(slots - len(running), len(waiting))):
            daemon = max(daemon, now) + costs.launch
            own = costs.month + costs.line * waiting.pop()
            database = max(database, daemon) + costs.database / costs.database_cores
            end = max(max(heapq.heappop(free), daemon) + own, database)
            heapq.heappush(free, end)
            heapq.heappush(running, end)
            ends.append(end)
            busy += own
        now = max(now + costs.tick, daemon)
    seconds = max(ends)
    ends.sort()
    return Night(
        seconds,
        busy / workers / seconds,
        len(lines) * costs.launch / seconds,
        len(lines) * costs.database / costs.database_cores / seconds,
        len(lines) * costs.requests / seconds,
        ends[(len(ends) - 1) // 2],
    )


def main() -> None:
    """Run the command line: ``python -m bench.scale --msps 40000``."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--msps", type=int, default=40_000)
    parser.add_argument("--median", type=int, default=2000, help="lines of a middling month")
    parser.add_argument("--spread", type=float, default=1.8, help="of the logarithm of lines")
    parser.add_argument("--month", type=float, default=3.0, help="seconds of a worker for the smallest month")
    parser.add_argument("--line", type=float, default=0.00005, help="seconds of a worker for each line")
    parser.add_argument("--launch", type=float, default=0.09, help="seconds of the daemon for a run")
    parser.add_argument("--tick", type=float, default=1.0, help="seconds between two looks at the queue")
    parser.add_argument("--database", type=float, default=0.5, help="seconds of PostgreSQL for a run")
    parser.add_argument("--database-cores", type=int, default=8)
    parser.add_argument("--requests", type=int, default=60, help="reads and writes of files for a month")
    parser.add_argument("--ahead", type=float, default=1.0, help="runs launched for each worker")
    asked = parser.parse_args()
    costs = Costs(
        asked.month, asked.line, asked.launch, asked.tick, asked.database, asked.database_cores,
        asked.requests,
    )  # fmt: skip
    lines = sizes(asked.msps, asked.median, asked.spread, 10_000_000)
    print(f"{asked.msps:,} months, {sum(lines):,} lines, the largest {max(lines):,}\n")
    print("| workers | hours | half done | workers busy | daemon busy | PostgreSQL busy | file requests/s |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for workers in (1, 2, 4, 8, 16, 32, 64, 128, 256):
        done = night(lines, workers, max(workers, int(workers * asked.ahead)), costs)
        print(
            f"| {workers} | {done.seconds / 3600:.1f} | {done.half_done / 3600:.1f} |"
            f" {done.workers_busy:.0%} | {done.daemon_busy:.0%} | {done.database_busy:.0%} |"
            f" {done.requests_a_second:.0f} |"
        )


if __name__ == "__main__":
    main()
