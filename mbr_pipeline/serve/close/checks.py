"""Looking back: what changed between two versions, and whether everything is still as it was recorded.

What belongs here: showing what `mbr restatement` and `mbr verify` print. What does not: comparing and
checking.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from starlette.responses import Response

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.release.verify.findings import Checked
from mbr_pipeline.release.verify.workspace import checking
from mbr_pipeline.release.versions_compared import compared, in_words
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.serve.answering import flowing, page
from mbr_pipeline.serve.asking import Ask, NotThere
from mbr_pipeline.serve.pages import Pages
from mbr_pipeline.serve.routes import shows

_SHOWN = 200


def _restatement(ask: Ask) -> Response:
    numbers, rows, why = (0, 0), list[dict[str, Any]](), ""
    try:
        numbers, rows = compared(
            ask.workspace,
            ask.month.msp_id,
            ask.month.period.text,
            _number(ask.query.get("from")),
            _number(ask.query.get("to")),
        )
    except ConfigError as error:
        why = one_line(error)
    everything = bool(ask.query.get("all"))
    chosen = rows if everything else [row for row in rows if row["amount_change"] is not None]
    pages = Pages.of(ask, len(chosen))
    return page(
        ask,
        "close/restatement.html.j2",
        section="close",
        numbers=numbers,
        in_short=in_words(rows) if numbers[0] else "",
        why=why,
        total=len(rows),
        everything=everything,
        pages=pages,
        rows=chosen[pages.start : pages.end],
        is_money=lambda row: isinstance(row["amount_change"], Decimal),
    )


def _number(text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 6:
        raise NotThere
    return int(text)


def _verify(ask: Ask) -> Response:
    """Check while the page is being sent: each place stands there before it is looked at."""
    checked, of_all = Checked(), bool(ask.query.get("all"))
    period = None if of_all else ask.month.period.text
    steps = checking(checked, ask.workspace, ask.month.msp_id, period=period)
    context = {"section": "close", "steps": steps, "checked": checked, "of_all": of_all, "shown": _SHOWN}
    return flowing(ask, "close/verify.html.j2", **context)


ROUTES = (
    shows("/m/{msp}/{period}/restatement", _restatement),
    shows("/m/{msp}/{period}/verify", _verify),
)
