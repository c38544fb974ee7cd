"""Kills parts of an installation on several machines while months are on their way, and says whether all of
them were published by themselves: ``python -m tests.kills.machines --kills 100 --seed 1``.

PostgreSQL, Redis, workers, Dagster's daemon and servers run on this machine, each with the settings of
``deploy/distributed/``; with ``--store`` the workspace lies on an S3 server. In every round each month gets
another state and is queued once, and while they run a random worker, the broker, PostgreSQL or the store is
killed with SIGKILL at random moments; each starts again after a second. Then nothing is killed any more, and
everything must come to its end by itself. Prints a line for each round, a table and every fault; exits 1 if
there is any.

Belongs here: drawing, waiting and counting. Does not: killing (``spread``), what must hold
(``spread_checks``).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from tests.kills.spread import Spread
from tests.kills.spread_checks import expected_rows, faults, has_finished

_LOOKS_SECONDS = 0.25
_LONGEST_SECONDS = 1500


def _round(spread: Spread, number: int, asked: argparse.Namespace) -> list[str]:
    """Do one round; returns whom it killed."""
    chance = Random(f"machines/{asked.seed}/{number}")
    spread.ask_for_months()
    done = []
    for _ in range(asked.a_round):
        _go_on(spread, chance.uniform(0.2, 2) * asked.seconds)
        if has_finished(spread, number - asked.start + 1):
            break
        done.append(spread.kill(chance.choice(spread.victims), chance.randrange(1000)))
    return done


def _go_on(spread: Spread, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        spread.start_again()
        time.sleep(_LOOKS_SECONDS)


def _finish(spread: Spread, times: int) -> float:
    """Let everything end by itself; returns how long that took."""
    began = time.monotonic()
    while not has_finished(spread, times):
        if time.monotonic() - began > _LONGEST_SECONDS:
            break
        _go_on(spread, 2)
    return time.monotonic() - began


def main() -> int:
    """Run a campaign; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.kills.machines", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("--kills", type=int, default=100, help="how many")
    parser.add_argument("--seed", type=int, default=1, help="what moments and victims are drawn from")
    parser.add_argument("--start", type=int, default=0, help="the number of the first round")
    parser.add_argument("--a-round", type=int, default=10, help="kills in a round")
    parser.add_argument("--seconds", type=float, default=6, help="between two kills, on average")
    parser.add_argument("--msps", type=int, default=8, help="months in a round")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--store", action="store_true", help="the workspace on an S3 server")
    parser.add_argument("--keep", type=Path, help="an empty folder for logs, which stay")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="machines-") as name:
        return _campaign(asked, asked.keep or Path(name))


def _campaign(asked: argparse.Namespace, folder: Path) -> int:
    folder.chmod(0o755)  # PostgreSQL has another user
    began, counts, number = time.monotonic(), Counter[str](), asked.start
    wrong = list[str]()
    expected = expected_rows(folder, [f"msp{number}" for number in range(1, asked.msps + 1)])
    spread = Spread(folder, asked.msps, asked.workers, asked.store)
    try:
        while sum(counts.values()) < asked.kills and not wrong:
            if number > asked.start or number % 2:
                spread.land(number)
            landed = spread.landed()
            killed = _round(spread, number, asked)
            counts.update(each.rstrip("0123456789") for each in killed if "(" not in each)
            took = _finish(spread, number - asked.start + 1)
            wrong += faults(spread, number - asked.start + 1, expected[number % 2], landed, number)
            most = Counter(run.month for run in spread.runs())
            print(
                f"round {number}: {len(killed)} kills ({', '.join(killed)}), {took:.0f} s until all was done,"
                f" {sum(most.values())} runs so far; {time.monotonic() - began:.0f} s",
                flush=True,
            )
            number += 1
    finally:
        spread.stop()
    for text in wrong:
        print(text, file=sys.stdout, flush=True)
    if wrong:
        print(f"in round {number - 1}: --start {number - 1} --seed {asked.seed} draws it again")
    print(f"{'killed':12}{'times':>6}")
    for victim, times in [*sorted(counts.items()), ("all", sum(counts.values()))]:
        print(f"{victim:12}{times:>6}")
    print(
        f"seed {asked.seed}: {sum(counts.values())} kills in {number - asked.start} rounds of {asked.msps}"
        f" months, {len(wrong)} faults, {time.monotonic() - began:.0f} s"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
