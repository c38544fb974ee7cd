"""The page of a month's decisions: what waits for a second person first, then all others.

What belongs here: the list, and handing over what is confirmed, refused or withdrawn. What does not: who may
and what is possible (``mbr_pipeline.decide.rulings``, the command line's functions).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from starlette.responses import Response

from connectors.counted import plural
from mbr_pipeline.decide.command import Scope
from mbr_pipeline.decide.in_force import closing
from mbr_pipeline.decide.listing import listed, listed_of
from mbr_pipeline.decide.rulings import rule
from mbr_pipeline.decide.who import refusal
from mbr_pipeline.errors import MbrError, MonthClosed
from mbr_pipeline.serve.answering import go, page
from mbr_pipeline.serve.asking import Ask
from mbr_pipeline.serve.pages import asked_number
from mbr_pipeline.serve.routes import shows, takes
from mbr_pipeline.serve.site import DEMO
from mbr_pipeline.serve.worklist.deciding import plain
from mbr_pipeline.serve.worklist.items import read
from mbr_pipeline.serve.worklist.views import DONE

_PAGE = 100
_RULED = {"confirm": "confirmed", "refuse": "refused", "withdraw": "withdrawn"}
_ORDER = ("pending", "stale", "in_force", "expired", "replaced", "withdrawn", "refused")
STATES = {
    "pending": "waits for a second person", "stale": "no longer fits", "in_force": "in force",
    "expired": "ended", "replaced": "replaced by a later one", "withdrawn": "withdrawn", "refused": "refused",
}  # fmt: skip


def show(ask: Ask) -> Response:
    """The list."""
    return _list(ask)


def _list(ask: Ask, said: str = "", chosen: Collection[str] = (), status: int = 200) -> Response:
    month, people = ask.month, ask.workspace.settings.people
    work, only_open = read(month), ask.query.get("show") == "open"
    rows = listed_of(month, work.judgement, work.chain, only_open) if work else []
    rows.sort(key=lambda row: row["decided_at"] or "", reverse=True)
    rows.sort(key=lambda row: _ORDER.index(row["state"]))
    pages = max(1, -(-len(rows) // _PAGE))
    number = min(pages, asked_number(ask))
    shown = rows[(number - 1) * _PAGE : number * _PAGE]
    return page(
        ask,
        "decisions/list.html.j2",
        status,
        section="decisions",
        waiting=[row for row in shown if row["state"] == "pending"],
        others=[row for row in shown if row["state"] != "pending"],
        waiting_in_all=len({row["decision_id"] for row in rows if row["state"] == "pending"}),
        total=len(rows),
        number=number,
        pages=pages,
        only_open=only_open,
        states=STATES,
        done=DONE,
        clients=work.found.clients if work else {},
        products=work.found.products if work else {},
        closed=closing(month).told(month.msp_id, month.period.text),
        no_confirm=refusal(people, ask.person, "confirm") if not ask.site.is_demo else DEMO,
        no_withdraw=refusal(people, ask.person, "withdraw") if not ask.site.is_demo else DEMO,
        said=said,
        chosen=chosen,
        reason=ask.text("reason"),
    )


def _rule(ask: Ask) -> Response:
    month, kind = ask.month, ask.text("kind")
    there = {
        row["decision_id"]: row["actor"]
        for row in listed(ask.workspace, month.msp_id, month.period.text, False)
    }
    all_shown = ask.text("shown").split() if ask.text("whole") else []
    own = [
        each for each in all_shown if kind in ("confirm", "refuse") and there.get(each) == ask.person
    ]  # nobody rules on their own
    # a waiver stands once for each finding that it meets
    chosen = list(dict.fromkeys([*ask.texts("decision"), *(each for each in all_shown if each not in own)]))
    if kind not in _RULED or not chosen or not set(chosen) <= set(there):
        return _list(ask, "Choose decisions of this month first, and what to do.", (), 422)
    scope = Scope(month.msp_id, month.period.text)
    named: Any = kind
    try:
        done = rule(ask.workspace, named, chosen, ask.person, ask.text("reason") or None, scope)
    except MbrError as error:
        return _list(ask, plain(error), chosen, 409 if isinstance(error, MonthClosed) else 422)
    entered = len(done.entries) - done.already
    parts = [f"{plural(entered, 'decision')} {_RULED[kind]}."] if entered else []
    if done.already:
        parts.append(f"{plural(done.already, 'decision was', 'decisions were')} {_RULED[kind]} already.")
    if own:
        parts.append(f"{plural(len(own), 'decision')} of your own left out: somebody else rules on them.")
    return go(ask, f"{ask.here}/decisions", " ".join(parts))


ROUTES = (
    shows("/m/{msp}/{period}/decisions", show),
    takes("/m/{msp}/{period}/decisions/rule", _rule),
)
