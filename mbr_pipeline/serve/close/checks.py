"""Looking back: what changed between two versions, and whether everything is still as it was recorded.

What belongs here: showing what `mbr restatement` and `mbr verify` print. What does not: comparing and
checking.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from starlette.responses import Response

from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.release.verify.findings import Checked
from mbr_pipeline.release.verify.workspace import checking
from mbr_pipeline.release.versions_compared import compared, in_words
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.serve.answering import FAULT, flowing, page
from mbr_pipeline.serve.asking import Ask, NotThere
from mbr_pipeline.serve.pages import Pages
from mbr_pipeline.serve.routes import shows

_LOG = logging.getLogger(__name__)
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
    checked, stopped, of_all = Checked(), list[str](), bool(ask.query.get("all"))
    period = None if of_all else ask.month.period.text
    steps = _to_the_end(checking(checked, ask.workspace, ask.month.msp_id, period=period), stopped)
    return flowing(
        ask,
        "close/verify.html.j2",
        section="close",
        steps=steps,
        checked=checked,
        stopped=stopped,
        of_all=of_all,
        shown=_SHOWN,
    )


def _to_the_end(steps: Iterator[str], stopped: list[str]) -> Iterator[str]:
    """Yield the places. What ends them early is put into ``stopped``, in words: half of the page is sent by
    then, and an error would leave it without an end.
    """
    place = ""
    try:
        for place in steps:
            yield place
    except MbrError as error:
        stopped.append(one_line(error))
    except OSError as error:
        reason = error.strerror or one_line(error)
        stopped.append(
            f"{place} cannot be read: {reason}: see that its disk is there and that MBR may read it, then"
            " verify again"
        )
    except Exception:  # noqa: BLE001 - the page must end, whatever it is
        _LOG.error("verify, at %s: %s", place, traceback.format_exc())
        stopped.append(FAULT)


ROUTES = (
    shows("/m/{msp}/{period}/restatement", _restatement),
    shows("/m/{msp}/{period}/verify", _verify),
)
