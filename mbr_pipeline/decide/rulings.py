"""Confirming, refusing and withdrawing decisions (contract §8.3).

What belongs here: which of them is possible, and entering it. What does not: making decisions (``command``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from mbr_pipeline.decide.audited import AuditedMonth, Row, audited, landed_of
from mbr_pipeline.decide.command import Done, Scope, allow
from mbr_pipeline.decide.decisions import impact_of
from mbr_pipeline.decide.in_force import chain, closing, refuse_closed
from mbr_pipeline.decide.ledger.chains import appending
from mbr_pipeline.decide.ledger.entries import Draft
from mbr_pipeline.decide.selection.conditions import SHORTEST, each_or_none
from mbr_pipeline.decide.who import Command
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.recompute.decisions.chain import Entry, Ruling, rulings
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.workspace.workspace import Workspace

_BECAME = {"confirm": "in_force", "refuse": "refused", "withdraw": "withdrawn"}


@dataclass
class Ruled(Done):
    """What a ruling entered; ``of_closed`` of them withdraw decisions of months that are closed."""

    of_closed: int = 0


@dataclass(frozen=True)
class _Found:
    """A decision, and the ruling that says already what is wanted, if there is one."""

    msp_id: str
    ruling: Ruling
    is_so: bool = False


def rule(
    workspace: Workspace,
    kind: Command,
    prefixes: Sequence[str],
    actor: str,
    reason: str | None,
    scope: Scope,
) -> Ruled:
    """Confirm, refuse or withdraw decisions by the ids of their entries: all or none.

    Raises:
        ConfigError: The actor may not, a reason is missing, or one cannot be ruled so: every misfit is named.
    """
    msp_ids = workspace.msp_ids(scope.msp_id)
    before = _Known({each: [e.fields() for e in chain(workspace.paths, each)] for each in msp_ids})
    subjects: dict[str, str] = {}
    for prefix in prefixes:
        found = before.find(prefix)
        if not isinstance(found, str):
            subjects.setdefault(found.msp_id, found.ruling.decision_id)
    allow(workspace, actor, kind, subjects, scope)
    if not before.by_id:
        raise ConfigError("nothing was decided yet: `mbr decide list` shows what is")
    with appending(open_database(workspace.paths.ledger)) as chains:
        now = _Known({each: [e.fields() for e in chains.entries(each)] for each in msp_ids})
        if kind != "withdraw":  # which ends a waiver for months that are not closed
            months: dict[tuple[str, str], None] = {}
            for prefix in prefixes:
                if not isinstance(found := now.find(prefix), str):
                    months[found.msp_id, found.ruling.month] = None
            for month in months:
                refuse_closed(workspace.month(*month))
        if kind != "confirm" and not (reason or "").strip():
            raise ConfigError(f"{kind} needs --reason: whoever reads it later must understand why")

        as_if = _AsIf(workspace, now, prefixes)

        def find(prefix: str) -> _Found | str:
            found = now.find(prefix)
            return found if isinstance(found, str) else _possible(kind, actor, found, as_if)

        chosen = each_or_none(prefixes, find, str)
        done = Ruled()
        drafts: dict[str, list[Draft]] = {each: [] for each in msp_ids}
        for each in chosen:
            ruling = each.ruling
            if each.is_so:
                done.already += 1
            elif not scope.is_dry_run:
                body = {"entry_id": ruling.decision_id, "of_actor": ruling.entry["actor"], "reason": reason}
                drafts[each.msp_id].append(Draft(kind, ruling.month, body, actor))
            if not each.is_so and closing(workspace.month(each.msp_id, ruling.month)).state != "open":
                done.of_closed += 1
            done.entries.append((ruling.decision_id, ruling.about("exception_id"), _BECAME[kind]))
            for currency, amount in _weight(workspace, each).items():
                done.totals[currency] += amount
        for msp_id, of_msp in drafts.items():
            chains.append(msp_id, of_msp)
        return done


def _weight(workspace: Workspace, found: _Found) -> dict[str, Decimal]:
    """Return the impact that a decision was made on; of a release, the client's invoice lines."""
    ruling = found.ruling
    if ruling.action != "release":
        return {ruling.about("currency") or "": impact_of(ruling.entry["body"]["seen"])}
    month = audited(workspace.month(found.msp_id, ruling.month))
    return landed_of(month, str(ruling.about("client_id"))) if month else {}


