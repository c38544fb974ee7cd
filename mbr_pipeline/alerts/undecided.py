"""What of a chain's decisions waits for somebody, as facts: a second person, a new waiver, an answer
(contract §11).

What belongs here: which decisions these are, their words and money. What does not: telling them
(``outbox``). One cause of a kind for each month: a decision more or less is news of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from connectors.counted import plural
from mbr_pipeline.alerts.causes import Cause, Fact
from mbr_pipeline.decide.decisions import Decision, impact_of
from mbr_pipeline.periods import Period
from mbr_pipeline.safe_text import visible

KINDS = ("DECISION_PENDING", "WAIVER_EXPIRING", "DEFERRED")
_LISTED = 5


def undecided(msp_id: str, made: Sequence[Decision], today: date, notice_days: int) -> list[Fact]:
    """Return what stands on a day.

    Args:
        msp_id: Whose decisions they are.
        made: All of them, oldest first.
        today: The day.
        notice_days: How many days before a waiver ends it is told.
    """
    pending = [each for each in made if each.fate == "pending"]
    facts = [
        _fact(msp_id, period, "DECISION_PENDING", some, "wait for a second person", _confirm)
        for period, some in _by(pending, lambda each: each.period).items()
    ]
    facts += [
        _fact(msp_id, until, "WAIVER_EXPIRING", some, f"end after {until}", _look_at)
        for until, some in _by(_newest_waivers(made), lambda each: str(each.until)).items()
        if Period(until).end - timedelta(days=notice_days) <= today < Period(until).end
    ]
    deferred = [each for n, each in enumerate(made) if _is_unanswered(each, made[n + 1 :])]
    facts += [
        _fact(msp_id, period, "DEFERRED", some, "are deferred and wait for an answer", _look_at)
        for period, some in _by(deferred, lambda each: each.period).items()
    ]
    return facts


def _newest_waivers(made: Iterable[Decision]) -> list[Decision]:
    """Return the waivers that hold their issue: the newest that is neither pending nor refused, unless it was
    withdrawn.
    """
    newest = {
        each.issue_id: each for each in made if each.action == "waive" and each.fate in ("made", "withdrawn")
    }
    return [each for each in newest.values() if each.fate == "made"]


def _is_unanswered(decision: Decision, later: Iterable[Decision]) -> bool:
    if decision.action != "defer" or decision.fate != "made":
        return False
    return not any(
        each.issue_id == decision.issue_id and each.fate in ("made", "withdrawn") for each in later
    )


def _by(some: Iterable[Decision], name: Callable[[Decision], str]) -> dict[str, list[Decision]]:
    groups: dict[str, list[Decision]] = defaultdict(list)
    for each in some:
        groups[name(each)].append(each)
    return dict(sorted(groups.items()))


def _fact(
    msp_id: str,
    period: str,
    kind: str,
    some: Sequence[Decision],
    what: str,
    action: Callable[[str, str, Sequence[Decision]], str],
) -> Fact:
    lines = [visible(_line(each), 300) for each in some[:_LISTED]]
    if len(some) > _LISTED:
        lines.append(f"… and {len(some) - _LISTED} more.")
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for each in some:
        if each.seen and each.currency:
            sums[each.currency] += _weight(each)
    return Fact(
        Cause(msp_id, period, kind),
        f"{msp_id} {period}: {plural(len(some), 'decision')} {_number(what, len(some))}",
        "\n".join(lines),
        action(msp_id, period, some),
        tuple(sorted(each.decision_id for each in some)),
        {currency: _plain(amount) for currency, amount in sorted(sums.items())},
    )


def _line(decision: Decision) -> str:
    about = " ".join(
        text for text in (decision.exception_code, decision.client_id, decision.product_code) if text
    )
    money = f", {_plain(_weight(decision))} {decision.currency or ''}".rstrip() if decision.seen else ""
    why = f": {decision.reason}" if decision.reason else ""
    return f"{decision.decision_id} {decision.action} {about}{money}, by {decision.actor}{why}"


def _weight(decision: Decision) -> Decimal:
    return max(impact_of(decision.seen or {}), Decimal(decision.up_to or 0))


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize() if amount != round(amount, 2) else round(amount, 2):f}"


def _number(what: str, count: int) -> str:
    if count > 1:
        return what
    return what.replace("wait ", "waits ").replace("end ", "ends ").replace("are ", "is ")


def _confirm(msp_id: str, period: str, some: Sequence[Decision]) -> str:
    ids = " ".join(each.decision_id for each in some[:_LISTED])
    return f"mbr decide confirm {ids} --msp {msp_id}"


def _look_at(msp_id: str, period: str, some: Sequence[Decision]) -> str:
    # a waiver stands with the month that it was made on
    return f"mbr decide list --msp {msp_id} --period {some[0].period}"
