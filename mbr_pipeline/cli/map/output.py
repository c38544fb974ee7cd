"""What `mbr map` prints: the worklist with the commands that accept a suggestion, and what was added
to a rule file.

What belongs here: words and layout for a terminal, the JSON of the same. Text from
outside is printed as plain text. What does not: options (``mbr_pipeline.cli.map``), tables
(``mbr_pipeline.cli.map.tables``), finding and writing (``mbr_pipeline.mapping_help``).
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connectors.counted import plural
from mbr_pipeline.decide.command import Scope, allow
from mbr_pipeline.decide.deeds import enter_mapping
from mbr_pipeline.decide.who import actor as named
from mbr_pipeline.errors import MbrError
from mbr_pipeline.mapping_help.accept import MAP_OF, Choice, accept
from mbr_pipeline.mapping_help.table import amount_of
from mbr_pipeline.mapping_help.unmapped import was_run
from mbr_pipeline.mapping_help.worklist import Item, Row, Worklist, worklist
from mbr_pipeline.periods import Period
from mbr_pipeline.report.text import amount_text
from mbr_pipeline.safe_text import visible
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace


def suggest_command(
    workspace: WorkspacePaths, period_text: str, msp_id: str | None, threshold: int, as_json: bool
) -> None:
    """Print the worklist of one MSP or of all; an MSP whose month was never run is
    named on standard error.
    """
    period = Period.parse(period_text)
    opened = Workspace.open(workspace)
    ran = that_ran(opened, period, msp_id)
    for name in opened.msp_ids(msp_id):
        if name not in ran:
            print(f"mbr: {name} {period.text}: left out, it was not run yet", file=sys.stderr)
    found = {name: worklist(opened, workspace.month(name, period), threshold) for name in ran}
    if as_json:
        print(
            json.dumps(
                {"period": period.text, "msps": [_as_data(name, one) for name, one in found.items()]},
                indent=2,
            )
        )
        return
    for name, one in found.items():
        for line in _lines(workspace.month(name, period), one):
            print(line)


def that_ran(opened: Workspace, period: Period, msp_id: str | None) -> list[str]:
    """Return the MSPs, of the one named or of all, whose month was run.

    Raises:
        MbrError: None was.
    """
    ran = [name for name in opened.msp_ids(msp_id) if was_run(opened.paths.month(name, period))]
    if not ran:
        only = f" --msp {msp_id}" if msp_id else ""
        raise MbrError(
            f"nothing is known of {period.text} yet: run `mbr run --period {period.text}{only}` first"
        )
    return ran


def accept_command(
    workspace: WorkspacePaths, period_text: str, msp_id: str, choice: Choice, actor: str | None
) -> None:
    """Add the row, enter it in the ledger, and say what was written and what comes next."""
    opened = Workspace.open(workspace)
    month = opened.month(msp_id, period_text)
    who = may_accept(opened, month, actor, f"{choice.source} {choice.id}")
    written = accept(opened, month, choice)
    enter_mapping(month, who, [(MAP_OF[choice.kind], written.cells)])
    said = f"added {visible(written.text)}" if written.rows else "has this row already"
    print(f"{visible(beside(written.path, workspace))}: {said}")
    print(f"Run again: {command_for(month, 'run')}")


def may_accept(workspace: Workspace, month: MonthPaths, actor: str | None, subject: str) -> str:
    """Return who accepts, if that one may.

    Raises:
        ConfigError: They may not: the attempt is entered.
    """
    who = named(actor, os.environ)
    allow(workspace, who, "map_accept", {month.msp_id: subject}, Scope(month.msp_id, month.period.text))
    return who


def _lines(month: MonthPaths, found: Worklist) -> Iterator[str]:
    count = len(found.items)
    waiting = f", {found.waiting} mapped since the last run: run again" if found.waiting else ""
    yield f"{month.msp_id} {month.period.text}: {count or 'nothing'} to map{waiting}"
    for item in found.items:
        yield ""
        what = "customer" if item.kind == "customer" else "SKU"
        terms = f", {' and '.join(item.terms)}" if item.terms else ""
        named = ": " + " / ".join(item.names) if item.names else ""
        named += f" (so called by {item.named_by})" if item.named_by else ""
        yield f"  {_money(item)}  {what} {visible(item.id)} of {item.source}{visible(terms)}{visible(named)}"
        if not item.answer.suggestions:
            yield f"    no suggestion: {visible(item.answer.doubt)}"
        for suggestion in item.answer.suggestions:
            name = suggestion.name or "(not in the PSA this month)"
            called = "" if name == suggestion.id else f" {visible(name)}"
            yield f"    {suggestion.score:>3}  {visible(suggestion.id)}{called}"
            yield f"         {visible(suggestion.because)}"
        if item.row:
            yield f"    {_accept_line(month, item.row)}"


def _money(item: Item) -> str:
    return (
        " + ".join(f"{amount_text(amount, currency)} {currency}" for currency, amount in item.costs)
        or "only counted"
    )


def _accept_line(month: MonthPaths, row: Row) -> str:
    """Return the command that accepts a row, quoted for a shell whatever characters the ids contain."""
    options = [f"--term {shell_word(row.term)}"] if row.term else []
    options += [f"--from {row.valid_from}"] if row.valid_from != month.period.start else []
    options += [f"--to {row.valid_to}"] if row.valid_to else []
    ids = [row.source, row.id, row.target]
    # nothing after it is taken for an option
    ids = [*(["--"] if any(text.startswith("-") for text in ids) else []), *map(shell_word, ids)]
    return " ".join([command_for(month, "map accept"), row.kind, *options, *ids])


def command_for(month: MonthPaths, command: str) -> str:
    """Return a command of `mbr` for the month, as it may be pasted into a shell."""
    of_month = f"--msp {month.msp_id} --period {month.period.text}"
    return f"{_mbr()} {command} --workspace {shell_word(str(month.workspace.root))} {of_month}"


def shell_word(text: str) -> str:
    """Quote a word for the shell; control characters are written, not sent to the terminal."""
    if text.isprintable():
        return shlex.quote(text)
    return (
        "$'"
        + "".join(
            c if c.isprintable() and c not in "'\\" else "".join(f"\\x{b:02x}" for b in c.encode())
            for c in text
        )
        + "'"
    )


def _mbr() -> str:
    # the name the command was called by: a fresh checkout has .venv/bin/mbr, but no mbr on the path
    return shell_word(sys.argv[0]) if os.sep in sys.argv[0] else "mbr"


def beside(path: Path, workspace: WorkspacePaths) -> str:
    """Return a path as a person in the workspace's folder would write it."""
    return str(path.relative_to(workspace.root)) if path.is_relative_to(workspace.root) else str(path)


def counted(count: int, what: str) -> str:
    """Return a number of things in words."""
    return plural(count, what)


def _as_data(msp_id: str, found: Worklist) -> dict[str, Any]:
    return {
        "msp_id": msp_id,
        "mapped_since_the_last_run": found.waiting,
        "to_map": [_item_data(item) for item in found.items],
    }


def _item_data(item: Item) -> dict[str, Any]:
    row = item.row
    return {
        "kind": item.kind,
        "source": item.source,
        "id": item.id,
        "names": list(item.names),
        "named_by": item.named_by or None,
        "terms": list(item.terms),
        "priced_at_cost": {currency: amount_of(amount, currency) for currency, amount in item.costs},
        "suggestions": [
            {"id": s.id, "name": s.name, "score": s.score, "margin": s.margin, "because": s.because}
            for s in item.answer.suggestions
        ],
        "no_suggestion": item.answer.doubt or None,
        "row": (
            None
            if row is None
            else {
                "target": row.target,
                "term": row.term,
                "valid_from": str(row.valid_from),
                "valid_to": str(row.valid_to or ""),
            }
        ),
    }
