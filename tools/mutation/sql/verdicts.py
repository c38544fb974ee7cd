"""What became of the mutants, and the table of it.

What belongs here: counting, and holding survivors against the list of explanations. Looking is ``campaign``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tools.mutation.sql.equivalents import Key
from tools.mutation.sql.mutants import Mutant

ENOUGH = Fraction(95, 100)
COLUMNS = ("mutants", "unit tests", "worlds", "data tests", "equivalent", "survived")


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: the column of the table it counts in, and who noticed or why nobody can."""

    mutant: Mutant
    fate: str
    by: str


def explained(verdicts: Iterable[Verdict], reasons: dict[Key, str]) -> list[Verdict]:
    """Return the verdicts, survivors with a reason counted as equivalent."""
    return [
        Verdict(v.mutant, "equivalent", reasons[v.mutant.key])
        if v.fate == "survived" and v.mutant.key in reasons
        else v
        for v in verdicts
    ]


def misfits(verdicts: Sequence[Verdict], reasons: dict[Key, str], models: Iterable[str]) -> list[str]:
    """Return explanations that fit no mutant of these models, or one that a test does kill."""
    fates = {v.mutant.key: v for v in verdicts}
    names = set(models)
    told = []
    for key in reasons:
        if key[0] in names and (key not in fates or fates[key].fate != "equivalent"):
            why = f"is {fates[key].fate}: {fates[key].by}" if key in fates else "is no mutant any more"
            told.append(f"{' | '.join(key)} {why}")
    return told


def counted(verdicts: Sequence[Verdict]) -> Iterator[tuple[str, list[int]]]:
    """Yield the cells of the table: one row per model and one for all."""
    counts: dict[str, Counter[str]] = {}
    for verdict in verdicts:
        counts.setdefault(verdict.mutant.model, Counter())[verdict.fate] += 1
    for model, count in [*counts.items(), ("all", sum(counts.values(), Counter()))]:
        yield model, [count.total() - count["invalid"], *(count[name] for name in COLUMNS[1:])]


def table(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield the lines of the table as text."""
    yield f"{'model':34}" + "".join(f"{name:>12}" for name in COLUMNS)
    for model, cells in counted(verdicts):
        yield f"{model:34}" + "".join(f"{cell:>12}" for cell in cells)


def killed(verdicts: Sequence[Verdict]) -> Fraction:
    """Return the share of the mutants killed that are neither invalid nor equivalent."""
    count = Counter(verdict.fate for verdict in verdicts)
    dead = count["worlds"] + count["data tests"] + count["unit tests"]
    return Fraction(dead, (dead + count["survived"]) or 1)
