"""Closing a month, opening it again and sealing it (contract §9).

What belongs here: the entry. What does not: what must hold before (``conditions``), how a version is kept
(``version``), and what is computed from what (``mbr_pipeline.monthly_close``). Everything is looked at and
entered in one transaction of the ledger's only writer, under the month's lock: nothing is decided or
published in between.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from mbr_pipeline.audit.candidate_tables import RESTATEMENT
from mbr_pipeline.audit.certificate import audited_tables
from mbr_pipeline.decide.closed import Closing, closing_of
from mbr_pipeline.decide.command import Scope, allow
from mbr_pipeline.decide.ledger.chains import Appending, appending
from mbr_pipeline.decide.ledger.entries import Draft, Entry
from mbr_pipeline.decide.who import Command
from mbr_pipeline.errors import ConfigError, GateClosed, MonthClosed
from mbr_pipeline.publish.catalogue import catch_up
from mbr_pipeline.publish.stored import send_kept
from mbr_pipeline.release.conditions import conditions
from mbr_pipeline.release.version import place_version, publication_hash, version_folder
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.storage.parquet import rows_of
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.spread import working_on
from mbr_pipeline.workspace.workspace import Workspace


@dataclass(frozen=True)
class MadeFrom:
    """What a month is computed from, as it is now: asked for while the month and the ledger are locked.

    Attributes:
        files: Every file with its hash.
        inputs_hash: The fingerprint that the certificate names.
    """

    files: Callable[[], Sequence[Mapping[str, Any]]]
    inputs_hash: Callable[[], str]


_NOT_SEEN = (
    "The month was run again after this page was opened, and nothing was closed: look at what is here now,"
    " then close it."
)


_NOT_SEEN_CLOSED = (
    "The month was closed again after this page was opened, as version {version}, and nothing was done: look"
    " at what is here now."
)


def audit_mark(month: MonthPaths) -> str:
    """Return what stands for the month's newest audit, and with it for its figures; empty without one."""
    try:
        return sha256_of(month.certificate)
    except OSError:
        return ""


@dataclass(frozen=True)
class Done:
    """What a command came to.

    Attributes:
        state: ``closed``, ``open`` or ``sealed``.
        version: The newest closed version.
        is_new: Whether something was entered; else it was so already.
        head: Hash of the newest entry of the chain.
        publication: Hash of the closed tables.
        totals: Σ of the ready lines by currency.
        excepted: Clients that stay held.
    """

    state: str
    version: int
    is_new: bool
    head: str
    publication: str | None = None
    totals: Mapping[str, str] = field(default_factory=dict)
    excepted: Sequence[str] = ()


def close(
    workspace: Workspace,
    month: MonthPaths,
    actor: str,
    made_from: MadeFrom,
    excepted: Sequence[str] = (),
    reason: str | None = None,
    seen: str | None = None,
) -> Done:
    """Close a month: its publication becomes a version that is kept, and nothing in it changes any more.

    Args:
        workspace: Whose ledger it is entered in.
        month: Which.
        actor: Who closes it.
        made_from: What it is computed from now.
        excepted: Clients on hold that are left out.
        reason: Why they are; a note where nobody is.
        seen: The :func:`audit_mark` of what the actor looked at, where that is known.

    Raises:
        ConfigError: The actor may not; a decision waits; a client is held and not excepted, or excepted and
            not held.
        GateClosed: There is no publication of exactly what is landed and decided now, or it is not the one
            that was seen.
    """
    _allow(workspace, month, actor, "close")
    done = _close(workspace, month, actor, made_from, excepted, reason, seen)
    send_kept(workspace, month)  # also of one that was closed already: a kill may have come between
    catch_up(workspace.paths)
    return done


def _close(
    workspace: Workspace,
    month: MonthPaths,
    actor: str,
    made_from: MadeFrom,
    excepted: Sequence[str],
    reason: str | None,
    seen: str | None,
) -> Done:
    with _held(month):
        files = made_from.files()  # before the ledger is locked, for which everybody else waits
        with _entering(workspace, month) as (chains, found, entries):
            if found.state != "open":
                done = _so_already(chains, month, found)
                version_folder(month, done.version)
                return done
            if seen is not None and seen != audit_mark(month):
                raise GateClosed(_NOT_SEEN)
            if excepted and not (reason or "").strip():
                raise ConfigError("--except needs --reason: whoever reads it later must understand why")
            for each in conditions(month, found, entries, made_from.inputs_hash(), excepted):
                if each.refusal is not None:
                    raise each.refusal
            hashes, certificate = _publication(month)
            number = found.version + 1
            manifest = place_version(month, number, hashes, certificate, files)
            body = {
                "version": str(number),
                "publication": publication_hash(hashes),
                "totals": _totals(month),
                "except": sorted(set(excepted)),
                "reason": reason,
                "manifest": manifest,
            }
            [entry] = chains.append(month.msp_id, [Draft("close", month.period.text, body, actor)])
            done = _done("closed", number, entry, entry.hash)
        version_folder(month, number)
    return done


