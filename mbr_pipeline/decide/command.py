"""What `mbr decide ACTION` does: looked at and appended in one transaction (contract §8.3).

What belongs here: putting people, months, choices and the ledger together. What does not: what fits what
(``making``, ``rulings``), options and printing (``mbr_pipeline.cli.decide``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from mbr_pipeline.decide.audited import AuditedMonth, Row, audited_months, landed_of
from mbr_pipeline.decide.closed import closing_of
from mbr_pipeline.decide.decisions import IMPACTS, impact_of
from mbr_pipeline.decide.in_force import chain, newest_kept, refuse_other_ledger
from mbr_pipeline.decide.ledger.chains import Appending, appending
from mbr_pipeline.decide.ledger.entries import Draft
from mbr_pipeline.decide.ledger.entries import Entry as LedgerEntry
from mbr_pipeline.decide.making import Chosen, Wish, choose, misfit, release, wrong_limit, wrong_wish
from mbr_pipeline.decide.selection.conditions import Conditions, Subject, all_of, by_id, each_or_none
from mbr_pipeline.decide.who import Command, refusal
from mbr_pipeline.errors import ConfigError, MonthClosed
from mbr_pipeline.recompute.decisions.chain import Entry, Ruling
from mbr_pipeline.recompute.decisions.states import Case, Judgement
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.workspace.workspace import Workspace


@dataclass
class Done:
    """What a command entered.

    Attributes:
        entries: Id of the entry (empty in a dry run), of the exception, and the state.
        already: How many of them were so already.
        left_out: Why exceptions that the conditions meet were not chosen, and how many.
        totals: Impact by currency of what was decided or ruled on; of a release what it is weighed by.
        instead_of: What somebody else decided and is replaced now: id of the exception, and the decision.
        money: The same by currency and column; never netted.
    """

    entries: list[tuple[str, str | None, str]] = field(default_factory=list)
    already: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    totals: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    instead_of: list[tuple[str, Ruling]] = field(default_factory=list)
    money: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))


@dataclass(frozen=True)
class Scope:
    """Where to look, and whether only to look.

    ``looked_at`` is when the actor saw what is decided now, written as entries have their time: exceptions
    that somebody else decided after it are not decided by their ids. None: whatever is there was seen.
    """

    msp_id: str | None = None
    period: str | None = None
    is_dry_run: bool = False
    looked_at: str | None = None


def allow(
    workspace: Workspace, actor: str, command: Command, subjects: Mapping[str, str], scope: Scope
) -> None:
    """Let somebody go on who may; enter the attempt of somebody who may not.

    Args:
        workspace: Whose people are asked.
        actor: Who acts.
        command: What for.
        subjects: What was named, by MSP.
        scope: A dry run enters nothing.

    Raises:
        ConfigError: The actor may not.
    """
    why = refusal(workspace.settings.people, actor, command)
    if why is None:
        return
    if subjects and not scope.is_dry_run:
        with appending(open_database(workspace.paths.ledger)) as chains:
            for msp_id, subject in subjects.items():
                body = {"command": command, "subject": subject, "why": why}
                chains.append(msp_id, [Draft("denied", scope.period, body, actor)])
    raise ConfigError(f"{why}: ask somebody who may, or change `people`")


def decide_ids(workspace: Workspace, wishes: Sequence[tuple[str, Wish]], scope: Scope) -> Done:
    """Decide exceptions by their ids, each by its own wish: all or none.

    Raises:
        ConfigError: The actor may not, or an id or wish does not fit: every misfit is named.
    """
    months = audited_months(workspace, scope.msp_id, scope.period)
    found = [(prefix, wish, by_id(prefix, months)) for prefix, wish in wishes]
    subjects: dict[str, str] = {}
    for _, _, subject in found:
        if not isinstance(subject, str):
            subjects.setdefault(subject[0].month.msp_id, subject[1]["exception_id"])
    for actor in dict.fromkeys(wish.actor for _, wish in wishes):
        allow(workspace, actor, "decide", subjects, scope)
    with writing(workspace, scope) as chains:
        standing = Standing(workspace, chains)
        for _, _, subject in found:
            if not isinstance(subject, str):
                standing.refuse_closed(subject[0])

        def find(one: tuple[str, Wish, Subject | str]) -> Chosen | str:
            _, wish, subject = one
            unfit = subject if isinstance(subject, str) else misfit(wish, *subject)
            wrong = [why for why in (wrong_wish(wish), unfit) if why]
            if wrong or isinstance(subject, str):
                return ", and ".join(wrong)
            return standing.choose(wish, subject, scope.looked_at)

        chosen = each_or_none(found, find, lambda one: one[1].place or one[0])
        twice = [key for key, n in Counter(each.row["exception_id"] for each in chosen).items() if n > 1]
        if twice:
            raise ConfigError(f"nothing was decided: {', '.join(twice)}: named twice, decide each once")
        by_wish: dict[int, tuple[Wish, list[Row]]] = {}  # ids share one wish, a table's rows do not
        for one, (_, wish) in zip(chosen, wishes, strict=True):
            by_wish.setdefault(id(wish), (wish, []))[1].append(one.row)
        for wish, rows in by_wish.values():
            if why := wrong_limit(wish, rows):
                raise ConfigError(f"nothing was decided: {why}")
        return enter(chains, chosen)


def decide_where(workspace: Workspace, wish: Wish, conditions: Conditions, scope: Scope) -> Done:
    """Decide the open exceptions of a month that fit and have no pending decision.

    Raises:
        ConfigError: The actor may not, the wish is wrong, or none is chosen.
    """
    if scope.period is None:
        raise ConfigError("name the exceptions by their ids, or the month by --period")
    months = audited_months(workspace, scope.msp_id, scope.period)
    meant = [each for each in all_of(months) if conditions.hold_for(each[1])]
    allow(workspace, wish.actor, "decide", {m.month.msp_id: m.month.period.text for m, _ in meant}, scope)
    with writing(workspace, scope) as chains:
        standing = Standing(workspace, chains)
        left_out: Counter[str] = Counter()
        chosen, already = list[Chosen](), list[Chosen]()
        open_months = [month for month in months if standing.why_closed(month) is None]
        if months and not open_months:
            standing.refuse_closed(months[0])
        if why := wrong_wish(wish):
            raise ConfigError(why)
        for month, row in meant:
            if month not in open_months:
                left_out["its month is closed"] += 1
                continue
            case = standing.case(month, row)
            if row["status"] == "auto_cleared":
                left_out["cleared by itself"] += 1
            elif case.pending is not None or case.decided is not None:
                left_out["a decision is pending" if case.pending else "decided already"] += 1
                if not isinstance(one := standing.choose(wish, (month, row)), str) and one.already:
                    already.append(one)
            elif why := misfit(wish, month, row):
                left_out[why] += 1
            elif not isinstance(one := standing.choose(wish, (month, row)), str):
                chosen.append(one)
        if why := wrong_limit(wish, (one.row for one in chosen)):
            raise ConfigError(f"nothing was decided: {why}")
        if not chosen and already:  # the same command again, perhaps after a crash
            return enter(None, already)
        if not chosen:
            reasons = "; ".join(f"{count} × {why}" for why, count in left_out.items()) or "no exception is so"
            raise ConfigError(f"nothing was decided: {reasons}")
        done = enter(chains, chosen)
        done.left_out = left_out
        return done


def release_client(
    workspace: Workspace, wish: Wish, client_id: str, scope: Scope, seen: Collection[str] | None = None
) -> Done:
    """Release a client that is held by keys alone that could not be compared: those that were ``seen``.

    Raises:
        ConfigError: The actor may not, MSP and month are not named, or the client is not held so.
    """
    if scope.msp_id is None or scope.period is None:
        raise ConfigError("release needs --client, --msp and --period")
    allow(workspace, wish.actor, "decide", {scope.msp_id: client_id}, scope)
    months = audited_months(workspace, scope.msp_id, scope.period)
    if not months:
        raise ConfigError(f"{scope.msp_id} {scope.period} was never audited: run the month first")
    month, weight = months[0], landed_of(months[0], client_id)
    with writing(workspace, scope) as chains:
        standing = Standing(workspace, chains)
        standing.refuse_closed(month)
        if why := wrong_wish(wish):
            raise ConfigError(why)
        judged = standing.judged(month)
        for row in judged.rows:
            is_same = (row["action"], row["client_id"]) == ("release", client_id)
            if is_same and row["state"] in ("in_force", "pending"):
                return Done([(row["decision_id"], None, row["state"])], already=1, totals=weight)
        limits = workspace.settings.policies.four_eyes_above
        draft = release(wish, month, client_id, judged.cases, limits, seen)
        if isinstance(draft, str):
            raise ConfigError(f"nothing was decided: {draft}")
        entered = chains.append(scope.msp_id, [draft]) if chains else []
        state = "pending" if draft.body["pending"] else "in_force"
        return Done([(entered[0].entry_id if entered else "", None, state)], totals=weight)


class Standing:
    """What is decided now, by month: read once from the chain as it stands in this transaction."""

    def __init__(self, workspace: Workspace, chains: Appending | None) -> None:
        """Look in a transaction, or without one only at what is there."""
        self._workspace, self._chains = workspace, chains
        self._entered: dict[str, list[LedgerEntry]] = {}
        self._entries: dict[str, list[Entry]] = {}
        self._judged: dict[tuple[str, str], Judgement] = {}
        self._cases: dict[tuple[str, str], dict[str, Case]] = {}

    def why_closed(self, month: AuditedMonth) -> str | None:
        """Return why nothing may be decided in a month; None while it is open."""
        msp_id, period = month.month.msp_id, month.month.period.text
        self._of(msp_id)
        return closing_of(self._entered[msp_id], period).told(msp_id, period)

    def refuse_closed(self, month: AuditedMonth) -> None:
        """Let nothing be decided in a closed month, as :func:`.in_force.refuse_closed` does."""
        if why := self.why_closed(month):
            raise MonthClosed(f"nothing was decided: {why}")
        found = closing_of(self._entered[month.month.msp_id], month.month.period.text)
        refuse_other_ledger(month.month, found, newest_kept(month.month))

    def judged(self, month: AuditedMonth) -> Judgement:
        """Return what is decided in a month."""
        key = (month.month.msp_id, month.month.period.text)
        if key not in self._judged:
            self._judged[key] = month.judged(self._of(month.month.msp_id))
        return self._judged[key]

    def case(self, month: AuditedMonth, row: Row) -> Case:
        """Return an exception with the decision in force on it, or waiting."""
        key = (month.month.msp_id, month.month.period.text)
        if key not in self._cases:
            self._cases[key] = {case.exception_id: case for case in self.judged(month).cases}
        return self._cases[key][row["exception_id"]]

    def choose(self, wish: Wish, subject: Subject, looked_at: str | None = None) -> Chosen | str:
        """Return what to enter for an exception, or why nothing can be."""
        month, row = subject
        limits = self._workspace.settings.policies.four_eyes_above
        return choose(wish, month, row, self.case(month, row), limits, looked_at)

    def _of(self, msp_id: str) -> list[Entry]:
        if msp_id not in self._entries:
            entries = self._chains.entries(msp_id) if self._chains else chain(self._workspace.paths, msp_id)
            self._entered[msp_id] = list(entries)
            self._entries[msp_id] = [entry.fields() for entry in self._entered[msp_id]]
        return self._entries[msp_id]


@contextmanager
def writing(workspace: Workspace, scope: Scope) -> Iterator[Appending | None]:
    """Read and append in one transaction; None for a dry run, which changes nothing."""
    if scope.is_dry_run:
        yield None
        return
    with appending(open_database(workspace.paths.ledger)) as chains:
        yield chains


def enter(chains: Appending | None, chosen: Sequence[Chosen]) -> Done:
    """Append what was chosen; without ``chains`` only tell what would be."""
    done = Done()
    ids: dict[str, str] = {}
    by_msp: dict[str, list[Chosen]] = defaultdict(list)
    for each in chosen:
        if each.draft is not None:
            by_msp[each.month.month.msp_id].append(each)
    for msp_id, group in by_msp.items():
        if chains is not None:
            entered = chains.append(msp_id, [each.draft for each in group if each.draft])
            ids |= {e.body["exception_id"]: e.entry_id for e in entered}
    for each in chosen:
        exception_id = each.row["exception_id"]
        entry_id = each.already.decision_id if each.already else ids.get(exception_id, "")
        done.entries.append((entry_id, exception_id, each.state))
        done.already += each.already is not None
        if each.instead_of is not None:
            done.instead_of.append((exception_id, each.instead_of))
        currency = each.row["currency"] or ""
        done.totals[currency] += impact_of(each.row)
        for column in IMPACTS:
            done.money[currency, column] += each.row[column]
    return done
