"""The mutation campaign on Python: mutmut reaches what it should, and its results are read for what they are.

Belongs here: the copy, the configuration and the counting on a project of one module. Does not: mutmut's own
operators, nor the campaign itself, which takes an hour (docs/development/mutation-python.md).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.mutation.paths import ROOT
from tools.mutation.python import page, workbench
from tools.mutation.python.results import Count, Verdict, equivalents, explained, misfits, read
from tools.mutation.python.undecorated import undecorated

DECORATED = '''\
from functools import cache

checked = lambda method: method


class Box:
    def __init__(self, limit):
        self.limit = limit

    @property
    def is_small(self) -> bool:
        """Whether it is small."""
        # nine is small
        return self.limit < 10

    @classmethod
    def of(cls, limit):
        return cls(limit)

    @checked
    @classmethod
    def sized(
        cls, *limits, scale=1, **named
    ):
        return sum(limits) * scale + len(named)


@cache
def double(number, /, times=2):
    return number * times


@cache
def one_line(number): return number
'''


def test_what_is_decorated_hands_on_to_a_function_without_decorator() -> None:
    text = undecorated(DECORATED)
    there: dict[str, object] = {}
    exec(text, there)
    box = there["Box"].of(9)  # type: ignore[attr-defined]
    assert box.is_small and not there["Box"](10).is_small  # type: ignore[operator]
    assert box.is_small_undecorated() is True
    assert there["Box"].sized(1, 2, scale=3, a=0) == 10  # type: ignore[attr-defined]
    assert there["double"](2) == 4 and there["double_undecorated"](2, 3) == 6  # type: ignore[operator]
    # mutmut reaches a single classmethod by itself, and a line that is all of a function has no body to move
    assert "of_undecorated" not in text and "one_line_undecorated" not in text
    assert "    # nine is small\n" in text


def test_a_module_without_decorators_stays_as_it_is() -> None:
    source = "LIMIT = 3\n\n\ndef is_small(n):\n    return n < LIMIT\n"
    assert undecorated(source) == source


def test_every_module_and_every_test_of_the_scope_is_there() -> None:
    named = [test.partition("::") for test in workbench.SCOPE["tests"]]
    files = [*workbench.SCOPE["modules"], *(file for file, _, _ in named)]
    assert [name for name in files if not (ROOT / name).exists()] == []
    # a test that was renamed would be left out without a word
    lost = [test for file, _, test in named if test and f"def {test}(" not in (ROOT / file).read_text()]
    assert lost == []
    assert len(set(files)) >= len(workbench.SCOPE["modules"])


def test_every_equivalent_is_of_a_module_of_the_scope_and_says_why() -> None:
    for (module, _, _), reason in equivalents().items():
        assert module in workbench.SCOPE["modules"] and len(reason.split()) > 3


# ----- mutmut itself, on a tiny project

MODULE = "tiny/sizes.py"
TINY = {
    "tiny/__init__.py": "",
    MODULE: """\
class Size:
    def __init__(self, n):
        self.n = n

    @property
    def is_small(self):
        return self.n < 10


def untested(n):
    return n + 1


def for_ever(n):
    while n > 0:
        n -= 1
    return n
""",
    "tests/test_sizes.py": """\
from tiny.sizes import Size, for_ever

def test_small():
    assert Size(9).is_small

def test_for_ever():
    assert for_ever(3) == 0
""",
    "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "--import-mode=importlib"\n',
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tiny project in which mutmut has been."""
    root = tmp_path_factory.mktemp("tiny")
    for name, text in TINY.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    copy = tmp_path_factory.mktemp("workbench") / "project"
    workbench.make(copy, [MODULE], ["tests"], root)
    workbench.run(copy, 1)
    return copy


def test_a_mutant_is_killed_by_a_test_that_fails_and_by_nothing_less(folder: Path) -> None:
    verdicts = read(folder, [MODULE])
    # nine is small: that is all the test says, so a limit of eleven and one that belongs to it survive
    assert {v.change for v in verdicts if v.function == "Size.is_small"} == {
        "return self.n < 10 → return self.n <= 10",
        "return self.n < 10 → return self.n < 11",
    }
    fates = {(v.function, v.fate) for v in verdicts}
    assert ("Size.is_small", "survived") in fates
    assert ("Size.__init__", "killed") in fates
    assert {fate for function, fate in fates if function == "untested"} == {"no tests"}
    assert ("for_ever", "timeout") in fates, "n = 1 or n += 1 never ends"


def test_the_same_command_goes_on_where_it_was_interrupted(folder: Path) -> None:
    results = folder / "mutants" / f"{MODULE}.meta"
    before = results.read_text(encoding="utf-8")
    workbench.make(folder, [MODULE], ["tests"], Path("/nonexistent"))
    workbench.run(folder, 1)
    assert results.read_text(encoding="utf-8") == before


def test_tests_that_fail_without_any_fault_are_no_campaign(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for name, text in (TINY | {"tests/test_sizes.py": "def test_wrong():\n    assert False\n"}).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    workbench.make(tmp_path / "project", [MODULE], ["tests"], root)
    with pytest.raises(RuntimeError, match="mutmut gave up"):
        workbench.run(tmp_path / "project", 1)


# ----- counting

VERDICTS = [
    Verdict("a.py", "f", "", "killed"),
    Verdict("a.py", "f", "", "timeout"),
    Verdict("a.py", "f", "x → y", "survived"),
    Verdict("b.py", "g", "v → `w`", "no tests"),
]


def test_a_survivor_with_a_reason_counts_as_equivalent_and_a_reason_without_one_is_told() -> None:
    reasons = {
        ("a.py", "f", "x → y"): "nobody sees it",
        ("a.py", "f", "gone"): "",
        ("c.py", "h", "other"): "",
    }
    found = explained(VERDICTS, reasons)
    assert Count.of(found) == Count(killed=2, timed_out=1, survived=0, untested=1, equivalent=1)
    assert misfits(found, reasons, ["a.py", "b.py"]) == [("a.py", "f", "gone")]
    whole = page.page(found, reasons)
    assert "| **all** | 3 | 2 | 1 | 0 | 1 | 1 | 66.7 % |" in whole
    assert "- `f`: `x → y`: nobody sees it" in whole and "- `g`: `v → 'w'`" in whole


def test_a_mutant_of_which_nothing_is_known_is_no_result() -> None:
    with pytest.raises(ValueError, match="not checked"):
        Count.of([Verdict("a.py", "f", "x → y", "not checked")])
