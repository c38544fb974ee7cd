"""What must hold before a month is closed, one by one (contract §9).

What belongs here: the conditions in the order in which they are asked, each with what `mbr close` is refused
with. What does not: closing (``closing``). Nothing is changed: whoever is about to close sees the same list.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from connectors.counted import plural
from mbr_pipeline.audit.certificate import (
    Part,
    audited_tables,
    problems_of_certificate,
    refusal_of_certificate,
)
from mbr_pipeline.decide.closed import Closing
from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.decide.listing import waiting
from mbr_pipeline.errors import ConfigError, GateClosed, MbrError
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.storage.parquet import rows_of
from mbr_pipeline.workspace.paths import MonthPaths

Name = Literal["gate", "inputs", "tables", "published", "run_again", "pending", "held"]

_OF_CERTIFICATE: tuple[tuple[Name, tuple[Part, ...]], ...] = (
    ("gate", ("certificate", "gate")),
    ("inputs", ("inputs",)),
    ("tables", ("tables",)),
)


@dataclass(frozen=True)
class Condition:
    """One thing that must hold.

    Attributes:
        name: Which.
        refusal: What closing is refused with; None where it holds, or cannot be told.
        is_known: Whether it can be told: without a certificate or tables some cannot.
    """

    name: Name
    refusal: MbrError | None = None
    is_known: bool = True

    @property
    def holds(self) -> bool:
        """Whether it holds."""
        return self.is_known and self.refusal is None


def conditions(
    month: MonthPaths,
    found: Closing,
    entries: Sequence[Entry],
    inputs_hash: str,
    excepted: Sequence[str] = (),
) -> Iterator[Condition]:
    """Yield every condition for closing an open month; the first that does not hold is what closing says.

    Args:
        month: The month.
        found: Its state.
        entries: Its MSP's chain.
        inputs_hash: The fingerprint of what it would be computed from now.
        excepted: Clients that are to be left out.
    """
    wrong = problems_of_certificate(month, inputs_hash)
    is_there = all(each.part != "certificate" for each in wrong)
    for name, parts in _OF_CERTIFICATE:
        first = next((each for each in wrong if each.part in parts), None)
        refusal = refusal_of_certificate(month, first, "nothing was closed") if first else None
        yield Condition(name, refusal, is_known=is_there or name == "gate")
    yield Condition("published", _not_as_audited(month), is_known=is_there)
    if found.last is not None:
        yield Condition("run_again", _not_run_since(month, found.last, entries), is_known=is_there)
    yield Condition("pending", _waiting(month, entries))
    gate = month.published / "fct_client_gate.parquet"
    yield Condition("held", _held(month, excepted) if gate.exists() else None, is_known=gate.exists())


def _not_as_audited(month: MonthPaths) -> GateClosed | None:
    for name, digest in audited_tables(month).items():
        table = month.published / f"{name}.parquet"
        if not table.exists() or sha256_of(table) != digest:
            return GateClosed(
                f"{month.msp_id} {month.period.text}: what is published is not what was audited last: run"
                f" `mbr run --period {month.period.text} --msp {month.msp_id}`; nothing was closed"
            )
    return None


def _not_run_since(month: MonthPaths, last: Entry, entries: Sequence[Entry]) -> GateClosed | None:
    """Let a month that was opened again be closed only as it was published since then."""
    try:
        certificate: dict[str, Any] = json.loads(month.certificate.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        certificate = {}
    audited_at = next((e.seq for e in entries if e.hash == certificate.get("chain_head")), 0)
    if audited_at >= last.seq:
        return None
    return GateClosed(
        f"{month.msp_id} {month.period.text} was not run since it was opened again: run"
        f" `mbr run --period {month.period.text} --msp {month.msp_id}`; nothing was closed"
    )


def _waiting(month: MonthPaths, entries: Sequence[Entry]) -> ConfigError | None:
    pending = waiting(month, entries)
    if not pending:
        return None
    return ConfigError(
        f"{', '.join(pending[:20])} wait for a second person: `mbr decide confirm` or `refuse` them first"
    )


def _held(month: MonthPaths, excepted: Sequence[str]) -> ConfigError | None:
    rows = rows_of(month.published / "fct_client_gate.parquet", columns=["client_id", "verdict"])
    held = {row["client_id"] for row in rows if row["verdict"] == "HOLD"}
    if wrong := sorted(set(excepted) - held):
        return ConfigError(f"{', '.join(wrong)}: only who is held can be excepted; nothing was closed")
    if left := sorted(held - set(excepted)):
        named = " ".join(f"--except {shlex.quote(client)}" for client in left[:20])
        return ConfigError(
            f"{plural(len(left), 'client is', 'clients are')} held: {', '.join(left[:20])}: decide what holds"
            f" them (`mbr decide`), or leave them out by {named} --reason TEXT; nothing was closed"
        )
    return None
