"""What `mbr decide` prints.

What belongs here: words and JSON. What does not: options.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from connectors.counted import plural
from mbr_pipeline.cli.streams import print_json
from mbr_pipeline.decide.command import Done
from mbr_pipeline.decide.listing import listed
from mbr_pipeline.decide.making import told
from mbr_pipeline.decide.rulings import Ruled
from mbr_pipeline.values import minor_units


def as_data(done: Done) -> dict[str, Any]:
    """Return what was entered as one JSON object (contract §8.3)."""
    return {
        "entries": [
            {"entry_id": entry_id or None, "exception_id": exception_id, "state": state}
            for entry_id, exception_id, state in done.entries
        ],
        "left_out": sum(done.left_out.values()),
        "totals": {currency: {"impact": format(amount, "f")} for currency, amount in done.totals.items()},
    }


def warn_of_replaced(done: Done) -> None:
    """Say on standard error whose decisions are replaced: the caller may not have known of them."""
    for exception_id, theirs in done.instead_of:
        print(f"mbr: warning: {exception_id}: replaces {told(theirs)}", file=sys.stderr)


def print_done(done: Done, is_dry_run: bool) -> None:
    """Print what was entered, what was left out and why, and the money together."""
    for entry_id, exception_id, state in done.entries:
        print(f"{exception_id or 'client':24}  {state:10}  {entry_id}".rstrip())
    for why, count in done.left_out.items():
        print(f"left out: {count} × {why}")
    if done.already:
        print(f"{done.already} of {len(done.entries)} were so already: nothing was entered for them")
    money = ", ".join(_money(currency, amount) for currency, amount in done.totals.items())
    if money:
        print(f"impact together: {money}")
    if is_dry_run:
        print("dry run: nothing was entered")
    elif len(done.entries) > done.already:
        sys.stdout.flush()
        for line in _what_next(done):
            print(line, file=sys.stderr)


def _what_next(done: Done) -> Iterator[str]:
    """Yield what makes the decisions count: those that wait count not yet, and a closed month is not run."""
    waiting = sum(state == "pending" for _, _, state in done.entries)
    of_closed = done.of_closed if isinstance(done, Ruled) else 0
    if waiting:
        whose = plural(waiting, "decision waits", "decisions wait")
        changes = "changes" if waiting == 1 else "change"
        yield f"{whose} for a second person and {changes} nothing until then: `mbr decide confirm`, then run"
    if of_closed:
        yield (
            "a closed month stays as it was closed: a waiver ends for the months after it that are open, run"
            " those again"
        )
    if len(done.entries) > waiting + of_closed:
        yield "run the month again: decisions count from its next run on"


def _money(currency: str, amount: Decimal) -> str:
    return f"{amount:.{minor_units().get(currency, 2)}f} {currency}".strip()


def print_list(opened: Any, msp_id: str | None, period: str | None, only_open: bool, as_json: bool) -> None:
    """Print the decisions, one a line, or as one JSON array."""
    rows = listed(opened, msp_id, period, only_open)
    if as_json:
        print_json(rows)
        return
    if not rows:
        print("nothing is decided" if not only_open else "nothing is open")
    for row in rows:
        what = " ".join(
            str(row[name]) for name in ("exception_code", "client_id", "product_code") if row[name]
        )
        until = f" until {row['until']}" if row["until"] else ""
        print(
            f"{row['decision_id']}  {row['msp_id']} {row['period']}  {row['action']:8} {row['state']:10}"
            f" {what}{until}  by {row['actor']}"
        )
