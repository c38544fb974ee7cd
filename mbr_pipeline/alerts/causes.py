"""What can be wrong, as functions of facts: a cause, its words, and what to do (contract §11).

What belongs here: identity and texts of causes. What does not: whether one is told now (``lifecycle``), and
looking for facts (``watch``, ``mbr_pipeline.monthly_close``). Nothing here reads a clock, a file, a database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from mbr_pipeline.safe_text import short, visible

_LISTED = 5

FOLLOWING = ("SUITE_FAILED", "CLOSE_OVERDUE")
"""What follows from a blocked gate: listed while the gate is told, and not told itself."""


@dataclass(frozen=True)
class Cause:
    """What is wrong, of whom and when: the same in firing, repeats and resolved of all channels."""

    msp_id: str | None
    period: str | None
    kind: str
    subject: str | None = None

    @property
    def cause_id(self) -> str:
        """16 hex digits, the same whenever this comes up again."""
        text = json.dumps([self.msp_id, self.period, self.kind, self.subject])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Fact:
    """A cause that stands now, in words. ``reasons``: what a change of is said at once.

    ``money``: Σ landed invoice lines per currency, text. ``follows``: it follows from a cause that is told,
    so that it is not told itself.
    """

    cause: Cause
    title: str
    text: str
    action: str
    reasons: tuple[str, ...] = ()
    money: Mapping[str, str] = field(default_factory=dict)
    follows: bool = False


def gate_facts(document: Mapping[str, Any], money: Mapping[str, str]) -> list[Fact]:
    """Return what a gate.json says is wrong: one cause for all reasons of a blocked gate, and the failed
    suites, which follow from it.
    """
    msp_id, period = document["msp_id"], document["period"]
    blocked = document["gate"] != "passed"
    again = f"mbr run --period {period} --msp {msp_id}"
    facts = []
    if blocked:
        lines = [f"Nothing was published: correct this and run again. {', '.join(document['reasons'])}."]
        lines += [
            visible(f"{c['code']}: {c['source'] or ''} {c['scope'] or ''}: {c['message']}", 300)
            for c in document["controls"][:_LISTED]
        ]
        if len(document["controls"]) > _LISTED:
            lines.append(f"… and {len(document['controls']) - _LISTED} more.")
        lines.append(f"All of it: reports/{msp_id}/{period}/index.html and gate.json.")
        facts.append(
            Fact(
                Cause(msp_id, period, "GATE_BLOCKED"),
                f"{msp_id} {period}: the gate blocked: {', '.join(document['reasons'])}",
                "\n".join(lines),
                again,
                tuple(document["reasons"]),
                money,
            )
        )
    for suite in document["suites"]:
        if not suite["passed"]:
            said = [f"{f['subject']}: {f['detail']}" for f in suite["failed"][:_LISTED]]
            facts.append(
                Fact(
                    Cause(msp_id, period, "SUITE_FAILED", suite["name"]),
                    f"{msp_id} {period}: suite {suite['name']} failed",
                    "\n".join([f"{suite['evaluated']} of {suite['expected']} evaluated.", *said]),
                    again,
                    follows=blocked,
                )
            )
    return facts


def run_failed(msp_id: str, period: str, problem: str, money: Mapping[str, str]) -> Fact:
    """A run ended in an error, or died, before it came to a verdict."""
    return Fact(
        Cause(msp_id, period, "RUN_FAILED"),
        f"{msp_id} {period}: the run failed",
        problem,
        f"mbr run --period {period} --msp {msp_id}",
        money=money,
    )


def not_started(msp_id: str, period: str, planned: str) -> Fact:
    """The schedule's run of a month was never started."""
    return Fact(
        Cause(msp_id, period, "RUN_FAILED", "schedule"),
        f"{msp_id} {period}: the scheduled run did not start",
        f"It was planned for {planned} and no run of that month is known: see that the schedule is on.",
        f"mbr run --period {period} --msp {msp_id}",
    )


def data_missing(
    msp_id: str,
    period: str,
    source: str,
    missing: Sequence[str],
    due: date,
    today: date,
    *,
    is_fetched: bool = False,
) -> Fact | None:
    """A source whose files are not landed by its day of the following month; None before, or if all are."""
    if not missing or today < due:
        return None
    names, where = ", ".join(missing), f"--msp {msp_id} --source {source}"
    return Fact(
        Cause(msp_id, period, "DATA_MISSING", source),
        f"{msp_id} {period}: {source} is not landed",
        f"Due by {due.isoformat()}, not there yet: {names}.",
        f"mbr fetch --period {period} {where}"
        if is_fetched
        else f"mbr land FILE --period {period} {where} --dataset {missing[0]}",
        tuple(missing),
    )


def snapshot_missed(msp_id: str, source: str, taken: Iterable[date], today: date) -> Fact | None:
    """A source whose daily licence snapshots stopped: neither today's nor yesterday's was taken.

    None where none was ever taken: such a source is not fetched daily.
    """
    last = max(taken, default=None)
    if last is None or last >= today - timedelta(days=1):
        return None
    first, period = last + timedelta(days=1), today.isoformat()[:7]
    return Fact(
        Cause(msp_id, period, "SNAPSHOT_MISSED", source),
        f"{msp_id} {period}: no licence snapshot of {source} since {last.isoformat()}",
        f"Days without one, from {first.isoformat()} on, cannot be fetched afterwards.",
        f"mbr fetch --period {period} --msp {msp_id} --source {source}",
    )


def delivery_failed(channel: str, problem: str, waiting: int) -> Fact:
    """A channel that has not taken a message for too long: told by the other channels."""
    return Fact(
        Cause(None, None, "DELIVERY_FAILED", channel),
        f"alerts by {channel} are not delivered",
        f"{waiting} waiting. Last problem: {short(problem)}. They are tried again for 7 days.",
        f"mbr alerts test {channel}",
    )
