"""Clients that were left out when a month was closed, as facts (contract §9, §11).

What belongs here: their words, money and remedy. What does not: who they are
(``mbr_pipeline.release.excepted``) and telling them (``outbox``).
"""

from __future__ import annotations

from collections.abc import Sequence

from mbr_pipeline.alerts.causes import Cause, Fact
from mbr_pipeline.decide.closed import closing_of
from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.release.excepted import excepted
from mbr_pipeline.safe_text import visible
from mbr_pipeline.values import minor_units
from mbr_pipeline.workspace.workspace import Workspace

KIND = "EXCEPTED"


def left_out(workspace: Workspace, msp_id: str, entries: Sequence[Entry]) -> list[Fact]:
    """Return one fact for each client that the newest version of a month leaves out; its money is the sum of
    the invoice lines that were not sent.
    """
    facts = []
    for period in sorted({str(entry.period) for entry in entries if entry.kind == "close"}):
        closing = closing_of(entries, period)
        remedy = {
            "closed": f"mbr reopen --msp {msp_id} --period {period} --reason TEXT",
            "open": f"mbr status --msp {msp_id} --period {period}",
            "sealed": f"mbr status --msp {msp_id} --period {period}",
        }[closing.state]
        reason = closing.versions[-1].body.get("reason")
        for client, money in excepted(workspace.month(msp_id, period), closing).items():
            facts.append(
                Fact(
                    Cause(msp_id, period, KIND, client),
                    f"{msp_id} {period}: {visible(client)} was left out of version {closing.version}",
                    f"Its invoice lines were not sent when the month was closed: {visible(str(reason))}",
                    remedy,
                    money={
                        currency: f"{amount:.{minor_units().get(currency, 2)}f}"
                        for currency, amount in sorted(money.items())
                    },
                )
            )
    return facts
