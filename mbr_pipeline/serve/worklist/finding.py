"""The page of one finding: what happened, how it follows from its records, and who decided what about it.

What belongs here: putting it together. What does not: the derivation (``mbr_pipeline.explain``, the same as
`mbr explain`), and deciding (``deciding``).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

from starlette.responses import Response

from mbr_pipeline.decide.listing import history
from mbr_pipeline.errors import MbrError
from mbr_pipeline.explain import Explanation, explain_exception
from mbr_pipeline.explain.exact import plain as number
from mbr_pipeline.explain.render import records_without_step, result
from mbr_pipeline.recompute.reading.records import Record
from mbr_pipeline.serve.answering import page
from mbr_pipeline.serve.asking import Ask, NotThere
from mbr_pipeline.serve.worklist.asked import Asked
from mbr_pipeline.serve.worklist.deciding import plain
from mbr_pipeline.serve.worklist.items import Item, Worklist, read
from mbr_pipeline.serve.worklist.views import words

_MOST_RECORDS = 40
_ONE_AT_A_TIME = threading.Lock()
"""A month's file is open to one reader at a time."""


@dataclass(frozen=True)
class Records:
    """The landed records of one dataset that a finding rests on, one a column.

    Attributes:
        title: What they are.
        ids: Where they were landed: file and line.
        rows: A field's name with its value in each.
        total: How many there are, shown or not.
    """

    title: str
    ids: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]
    total: int


def show(ask: Ask) -> Response:
    """The page."""
    work = read(ask.month)
    item = work.item(ask.path("id")) if work else None
    if work is None or item is None:
        raise NotThere
    asked = Asked.read(ask.query.get("list", ""))
    explanation, said = _explained(ask, item)
    states = {row["decision_id"]: row["state"] for row in work.judgement.rows}
    before, after = _neighbours(work.asked(asked), item, work)
    return page(
        ask,
        "worklist/finding.html.j2",
        section="worklist",
        item=item,
        asked=asked,
        before=before,
        after=after,
        explanation=explanation,
        said=said,
        result=result(explanation.derived) if explanation and not explanation.problems else "",
        sides=_sides(explanation) if explanation else (),
        rest=records_without_step(explanation.found.finding, explanation.derived.parts)
        if explanation
        else item.finding.row["evidence"],
        history=history(work.chain, item.finding.row["issue_id"]),
        states=states,
        **words(ask, work),
    )


def _explained(ask: Ask, item: Item) -> tuple[Explanation | None, str]:
    """Return the derivation, or why there is none now."""
    try:
        with _ONE_AT_A_TIME:
            return explain_exception(ask.workspace.paths, item.finding.id), ""
    except MbrError as error:
        return None, plain(error)


def _neighbours(items: Sequence[Item], item: Item, work: Worklist) -> tuple[str | None, str | None]:
    """Return the findings before and after one in its list; where it is no longer there, it was decided: the
    next is what comes after it among all.
    """
    ids = [each.finding.id for each in items]
    if item.finding.id in ids:
        at = ids.index(item.finding.id)
        return (ids[at - 1] if at else None), (ids[at + 1] if at + 1 < len(ids) else None)
    place = {each.finding.id: n for n, each in enumerate(work.items)}
    later = [each for each in ids if place[each] > place[item.finding.id]]
    return None, (min(later, key=place.__getitem__) if later else (ids[0] if ids else None))


def _sides(explanation: Explanation) -> Sequence[tuple[str, Sequence[Records]]]:
    """Return the records of the evidence: the vendor's beside the client's."""
    case, wanted = explanation.case, set(explanation.found.finding.evidence)
    vendor = (("Vendor bill", case.vendor_lines), ("Seat counts", case.seat_counts))
    client = (("Client invoice", case.invoice_lines), ("Agreement", case.agreement_lines))
    sides = (("The vendor's side", vendor), ("The client's side", client))
    return [
        (title, [made for name, records in kinds if (made := _records(name, records, wanted))])
        for title, kinds in sides
    ]


def _records(title: str, records: Sequence[Record], wanted: set[str]) -> Records | None:
    found = [each for each in records if each.record_id in wanted]
    if not found:
        return None
    shown = found[:_MOST_RECORDS]
    names = [each.name for each in fields(found[0]) if each.name != "origin"]
    rows = [(name, [_text(getattr(each, name)) for each in shown]) for name in names]
    return Records(
        title,
        [each.record_id for each in shown],
        [(name.replace("_", " "), values) for name, values in rows if any(values)],
        len(found),
    )


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return number(value)
    return "" if value is None else str(value)
