"""Mutation testing of the reconciliation's SQL: ``python -m tests.mutation.sql --jobs 1 [--model NAME ...]``.

Breaks every model of the reconciliation in every way of ``sql_operators``, one at a time, and looks whether a test notices: first the
months that the world tests hold against the second engine, then dbt's data tests on those months, then dbt's unit tests of the model. Prints a
table per model and every mutant that nobody noticed; exits 1 if fewer than 95 % of the mutants are killed that are not explained as
equivalent in ``sql_equivalents.toml``, or if an explanation there does not fit any more.

Belongs here: the campaign and what it says. Breaking is ``sql_operators``, looking is ``sql_months`` and ``sql_unit_tests``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.mutation import sql_page
from tests.mutation.sql_models import Model, Project
from tests.mutation.sql_months import Invalid, Killed, Month, build_months, deadliest_first, open_months
from tests.mutation.sql_operators import Mutant, mutants
from tests.mutation.sql_unit_tests import UnitTests

EQUIVALENTS = Path(__file__).with_name("sql_equivalents.toml")
ENOUGH = Fraction(95, 100)
COLUMNS = ("mutants", "worlds", "data tests", "unit tests", "equivalent", "survived")

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: the column of the table it counts in, and who noticed or why nobody can."""

    mutant: Mutant
    fate: str
    by: str


class Examiner:
    """Holds mutants against months and unit tests; keeps the months in the order in which they kill."""

    def __init__(self, project: Project, months: Sequence[Month], unit_tests: UnitTests) -> None:
        self.project = project
        self.months = list(months)
        self.unit_tests = unit_tests

    def verdict(self, mutant: Mutant) -> Verdict:
        """Try every month, then the unit tests."""
        try:
            self.months[0].expect_valid(mutant)
        except Invalid as invalid:
            return Verdict(mutant, "invalid", str(invalid))
        data_test = ""
        self.months = deadliest_first(self.months)
        for month in self.months:
            try:
                # every month is asked, so that the column a mutant counts in does not depend on their order
                found = month.examine(mutant)
                data_test = data_test or found or ""
            except Killed as killed:
                return Verdict(mutant, "worlds", str(killed))
        if data_test:
            return Verdict(mutant, "data tests", data_test)
        unit_test = self.unit_tests.failing(mutant)
        return Verdict(mutant, "unit tests", unit_test) if unit_test else Verdict(mutant, "survived", "")

    def verdicts(self, model: Model) -> list[Verdict]:
        """The verdict on every mutant of a model."""
        return [self.verdict(mutant) for mutant in mutants(self.project, model)]


def entries() -> list[dict[str, Any]]:
    """The explanations as they are written down, by model."""
    return sorted(
        tomllib.loads(EQUIVALENTS.read_text(encoding="utf-8"))["equivalent"],
        key=lambda entry: str(entry["model"]),
    )


def equivalents() -> dict[Key, str]:
    """Why each of the mutants that cannot be killed cannot."""
    found: dict[Key, str] = {}
    for entry in entries():
        for change in entry["changes"]:
            key = (entry["model"], entry["operator"], change)
            assert key not in found, f"explained twice: {key}"
            found[key] = " ".join(entry["reason"].split())
    return found


def explained(verdicts: Iterable[Verdict], reasons: dict[Key, str]) -> list[Verdict]:
    """The verdicts, survivors with a reason counted as equivalent."""
    return [
        Verdict(v.mutant, "equivalent", reasons[v.mutant.key])
        if v.fate == "survived" and v.mutant.key in reasons
        else v
        for v in verdicts
    ]


def misfits(verdicts: Sequence[Verdict], reasons: dict[Key, str], models: Iterable[str]) -> list[str]:
    """Explanations that fit no mutant of these models, or one that a test does kill."""
    fates = {v.mutant.key: v for v in verdicts}
    names = set(models)
    told = []
    for key in reasons:
        if key[0] in names and (key not in fates or fates[key].fate != "equivalent"):
            why = f"is {fates[key].fate}: {fates[key].by}" if key in fates else "is no mutant any more"
            told.append(f"{' | '.join(key)} {why}")
    return told


