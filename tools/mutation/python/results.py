"""The outcome of the mutants, read from the files that mutmut leaves in its copy of the project.

What belongs here: mutmut's results as verdicts, the list of equivalents, and counting. What does not: the
page's words (``page``).
"""

from __future__ import annotations

import contextlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.format_utils import orig_function_and_class_names_from_key

from tools.mutation.python.undecorated import SUFFIX

EQUIVALENTS = Path(__file__).with_name("equivalents.toml")
KILLED = ("killed", "timeout")
UNDECIDED = ("not checked", "check was interrupted by user", "suspicious", "segfault", "skipped")
"""What mutmut calls a mutant without a verdict; a campaign with such a mutant has no result."""

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Verdict:
    """The outcome of one mutant. ``change`` is given only if it was not killed."""

    module: str
    function: str
    change: str
    fate: str

    @property
    def key(self) -> Key:
        """Its name, the same in every run."""
        return (self.module, self.function, self.change)


def equivalents() -> dict[Key, str]:
    """Return the mutants that nobody can notice, each with its reason."""
    listed = tomllib.loads(EQUIVALENTS.read_text(encoding="utf-8"))["equivalent"]
    return {
        (entry["module"], entry["function"], change): entry["reason"]
        for entry in listed
        for change in entry["changes"]
    }


def read(folder: Path, modules: Sequence[str], ending: str = "") -> list[Verdict]:
    """Return the verdict on every mutant of the modules, in their order; of a sample, those whose number ends
    with one of the digits of ``ending``.
    """
    with contextlib.chdir(folder):
        return [verdict for module in modules for verdict in _of_module(module, ending)]


def _of_module(module: str, ending: str) -> list[Verdict]:
    data = SourceFileMutationData(path=module)
    data.load()
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for name, exit_code in data.exit_code_by_key.items():
        if ending and name[-1] not in ending:
            continue
        fate = status_by_exit_code[exit_code]
        method, owner = orig_function_and_class_names_from_key(name)
        function = f"{owner}.{method}" if owner else method
        change = "" if fate in KILLED else _change(name, module)
        if change:
            seen[function, change] += 1
            change += f" (no. {seen[function, change]})" if seen[function, change] > 1 else ""
        found.append(Verdict(module, function.removesuffix(SUFFIX), change, fate))
    return found


def _change(name: str, module: str) -> str:
    lines = get_diff_for_mutant(name, path=module).splitlines()[2:]
    before, after = ("".join(f" {line[1:].strip()}" for line in lines if line[0] == sign) for sign in "-+")
    return f"{before.strip()} → {after.strip()}"


def explained(verdicts: Iterable[Verdict], reasons: dict[Key, str]) -> list[Verdict]:
    """Return the verdicts, survivors with a reason counted as equivalent."""
    return [
        Verdict(*v.key, "equivalent") if v.fate not in KILLED and v.key in reasons else v for v in verdicts
    ]


def misfits(verdicts: Sequence[Verdict], reasons: dict[Key, str], modules: Sequence[str]) -> list[Key]:
    """Return explanations that fit no survivor: the code changed, or a test does notice."""
    fitting = {v.key for v in verdicts if v.fate == "equivalent"}
    return [key for key in reasons if key[0] in modules and key not in fitting]


@dataclass(frozen=True)
class Count:
    """How many mutants of a module, or of all, came to what."""

    killed: int
    timed_out: int
    survived: int
    untested: int
    equivalent: int

    @classmethod
    def of(cls, verdicts: Iterable[Verdict]) -> Count:
        """Count verdicts; a fate that says nothing about the tests is an error.

        Raises:
            ValueError: mutmut did not get to an end with some mutant.
        """
        fates = Counter(verdict.fate for verdict in verdicts)
        if undecided := {fate: fates[fate] for fate in UNDECIDED if fates[fate]}:
            raise ValueError(
                f"mutants without a result: {undecided}; run the same command on the same folder again"
            )
        return cls(
            fates["killed"] + fates["timeout"],
            fates["timeout"],
            fates["survived"],
            fates["no tests"],
            fates["equivalent"],
        )

    @property
    def counted(self) -> int:
        """Mutants that somebody could notice."""
        return self.killed + self.survived + self.untested

    @property
    def share(self) -> str:
        """Per cent of those that were."""
        return f"{100 * self.killed / self.counted:.1f} %" if self.counted else "-"
