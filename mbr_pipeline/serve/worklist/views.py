"""The worklist's page: what is to be decided, chosen by the page's address.

What belongs here: showing it. What does not: deciding (``deciding``), one finding (``finding``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from starlette.responses import Response

from mbr_pipeline.decide.audited import AuditedMonth
from mbr_pipeline.decide.decisions import Decision
from mbr_pipeline.decide.in_force import closing
from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.decide.listing import last_of
from mbr_pipeline.decide.who import refusal
from mbr_pipeline.serve.answering import page
from mbr_pipeline.serve.asking import Ask
from mbr_pipeline.serve.months.gate import gate_of
from mbr_pipeline.serve.site import DEMO
from mbr_pipeline.serve.worklist.asked import GROUPS, ORDERS, PAGE, SHOWN, Asked
from mbr_pipeline.serve.worklist.groups import choices, grouped, money_of
from mbr_pipeline.serve.worklist.items import Worklist, read

ACTIONS = {"approve": "Approve", "waive": "Waive", "dispute": "Dispute", "defer": "Defer"}
"""What can be decided on findings, by the names of the command."""
DONE = {
    "approve": "approved", "waive": "waived", "dispute": "disputed", "defer": "deferred",
    "release": "released",
}  # fmt: skip


def show(ask: Ask) -> Response:
    """The list."""
    asked, work = Asked.of(ask.query), read(ask.month)
    if work is None:
        return page(ask, "worklist/none.html.j2", section="worklist")
    items = work.asked(asked)
    pages = max(1, -(-len(items) // PAGE))
    asked = asked if asked.page <= pages else Asked.read(asked.but(page=pages))
    return page(
        ask,
        "worklist/list.html.j2",
        section="worklist",
        asked=asked,
        items=items,
        pages=pages,
        groups=grouped(items, asked, work.found),
        money=money_of(items),
        counts=work.counts,
        choices=choices(work.found),
        held=held_uncompared(work),
        to_run=work.waiting_for_a_run,
        is_blocked=(gate_of(ask.month) or {}).get("gate") == "blocked",
        **words(ask, work),
    )


def words(ask: Ask, work: Worklist) -> dict[str, Any]:
    """Return what every page with decisions needs: what can be decided by whom, and what was last."""
    closed = closing(ask.month).told(ask.month.msp_id, ask.month.period.text)
    return {
        "actions": ACTIONS,
        "done": DONE,
        "shown": SHOWN,
        "by_what": GROUPS,
        "orders": ORDERS,
        "why_not": why_not(ask) or closed,
        "last": None if why_not(ask) or closed else last_batch(ask, work.chain),
    }


def why_not(ask: Ask) -> str | None:
    """Return why the person may not decide, or None."""
    if ask.site.is_demo:
        return DEMO
    return refusal(ask.workspace.settings.people, ask.person, "decide")


def last_batch(ask: Ask, entries: Iterable[Entry]) -> Sequence[Decision]:
    """Return what the person decided last on the month, as far as it still stands."""
    return last_of(entries, ask.person, ask.month.period.text)


@dataclass(frozen=True)
class HeldUncompared:
    """A client that is held, also by products that could not be compared."""

    client_id: str
    name: str | None
    products: Sequence[tuple[str, str | None]]
    amounts: Sequence[tuple[str, Decimal]]
    is_released: bool


def held_uncompared(work: Worklist) -> list[HeldUncompared]:
    """Return the clients for whom a release may be right."""
    month: AuditedMonth = work.month
    return [
        HeldUncompared(
            client_id,
            work.found.clients.get(client_id),
            [(code, work.found.products.get(code)) for code in sorted(month.not_compared[client_id])],
            sorted(month.held[client_id].items()),
            client_id in work.judgement.released,
        )
        for client_id in sorted(month.held)
        if month.not_compared.get(client_id)
    ]
