"""Random decisions on a month's exceptions, entered in the ledger (contract §8.3).

Belongs here: drawing them, sound ones and such as do not fit what is there. Does not: what they come to,
which is the second engine's to say, nor what a person may decide (tests/decide).
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq

from mbr_pipeline.decide.decisions import IMPACTS, seen_of
from mbr_pipeline.decide.ledger.chains import appending
from mbr_pipeline.decide.ledger.entries import Draft, Entry
from mbr_pipeline.exception_codes import exception_codes
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.workspace.paths import WorkspacePaths

Row = dict[str, Any]
_PEOPLE = ("clerk1", "clerk2", "owner1")


def decide(workspace: Path, msp_id: str, period: str, candidate: Path, rng: Random) -> None:
    """Enter random decisions on a candidate month, and rulings on some of them."""
    exceptions = pq.read_table(candidate / "fct_exceptions.parquet").to_pylist()
    verdicts = pq.read_table(candidate / "fct_reconciliation.parquet").to_pylist()
    with appending(open_database(WorkspacePaths(workspace).ledger)) as chains:
        for exception in exceptions:
            for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
                [entry] = chains.append(msp_id, [_decision(exception, period, rng)])
                chains.append(msp_id, _rulings(entry, rng))
        for client in sorted({row["client_id"] for row in verdicts if row["verdict"].startswith("unrec")}):
            keys = [
                row["product_code"]
                for row in verdicts
                if row["client_id"] == client and row["verdict"].startswith("unrec")
            ]
            if rng.random() < 0.7:
                some = sorted(
                    {*rng.sample(keys, rng.randint(max(len(keys) - 1, 0), len(keys))), "no such product"}
                )
                body = {
                    "client_id": client,
                    "keys": some,
                    "reason": "as agreed",
                    "pending": rng.random() < 0.2,
                }
                [entry] = chains.append(msp_id, [Draft("release", period, body, rng.choice(_PEOPLE))])
                chains.append(msp_id, _rulings(entry, rng))


def _decision(exception: Row, period: str, rng: Random) -> Draft:
    action = rng.choice(_fitting(exception))
    seen = seen_of(exception)
    if rng.random() < 0.15:  # as if the month had been another one then
        name = rng.choice(IMPACTS)
        seen[name] = str(Decimal(seen[name]) + rng.choice((Decimal("0.01"), Decimal(5))))
    is_waiver = action == "waive"
    body: dict[str, Any] = {
        **{name: exception[name] for name in _SAME},
        "reason": "as agreed",
        "until": rng.choice((period, _later(period, 1), _later(period, 3))) if is_waiver else None,
        "up_to": rng.choice((None, None, "0.01", "1000000")) if is_waiver else None,
        "seen": seen,
        "pending": rng.random() < 0.2,
    }
    return Draft(action, period, body, rng.choice(_PEOPLE))


_SAME = (
    "exception_id", "issue_id", "exception_code", "client_id", "product_code", "source", "currency",
)  # fmt: skip


def _fitting(exception: Row) -> list[str]:
    """The actions that a person may choose: those of ``mbr decide``, by the codes' meaning."""
    code = exception_codes()[exception["exception_code"]]
    actions = [] if exception["exception_code"] == "ROUNDING" else ["defer", "waive"]
    to_client = exception["client_recoverable"] + exception["client_refund"]
    if code.impact == "client" and to_client > 0 and actions:
        actions += ["approve", "approve", "approve"]
    if exception["vendor_claim"] > 0:
        actions.append("dispute")
    return actions or ["defer"]


def _rulings(entry: Entry, rng: Random) -> list[Draft]:
    others = [name for name in _PEOPLE if name != entry.actor]
    body = {"entry_id": entry.entry_id, "of_actor": entry.actor, "reason": "seen"}
    kinds: list[str] = []
    if entry.body["pending"]:
        kinds += rng.choice(([], ["confirm"], ["confirm"], ["refuse"], ["refuse", "confirm"]))
    if rng.random() < 0.15:
        kinds.append("withdraw")
    return [Draft(kind, entry.period, body, rng.choice(others)) for kind in kinds]


def _later(period: str, months: int) -> str:
    count = int(period[:4]) * 12 + int(period[5:]) - 1 + months
    return f"{count // 12:04d}-{count % 12 + 1:02d}"
