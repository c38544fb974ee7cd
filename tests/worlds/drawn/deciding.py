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
import yaml

from mbr_pipeline.decide import policies
from mbr_pipeline.decide.decisions import IMPACTS, seen_of
from mbr_pipeline.decide.ledger.chains import appending
from mbr_pipeline.decide.ledger.entries import Draft, Entry
from mbr_pipeline.exception_codes import exception_codes
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace

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


def settle(workspace: Path, rng: Random) -> None:
    """Give a workspace policies that approve some small exceptions by themselves."""
    codes = rng.sample(sorted(exception_codes()), 12) + ["UNDERBILLED_QUANTITY", "OVERBILLED_QUANTITY"]
    settings = yaml.load((workspace / "mbr.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    settings.setdefault("policies", {})["auto_approve"] = [
        {
            "codes": [code for code in codes[place:] if exception_codes()[code].kind != "control"],
            "max_impact": dict.fromkeys(("USD", "EUR", "GBP", "JPY"), most),
        }
        for place, most in ((7, rng.choice(("20.00", "0.5"))), (0, rng.choice(("100", "100000"))))
    ]
    (workspace / "mbr.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")


def enter_policies(workspace: Path, msp_id: str, period: str, rng: Random) -> int:
    """Enter what policies approved in a candidate month, as publishing does, and let persons withdraw or
    replace some of it, or what was there change; returns how many were entered.
    """
    month = Workspace.open(WorkspacePaths(workspace)).month(msp_id, period)
    entered = {each.decision_id for each in policies.enter(month, lambda _: True)}
    with appending(open_database(WorkspacePaths(workspace).ledger)) as chains:
        for entry in [each for each in chains.entries(msp_id) if each.entry_id in entered]:
            fate = rng.choice(("stands", "stands", "withdrawn", "replaced", "changed"))
            if fate == "withdrawn":
                body = {"entry_id": entry.entry_id, "of_actor": entry.actor, "reason": "by hand"}
                chains.append(msp_id, [Draft("withdraw", period, body, "clerk1")])
            elif fate == "replaced":
                chains.append(msp_id, [Draft("defer", period, {**entry.body, "reason": "later"}, "clerk1")])
            elif fate == "changed":
                seen = {**entry.body["seen"], "stranded": "1"}
                chains.append(msp_id, [Draft("approve", period, {**entry.body, "seen": seen}, "policy")])
    return len(entered)


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