def counted(verdicts: Sequence[Verdict]) -> Iterator[tuple[str, list[int]]]:
    """The cells of the table: one row per model and one for all."""
    counts: dict[str, Counter[str]] = {}
    for verdict in verdicts:
        counts.setdefault(verdict.mutant.model, Counter())[verdict.fate] += 1
    for model, count in [*counts.items(), ("all", sum(counts.values(), Counter()))]:
        yield model, [count.total() - count["invalid"], *(count[name] for name in COLUMNS[1:])]


def table(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """The table as text."""
    yield f"{'model':34}" + "".join(f"{name:>12}" for name in COLUMNS)
    for model, cells in counted(verdicts):
        yield f"{model:34}" + "".join(f"{cell:>12}" for cell in cells)


def killed(verdicts: Sequence[Verdict]) -> Fraction:
    """The share of the mutants killed that are neither invalid nor equivalent."""
    count = Counter(verdict.fate for verdict in verdicts)
    dead = count["worlds"] + count["data tests"] + count["unit tests"]
    return Fraction(dead, (dead + count["survived"]) or 1)


_examiner: Examiner


def _open(folder: Path) -> None:
    global _examiner
    project = Project()
    _examiner = Examiner(project, open_months(project, folder / "months"), UnitTests(project, folder))


def _examine(name: str) -> list[Verdict]:
    return _examiner.verdicts(_examiner.project.by_name[name])


def campaign(folder: Path, names: Sequence[str], jobs: int) -> Iterator[list[Verdict]]:
    """Yield the verdicts on one model after the other; months and unit tests are found or made in ``folder``."""
    project = Project()
    if not (folder / "months").exists():
        build_months(folder / "months")
    unit_tests = UnitTests.ask_dbt(project, folder)
    unit_tests.expect_pass_without_mutation(project)
    for month in open_months(project, folder / "months"):
        month.expect_same_without_mutation()
        month.close()
    with ProcessPoolExecutor(jobs, get_context("spawn"), _open, (folder,)) as pool:
        yield from pool.map(_examine, names)


def main() -> int:
    """Run the campaign; 1 if too many mutants live or an explanation does not fit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--model",
        action="append",
        metavar="NAME",
        help="a model to mutate (again for more); all if none is named",
    )
    parser.add_argument("--jobs", type=int, default=1, help="how many processes")
    parser.add_argument(
        "--page", action="store_true", help="write the page of the documentation (all models)"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        help="keep the months here and use those that are there; else they are made anew",
    )
    arguments = parser.parse_args()
    if arguments.page and arguments.model:
        parser.error("--page is about all models")
    began = time.monotonic()
    names = arguments.model or [model.name for model in Project().mutated]
    reasons = equivalents()
    verdicts: list[Verdict] = []
    with tempfile.TemporaryDirectory(prefix="mutation-") as temporary:
        folder = (arguments.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        for found in campaign(folder, names, arguments.jobs):
            verdicts += explained(found, reasons)
            for verdict in verdicts[-len(found) :]:
                if verdict.fate == "survived":
                    print(f"survived: {' | '.join(verdict.mutant.key)}", flush=True)
    unfit = misfits(verdicts, reasons, names)
    print(*(f"wrong explanation: {text}" for text in unfit), *table(verdicts), sep="\n")
    invalid = sum(verdict.fate == "invalid" for verdict in verdicts)
    share = killed(verdicts)
    print(
        f"{float(share):.1%} of the mutants that are not equivalent are killed"
        f" ({invalid} more were no valid SQL), {time.monotonic() - began:.0f} s"
    )
    if arguments.page:
        sql_page.write(sql_page.page(entries(), COLUMNS, counted(verdicts), f"{float(share):.1%}"))
    return 1 if share < ENOUGH or unfit else 0


if __name__ == "__main__":
    raise SystemExit(main())
