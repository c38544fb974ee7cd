"""The machinery of the Python mutation campaign: it mistakes what it says, notices what tests notice, and calls nothing else a kill.

Belongs here: the mutator on a module worked through by hand, the trial on a tiny project, and the list of equivalents. Does not: the
campaign itself, which takes half an hour (docs/reference/mutation-python.md).
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.mutation.python import equivalents
from tests.mutation.python_mutants import mutants
from tests.mutation.python_scope import TARGETS
from tests.mutation.python_texts import query_faults
from tests.mutation.python_trial import ROOT

MODULE = '''
"""A docstring: not 1 of these == faults."""
from __future__ import annotations

__all__ = ["limit"]
RATE: "str" = "0.05"


@cache(maxsize=7)
def is_due(count: int, names: list[str], by: object = print) -> bool:
    """Whether more than 3 are due."""
    assert count != 0
    if count < 3 and names:
        raise ValueError(f"{count} is fewer than {3}")
    names.append("DUE")
    names.extend(f"{count} names of {len(names)}")
    return max(count, -1) in names[:2]
'''

# worked out by hand from the module above, in its order
PLANTED = [
    ("RATE", "text: '0.05' -> '0.06'"),
    (
        "is_due",
        "default argument: count: int, names: list[str], by: object=print -> count: int, names: list[str], by: object=None",
    ),
    ("is_due", "and/or: count < 3 and names -> count < 3 or names"),
    ("is_due", "comparison: count < 3 -> count <= 3"),
    ("is_due", "condition False: if count < 3 and names -> if False"),
    ("is_due", "condition True: if count < 3 and names -> if True"),
    ("is_due", "integer: 3 -> 2"),
    ("is_due", "integer: 3 -> 4"),
    ("is_due", "raise removed: raise ValueError(f'{count} is fewer than {3}') -> pass"),
    ("is_due", "call removed: names.append('DUE') -> pass"),
    ("is_due", "text: 'DUE' -> 'xDUE'"),
    # prose for people is no fault, the call with it is
    ("is_due", "call removed: names.extend(f'{count} names of {len(names)}') -> pass"),
    ("is_due", "comparison: max(count, -1) in names[:2] -> max(count, -1) not in names[:2]"),
    ("is_due", "integer: 1 -> 0"),
    ("is_due", "integer: 1 -> 2"),
    ("is_due", "integer: 2 -> 1"),
    ("is_due", "integer: 2 -> 3"),
    ("is_due", "min/max/all/any: max(count, -1) -> min(count, -1)"),
    ("is_due", "minus removed: -1 -> 1"),
    ("is_due", "return None: return max(count, -1) in names[:2] -> return None"),
    (
        "is_due",
        "return negated: return max(count, -1) in names[:2] -> return not max(count, -1) in names[:2]",
    ),
    ("is_due", "slice: names[:2] -> names[:]"),
]


def test_every_fault_is_planted_once_and_none_where_nothing_is_decided() -> None:
    found = [mutant.key for mutant in mutants("m.py", MODULE)]
    assert sorted(found) == sorted(("m.py", *planted) for planted in PLANTED)


def test_a_mutant_is_the_module_with_that_fault_and_no_other() -> None:
    by_key = {mutant.key[2]: mutant.source for mutant in mutants("m.py", MODULE)}
    source = by_key["comparison: count < 3 -> count <= 3"]
    assert "if count <= 3 and names:" in source
    assert source.replace("<=", "<") == by_key["text: '0.05' -> '0.06'"].replace("0.06", "0.05")


def test_a_fault_that_is_there_twice_is_told_apart() -> None:
    keys = [mutant.key[2] for mutant in mutants("m.py", "A = (1, 1)")]
    assert keys == [
        "integer: 1 -> 2",
        "integer: 1 -> 0",
        "integer: 1 -> 2 (no. 2)",
        "integer: 1 -> 0 (no. 2)",
    ]


def test_queries_have_faults_of_their_own() -> None:
    query = "select distinct a from t where b <> 0 and not c order by 1"
    assert [whole for _, _, whole in query_faults(query)] == [
        "select a from t where b <> 0 and not c order by 1",
        "select distinct a from t where b = 0 and not c order by 1",
        "select distinct a from t where b <> 1 and not c order by 1",
        "select distinct a from t where b <> 0 or not c order by 1",
        "select distinct a from t where b <> 0 and c order by 1",
        "select distinct a from t where b <> 0 and not c order by 2",
    ]
    assert [
        whole for _, _, whole in query_faults("a is not null and v = 'HOLD' or x::decimal(9, 4) > 0.01")
    ] == [
        "a is null and v = 'HOLD' or x::decimal(9, 4) > 0.01",
        "a is not null or v = 'HOLD' or x::decimal(9, 4) > 0.01",
        "a is not null and v <> 'HOLD' or x::decimal(9, 4) > 0.01",
        "a is not null and v = 'xHOLD' or x::decimal(9, 4) > 0.01",
        "a is not null and v = 'HOLD' and x::decimal(9, 4) > 0.01",
        "a is not null and v = 'HOLD' or x::decimal(9, 3) > 0.01",
        "a is not null and v = 'HOLD' or x::decimal(9, 4) >= 0.01",
        "a is not null and v = 'HOLD' or x::decimal(9, 4) > 0.02",
    ]


def test_every_module_and_every_test_of_the_scope_is_there() -> None:
    tests = [
        test.removeprefix("--deselect=").partition("::")
        for target in TARGETS
        for test in (*target.fast, *target.slow)
    ]
    assert [
        name
        for name in [*(t.module for t in TARGETS), *(file for file, *_ in tests)]
        if not (ROOT / name).is_file()
    ] == []
    # a test that was renamed would be left out, or run twice, without a word
    assert [
        test
        for file, _, test in tests
        if test and f"def {test}(" not in (ROOT / file).read_text(encoding="utf-8")
    ] == []
    assert all(target.fast for target in TARGETS)
    assert len({target.module for target in TARGETS}) == len(TARGETS)


def test_every_equivalent_is_a_mutant_of_today_and_says_why() -> None:
    known = {
        m.key
        for target in TARGETS
        for m in mutants(target.module, (ROOT / target.module).read_text(encoding="utf-8"))
    }
    assert sorted(set(equivalents()) - known) == [], "the code changed: is it still one?"
    assert [key for key, reason in equivalents().items() if len(reason.split()) < 4] == []


# ----- trials

TINY = "def is_small(n):\n    return n < 10\n"
TINY_TESTS = "from connectors.tiny import is_small\ndef test_small(tmp_path):\n    assert is_small(9)\n"
SCRIPT = """
import json, sys
from pathlib import Path
from tests.mutation.python_mutants import mutants
from tests.mutation.python_trial import Workbench

