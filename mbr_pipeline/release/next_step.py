"""What is to be done next about a month, in words (contract §9).

What belongs here: one sentence from facts, with the command to type. What does not: finding the facts
(``status``). Nothing here reads a file or a database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from connectors.counted import plural
from mbr_pipeline.decide.closed import Closing
from mbr_pipeline.safe_text import one_line, visible
from mbr_pipeline.values import minor_units

_LISTED = 3

Step = Literal[
    "mend", "run", "unblock", "rerun", "confirm", "change", "decide", "close", "reopen", "export", "done"
]
"""The next step as one word."""


@dataclass(frozen=True)
class Facts:
    """What the next step depends on.

    Attributes:
        msp_id: Whose month.
        period: Which month.
        closing: What its chain says.
        gate: ``passed``, ``blocked``, or None where it was never audited.
        reasons: Why the gate blocked.
        is_current: Whether the last audit was of the inputs and decisions as they are now.
        is_published: Whether there are published tables.
        is_new: Whether the last audit was after the month was opened again.
        problem: Why the inputs or the closed version cannot be read, if so.
        waits: How many decisions wait for a second person.
        approvers: Who may confirm them.
        held: Clients on hold.
        excepted: Clients left out of the newest version, with their money by currency.
        changed_files: What was landed, changed or removed since it was closed.
        exported: Where the newest version was exported to.
        missed: Sources with days whose licence counts were not fetched, each as a sentence.
    """

    msp_id: str
    period: str
    closing: Closing = field(default_factory=Closing)
    gate: str | None = None
    reasons: Sequence[str] = ()
    is_current: bool = True
    is_published: bool = True
    is_new: bool = True
    problem: str | None = None
    waits: int = 0
    approvers: Sequence[str] = ()
    held: Sequence[str] = ()
    excepted: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    changed_files: Sequence[str] = ()
    exported: Sequence[str] = ()
    missed: Sequence[str] = ()


def step_of(facts: Facts) -> Step:
    """Return which step is next: the first that stands in the way."""
    if facts.problem:
        return "mend"
    if facts.closing.state != "open":
        if facts.changed_files:
            return "reopen"
        return "done" if facts.exported else "export"
    if facts.gate is None:
        return "run"
    if facts.gate != "passed":
        return "unblock"
    if not facts.is_current or not facts.is_published:
        return "rerun"
    if facts.waits:
        return "confirm"
    if not facts.is_new:
        return "change"
    return "decide" if facts.held else "close"


def next_step(facts: Facts) -> str:
    """Return the next step in words, with what was left out of a closed version, and days without counts."""
    step = "; ".join([_said(facts), *facts.missed])
    if not facts.excepted:
        return step
    left_out = _listed([f"{visible(who)}{_money(money)}" for who, money in facts.excepted.items()])
    is_closed = facts.closing.state == "closed"
    remedy = f": {_command(facts, 'reopen')} --reason TEXT, decide what holds them, run, close" * is_closed
    return f"{step}; left out of version {facts.closing.version}: {left_out}{remedy}"


def _said(facts: Facts) -> str:
    run = f"mbr run --period {facts.period} --msp {facts.msp_id}"
    match step_of(facts):
        case "mend":
            return one_line(facts.problem)
        case "run":
            return f"run it: {run}"
        case "unblock":
            reasons = ", ".join(facts.reasons)
            page = f"reports/{facts.msp_id}/{facts.period}/index.html"
            return f"the gate blocked by {reasons}: see {page}, correct it, then {run}"
        case "rerun":
            return f"files, rules, settings or decisions changed since the last run: {run}"
        case "confirm":
            whom = _listed(facts.approvers) or "a second person"
            what = plural(facts.waits, "decision waits", "decisions wait")
            return f"{what} for {whom}: mbr decide list --open --period {facts.period} --msp {facts.msp_id}"
        case "change":
            version = facts.closing.version
            return f"opened again after version {version}: land or decide what changes it, then {run}"
        case "decide":
            clients = plural(len(facts.held), "client")
            close = f"{_command(facts, 'close')} --except CLIENT --reason TEXT"
            listed = _listed([visible(client) for client in facts.held])
            return f"decide what holds {clients} ({listed}) by mbr decide, then {run}; or leave out: {close}"
        case "close":
            return f"close it: {_command(facts, 'close')}"
        case "reopen":
            files = _listed([visible(name) for name in facts.changed_files])
            is_sealed = facts.closing.state == "sealed"
            remedy = "it is sealed" if is_sealed else f"{_command(facts, 'reopen')} --reason TEXT"
            return f"landed files changed since it was closed ({files}) and do not count: {remedy}"
        case "export":
            return f"send it out: {_command(facts, 'export')} --to TARGET"
        case "done":
            return f"nothing: exported to {', '.join(facts.exported)}"


def _command(facts: Facts, name: str) -> str:
    return f"mbr {name} --msp {facts.msp_id} --period {facts.period}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def _money(money: Mapping[str, Decimal]) -> str:
    amounts = [f"{amount:.{minor_units().get(code, 2)}f} {code}" for code, amount in sorted(money.items())]
    return f" ({', '.join(amounts)})" if amounts else ""
