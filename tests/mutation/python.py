"""Mutation campaign over the Python code that decides about money and the gate.

``python -m tests.mutation.python [--module NAME ...]`` mistakes every fault of ``python_mutants`` in every module of ``python_scope``, one at
a time in a copy of the project, and counts those that a test notices. A mutant nobody can notice is listed with its reason in
``equivalent_python.toml`` and left out of the share; should a fast test notice one after all, the campaign says so and fails.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.mutation import python_page
from tests.mutation.python_mutants import Mutant, mutants
from tests.mutation.python_scope import TARGETS, Target
from tests.mutation.python_trial import ROOT, Trial, Workbench

EQUIVALENT = Path(__file__).with_name("equivalent_python.toml")
GOAL = 90
"""Per cent of the mutants that somebody could notice."""

# the fixtures that run the pipeline would import all of it, and no fast test asks for them
_LIGHT = "--confcutdir=tests/unit"

Key = tuple[str, str, str]


@dataclass
class Result:
    """What became of a module's mutants."""

    module: str
    killed: int = 0
    killed_slowly: int = 0
    timed_out: int = 0
    equivalent: int = 0
    survivors: list[Mutant] = field(default_factory=list)
    not_equivalent: list[tuple[Mutant, str]] = field(default_factory=list)

    @property
    def counted(self) -> int:
        """Mutants that somebody could notice."""
        return self.killed + len(self.survivors)

    @property
    def row(self) -> str:
        """The row of the table."""
        share = f"{100 * self.killed / self.counted:.1f} %" if self.counted else "-"
        cells = (
            self.module,
            self.counted,
            self.killed,
            self.killed_slowly,
            self.timed_out,
            len(self.survivors),
            self.equivalent,
            share,
        )
        return f"| {' | '.join(map(str, cells))} |"


HEAD = """\
| module | mutants | killed | of these by slow tests | by time limit | survived | equivalent | share |
|---|---:|---:|---:|---:|---:|---:|---:|"""


def equivalents() -> dict[Key, str]:
    """Return the mutants that nobody can notice, each with its reason."""
    listed = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))["equivalent"]
    return {
        (entry["module"], entry["function"], mutant): entry["reason"]
        for entry in listed
        for mutant in entry["mutants"]
    }


def campaign(targets: Sequence[Target], bench: Workbench, verbose: bool = False) -> list[Result]:
    """Try every mutant of the targets, and print what survives as it does."""
    known = equivalents()
    results = []
    for target in targets:
        fast = (_LIGHT, *target.fast)
        limits = {tests: _baseline(bench, tests) for tests in (fast, target.slow) if tests}
        result = Result(target.module)
        for mutant in mutants(target.module, (ROOT / target.module).read_text(encoding="utf-8")):
            _try(mutant, target, bench, limits, known, result, verbose)
        print(result.row, file=sys.stderr, flush=True)
        results.append(result)
    return results


def _baseline(bench: Workbench, tests: tuple[str, ...]) -> float:
    """Return the time limit for tests, after they passed on the module as it is; compiled files are kept for the mutants."""
    trial = bench.run(tests, 900, keep_bytecode=True)
    if trial.failed:
        raise SystemExit(f"without any fault {trial.test or 'the tests'} failed:\n{bench.log}")
    return max(60.0, 10 * trial.seconds)


def _try(
    mutant: Mutant, target: Target, bench: Workbench, limits: dict[tuple[str, ...], float], known: dict[Key, str], result: Result,
    verbose: bool,
) -> None:  # fmt: skip
    is_known = mutant.key in known
    trial = Trial(False, "", False, 0)
    stages = [tests for tests in limits if tests != target.slow or not is_known]
    for tests in stages:
        trial = bench.try_source(mutant.module, mutant.source, tests, limits[tests])
        if trial.timed_out:  # a busy machine must not look like a test that noticed
            trial = bench.try_source(mutant.module, mutant.source, tests, 3 * limits[tests])
        if trial.failed:
            result.killed_slowly += tests == target.slow and not is_known
            break
    if is_known:
        result.equivalent += 1
        if trial.failed:
            result.not_equivalent.append((mutant, trial.test))
    elif trial.failed:
        result.killed += 1
        result.timed_out += trial.timed_out
    else:
        result.survivors.append(mutant)
    if verbose:
        print(
            f"{trial.seconds:5.1f} s {trial.test or ('time limit' if trial.timed_out else 'none')}: {mutant}",
            file=sys.stderr,
            flush=True,
        )


def summed(results: Sequence[Result]) -> Result:
    """Return all results as one."""
    total = Result("**all**")
    for result in results:
        total.killed += result.killed
        total.killed_slowly += result.killed_slowly
        total.timed_out += result.timed_out
        total.equivalent += result.equivalent
        total.survivors += result.survivors
        total.not_equivalent += result.not_equivalent
    return total


def table(results: Sequence[Result]) -> str:
    """Return the table, a row for each module and one for all."""
    return "\n".join([HEAD, *(result.row for result in results), summed(results).row])


def report(results: Sequence[Result], seconds: float, processor: float) -> int:
    """Print the table and the survivors; 1 if the goal is missed or a listed equivalent is none."""
    total = summed(results)
    print(table(results))
    print(f"\n{seconds / 60:.0f} minutes, {processor / 60:.0f} of them at work.")
    for mutant in total.survivors:
        print(f"survived: {mutant}")
    for mutant, test in total.not_equivalent:
        print(f"not equivalent, {test} notices it: {mutant}")
    return int(100 * total.killed < GOAL * total.counted or bool(total.not_equivalent))


def main() -> int:
    """Run the campaign."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--module", action="append", default=[], metavar="NAME", help="only modules whose path contains NAME"
    )
    parser.add_argument(
        "--page", action="store_true", help="write the page of the documentation (all modules)"
    )
    parser.add_argument("--verbose", action="store_true", help="say of every mutant which test noticed it")
    arguments = parser.parse_args()
    targets = [
        t for t in TARGETS if not arguments.module or any(name in t.module for name in arguments.module)
    ]
    if not targets:
        parser.error(f"no module of the scope is named so: {', '.join(t.module for t in TARGETS)}")
    if arguments.page and arguments.module:
        parser.error("--page is about all modules")
    began = time.monotonic()
    # in memory where there is such a folder: the tests write and remove thousands of small files
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="mbr-mutants-", dir=memory if memory.is_dir() else None))
    try:
        results = campaign(targets, Workbench(folder), arguments.verbose)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if arguments.page:
        python_page.PAGE.write_text(
            python_page.page(table(results), summed(results).survivors), encoding="utf-8"
        )
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return report(results, time.monotonic() - began, sum(u.ru_utime + u.ru_stime for u in used))


if __name__ == "__main__":
    raise SystemExit(main())
