"""Making decisions: which exceptions a wish fits, what is already so, and what needs a second person
(contract §8.3).

What belongs here: pure choices over an audited month and the chain as it stands. What does not: appending
(``command``), and what decisions come to in a month (dbt).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mbr_pipeline.decide.audited import AuditedMonth, Row, is_approvable
from mbr_pipeline.decide.decisions import body_of, impact_of
from mbr_pipeline.decide.ledger.entries import Draft
from mbr_pipeline.exception_codes import exception_codes
from mbr_pipeline.recompute.decisions.chain import Ruling
from mbr_pipeline.recompute.decisions.states import Case
from mbr_pipeline.safe_text import visible
from mbr_pipeline.storage.database.times import now, written
from mbr_pipeline.workspace.people import POLICY

_NEEDS_REASON = ("waive", "dispute", "defer", "release")


@dataclass(frozen=True)
class Wish:
    """What somebody wants to decide.

    ``until`` is the last month of a waiver, ``up_to`` the most that it covers. Where it was read from a file,
    ``place`` says from which row, and ``problem`` what keeps that from being a wish.
    """

    action: str
    actor: str
    reason: str | None = None
    until: str | None = None
    up_to: Decimal | None = None
    place: str = ""
    problem: str | None = None


@dataclass(frozen=True)
class Chosen:
    """One exception that a wish is about, with what to enter, or the decision that is so ``already``.

    ``instead_of`` is the decision in force of somebody else that what is entered takes the place of.
    """

    month: AuditedMonth
    row: Row
    draft: Draft | None
    already: Ruling | None = None
    instead_of: Ruling | None = None

    @property
    def state(self) -> str:
        """``in_force`` or ``pending``, once it is entered."""
        if self.already is not None:
            return "pending" if self.already.became == "pending" else "in_force"
        assert self.draft is not None
        return "pending" if self.draft.body["pending"] else "in_force"


def wrong_wish(wish: Wish) -> str | None:
    """Return what is wrong with a wish whatever it is about, or None."""
    if wish.problem:
        return wish.problem
    if wish.action in _NEEDS_REASON and not (wish.reason or "").strip():
        return f"{wish.action} needs --reason: whoever reads it later must understand why"
    if wish.action == "waive" and wish.until is None:
        return "waive needs --until: the last month it holds for, such as 2026-12"
    if wish.action != "waive" and wish.until is not None:
        return f"--until is of waive; {wish.action} takes none"
    if wish.action != "waive" and wish.up_to is not None:
        return f"--up-to is of waive; {wish.action} takes none"
    return None


def wrong_limit(wish: Wish, rows: Iterable[Row]) -> str | None:
    """Return why the wish's limit cannot be of all exceptions that are chosen by it, or None."""
    currencies = sorted({row["currency"] for row in rows if row["currency"]})
    if wish.up_to is None or len(currencies) < 2:
        return None
    return f"--up-to is one amount, and these are in {', '.join(currencies)}: choose one by one"


def misfit(wish: Wish, month: AuditedMonth, row: Row) -> str | None:
    """Return why a wish does not fit an exception, or None."""
    code = exception_codes()[row["exception_code"]]
    if wish.action == "approve":
        if not is_approvable(month, row):
            return _not_approvable(month, row)
    elif code.code == "ROUNDING":
        return "ROUNDING clears itself"
    elif wish.action == "dispute" and not row["vendor_claim"] > 0:
        return "no vendor owes anything for it"
    elif wish.action == "waive":
        if wish.until is not None and wish.until < month.month.period.text:
            return f"--until {wish.until} is before its month {month.month.period.text}"
        if wish.up_to is not None and wish.up_to < impact_of(row):
            return f"--up-to {wish.up_to} is less than what is there, {impact_of(row)}"
    return None


