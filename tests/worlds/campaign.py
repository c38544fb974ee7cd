"""Random worlds with random injections, as many as there is time for: ``python -m tests.worlds.campaign --worlds 1000 --jobs 2 --start 0``.

Prints a table per code (injected, found, impact equal, false alarms) and every difference from oracle or answer key with the seed that
reproduces it; exits 1 if there is any. With ``--chaos`` the worlds are random nonsense (``chaos``), held against the oracle alone.
Belongs here: drawing worlds and counting. How a month is compared is ``compare``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty
from random import Random
from typing import Any, get_args

import pyarrow.parquet as pq

from mbr_pipeline.transform import Transformer
from mbr_pipeline.workspace.world import EXCEPTION_CODES, INJECTABLE, Injection, World, make_world
from mbr_pipeline.workspace.world.inject_control import CONTROL_CODES
from mbr_pipeline.workspace.world.model import Size

from .chaos import PERIODS, Chaos
from .compare import answers_of, compare, compare_with_answers, has_impact, match, run_month

COLUMNS = ("injected", "found", "impact equal", "false alarms")


@dataclass
class Outcome:
    """What became of one world: counts per code under the names of ``COLUMNS``, and differences in words."""

    seed: int
    months: int = 0
    tally: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    differences: list[str] = field(default_factory=list)


def draw(seed: int, folder: Path) -> World:
    """Make the world of a seed: one in four damages a dataset, the others have none to eight findings."""
    rng = Random(f"campaign/{seed}")
    sizes: tuple[Size, ...] = get_args(Size)
    if rng.random() < 0.25:
        inject = [Injection(rng.choice(tuple(CONTROL_CODES)), rng.choice(sizes))]
    else:
        codes = (*EXCEPTION_CODES, "COVERAGE_TOO_LOW")
        inject = [Injection(rng.choice(codes), rng.choice(sizes)) for _ in range(rng.randint(0, 8))]
    return make_world(folder, seed, rng.randint(2, 8), rng.randint(1, 4), inject, rng.choice((1, 1, 2)))


def months_of(world: World) -> list[tuple[str, str]]:
    """The last month of every MSP, where the injections are, and in one world of three the first one too."""
    months = [(msp_id, world.periods[-1]) for msp_id in world.msp_ids]
    early = [(world.msp_ids[0], world.periods[0])] if world.seed % 3 == 0 and len(world.periods) > 1 else []
    return months + early


def examine(seed: int, transformer: Transformer, chaos: bool) -> Outcome:
    """Run and compare the months of a seed's world; a crash is a difference like any other."""
    outcome = Outcome(seed)
    with tempfile.TemporaryDirectory(prefix=f"world-{seed}-") as folder:
        try:
            (_examine_chaos if chaos else _examine_world)(outcome, Path(folder), transformer)
        except Exception:
            outcome.differences.append(f"crashed: {traceback.format_exc()}")
    return outcome


def _examine_world(outcome: Outcome, folder: Path, transformer: Transformer) -> None:
    world = draw(outcome.seed, folder)
    for msp_id, period in months_of(world):
        staged, document = run_month(world.directory, msp_id, period, transformer)
        found = compare(world.directory, msp_id, period, staged, document)
        found += compare_with_answers(world, msp_id, period, staged, document)
        outcome.differences += [f"{msp_id} {period}: {text}" for text in found]
        outcome.months += 1
        _count(outcome, world, (msp_id, period), staged, document)


def _examine_chaos(outcome: Outcome, folder: Path, transformer: Transformer) -> None:
    Chaos(folder, outcome.seed).write()
    for period in PERIODS[-2:]:
        staged, document = run_month(folder, "msp", period, transformer)
        outcome.differences += [f"msp {period}: {text}" for text in compare(folder, "msp", period, staged, document)]
        outcome.months += 1
        for code, count in document["exceptions"].items():
            outcome.tally[code]["found"] += count


def _count(outcome: Outcome, world: World, month: tuple[str, str], staged: Path, document: dict[str, Any]) -> None:
    blocked, reasons = world.blocked.get(month, set()), set(document["reasons"])
    for code in blocked | reasons:
        outcome.tally[code].update({"injected": code in blocked, "found": code in blocked & reasons})
        outcome.tally[code].update({"impact equal": code in blocked & reasons, "false alarms": code in reasons - blocked})
    if blocked & set(CONTROL_CODES):
        return
    matched = match(answers_of(world, *month), pq.read_table(staged / "fct_exceptions.parquet"))
    for answer in matched.lost:
        outcome.tally[answer.code].update({"injected": 1})
    for answer, row in matched.pairs:
        outcome.tally[answer.code].update({"injected": 1, "found": 1, "impact equal": has_impact(answer, row)})
    for row in matched.surplus:
        outcome.tally[row["exception_code"]].update({"false alarms": 1})


def _work(seeds: range, results: Queue[Outcome], chaos: bool) -> None:
    with Transformer() as transformer:
        for seed in seeds:
            results.put(examine(seed, transformer, chaos))


def outcomes(start: int, worlds: int, jobs: int, chaos: bool = False) -> Iterator[Outcome]:
    """Examine the worlds of consecutive seeds in so many processes, and yield each as it is done."""
    context = get_context("spawn")
    results: Queue[Outcome] = context.Queue()
    seeds = [range(start + job, start + worlds, jobs) for job in range(min(jobs, worlds))]
    processes = [context.Process(target=_work, args=(part, results, chaos), daemon=False) for part in seeds]
    for process in processes:
        process.start()
    waiting = worlds
    while waiting:
        try:
            yield results.get(timeout=5)
            waiting -= 1
        except Empty:
            if not any(process.is_alive() for process in processes) and results.empty():
                raise RuntimeError(f"the processes ended with {waiting} worlds to go") from None
    for process in processes:
        process.join()


def table(tally: dict[str, Counter[str]]) -> Iterable[str]:
    """Write the counts as lines of text, every code that can be injected among them."""
    yield f"{'code':32}" + "".join(f"{name:>14}" for name in COLUMNS)
    for code in [*INJECTABLE, *sorted(tally.keys() - set(INJECTABLE))]:
        yield f"{code:32}" + "".join(f"{tally[code][name]:>14}" for name in COLUMNS)


def main() -> int:
    """Run the campaign; 1 if anything differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--worlds", type=int, default=100, help="how many worlds")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes")
    parser.add_argument("--start", type=int, default=0, help="the first seed")
    parser.add_argument("--chaos", action="store_true", help="random nonsense instead of books with known faults")
    arguments = parser.parse_args()
    began, months, failed = time.monotonic(), 0, 0
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome in outcomes(arguments.start, arguments.worlds, arguments.jobs, arguments.chaos):
        months += outcome.months
        failed += bool(outcome.differences)
        for code, counts in outcome.tally.items():
            tally[code].update(counts)
        for text in outcome.differences:
            print(f"seed {outcome.seed}: {text}", flush=True)
        if outcome.differences:
            again = f"--worlds 1 --start {outcome.seed}{' --chaos' if arguments.chaos else ''}"
            print(f"  again: python -m tests.worlds.campaign {again}", flush=True)
    print("\n".join(table(tally)))
    print(f"{arguments.worlds} worlds, {months} months, {failed} worlds with differences, {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
