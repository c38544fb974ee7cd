"""The page of what a month left unmapped.

What belongs here: choosing what is shown, and taking what was filled in. What does not: what a suggestion is,
and when a row is wrong (``mbr_pipeline.mapping_help``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from connectors.counted import plural
from mbr_pipeline.decide.command import Scope, allow
from mbr_pipeline.decide.deeds import enter_mapping
from mbr_pipeline.decide.in_force import closing, refuse_closed
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.mapping_help.accept import MAP_OF, known_targets
from mbr_pipeline.mapping_help.accept_table import Taken, WrongRows, accept_rows
from mbr_pipeline.mapping_help.unmapped import lone_products, was_run
from mbr_pipeline.mapping_help.worklist import Item, Worklist
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.serve.answering import go, page
from mbr_pipeline.serve.asking import Ask
from mbr_pipeline.serve.mapping.choosing import (
    LEFT,
    Choice,
    choices,
    chosen,
    key_of,
    money_of,
    rows_of,
    suggested,
)
from mbr_pipeline.serve.mapping.kept import worklist_of
from mbr_pipeline.serve.pages import asked_number
from mbr_pipeline.serve.routes import shows, takes

_A_PAGE = 100
_SAID = {
    "!internal": "own seats",
    "!ignore": "somebody else's",
    "!not_billed": "billed to nobody: a trial, a free tier, a part of a bundle",
}


def _list(ask: Ask) -> Response:
    if not was_run(ask.month):
        return page(ask, "mapping/mapping.html.j2", section="mapping", found=None, closed=_closed(ask))
    found = _worklist(ask)
    items = _on_page(ask, found)
    made = {}
    if ask.query.get("best"):
        made = {key_of(item): Choice(suggested(item.row.target)) for item in items if item.row}
    return _shown(ask, found, made, {})


def _look(ask: Ask) -> Response:
    """Show what was chosen before it is accepted; nothing is written."""
    found = _worklist(ask)
    made = choices(ask, found.items)
    if faults := _contradictions(found.items, made):
        return _shown(ask, found, made, faults, 422)
    mine = chosen(found.items, made)
    if not mine:
        return _shown(ask, found, made, {}, 422, _NOTHING)
    return page(
        ask,
        "mapping/look.html.j2",
        section="mapping",
        rows=[(item, key_of(item), made[key_of(item)]) for item in mine],
        money=money_of(mine),
        names=_targets(ask),
        narrowed=_narrowed(ask),
    )


def _accept(ask: Ask) -> Response:
    month = ask.month
    found = _worklist(ask)
    made = choices(ask, found.items)
    mine = chosen(found.items, made)
    subject = ", ".join(f"{item.source} {item.id}" for item in mine[:20]) or month.period.text
    allow(
        ask.workspace,
        ask.person,
        "map_accept",
        {month.msp_id: subject},
        Scope(month.msp_id, month.period.text),
    )
    refuse_closed(month)
    if faults := _contradictions(found.items, made):
        return _shown(ask, found, made, faults, 422)
    if not mine:
        return _shown(ask, found, made, {}, 422, _NOTHING)
    try:
        taken = accept_rows(ask.workspace, month, rows_of(mine, made), "what you chose")
    except WrongRows as wrong:
        by_key = {key_of(mine[line - 1]): text for line, text in wrong.faults}
        said = f"{plural(len(by_key), 'row')} cannot be taken, and nothing was written: see below."
        return _shown(ask, found, made, by_key, 422, said)
    except ConfigError as error:
        return _shown(ask, found, made, {}, 422, one_line(error))
    enter_mapping(month, ask.person, taken.cells)
    return go(ask, f"{ask.here}/mapping?{_narrowed(ask)}", _told(taken))


_NOTHING = "Nothing is chosen yet: choose a suggestion, or write an id, in one row or in many."


def _told(taken: Taken) -> str:
    said = [f"{plural(len(done.rows), 'row')} added to {done.path.name}" for done in taken.accepted]
    if taken.already:
        said.append(f"{plural(taken.already, 'row')} held already")
    return f"{', '.join(said)}. It holds from the next run."


def _contradictions(items: Sequence[Item], made: Mapping[str, Choice]) -> dict[str, str]:
    return {
        key_of(item): "a suggestion is chosen and another id is written: keep one"
        for item in items
        if made[key_of(item)].is_both
    }


def _worklist(ask: Ask) -> Worklist:
    return worklist_of(ask.workspace, ask.month)


def _targets(ask: Ask) -> dict[str, dict[str, str]]:
    return {kind: known_targets(ask.workspace, ask.month, kind) for kind in MAP_OF}


def _mapped_products(ask: Ask) -> list[str]:
    mapped: list[str] = ask.workspace.rules(ask.month.msp_id)["sku_map"]["product_code"].to_pylist()
    return mapped


def _closed(ask: Ask) -> str | None:
    return closing(ask.month).told(ask.month.msp_id, ask.month.period.text)


def _narrowed(ask: Ask) -> str:
    """Return what narrows the list, for links: of the address, or of the form that came from the list."""
    asked = dict(parse_qsl(ask.text("list"))) if ask.request.method == "POST" else ask.query
    return urlencode({name: asked[name] for name in ("kind", "q") if asked.get(name)})


def _filtered(ask: Ask, found: Worklist) -> list[Item]:
    """Return what the filter of the page leaves."""
    kind, wanted = ask.query.get("kind", ""), ask.query.get("q", "").casefold().strip()

    def fits(item: Item) -> bool:
        texts = (item.id, item.source, *item.names)
        return kind in ("", item.kind) and any(wanted in text.casefold() for text in texts)

    return [item for item in found.items if fits(item)]


def _on_page(ask: Ask, found: Worklist) -> list[Item]:
    start = (asked_number(ask) - 1) * _A_PAGE
    return _filtered(ask, found)[start : start + _A_PAGE]


def _shown(
    ask: Ask,
    found: Worklist,
    made: Mapping[str, Choice],
    faults: Mapping[str, str],
    http_status: int = 200,
    said: str = "",
) -> Response:
    items = _on_page(ask, found)
    if faults or said:  # what was filled in stays, wherever it stands
        items = [item for item in found.items if made.get(key_of(item), LEFT) != LEFT] or items
    filtered = _filtered(ask, found)
    context: dict[str, Any] = {
        "rows": [(item, key_of(item), made.get(key_of(item), LEFT)) for item in items],
        "targets": _targets(ask),
    }
    return page(
        ask,
        "mapping/mapping.html.j2",
        http_status,
        section="mapping",
        found=found,
        count=len(filtered),
        money=money_of(filtered),
        kinds={kind: sum(item.kind == kind for item in found.items) for kind in ("customer", "sku")},
        number=asked_number(ask),
        pages=max(1, -(-len(filtered) // _A_PAGE)),
        first=(asked_number(ask) - 1) * _A_PAGE + 1,
        faults=faults,
        said=said or (f"{plural(len(faults), 'row')} to correct; nothing was written." if faults else ""),
        suggested=suggested,
        words=_SAID,
        closed=_closed(ask),
        narrowed=_narrowed(ask),
        products=lone_products(ask.month, _mapped_products(ask)),
        **context,
    )


ROUTES = (
    shows("/m/{msp}/{period}/mapping", _list),
    takes("/m/{msp}/{period}/mapping/look", _look),
    takes("/m/{msp}/{period}/mapping/accept", _accept),
)
