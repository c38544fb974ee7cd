"""Where every month stands: open, closed or sealed, what is open in it, and what is next (contract §9).

What belongs here: finding the facts, one row for each MSP and month. What does not: the sentence on what is
next (``next_step``) and printing (``mbr_pipeline.cli.status``). Nothing is changed.
"""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from mbr_pipeline.decide.closed import Closing, closing_of, counting
from mbr_pipeline.decide.decisions import decisions
from mbr_pipeline.decide.in_force import chain, closed_periods
from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.decide.listing import waiting as waiting_in
from mbr_pipeline.errors import GateClosed, MbrError
from mbr_pipeline.ingest.fetching.missed_snapshots import missed_snapshots
from mbr_pipeline.ingest.landing import months_with_files
from mbr_pipeline.periods import Period
from mbr_pipeline.publish.closed_folders import MANIFEST
from mbr_pipeline.release.excepted import excepted
from mbr_pipeline.release.next_step import Facts, Step, next_step, step_of
from mbr_pipeline.release.version import version_folder
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.storage.hash_cache import HashCache
from mbr_pipeline.storage.parquet import columns_of, rows_of
from mbr_pipeline.values import minor_units
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.workspace import Workspace

IMPACTS = ("client_recoverable", "client_refund", "vendor_claim", "vendor_liability", "stranded")
_NO_CLIENTS = {"pass": 0, "pass_with_waiver": 0, "hold": 0}

InputsHash = Callable[[MonthPaths], str]
"""Gives the fingerprint of what a month would be computed from now."""


@dataclass(frozen=True)
class MonthStatus:
    """One MSP's month.

    Attributes:
        state: ``open`` too where it was closed and opened again.
        version: The newest closed version; None where it was never closed.
        gate: ``passed`` or ``blocked``; None where the month was never audited.
        clients: How many pass, pass with a waiver, and are on hold.
        open_exceptions: How many nobody decided, of the closed version or else of the last audit.
        money: Their five impacts by currency, as text.
        decided_by: Who made or confirmed the decisions in force, sorted.
        next: What is to be done, in words.
        step: The same as one word.
    """

    msp_id: str
    period: str
    state: str
    version: int | None
    gate: str | None
    clients: Mapping[str, int] = field(default_factory=lambda: dict(_NO_CLIENTS))
    open_exceptions: int = 0
    money: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    decided_by: Sequence[str] = ()
    next: str = ""
    step: Step = "run"

    def row(self) -> dict[str, Any]:
        """Return it as contract §9 has it, which knows the next step in words alone."""
        return {name: value for name, value in asdict(self).items() if name != "step"}


def status(
    workspace: Workspace, inputs_hash: InputsHash, msp_id: str | None = None, period: str | None = None
) -> list[MonthStatus]:
    """Return the months that have landed files, tables or entries of a close, by MSP and month.

    Raises:
        ConfigError: The MSP is not in ``mbr.yml``, or the period is no month.
        MbrError: The ledger's database cannot be read.
    """
    wanted = Period.parse(period).text if period else None
    chosen = [each for each in months_of(workspace, msp_id) if wanted in (None, each[1])]
    return status_of(workspace, inputs_hash, chosen)


def status_of(
    workspace: Workspace, inputs_hash: InputsHash, chosen: Sequence[tuple[str, str]]
) -> list[MonthStatus]:
    """Return where these months stand, each an MSP and a period of :func:`months_of`, in their order.

    Raises:
        MbrError: The ledger's database cannot be read.
    """
    chains = {
        msp_id: chain(workspace.paths, msp_id) for msp_id in dict.fromkeys(msp_id for msp_id, _ in chosen)
    }
    waiting = {
        msp_id for msp_id, entries in chains.items() if any(d.fate == "pending" for d in decisions(entries))
    }
    return [
        _of_month(workspace, workspace.month(msp_id, text), chains[msp_id], msp_id in waiting, inputs_hash)
        for msp_id, text in chosen
    ]


def months_of(workspace: Workspace, msp_id: str | None = None) -> list[tuple[str, str]]:
    """Return every MSP's periods that have landed files, tables or entries of a close, by MSP and month. Only
    names are looked at: thousands take a moment.

    Raises:
        ConfigError: The MSP is not in ``mbr.yml``.
        MbrError: The ledger's database cannot be read.
    """
    msp_ids = workspace.msp_ids(msp_id)
    closed = closed_periods(workspace.paths, msp_ids)
    return [(each, text) for each in msp_ids for text in _months(workspace, each, closed.get(each, ()))]


def tables_folder(month: MonthPaths, closing: Closing) -> Path | None:
    """Return where a month's tables are: of the closed version, else of the last audit, passed or blocked."""
    if closing.state != "open":
        return version_folder(month, closing.version)
    for folder in (month.candidate, month.report / "blocked", month.published):
        if (folder / "fct_exceptions.parquet").exists():
            return folder
    return None


def _months(workspace: Workspace, msp_id: str, closed: Iterable[str]) -> list[str]:
    paths, names = workspace.paths, set(closed)
    for place in (paths.warehouse / msp_id, paths.published / msp_id, paths.reports / msp_id):
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(place) as found:
            names |= {each.name for each in found if each.is_dir()}
    names |= set(months_with_files(paths, msp_id, workspace.msp(msp_id), names))
    return sorted(name for name in names if Period.is_written(name))


