"""The page of a run, and its progress as events.

What belongs here: showing. What does not: running (``registry``).
"""

from __future__ import annotations

from collections.abc import Iterator

from starlette.responses import Response, StreamingResponse

from mbr_pipeline.serve.answering import page
from mbr_pipeline.serve.asking import Ask, NotThere
from mbr_pipeline.serve.routes import shows
from mbr_pipeline.serve.runs.registry import Run

_BEAT_SECONDS = 10
"""How often a silent connection is used, so that both sides notice its end."""
_LONGEST_NUMBER = 9


def _run(ask: Ask) -> Response:
    run = _of(ask)
    return page(ask, "runs/run.html.j2", run=run, here=f"/m/{run.msp_id}/{run.period}")


def _events(ask: Ask) -> Response:
    return StreamingResponse(
        _lines(_of(ask)), media_type="text/event-stream", headers={"cache-control": "no-store"}
    )


def _lines(run: Run) -> Iterator[str]:
    """Yield server-sent events: every line said so far and from now on, then the end."""
    sent = 0
    while True:
        if not run.wait_for(sent, _BEAT_SECONDS):
            yield ": still running\n\n"
            continue
        for line in run.lines[sent:]:
            yield f"event: line\ndata: {line}\n\n"
            sent += 1
        if run.code is not None and sent == len(run.lines):
            yield f"event: end\ndata: {run.outcome}\n\n"
            return


def _of(ask: Ask) -> Run:
    number = ask.path("number")
    is_number = number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER
    found = ask.site.runs.find(int(number)) if is_number else None
    if found is None or found.msp_id not in ask.workspace.settings.msps:
        raise NotThere
    return found


ROUTES = (shows("/runs/{number}", _run), shows("/runs/{number}/events", _events))