def _not_approvable(month: AuditedMonth, row: Row) -> str:
    code = exception_codes()[row["exception_code"]]
    if code.code == "ROUNDING":
        return "ROUNDING clears itself"
    if code.impact != "client":
        return f"{code.code} changes no client's invoice"
    valued_at = month.valued_at.get((row["client_id"], row["product_code"]))
    if valued_at in ("cost", "none"):
        return "no price is agreed: agree one first, or waive it"
    return "there is no money in it"


def choose(
    wish: Wish,
    month: AuditedMonth,
    row: Row,
    case: Case,
    limits: Mapping[str, Decimal],
    looked_at: str | None = None,
) -> Chosen | str:
    """Return what to enter for one exception, or why nothing can be: among others, because somebody else
    decided it after ``looked_at`` (written as entries have it; None: nobody looked before).
    """
    if why := misfit(wish, month, row):
        return why
    draft = _draft(wish, month, row, limits)
    for ruling in (case.pending, case.decided):
        if ruling is not None and _is_same(ruling, draft):
            return Chosen(month, row, None, ruling)
    if case.pending is not None:
        entry = case.pending.decision_id
        return f"decision {entry} waits for a second person: confirm, refuse or withdraw it first"
    theirs = case.decided
    if theirs is None or theirs.entry["actor"] in (draft.actor, POLICY):
        return Chosen(month, row, draft)
    # what is of a later time than now was entered before a clock was put back
    if looked_at is not None and looked_at < theirs.entry["at"] <= written(now()):
        return f"decided since you looked, {told(theirs)}: look again, then repeat"
    return Chosen(month, row, draft, instead_of=theirs)


def told(ruling: Ruling) -> str:
    """Return what somebody decided, who and when."""
    at = str(ruling.entry["at"])[:16].replace("T", " ")
    return f"{ruling.action} by {visible(ruling.entry['actor'])} on {at} UTC (decision {ruling.decision_id})"


def _draft(wish: Wish, month: AuditedMonth, row: Row, limits: Mapping[str, Decimal]) -> Draft:
    weighed = max(impact_of(row), wish.up_to or Decimal(0))
    limit = limits.get(row["currency"] or "")
    pending = limit is not None and weighed > limit
    body = body_of(row, wish.reason, wish.until, wish.up_to, pending=pending)
    return Draft(wish.action, month.month.period.text, body, wish.actor)


def _is_same(ruling: Ruling, draft: Draft) -> bool:
    body = ruling.entry["body"]
    return (
        (ruling.action, ruling.entry["actor"], ruling.month) == (draft.kind, draft.actor, draft.period)
        and all(body.get(name) == draft.body.get(name) for name in ("exception_id", "seen", "until"))
        and _number(body.get("up_to")) == _number(draft.body.get("up_to"))
    )


def _number(text: Any) -> Decimal | None:
    return None if text is None else Decimal(text)


def release(
    wish: Wish,
    month: AuditedMonth,
    client_id: str,
    cases: Iterable[Case],
    limits: Mapping[str, Decimal],
    seen: Collection[str] | None = None,
) -> Draft | str:
    """Return the release of a client that is held by keys alone that could not be compared, or why not: among
    others, because these are not the products that were ``seen`` (None: whatever is there was).
    """
    if client_id not in month.held:
        return f"{client_id} is not held"
    keys = sorted(month.not_compared.get(client_id, ()))
    if seen is not None and set(keys) != set(seen):
        return f"what cannot be compared of {client_id} is not what it was when you looked: look at it again"
    by_id = {case.exception_id: case for case in cases}
    other = [
        row["exception_code"]
        for row in month.exceptions.values()
        if row["client_id"] == client_id and row["blocking"] and by_id[row["exception_id"]].decided is None
    ]
    if other or not keys:
        return f"{client_id} is held by {', '.join(sorted(set(other))) or 'other grounds'}: decide that first"
    amounts = month.held[client_id]
    pending = any(
        abs(amount) > limits[currency] for currency, amount in amounts.items() if currency in limits
    )
    body = {"client_id": client_id, "keys": keys, "reason": wish.reason, "pending": pending}
    return Draft("release", month.month.period.text, body, wish.actor)