def _of_month(
    workspace: Workspace, month: MonthPaths, entries: Sequence[Entry], waits: bool, inputs_hash: InputsHash
) -> MonthStatus:
    try:
        return _as_read(workspace, month, entries, waits, inputs_hash)
    except GateClosed as error:  # a damaged table must not hide the other months
        found = closing_of(entries, month.period.text)
        named = (month.msp_id, month.period.text, found.state, found.version or None, None)
        return MonthStatus(*named, next=one_line(error), step="mend")


def _as_read(
    workspace: Workspace, month: MonthPaths, entries: Sequence[Entry], waits: bool, inputs_hash: InputsHash
) -> MonthStatus:
    closing = closing_of(entries, month.period.text)
    folder = tables_folder(month, closing)
    verdict = _json(month.report / "gate.json")
    gate = verdict.get("gate") if closing.state == "open" else "passed"
    rows = _rows(folder, "fct_client_gate", "client_id", "verdict")
    open_ones = [
        row
        for row in _rows(folder, "fct_exceptions", "status", "currency", *IMPACTS)
        if row.get("status", "open") == "open"
    ]
    decided = _rows(folder, "fct_decisions", "state", "actor", "confirmed_by")
    facts = Facts(
        month.msp_id,
        month.period.text,
        closing,
        gate,
        verdict.get("reasons") or [],
        waits=len(waiting_in(month, counting(entries, month.period.text))) if waits else 0,
        approvers=[name for name, who in workspace.settings.people.items() if "approver" in who.roles],
        held=sorted({row["client_id"] for row in rows if row["verdict"] == "HOLD"}),
        excepted=excepted(month, closing),
        missed=_missed(workspace, month) if closing.state == "open" else (),
        **_of_state(month, closing, gate, entries, inputs_hash),
    )
    clients = Counter(verdict for _, verdict in {(row["client_id"], row["verdict"].lower()) for row in rows})
    return MonthStatus(
        month.msp_id,
        month.period.text,
        closing.state,
        closing.version or None,
        gate,
        {name: clients[name] for name in _NO_CLIENTS},
        len(open_ones),
        _money(open_ones),
        sorted(
            {
                name
                for row in decided
                if row["state"] == "in_force"
                for name in (row["actor"], row["confirmed_by"])
                if name
            }
        ),
        next_step(facts),
        step_of(facts),
    )


def _missed(workspace: Workspace, month: MonthPaths) -> list[str]:
    msp, today = workspace.msp(month.msp_id), datetime.now(UTC).date()
    missed = missed_snapshots(workspace.paths, month.msp_id, msp, month.period, today)
    return [each.told for each in missed]


def _of_state(
    month: MonthPaths, closing: Closing, gate: str | None, entries: Sequence[Entry], inputs_hash: InputsHash
) -> dict[str, Any]:
    """Return the facts that take reading: of an open month its inputs, of a closed one its landed files."""
    kept = _json(version_folder(month, closing.version) / MANIFEST) if closing.versions else {}
    try:
        if closing.versions and not kept:
            raise MbrError(
                f"version {closing.version} cannot be read: restore"
                f" {version_folder(month, closing.version)} from a backup"
            )
        if closing.state != "open":
            return {
                "changed_files": _changed_files(month, kept),
                "exported": list(
                    dict.fromkeys(
                        str(entry.body["target"])
                        for entry in entries
                        if (entry.kind, entry.period) == ("export", month.period.text)
                        and entry.body.get("version") == str(closing.version)
                    )
                ),
            }
        if gate != "passed":
            return {}
        certificate = _json(month.certificate)
        audited_at = next((e.seq for e in entries if e.hash == certificate.get("chain_head")), 0)
        return {
            "is_current": certificate.get("inputs_hash") == inputs_hash(month),
            "is_published": month.published.is_dir(),
            "is_new": closing.last is None or audited_at >= closing.last.seq,
        }
    except MbrError as error:
        return {"problem": str(error)}


def _changed_files(month: MonthPaths, kept: Mapping[str, Any]) -> list[str]:
    """Return the landed files that are not those of the closed version, by their path below ``landing/``."""
    root, folder = month.workspace.root, month.landing
    cache = HashCache(month.workspace.warehouse / month.msp_id / "hashes.json")
    there = {
        path.relative_to(root).as_posix(): cache.sha256(path, path.stat())
        for path in folder.rglob("*")
        if path.is_file()
    }
    cache.save()
    below = f"{folder.relative_to(root).as_posix()}/"
    was = {each["file"]: each["sha256"] for each in kept["inputs"] if each["file"].startswith(below)}
    return sorted(
        name.removeprefix(below) for name in was.keys() | there.keys() if was.get(name) != there.get(name)
    )


def _rows(folder: Path | None, table: str, *columns: str) -> list[dict[str, Any]]:
    """Return these columns of a table, as far as it has them; nothing where there is no table."""
    if folder is None or not (file := folder / f"{table}.parquet").exists():
        return []
    there = columns_of(file)
    return rows_of(file, columns=[name for name in columns if name in there])


def _money(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    totals: dict[str, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(IMPACTS, Decimal(0)))
    for row in rows:
        if row["currency"] is not None:
            for name in IMPACTS:
                totals[row["currency"]][name] += row[name]
    return {
        currency: {name: f"{amount:.{minor_units().get(currency, 2)}f}" for name, amount in impacts.items()}
        for currency, impacts in sorted(totals.items())
    }


def _json(file: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content
