"""The page of a month's close: what must hold before, closing, opening again and sealing.

What belongs here: forms and their answers. What does not: handing over (``handing_over``) and checking
afterwards (``checks``).
"""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import unquote

from starlette.responses import Response

from mbr_pipeline.errors import ConfigError, GateClosed, MbrError, MonthClosed
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.release import closing
from mbr_pipeline.release.evidence.pack import place_of
from mbr_pipeline.release.exports.history import made
from mbr_pipeline.report.text import amount_text
from mbr_pipeline.safe_text import one_line, short
from mbr_pipeline.serve.answering import go, page
from mbr_pipeline.serve.asking import Ask
from mbr_pipeline.serve.close import checks, downloads, handing_over, pack
from mbr_pipeline.serve.close.facts import Facts, facts
from mbr_pipeline.serve.close.words import CONDITIONS, TARGETS
from mbr_pipeline.serve.routes import shows, takes


def _close(ask: Ask) -> Response:
    return _shown(ask)


def _shown(ask: Ask, said: str = "", status: int = 200) -> Response:
    found = facts(ask)
    exports = made(ask.month, found.entries)
    return page(
        ask,
        "close/close.html.j2",
        status,
        section="close",
        said=said,
        facts=found,
        words=CONDITIONS,
        targets=TARGETS,
        exports={name: [each for each in exports if each.target == name] for name in TARGETS},
        packs={n: place_of(ask.month, n).is_file() for n in range(1, found.closing.version + 1)},
        chosen={unquote(each) for each in ask.texts("except")},
        reason=ask.text("reason"),
    )


def _do_close(ask: Ask) -> Response:
    month = MonthlyClose(ask.workspace, ask.month)
    excepted = {unquote(each) for each in ask.texts("except")}
    if ask.text("except_all"):
        found: Facts = facts(ask)
        excepted |= set(found.held.everybody) if found.held else set()
    made_from = closing.MadeFrom(month.recorded_inputs, lambda: month.inputs_hash)
    try:
        done = closing.close(
            ask.workspace,
            ask.month,
            ask.person,
            made_from,
            sorted(excepted),
            ask.text("reason") or None,
            seen=ask.text("mark"),
        )
    except MbrError as error:
        return _refused(ask, error)
    was = "" if done.is_new else " already: nothing was entered"
    ready = ", ".join(
        f"{amount_text(Decimal(total), currency)} {currency}" for currency, total in done.totals.items()
    )
    left = f" Left out, still held: {', '.join(map(short, done.excepted))}." if done.excepted else ""
    return _done(
        ask,
        f"{ask.month.period.text} is {done.state}, version {done.version}{was}. Ready to invoice:"
        f" {ready or 'nothing'}.{left} Head of the chain: {done.head}",
    )


def _do_reopen(ask: Ask) -> Response:
    try:
        reason, seen = ask.text("reason") or None, ask.text("version")
        done = closing.reopen(ask.workspace, ask.month, ask.person, reason, seen)
    except MbrError as error:
        return _refused(ask, error)
    return _done(ask, _state_told(ask, done))


def _do_seal(ask: Ask) -> Response:
    if not ask.text("sure"):
        return _shown(ask, "Nothing was sealed: say that it is for ever, by its box.", 422)
    try:
        reason, seen = ask.text("reason") or None, ask.text("version")
        done = closing.seal(ask.workspace, ask.month, ask.person, reason, seen)
    except MbrError as error:
        return _refused(ask, error)
    return _done(ask, _state_told(ask, done))


def _refused(ask: Ask, error: MbrError) -> Response:
    if isinstance(error, (GateClosed, MonthClosed)):
        return _shown(ask, one_line(error), 409)
    return _shown(ask, one_line(error), 422 if isinstance(error, ConfigError) else 500)


def _done(ask: Ask, said: str) -> Response:
    return go(ask, f"{ask.here}/close", said)


def _state_told(ask: Ask, done: closing.Done) -> str:
    was = "" if done.is_new else " already: nothing was entered"
    return (
        f"{ask.month.period.text} is {done.state}{was}; its newest version is {done.version}."
        f" Head of the chain: {done.head}"
    )


_MONTH = "/m/{msp}/{period}"

ROUTES = (
    shows(f"{_MONTH}/close", _close),
    takes(f"{_MONTH}/close", _do_close),
    takes(f"{_MONTH}/reopen", _do_reopen),
    takes(f"{_MONTH}/seal", _do_seal),
    *handing_over.ROUTES,
    *downloads.ROUTES,
    *checks.ROUTES,
    *pack.ROUTES,
)
