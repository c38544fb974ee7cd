"""What an MSP's chain says was decided: each decision, and what became of it (contract §8.3).

What belongs here: reading decisions out of entries. What does not: whether one still fits what is there
now, which the month's tables tell (dbt's ``decisions`` models), and making new ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.storage.database.times import read

ACTIONS = ("approve", "waive", "dispute", "defer", "release")
RULINGS = ("confirm", "refuse", "withdraw")
"""Entries about a decision."""

IMPACTS = (
    "client_recoverable", "client_refund", "vendor_claim", "vendor_liability", "stranded", "priced_at_cost",
)  # fmt: skip
"""What was seen of an exception: its five impacts and its priced_at_cost."""

Fate = Literal["made", "pending", "refused", "withdrawn"]


@dataclass(frozen=True)
class Decision:
    """One decision.

    Attributes:
        decision_id: The id of its entry.
        seq: Its place in the chain: of two decisions, the one with the greater is newer.
        period: The month it was made on.
        exception_id: What it was made on; None for a release.
        issue_id: The same cause, whatever the month; None for a release.
        exception_code: Of the exception, as are product_code and source.
        client_id: Of the exception, or whom a release is for.
        keys: The products of a release's keys that were not compared.
        until: The last month of a waiver.
        up_to: The most that a waiver covers, as text, in ``currency``.
        seen: The impacts when it was made, as text; empty for a release.
        is_four_eyes: Whether it needs a second person.
        fate: What the chain says of it: ``made`` is in force as far as it still fits.
        confirmed_by: Who confirmed it.
    """

    decision_id: str
    msp_id: str
    seq: int
    action: str
    period: str
    actor: str
    at: str
    reason: str | None
    exception_id: str | None = None
    issue_id: str | None = None
    exception_code: str | None = None
    client_id: str | None = None
    product_code: str | None = None
    source: str | None = None
    keys: tuple[str, ...] = ()
    until: str | None = None
    up_to: str | None = None
    currency: str | None = None
    seen: Mapping[str, str] | None = None
    is_four_eyes: bool = False
    fate: Fate = "made"
    confirmed_by: str | None = None


def decisions(entries: Iterable[Entry]) -> list[Decision]:
    """Return an MSP's decisions in the order they were made, each with what later entries say of it.

    A ruling on what is no longer pending (a second confirmation, a confirmation after a refusal) changes
    nothing; a withdrawal ends whatever is not refused.
    """
    found: dict[str, Decision] = {}
    for entry in entries:
        if entry.kind in ACTIONS:
            found[entry.entry_id] = _decision(entry)
        elif entry.kind in RULINGS and (about := found.get(str(entry.body.get("entry_id")))):
            found[about.decision_id] = _ruled(about, entry)
    return list(found.values())


def _decision(entry: Entry) -> Decision:
    body = entry.body
    is_four_eyes = bool(body.get("pending"))
    return Decision(
        decision_id=entry.entry_id,
        msp_id=entry.msp_id,
        seq=entry.seq,
        action=entry.kind,
        period=str(entry.period),
        actor=entry.actor,
        at=entry.at,
        reason=body.get("reason"),
        exception_id=body.get("exception_id"),
        issue_id=body.get("issue_id"),
        exception_code=body.get("exception_code"),
        client_id=body.get("client_id"),
        product_code=body.get("product_code"),
        source=body.get("source"),
        keys=tuple(body.get("keys") or ()),
        until=body.get("until"),
        up_to=body.get("up_to"),
        currency=body.get("currency"),
        seen=body.get("seen"),
        is_four_eyes=is_four_eyes,
        fate="pending" if is_four_eyes else "made",
    )


def _ruled(decision: Decision, ruling: Entry) -> Decision:
    if ruling.kind == "withdraw":
        return decision if decision.fate == "refused" else replace(decision, fate="withdrawn")
    if decision.fate != "pending":
        return decision
    if ruling.kind == "refuse":
        return replace(decision, fate="refused")
    return replace(decision, fate="made", confirmed_by=ruling.actor)


def seen_of(exception: Mapping[str, Any]) -> dict[str, str]:
    """Return the impacts of an exception (a row of fct_exceptions) as a decision keeps them: plain text."""
    return {name: format(exception[name], "f") for name in IMPACTS}


def impact_of(seen: Mapping[str, Any]) -> Decimal:
    """Return the one amount that an exception is weighed by: its cost where it has one, else the greatest of
    the five.
    """
    amounts = {name: Decimal(seen[name]) for name in IMPACTS}
    return amounts.pop("priced_at_cost") or max(amounts.values())


def raw_rows(made: Iterable[Decision], period: str) -> list[dict[str, Any]]:
    """Return what a month is computed from: the decisions made on it, and the waivers of earlier months,
    those too that have ended or were replaced: they replaced others.
    """
    return [
        _raw(each)
        for each in made
        if each.period == period or (each.period < period and each.action == "waive")
    ]


def _raw(decision: Decision) -> dict[str, Any]:
    row = {name: getattr(decision, name) for name in _SAME}
    seen = decision.seen or {}
    return row | {
        "keys": list(decision.keys),
        "decided_at": read(decision.at).replace(tzinfo=None),
        "up_to": None if decision.up_to is None else Decimal(decision.up_to),
        **{f"seen_{name}": Decimal(seen[name]) if seen else None for name in IMPACTS},
        "impact_seen": impact_of(seen) if seen else None,
    }


_SAME = (
    "decision_id", "seq", "action", "period", "fate", "actor", "confirmed_by", "reason", "exception_id",
    "issue_id", "exception_code", "client_id", "product_code", "source", "until", "currency",
)  # fmt: skip
