"""The page about the campaign on SQL, ``docs/development/mutation-sql.md``: written by
``--page``, never by hand.

What belongs here: its words, and how figures and explanations are laid out. What the figures are is for
``verdicts`` to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from tools.mutation.paths import PAGES

PAGE = PAGES / "mutation-sql.md"

_OPENING = """\
# Mutation testing of the SQL

Are the tests good enough to notice a fault in the SQL? One way to know is to plant faults. The campaign
breaks every model that computes (`dbt_project/models/intermediate/` and the facts in `marts/`) in one small
place, looks whether a test fails, and goes on to the next place. A broken model is a *mutant*;
one that makes a test fail is *killed*.

<!-- not run: takes an hour -->
```sh
python -m tools.mutation.sql --jobs 1
```

`--model NAME` (again for more) mutates single models. The command prints the table below and every mutant
that nobody noticed, and ends with 1 if fewer than 95 % of the mutants that can be noticed are killed. With
`--page` it writes this page. With `--folder` it keeps months and verdicts, and examines again only the models
whose mutants, unit tests or months changed.

## What is broken

One condition of a where, on, having, qualify or filter is dropped, or the whole clause; `and` becomes `or`;
a comparison takes or leaves its bound (`<` and `<=`) or is turned round; `not` or a null check is negated;
`+` becomes `-`, `*` becomes `/`; 0 becomes 1, another number one more, true false; an argument of coalesce
is dropped; a branch of a case is dropped or changes places with the next; `min` becomes `max`, `sum` `max`,
`arg_max` `arg_min`, `greatest` `least`, `count(x)` `count(*)`; `distinct` is dropped; a branch of a union
is dropped, `union` becomes `union all` and the other way; a left join becomes an inner join and the other
way, a full join one-sided, a semi join an anti join; a key of `group by`, `partition by`, `order by` or of
a tie-break is dropped, an order turned round; a row of a list of values is dropped.

Left alone, by rule:

- whatever only builds sentences: operands of `||`, the columns `explanation`, `sentence`, `message`,
  `opening`, those that end in `_text`, the names that only sentences use, and `fct_psa_changes.reason`;
- the insides of the macros of exact arithmetic, which have tests of their own
  (`tests/dbt/test_exact_macros.py`); their arguments are broken like everything else. The macros that
  compare dates are broken wherever they are used;
- mutants that are no valid SQL. They are counted nowhere.

## What notices

1. **Unit tests.** dbt's unit tests of the model, with dbt's own inputs and expected rows.
2. **Worlds.** Months of `tests/worlds/` that are compared with the second engine row by row: generated books
   with planted mistakes, hand-made corners, and months that were decided on at random. The mutant and
   everything that depends on it are computed on each month; if what those tests compare changes, or an error
   is raised, they would fail.
3. **Data tests.** dbt's tests on those months' tables: unique keys, accepted values, the contract's
   not-null columns, audit facts.

They are asked in this order, the cheapest first, and a mutant counts where it is noticed first.
"""

_FIGURES = """
## Figures

| model | {columns} |
|---|{rules}|
{rows}

Of the mutants that are not equivalent, {share} are killed.
"""

_EQUIVALENT = """
## What nobody can notice

A mutant is *equivalent* if no input that loading lets through makes a difference in anything that is
published. Each is listed with its reason; the campaign fails if a test does notice one of them, or if it is
no mutant any more.
"""


def explanations(entries: Sequence[dict[str, Any]]) -> str:
    """The explained mutants by model, as they stand on the page."""
    lines = [_EQUIVALENT]
    for model, mine in groupby(entries, key=lambda entry: entry["model"]):
        lines.append(f"\n### {model}\n")
        for entry in mine:
            lines.append(f"- {' '.join(entry['reason'].split())}")
            lines += [f"  - {entry['operator']}: `{change}`" for change in entry["changes"]]
    return "\n".join(lines) + "\n"


def page(
    entries: Sequence[dict[str, Any]],
    columns: Sequence[str],
    counts: Iterable[tuple[str, list[int]]],
    share: str,
) -> str:
    """The whole page."""
    rows = "\n".join(f"| {name} | {' | '.join(map(str, cells))} |" for name, cells in counts)
    figures = _FIGURES.format(
        columns=" | ".join(columns), rules="|".join("--:" for _ in columns), rows=rows, share=share
    )
    return _OPENING + figures + explanations(entries)


def write(text: str, path: Path = PAGE) -> None:
    """Write the page."""
    path.write_text(text, encoding="utf-8")
