"""Random worlds with random injections, as many as there is time for: ``python -m tests.worlds.campaign
--worlds 1000 --jobs 2 --start 0``.

Prints a table per code (hidden, found, impact equal, false alarms) and every difference from the engine or
answer key with the seed that reproduces it; exits 1 if there is any. With ``--chaos`` the worlds are random
nonsense (``chaos``), held against the second engine alone. The SQL is dbt's, run without dbt, and the suites
are evaluated without Great Expectations (``compiled``, ``plain_suites``); with ``--dbt`` the two do their
work themselves, which takes several times as long. Belongs here: drawing worlds and counting. How a month is
compared is ``compare``.
"""

from __future__ import annotations

import argparse
import sys
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
from typing import get_args

import pyarrow.parquet as pq

from mbr_pipeline.scaffold.answer_key import COUNTS as COLUMNS
from mbr_pipeline.scaffold.world import EXCEPTION_CODES, INJECTABLE, Injection, World, make_world
from mbr_pipeline.scaffold.world.inject.control import CONTROL_CODES
from mbr_pipeline.scaffold.world.model import Size
from mbr_pipeline.transform.dbt_client import Transformer
from tests.worlds.compare import Builder, compare, run_month, score
from tests.worlds.compiled import CompiledTransformer
from tests.worlds.drawn.chaos import PERIODS, Chaos
from tests.worlds.drawn.deciding import decide, enter_policies, settle
from tests.worlds.drawn.made_ids import MadeIds


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


def examine(seed: int, folder: Path, transformer: Builder, chaos: bool, decided: bool) -> Outcome:
    """Run and compare the months of a seed's world in a folder; a crash is a difference like any other."""
    outcome = Outcome(seed)
    try:
        if decided:
            _examine_decided(outcome, folder, transformer, chaos)
        else:
            (_examine_chaos if chaos else _examine_world)(outcome, folder, transformer)
    except Exception:
        outcome.differences.append(f"crashed: {traceback.format_exc()}")
    return outcome


def _examine_world(outcome: Outcome, folder: Path, transformer: Builder) -> None:
    world = draw(outcome.seed, folder)
    for msp_id, period in months_of(world):
        candidate, document = run_month(world.directory, msp_id, period, transformer)
        scored = score(world, msp_id, period, candidate, document)
        found = compare(world.directory, msp_id, period, candidate, document) + scored.differences
        outcome.differences += [f"{msp_id} {period}: {text}" for text in found]
        outcome.months += 1
        for code, counts in scored.tally.items():
            outcome.tally[code].update(counts)


def _examine_decided(outcome: Outcome, folder: Path, transformer: Builder, chaos: bool) -> None:
    """Two months of one MSP, decided at random and run again: decisions on both, waivers into the second."""
    rng = Random(f"decided/{outcome.seed}")
    if chaos:
        Chaos(folder, outcome.seed).write()
        msp_id, periods = "msp", PERIODS[-2:]
    else:
        world = draw(outcome.seed, folder)
        msp_id, periods = world.msp_ids[0], tuple(world.periods[-2:])
    has_policies = outcome.seed % 3 != 0
    if has_policies:
        settle(folder, rng)
    for period in periods:
        candidate, document = run_month(folder, msp_id, period, transformer)
        if has_policies:
            # as the policies alone decide it, on what earlier months brought; then entered, and decided anew
            outcome.differences += [
                f"{msp_id} {period} before anybody: {text}"
                for text in compare(folder, msp_id, period, candidate, document)
            ]
            outcome.tally["by_policy"]["found"] += enter_policies(folder, msp_id, period, rng)
        decide(folder, msp_id, period, candidate, rng)
        candidate, document = run_month(folder, msp_id, period, transformer)
        outcome.differences += [
            f"{msp_id} {period}: {text}" for text in compare(folder, msp_id, period, candidate, document)
        ]
        outcome.months += 1
        for state in pq.read_table(candidate / "fct_decisions.parquet")["state"].to_pylist():
            outcome.tally[state]["found"] += 1
        for change in pq.read_table(candidate / "fct_invoice_lines_ready.parquet")["change"].to_pylist():
            outcome.tally[change]["found"] += 1


def _examine_chaos(outcome: Outcome, folder: Path, transformer: Builder) -> None:
    # in one of three, sources whose lines have no identifier come beside the others
    (MadeIds if outcome.seed % 3 == 2 else Chaos)(folder, outcome.seed).write()
    for period in PERIODS[-2:]:
        candidate, document = run_month(folder, "msp", period, transformer)
        outcome.differences += [
            f"msp {period}: {text}" for text in compare(folder, "msp", period, candidate, document)
        ]
        outcome.months += 1
        for code, count in document["exceptions"].items():
            outcome.tally[code]["found"] += count


def _work(seeds: range, results: Queue[Outcome], chaos: bool, dbt: bool, decided: bool) -> None:
    with Transformer() if dbt else CompiledTransformer() as transformer:
        for seed in seeds:
            with tempfile.TemporaryDirectory(prefix=f"world-{seed}-") as folder:
                results.put(examine(seed, Path(folder), transformer, chaos, decided))


def outcomes(
    start: int, worlds: int, jobs: int, chaos: bool = False, dbt: bool = False, decided: bool = False
) -> Iterator[Outcome]:
    """Examine the worlds of consecutive seeds in so many processes, and yield each as it is done."""
    context = get_context("spawn")
    results: Queue[Outcome] = context.Queue()
    seeds = [range(start + job, start + worlds, jobs) for job in range(min(jobs, worlds))]
    processes = [
        context.Process(target=_work, args=(part, results, chaos, dbt, decided), daemon=False)
        for part in seeds
    ]
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
    parser.add_argument(
        "--chaos", action="store_true", help="random nonsense instead of books with known faults"
    )
    parser.add_argument(
        "--dbt", action="store_true", help="build and audit with dbt and Great Expectations themselves"
    )
    parser.add_argument(
        "--decided",
        action="store_true",
        help="decide the exceptions of two months at random and run them again",
    )
    arguments = parser.parse_args()
    began, months, failed = time.monotonic(), 0, 0
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    examined = outcomes(
        arguments.start, arguments.worlds, arguments.jobs, arguments.chaos, arguments.dbt, arguments.decided
    )
    for count, outcome in enumerate(examined, start=1):
        if count % 25 == 0:
            passed = f"{time.monotonic() - began:.0f} s"
            print(f"{count} worlds after {passed}, {failed} with differences", file=sys.stderr, flush=True)
        months += outcome.months
        failed += bool(outcome.differences)
        for code, counts in outcome.tally.items():
            tally[code].update(counts)
        for text in outcome.differences:
            print(f"seed {outcome.seed}: {text}", flush=True)
        if outcome.differences:
            again = f"--worlds 1 --start {outcome.seed}{' --chaos' if arguments.chaos else ''}"
            again += " --decided" if arguments.decided else ""
            print(f"  again: python -m tests.worlds.campaign {again}", flush=True)
    print("\n".join(table(tally)))
    print(
        f"{arguments.worlds} worlds, {months} months, {failed} worlds with differences,"
        f" {time.monotonic() - began:.0f} s"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