folder, root = Path(sys.argv[1]), Path(sys.argv[2])
bench = Workbench(folder, root, ("pytest", "hypothesis"))
module = "connectors/tiny.py"
source = (root / module).read_text()
tests = ("--confcutdir=tests/unit", "tests/unit/test_tiny.py")
said = {}
def told(name, trial):
    said[name] = [trial.failed, trial.timed_out, trial.test]
told("as it is", bench.run(tests, 60, keep_bytecode=True))
for mutant in mutants(module, source):
    told(mutant.key[2], bench.try_source(module, mutant.source, tests, 60))
told("for ever", bench.try_source(module, "def is_small(n):\\n    while True: pass\\n", tests, 3))
told("ends the process", bench.try_source(module, "def is_small(n):\\n    import os; os._exit(0 if n else 1)\\n", tests, 60))
told("no module", bench.try_source(module, "def is_small(", tests, 60))
told("no test", bench.run((tests[0], "tests/unit/test_none.py"), 60))
told("as it is, afterwards", bench.run(tests, 60))
assert (bench.folder / module).read_text() == source
(bench.folder / "tests/unit/test_tiny.py").write_text(f"import sys; sys.path.insert(0, {str(root)!r})\\n" + (root / tests[1]).read_text())
try:
    bench.run(tests, 60)
except RuntimeError as error:
    said["another tree"] = str(error)
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[object]]:
    """What trials on a project of one function and one test came to; in a process of its own, which is then good for nothing else."""
    root = tmp_path_factory.mktemp("tiny")
    for name, text in {
        "connectors/__init__.py": "", "connectors/tiny.py": TINY, "tests/unit/test_tiny.py": TINY_TESTS, "tests/unit/test_none.py": "",
        "pyproject.toml": "[tool.pytest.ini_options]\n",
    }.items():  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-c", SCRIPT, str(tmp_path_factory.mktemp("workbench")), str(root)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    content: dict[str, list[object]] = json.loads(done.stdout.splitlines()[-1])
    return content


def test_a_mutant_is_killed_by_a_test_that_fails_and_by_nothing_less(said: dict[str, list[object]]) -> None:
    test = "tests/unit/test_tiny.py::test_small"
    assert said["as it is"] == said["as it is, afterwards"] == [False, False, ""]
    # nine is small: that is all the test says, so a limit of eleven and one that belongs to it survive
    assert {name: trial for name, trial in said.items() if "->" in name} == {
        "return None: return n < 10 -> return None": [True, False, test],
        "comparison: n < 10 -> n <= 10": [False, False, ""],
        "integer: 10 -> 11": [False, False, ""],
        "integer: 10 -> 9": [True, False, test],
    }


def test_a_mutant_that_hangs_or_cannot_be_imported_is_killed_too(said: dict[str, list[object]]) -> None:
    assert said["for ever"] == [True, True, ""]
    assert said["no module"] == [True, False, "tests/unit/test_tiny.py"]


def test_where_no_test_ran_nothing_was_noticed(said: dict[str, list[object]]) -> None:
    assert said["no test"] == [False, False, ""]


def test_a_run_that_meets_another_tree_than_the_copy_is_no_result(said: dict[str, list[object]]) -> None:
    assert said["another tree"] == "the tests imported the project itself, not the copy"
