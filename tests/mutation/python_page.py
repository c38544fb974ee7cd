"""The page of the documentation about the campaign on Python: ``docs/reference/mutation-python.md``, written by ``--page``, never by hand.

Belongs here: its words, and how figures and survivors are laid out. What the figures are is ``python``'s business.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from tests.mutation.python_mutants import Mutant

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "mutation-python.md"

_OPENING = """\
# Mutation testing of the Python code

Are the tests good enough to notice a fault in the code that decides about money and the gate? One way to know is to
plant faults. The campaign breaks each module of `tests/mutation/python_scope.py` in one small place, in a copy of the
project, looks whether the module's own tests fail, and goes on to the next place. A broken module is a *mutant*; one
that makes a test fail is *killed*.

<!-- not run: takes an hour -->
```sh
python -m tests.mutation.python
```

`--module NAME` (again for more) mutates single modules. The command prints the table below and every mutant that nobody
noticed, and ends with 1 if fewer than 90 % are killed. With `--page` it writes this page.

## What is broken

Comparisons take or leave their bound or are turned round; conditions become true or false; `and` becomes `or`; `not`
and signs are dropped; numbers become one more or less; booleans change; texts that the code compares, looks up or sends
to DuckDB get a letter more; patterns and queries lose or gain a bound, a branch, an aggregate; a `return` gives nothing;
a `raise`, a call or an assignment is dropped; `min` becomes `max`, `sorted` a plain list, `continue` a `break`.

Sentences for people, docstrings, annotations and imports are left alone.
"""


def page(table: str, survivors: Iterable[Mutant]) -> str:
    """The whole page: the table as the campaign prints it, and every mutant that lives."""
    lines = [_OPENING, "## Figures\n", table, "\n## What nobody noticed\n"]
    lines.append("None of these is counted as equivalent: they all count as alive.\n")
    for module, mine in groupby(survivors, key=lambda mutant: mutant.module):
        lines.append(f"### {module}\n")
        lines += [f"- `{mutant.function}`: `{mutant.key[2].replace('`', chr(39))}`" for mutant in mine]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"
