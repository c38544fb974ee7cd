"""The decisions of audited months as they stand now (contract §8.5), and who decided what before.

What belongs here: the rows of `mbr decide list`, the history of an issue, somebody's last decisions. What
does not: printing them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from mbr_pipeline.decide.audited import audited, audited_months
from mbr_pipeline.decide.closed import counting
from mbr_pipeline.decide.decisions import ACTIONS, RULINGS, Decision, decisions
from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.decide.ledger.entries import Entry as LedgerEntry
from mbr_pipeline.recompute.decisions.chain import Ruling, rulings
from mbr_pipeline.recompute.decisions.states import Judgement
from mbr_pipeline.recompute.money import half_up
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.workspace import Workspace

Row = dict[str, Any]
_OPEN = ("stale", "pending")
_PLACES = 4


def listed(workspace: Workspace, msp_id: str | None, period: str | None, only_open: bool) -> list[Row]:
    """Return the rows of §8.5, amounts as text; ``only_open``: what is stale or pending, and deferrals until
    there is another decision on their issue.

    Raises:
        ConfigError: The MSP is not in ``mbr.yml``, or the period is no month.
    """
    found: list[Row] = []
    chains: dict[str, list[LedgerEntry]] = {}
    for month in audited_months(workspace, msp_id, period):
        mine = month.month.msp_id
        if mine not in chains:
            chains[mine] = chain(workspace.paths, mine)
        counted = counting(chains[mine], month.month.period.text)
        judged = month.judged(entry.fields() for entry in counted)
        found += listed_of(month.month, judged, chains[mine], only_open)
    return found


def listed_of(
    month: MonthPaths, judged: Judgement, entries: Sequence[LedgerEntry], only_open: bool
) -> list[Row]:
    """Return the rows of one month, whose decisions were judged by this chain, as far as it counts there.
    What was withdrawn after the month was closed is in force in it, but nobody waits for it any more.
    """
    found: list[Row] = []
    at = {entry.entry_id: entry.at for entry in entries}
    made = rulings(entry.fields() for entry in entries) if only_open else []
    answered = _answered(made)
    withdrawn = {each.decision_id for each in made if each.became == "withdrawn"}
    for row in judged.rows:
        is_deferral = (row["action"], row["state"]) == ("defer", "in_force")
        is_open = row["decision_id"] not in withdrawn and (
            row["state"] in _OPEN or (is_deferral and row["decision_id"] not in answered)
        )
        if only_open and not is_open:
            continue
        decided_at = at.get(row["decision_id"])  # what policies approved may not be entered yet
        whose = {"msp_id": month.msp_id, "period": month.period.text}
        found.append(_plain({**whose, **row, "decided_at": decided_at}))
    return found


def waiting(month: MonthPaths, entries: Sequence[LedgerEntry]) -> list[str]:
    """Return the decisions of a month that wait for a second person: those made on it, and waivers of earlier
    months that meet one of its exceptions as they were audited last. One that meets nothing there changes
    nothing there, whatever becomes of it.

    Args:
        month: Which.
        entries: Its MSP's chain, as far as it counts there.

    Raises:
        GateClosed: The tables of the last audit are damaged.
    """
    period = month.period.text
    pending = [each for each in decisions(entries) if each.fate == "pending"]
    found = [each.decision_id for each in pending if each.period == period]
    reaching = {each.decision_id for each in pending if each.period < period and each.action == "waive"}
    if reaching and (read := audited(month)):
        rows = read.judged(entry.fields() for entry in entries).rows
        found += [
            row["decision_id"] for row in rows if row["exception_id"] and row["decision_id"] in reaching
        ]
    return list(dict.fromkeys(found))


def history(entries: Iterable[LedgerEntry], issue_id: str) -> list[LedgerEntry]:
    """Return what was decided about an issue in any month, and what others said to that, oldest first."""
    found: dict[str, LedgerEntry] = {}
    for entry in entries:
        is_decision = entry.kind in ACTIONS and entry.body.get("issue_id") == issue_id
        if is_decision or (entry.kind in RULINGS and entry.body.get("entry_id") in found):
            found[entry.entry_id] = entry
    return list(found.values())


def last_of(entries: Iterable[LedgerEntry], actor: str, period: str) -> list[Decision]:
    """Return what somebody decided last on a month by one command, without what is no longer so."""
    made = [each for each in decisions(entries) if (each.actor, each.period) == (actor, period)]
    standing = [each for each in made if each.fate in ("made", "pending")]
    return [each for each in standing if each.at == standing[-1].at]


def _answered(made: Sequence[Ruling]) -> set[str]:
    """Return the deferrals after which there is another decision on their issue."""
    last = {each.about("issue_id"): n for n, each in enumerate(made) if each.is_settled}
    return {
        each.decision_id
        for n, each in enumerate(made)
        if each.action == "defer" and last.get(each.about("issue_id"), n) > n
    }


def _plain(row: Row) -> Row:
    return {name: _text(row[name]) for name in _COLUMNS}


_COLUMNS = (
    "decision_id", "msp_id", "period", "exception_id", "issue_id", "exception_code", "client_id",
    "product_code", "source", "action", "state", "actor", "confirmed_by", "decided_at", "reason", "until",
    "up_to", "currency", "impact_seen", "impact_now",
)  # fmt: skip


def _text(value: Any) -> Any:
    if isinstance(value, Fraction):  # amounts, with the places that the published table has
        return format(half_up(value, _PLACES), "f")
    return format(value, "f") if isinstance(value, Decimal) else value