class _Known:
    """The decisions of chains, found by their ids or the beginnings of these."""

    def __init__(self, entries: dict[str, list[Entry]]) -> None:
        self.entries = entries
        self.by_id = {
            ruling.decision_id: _Found(msp_id, ruling)
            for msp_id, of_msp in entries.items()
            for ruling in rulings(of_msp)
        }

    def find(self, prefix: str) -> _Found | str:
        """Return the one decision, or why there is none."""
        if len(prefix) < SHORTEST:
            return f"write at least {SHORTEST} characters"
        wanted = prefix.strip().lower()
        if wanted in self.by_id:
            return self.by_id[wanted]
        found = [each for decision_id, each in self.by_id.items() if decision_id.startswith(wanted)]
        if len(found) == 1:
            return found[0]
        return f"{len(found)} decisions begin so: write more of it" if found else "there is no such decision"


def _possible(kind: str, actor: str, found: _Found, as_if: _AsIf) -> _Found | str:
    ruling = found.ruling
    if kind == "withdraw":
        if ruling.became == "refused":
            return "it was refused: nothing is in force"
        return _Found(found.msp_id, ruling, ruling.became == "withdrawn")
    if kind == "refuse" and ruling.became == "refused":
        return _Found(found.msp_id, ruling, True)
    if kind == "confirm" and ruling.became == "made" and ruling.confirmed_by == actor:
        return _Found(found.msp_id, ruling, True)
    if ruling.became != "pending":
        return f"it waits for nobody: it is {'in force' if ruling.became == 'made' else ruling.became}"
    if kind == "confirm":
        if ruling.entry["actor"] == actor:
            return f"{actor} made it: somebody else confirms it"
        if why := as_if.would_be_stale(found):
            return why
    return found


class _AsIf:
    """Months as they would be if all decisions that are asked for were confirmed: each is on an exception of
    its own, so none changes what becomes of another.
    """

    def __init__(self, workspace: Workspace, known: _Known, prefixes: Sequence[str]) -> None:
        self._workspace, self._known, self._prefixes = workspace, known, prefixes
        self._months: dict[tuple[str, str], tuple[AuditedMonth, dict[str, Row]] | None] = {}

    def would_be_stale(self, found: _Found) -> str | None:
        """Hold a decision against its month's last audit; return what is wrong, or None."""
        ruling = found.ruling
        key = (found.msp_id, ruling.month)
        if key not in self._months:
            self._months[key] = self._judged(*key)
        judged = self._months[key]
        if judged is None:
            return f"{ruling.month} has no audit: run the month first"
        month, rows = judged
        if rows[ruling.decision_id]["state"] != "stale":
            return None
        now = month.exceptions.get(str(ruling.about("exception_id")))
        if now is None:
            return "what it was made on is no longer there: refuse it"
        seen = ", ".join(f"{name} {amount}" for name, amount in ruling.entry["body"]["seen"].items())
        there = ", ".join(f"{name} {now[name]}" for name in ruling.entry["body"]["seen"])
        return f"it was made on {seen}, and now there is {there}: refuse it and decide again"

    def _judged(self, msp_id: str, period: str) -> tuple[AuditedMonth, dict[str, Row]] | None:
        month = audited(self._workspace.month(msp_id, period))
        if month is None:
            return None
        entries = list(self._known.entries[msp_id])
        for prefix in self._prefixes:
            found = self._known.find(prefix)
            if not isinstance(found, str) and (found.msp_id, found.ruling.month) == (msp_id, period):
                entries.append(_confirmed(found.ruling, len(entries) + 1))
        # a waiver has a row for each exception that it meets: that of its own month is the first
        return month, {row["decision_id"]: row for row in reversed(month.judged(entries).rows)}


def _confirmed(ruling: Ruling, seq: int) -> Entry:
    body = {"entry_id": ruling.decision_id, "of_actor": ruling.entry["actor"]}
    return {"seq": seq, "kind": "confirm", "actor": "", "entry_id": "", "body": body}
