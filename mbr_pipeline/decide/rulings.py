"""Confirming, refusing and withdrawing decisions (contract §8.3).

What belongs here: which of them is possible, and entering it. What does not: making decisions (``command``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mbr_pipeline.decide.audited import audited
from mbr_pipeline.decide.command import Done, Scope, allow
from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.decide.ledger.chains import appending
from mbr_pipeline.decide.ledger.entries import Draft
from mbr_pipeline.decide.selection import SHORTEST, each_or_none
from mbr_pipeline.decide.who import Command
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.recompute.decisions.chain import Entry, Ruling, rulings
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.workspace.workspace import Workspace

_BECAME = {"confirm": "in_force", "refuse": "refused", "withdraw": "withdrawn"}


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
) -> Done:
    """Confirm, refuse or withdraw decisions by the ids of their entries: all or none.

    Raises:
        ConfigError: The actor may not, a reason is missing, or one cannot be ruled so: every misfit is named.
    """
    msp_ids = workspace.msp_ids(scope.msp_id)
    before = {each: rulings(entry.fields() for entry in chain(workspace.paths, each)) for each in msp_ids}
    subjects: dict[str, str] = {}
    for prefix in prefixes:
        found = _the_decision(prefix, before)
        if not isinstance(found, str):
            subjects.setdefault(found.msp_id, found.ruling.decision_id)
    allow(workspace, actor, kind, subjects, scope)
    if kind in ("refuse", "withdraw") and not (reason or "").strip():
        raise ConfigError(f"{kind} needs --reason: whoever reads it later must understand why")
    if not any(before.values()):
        raise ConfigError("nothing was decided yet: `mbr decide list` shows what is")
    with appending(open_database(workspace.paths.ledger)) as chains:
        entries: dict[str, list[Entry]] = {
            each: [e.fields() for e in chains.entries(each)] for each in msp_ids
        }
        now = {each: rulings(entries[each]) for each in msp_ids}

        def find(prefix: str) -> _Found | str:
            found = _the_decision(prefix, now)
            return found if isinstance(found, str) else _possible(workspace, kind, actor, found, entries)

        chosen = each_or_none(prefixes, find, str)
        done = Done()
        for each in chosen:
            ruling = each.ruling
            if each.is_so:
                done.already += 1
            elif not scope.is_dry_run:
                body = {"entry_id": ruling.decision_id, "of_actor": ruling.entry["actor"], "reason": reason}
                chains.append(each.msp_id, [Draft(kind, ruling.month, body, actor)])
            done.entries.append((ruling.decision_id, ruling.about("exception_id"), _BECAME[kind]))
        return done


def _the_decision(prefix: str, of_msps: dict[str, list[Ruling]]) -> _Found | str:
    if len(prefix) < SHORTEST:
        return f"write at least {SHORTEST} characters"
    found = [
        _Found(msp_id, ruling)
        for msp_id, made in of_msps.items()
        for ruling in made
        if ruling.decision_id.startswith(prefix.strip().lower())
    ]
    if len(found) == 1:
        return found[0]
    return f"{len(found)} decisions begin so: write more of it" if found else "there is no such decision"


def _possible(
    workspace: Workspace, kind: str, actor: str, found: _Found, entries: dict[str, list[Entry]]
) -> _Found | str:
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
        if why := _would_be_stale(workspace, found, entries):
            return why
    return found


def _would_be_stale(workspace: Workspace, found: _Found, entries: dict[str, list[Entry]]) -> str | None:
    """Hold a decision against the month's last audit, as if it were confirmed."""
    ruling = found.ruling
    month = audited(workspace.month(found.msp_id, ruling.month))
    if month is None:
        return f"{ruling.month} has no audit: run the month first"
    as_if = [*entries[found.msp_id], _confirmed(ruling, len(entries[found.msp_id]) + 1)]
    row = next(r for r in month.judged(as_if).rows if r["decision_id"] == ruling.decision_id)
    if row["state"] != "stale":
        return None
    now = month.exceptions.get(str(ruling.about("exception_id")))
    if now is None:
        return "what it was made on is no longer there: refuse it"
    seen = ", ".join(f"{name} {amount}" for name, amount in ruling.entry["body"]["seen"].items())
    there = ", ".join(f"{name} {now[name]}" for name in ruling.entry["body"]["seen"])
    return f"it was made on {seen}, and now there is {there}: refuse it and decide again"


def _confirmed(ruling: Ruling, seq: int) -> Entry:
    body = {"entry_id": ruling.decision_id, "of_actor": ruling.entry["actor"]}
    return {"seq": seq, "kind": "confirm", "actor": "", "entry_id": "", "body": body}
