"""The pages of what is landed and of what was rejected.

What belongs here: choosing what is shown. What does not: dropped files (``arriving``), new sources
(``profiles``).
"""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.responses import Response

from mbr_pipeline.decide.in_force import closing
from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.serve.answering import page
from mbr_pipeline.serve.asking import Ask
from mbr_pipeline.serve.files import arriving, profiles
from mbr_pipeline.serve.files.dropped import dropped
from mbr_pipeline.serve.files.landed import Deliveries, controls, deliveries
from mbr_pipeline.serve.files.rejected import A_PAGE, rejected
from mbr_pipeline.serve.forms import MOST_UPLOAD
from mbr_pipeline.serve.months.gate import gate_of
from mbr_pipeline.serve.pages import asked_number
from mbr_pipeline.serve.routes import shows


def _files(ask: Ask) -> Response:
    problem = ""
    try:
        found = deliveries(ask, datetime.now(UTC).date())
    except ConfigError:
        raise
    except MbrError as error:  # another landing is at work there
        found, problem = Deliveries((), ()), one_line(error)
    gate = gate_of(ask.month)
    return page(
        ask,
        "files/files.html.j2",
        section="files",
        found=found,
        problem=problem,
        missing=[each for each in found.rows if not each.files],
        waiting=dropped(ask.month),
        controls=controls(ask.month),
        rejected_count=gate.get("rejected_count") if gate else None,
        most_mb=MOST_UPLOAD // (1024 * 1024),
        closed=closing(ask.month).told(ask.month.msp_id, ask.month.period.text),
    )


def _rejected(ask: Ask) -> Response:
    number = asked_number(ask)
    return page(
        ask,
        "files/rejected.html.j2",
        section="files",
        found=rejected(ask, number),
        number=number,
        first=(number - 1) * A_PAGE + 1,
    )


ROUTES = (
    shows("/m/{msp}/{period}/files", _files),
    shows("/m/{msp}/{period}/files/rejected", _rejected),
    *arriving.ROUTES,
    *profiles.ROUTES,
)
