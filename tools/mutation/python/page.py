"""The page about the campaign on Python, ``docs/development/mutation-python.md``: written by ``--page``.

What belongs here: its words and its layout. What does not: the figures (``results``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from tools.mutation.paths import PAGES
from tools.mutation.python.results import KILLED, Count, Key, Verdict

PAGE = PAGES / "mutation-python.md"

_OPENING = """\
# Mutation testing of the Python code

Are the tests good enough to notice a fault in the code that decides about money and the gate? One way to
know is to plant faults. [mutmut](https://mutmut.readthedocs.io) breaks each function of the modules in
`tools/mutation/python/scope.toml` in one small place, in a copy of the project, looks whether a test that
calls the function fails, and goes on to the next place. A broken function is a *mutant*; one that makes a
test fail is *killed*.

<!-- not run: takes an hour -->
```sh
python -m tools.mutation.python
```

`--module NAME` (again for more) tries single modules, `--ending 16` a sample: the mutants of every function
whose number ends with 1 or 6. With `--folder DIR` the copy is kept: the same
command on the same folder goes on where it was interrupted. The command prints the table below and every
mutant that nobody noticed, and ends with 1 if fewer than 90 % are killed. With `--page` it writes this
page.

## What is broken

Comparisons take or leave their bound or are turned round; `and` becomes `or`; `not` is dropped; operators
of arithmetic become others; numbers become one more; booleans change; texts change or change their case; an
assignment gives nothing; an argument of a call becomes nothing or is dropped; `continue` becomes `break`;
either side of a conditional expression is taken always. The [list](https://mutmut.readthedocs.io) is
mutmut's own.

Out of reach: what stands outside functions. Tables of columns, patterns and queries that are constants of a
module are held by other tests: the reference pages list the same columns and keys word for word, and the
queries' results are compared row by row. Texts with values in them (f-strings), docstrings and annotations
are left alone. Decorated functions, which mutmut leaves alone too, are brought within reach: in the copy,
their bodies are moved into functions without a decorator.
"""

HEAD = """\
| module | mutants | killed | of these by time limit | survived | called by no test | equivalent | share |
|---|---:|---:|---:|---:|---:|---:|---:|"""


def table(verdicts: Sequence[Verdict]) -> str:
    """Return the table, a row for each module and one for all."""
    rows = [
        _row(module, Count.of(mine)) for module, mine in groupby(verdicts, key=lambda verdict: verdict.module)
    ]
    return "\n".join([HEAD, *rows, _row("**all**", Count.of(verdicts))])


def _row(name: str, count: Count) -> str:
    cells = (
        name,
        count.counted,
        count.killed,
        count.timed_out,
        count.survived,
        count.untested,
        count.equivalent,
        count.share,
    )
    return f"| {' | '.join(map(str, cells))} |"


def alive(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return the mutants that count as alive."""
    return [verdict for verdict in verdicts if verdict.fate not in (*KILLED, "equivalent")]


def page(verdicts: Sequence[Verdict], reasons: dict[Key, str], ending: str = "") -> str:
    """Return the whole page: the table, every mutant that lives, those nobody can notice; ``ending``:
    the last digits of a sample.
    """
    of = (
        []
        if not ending
        else [f"Of a sample: the mutants of each function whose number ends with {ending}.\n"]
    )
    lines = [_OPENING, "## Figures\n", *of, table(verdicts), "\n## What nobody noticed\n"]
    for module, mine in groupby(alive(verdicts), key=lambda verdict: verdict.module):
        lines += [f"### {module}\n", *(_item(verdict) for verdict in mine), ""]
    lines.append("## What nobody can notice\n")
    equivalent = [verdict for verdict in verdicts if verdict.fate == "equivalent"]
    for module, mine in groupby(equivalent, key=lambda verdict: verdict.module):
        lines += [f"### {module}\n", *(f"{_item(v)}: {reasons[v.key]}" for v in mine), ""]
    return "\n".join(lines).rstrip() + "\n"


def _item(verdict: Verdict) -> str:
    return f"- `{verdict.function}`: `{verdict.change.replace('`', chr(39))}`"