def reopen(
    workspace: Workspace, month: MonthPaths, actor: str, reason: str | None, seen: str | None = None
) -> Done:
    """Open a closed month again: the next one that is closed is its next version.

    Args:
        workspace: Whose ledger it is entered in.
        month: Which.
        actor: Who opens it.
        reason: Why.
        seen: The newest version when the actor looked, where that is known.

    Raises:
        ConfigError: The actor may not, no reason is given, or the month is not closed.
        GateClosed: Its newest version is not the one that was seen.
        MonthClosed: It is sealed.
    """
    _allow(workspace, month, actor, "reopen")
    with _held(month), _entering(workspace, month) as (chains, found, _):
        if found.state == "sealed":
            raise MonthClosed(str(found.told(month.msp_id, month.period.text)))
        if not found.versions:
            raise ConfigError(f"{month.msp_id} {month.period.text} is not closed: there is nothing to open")
        if found.state == "open":
            return _so_already(chains, month, found)
        _refuse_unseen(found, seen)
        if not (reason or "").strip():
            raise ConfigError("reopen needs --reason: whoever reads it later must understand why")
        body = {"version": str(found.version), "reason": reason}
        [entry] = chains.append(month.msp_id, [Draft("reopen", month.period.text, body, actor)])
        return _done("open", found.version, found.versions[-1], entry.hash)


def seal(
    workspace: Workspace, month: MonthPaths, actor: str, reason: str | None, seen: str | None = None
) -> Done:
    """Seal a closed month: it can never be opened again. For the arguments see :func:`reopen`.

    Raises:
        ConfigError: The actor may not, or the month is not closed.
        GateClosed: Its newest version is not the one that was seen.
    """
    _allow(workspace, month, actor, "seal")
    with _held(month), _entering(workspace, month) as (chains, found, _):
        if found.state == "sealed":
            return _so_already(chains, month, found)
        if found.state == "open":
            raise ConfigError(
                f"{month.msp_id} {month.period.text} is not closed: close it before it is sealed, by"
                f" `mbr close --msp {month.msp_id} --period {month.period.text}`"
            )
        _refuse_unseen(found, seen)
        body = {"version": str(found.version), "reason": reason}
        [entry] = chains.append(month.msp_id, [Draft("seal", month.period.text, body, actor)])
        return _done("sealed", found.version, found.versions[-1], entry.hash)


def _refuse_unseen(found: Closing, seen: str | None) -> None:
    if seen is not None and seen != str(found.version):
        raise GateClosed(_NOT_SEEN_CLOSED.format(version=found.version))


def _allow(workspace: Workspace, month: MonthPaths, actor: str, command: Command) -> None:
    allow(workspace, actor, command, {month.msp_id: month.period.text}, Scope(period=month.period.text))


@contextmanager
def _held(month: MonthPaths) -> Iterator[None]:
    """Hold the month's lock. One that was never run has nothing that it could keep apart, and must not come
    into being by the lock's file: a month that somebody mistyped would be listed from then on.
    """
    with working_on(month) if month.folder.is_dir() else nullcontext():
        yield


@contextmanager
def _entering(workspace: Workspace, month: MonthPaths) -> Iterator[tuple[Appending, Closing, list[Entry]]]:
    with appending(open_database(workspace.paths.ledger)) as chains:
        entries = list(chains.entries(month.msp_id))
        yield chains, closing_of(entries, month.period.text), entries


def _so_already(chains: Appending, month: MonthPaths, found: Closing) -> Done:
    return _done(found.state, found.version, found.versions[-1], chains.head(month.msp_id).hash, False)


def _done(state: str, version: int, closed: Entry, head: str, is_new: bool = True) -> Done:
    body = closed.body
    return Done(state, version, is_new, head, body["publication"], body["totals"], body["except"])


def _publication(month: MonthPaths) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the hashes of the published tables and the certificate that they match."""
    hashes = audited_tables(month)
    restatement = month.published / f"{RESTATEMENT}.parquet"
    if restatement.exists():
        hashes[RESTATEMENT] = sha256_of(restatement)
    certificate: dict[str, Any] = json.loads(month.certificate.read_text(encoding="utf-8"))
    return hashes, certificate


def _totals(month: MonthPaths) -> dict[str, str]:
    totals: dict[str, Decimal] = defaultdict(Decimal)
    lines = rows_of(month.published / "fct_invoice_lines_ready.parquet", columns=["currency", "amount"])
    for line in lines:
        totals[line["currency"]] += line["amount"]
    return {currency: format(total, "f") for currency, total in sorted(totals.items())}
