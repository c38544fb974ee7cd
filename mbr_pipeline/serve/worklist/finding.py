"""The page of one finding: what happened, how it follows from its records, and who decided what about it.

What belongs here: putting it together. What does not: the derivation (``mbr_pipeline.explain``, the same as
`mbr explain`), and deciding (``deciding``).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from starlette.responses import Response

from mbr_pipeline.decide.listing import history
from mbr_pipeline.errors import MbrError
from mbr_pipeline.explain import Explanation, explain_exception
from mbr_pipeline.explain.evidence import sides
from mbr_pipeline.explain.render import records_without_step, result
from mbr_pipeline.serve.answering import page
from mbr_pipeline.serve.asking import Ask, NotThere
from mbr_pipeline.serve.worklist.asked import Asked
from mbr_pipeline.serve.worklist.deciding import plain
from mbr_pipeline.serve.worklist.items import Item, Worklist, read
from mbr_pipeline.serve.worklist.views import words

_ONE_AT_A_TIME = threading.Lock()
"""A month's file is open to one reader at a time."""


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
        sides=sides(explanation) if explanation else (),
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
