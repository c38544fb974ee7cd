"""Deciding what somebody has before them on a page: nothing that changed since, or that somebody else
decided since, is overwritten (contract §8.3, §12).

What belongs here: holding what was seen against what is there in the transaction that enters decisions. What
does not: what fits what (``making``), and pages.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mbr_pipeline.decide.audited import Row, audited
from mbr_pipeline.decide.command import Done, Scope, Standing, allow, enter, writing
from mbr_pipeline.decide.decisions import seen_of
from mbr_pipeline.decide.ledger.entries import canonical
from mbr_pipeline.decide.making import Chosen, Wish, wrong_limit, wrong_wish
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.recompute.decisions.chain import Ruling
from mbr_pipeline.recompute.decisions.states import Case
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.people import POLICY
from mbr_pipeline.workspace.workspace import Workspace

_LENGTH = 10


@dataclass(frozen=True)
class Seen:
    """One exception as somebody saw it.

    Attributes:
        exception_id: Its whole id.
        money: A mark of its impacts and currency.
        standing: A mark of the decision in force on it, or waiting.
    """

    exception_id: str
    money: str
    standing: str

    @classmethod
    def of(cls, row: Row, case: Case) -> Seen:
        """Return how an exception (a row of fct_exceptions) is seen now."""
        standing = [_name(ruling) for ruling in (case.decided, case.pending)]
        return cls(row["exception_id"], _mark([row["currency"], seen_of(row)]), _mark(standing))

    @property
    def text(self) -> str:
        """As a form carries it."""
        return f"{self.exception_id}:{self.money}:{self.standing}"

    @classmethod
    def read(cls, text: str) -> Seen | None:
        """Return what a form carried; None where it is nothing of the kind."""
        parts = text.split(":")
        return cls(*parts) if len(parts) == 3 and all(part.isalnum() for part in parts) else None


@dataclass(frozen=True)
class DoneSeen:
    """What was entered, and why each of the others was left out, by exception."""

    done: Done
    left: dict[str, str]


def decide_seen(
    workspace: Workspace, wish: Wish, seen: Sequence[Seen], month: MonthPaths, *, is_dry_run: bool = False
) -> DoneSeen:
    """Decide those of the exceptions that the wish fits and that are as they were seen; all of these or none.

    What is decided so already by the same person is told as such: the same form sent twice enters once.

    Raises:
        ConfigError: The actor may not, or the wish is wrong whatever it is about.
        MonthClosed: The month is closed.
    """
    msp_id, period = month.msp_id, month.period.text
    scope = Scope(msp_id, period, is_dry_run)
    tables = audited(month)
    if tables is None:
        raise ConfigError(f"{msp_id} {period} was never audited: run the month first")
    subjects = next(({msp_id: e.exception_id} for e in seen if e.exception_id in tables.exceptions), {})
    allow(workspace, wish.actor, "decide", subjects, scope)
    with writing(workspace, scope) as chains:
        standing = Standing(workspace, chains)
        standing.refuse_closed(tables)
        if why := wrong_wish(wish):
            raise ConfigError(why)
        rows = {each.exception_id: tables.exceptions.get(each.exception_id) for each in seen}
        chosen: list[Chosen] = []
        left: dict[str, str] = {}
        for each in {one.exception_id: one for one in seen}.values():
            row = rows[each.exception_id]
            if row is None:
                left[each.exception_id] = "it is gone: the last run did not find it again"
                continue
            one = standing.choose(wish, (tables, row))
            is_so = isinstance(one, Chosen) and one.already is not None
            changed = None if is_so else _changed(each, row, standing.case(tables, row))
            if changed is not None:
                left[each.exception_id] = changed
            elif isinstance(one, str):
                left[each.exception_id] = one
            else:
                chosen.append(one)
        if why := wrong_limit(wish, (one.row for one in chosen)):
            raise ConfigError(why)
        done = enter(chains, chosen)
        done.left_out = Counter(left.values())
        return DoneSeen(done, left)


def _changed(seen: Seen, row: Row, case: Case) -> str | None:
    """Return what is no longer as it was seen, or None."""
    now = Seen.of(row, case)
    if now.standing != seen.standing:
        ruling = case.pending or case.decided
        if ruling is None:
            return "a decision on it was withdrawn since you opened the page: look at it again"
        waits = ", which waits for a second person" if case.pending else ""
        return (
            f"{ruling.entry['actor']} decided it since you opened the page ({ruling.action}{waits}):"
            " look at it again"
        )
    if now.money != seen.money:
        return "its money is not what it was when you opened the page: look at it again"
    return None


def _name(ruling: Ruling | None) -> str | None:
    """Return what tells a decision from others; what policies decide gets its id later."""
    if ruling is None:
        return None
    return POLICY if ruling.entry["actor"] == POLICY else ruling.decision_id


def _mark(value: object) -> str:
    return hashlib.sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]
