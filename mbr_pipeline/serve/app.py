"""The page's application: its routes, and what holds for every request.

What belongs here: sign-in before anything else, forms that are of our own pages, errors in words, headers.
What does not: what a page shows: each folder has its ``ROUTES``.
"""

from __future__ import annotations

import logging
import os
import traceback
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from mbr_pipeline.errors import ConfigError, GateClosed, MbrError, MonthClosed
from mbr_pipeline.publish.damage import cure, is_damaged
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.serve.answering import FAULT, go, wrong
from mbr_pipeline.serve.asking import Ask, NotThere
from mbr_pipeline.serve.forms import MOST_OF_STRANGERS, TOO_LONG, form_of
from mbr_pipeline.serve.own_pages import OwnPagesOnly, read_away, refusal
from mbr_pipeline.serve.routes import View
from mbr_pipeline.serve.sections import SECTIONS
from mbr_pipeline.serve.signin.sent import ENDED, ended, not_yours
from mbr_pipeline.serve.signin.sessions import Session
from mbr_pipeline.serve.signin.standing import standing
from mbr_pipeline.serve.site import DEMO, Site

_LOG = logging.getLogger(__name__)

_HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self';"
        b" connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),  # with none at all, browsers send forms without their origin
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
_OVER_TLS = (b"strict-transport-security", b"max-age=31536000")


def app(site: Site) -> Starlette:
    """Return the application of a site."""
    headers = (*_HEADERS, _OVER_TLS) if site.is_behind_proxy else _HEADERS
    static = _Static(directory=Path(__file__).with_name("static"))
    routes = [
        Route(view.path, partial(_answer, site, view), methods=[view.method], name=view.name)
        for section in SECTIONS
        for view in section
    ]
    return Starlette(
        routes=[*routes, Mount("/static", static, name="static")],
        middleware=[
            Middleware(
                OwnPagesOnly,
                refusal=partial(refusal, is_behind_proxy=site.is_behind_proxy),
                headers=headers,
            )
        ],
        exception_handlers={HTTPException: partial(_not_there, site)},
    )


class _Static(StaticFiles):
    """Files that a browser asks for again each time, so that none stays from before an upgrade."""

    def file_response(self, *given: Any, **named: Any) -> Response:
        """Answer with a file, or that it is the same."""
        answer = super().file_response(*given, **named)
        answer.headers["cache-control"] = "no-cache"
        return answer


async def _answer(site: Site, view: View, request: Request) -> Response:
    try:
        session = await run_in_threadpool(standing, site, request.cookies.get(cookie_name(site, request)))
    except MbrError as error:
        await read_away(request.receive)
        return await run_in_threadpool(_nobody_known, site, request, error)
    if view.method == "POST" and site.is_demo:
        await read_away(request.receive)
        return _kept(site, request, session, wrong(Ask(request, site, session, FormData()), DEMO, 403))
    form = FormData()
    if view.method == "POST":
        most = view.most_bytes if session.person is not None else MOST_OF_STRANGERS
        try:
            form = await form_of(request, most, site.paths.temporary)
        except ClientDisconnect:  # gone before all of it was sent: nothing is done, and nobody is answered
            return Response(status_code=400)
        except HTTPException as error:
            if error.status_code == TOO_LONG and session.person is None and not view.is_for_all:
                return _kept(
                    site, request, session, wrong(Ask(request, site, session, FormData()), ENDED, 403)
                )
            raise
    try:
        ask = Ask(request, site, session, form)
        return _kept(site, request, session, await run_in_threadpool(_viewed, ask, view))
    finally:
        await form.close()


def _viewed(ask: Ask, view: View) -> Response:
    if not view.is_for_all and ask.session.person is None:
        if view.method == "POST":
            return ended(ask)
        return go(ask, _signin_of(ask))
    if view.method == "POST" and not ask.session.owns(ask.form.get("token")):
        return not_yours(ask)
    if view.method == "POST" and ask.session.sent and ask.session.sent.path == ask.request.url.path:
        ask.session.sent = None  # it is being sent
    try:
        return view.answer(ask)
    except NotThere:
        return wrong(ask, "There is no such page.", 404)
    except (MonthClosed, GateClosed) as error:
        return wrong(ask, one_line(error), 409)
    except ConfigError as error:
        return wrong(ask, one_line(error), 422)
    except MbrError as error:
        return wrong(ask, one_line(error), 500)
    except Exception:  # noqa: BLE001 - one page must not show what only a log may say
        if (said := _damage_of(ask)) is not None:
            return wrong(ask, said, 500)
        _LOG.error("%s %s: %s", view.method, view.path, traceback.format_exc())
        return wrong(ask, FAULT, 500)


def _damage_of(ask: Ask) -> str | None:
    """Return what to do about the published tables of the month in the path; None where they are whole."""
    if "period" not in ask.request.path_params:
        return None
    folder = Path(os.path.realpath(ask.month.published))
    return one_line(cure(ask.month)) if folder.is_dir() and is_damaged(folder) else None


def _nobody_known(site: Site, request: Request, error: MbrError) -> Response:
    """Say why nobody can be known now, and leave the browser its cookie: it may hold again."""
    answer = wrong(Ask(request, site, Session("", 0, 0), FormData()), one_line(error), 500)
    answer.headers["cache-control"] = "no-store"
    return answer


def _signin_of(ask: Ask) -> str:
    """Return where somebody signs in who asked for a page, and from where they go on to it."""
    try:
        people = ask.workspace.settings.people
    except MbrError:
        return "/signin"
    query = f"?{ask.request.url.query}" if ask.request.url.query else ""
    wish = f"{ask.request.url.path}{query}"
    return "/signin" if wish == "/" or not people else f"/signin?next={quote(wish, safe='')}"


def _kept(site: Site, request: Request, session: Session, response: Response) -> Response:
    """Give the browser the cookie of the session that it has from now on: signing in begins another."""
    session = getattr(request.state, "session", session)
    if session.key != request.cookies.get(cookie_name(site, request)) and not site.is_demo:
        response.set_cookie(
            cookie_name(site, request),
            session.key,
            path="/",
            secure=site.is_behind_proxy,
            httponly=True,
            samesite="strict",
        )
    if "cache-control" not in response.headers:
        response.headers["cache-control"] = "no-store"
    return response


def cookie_name(site: Site, request: Request) -> str:
    """Return the name of the session's cookie: over TLS one that no other host can set, else one of the port,
    for browsers send a cookie to every port of a host: a second `mbr serve` must not sign out of the first.
    """
    if site.is_behind_proxy:
        return "__Host-mbr"
    port = request.headers.get("host", "").rpartition(":")[2]
    return f"mbr-{port}" if port.isascii() and port.isdigit() else "mbr"


async def _not_there(site: Site, request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    try:
        session = await run_in_threadpool(standing, site, request.cookies.get(cookie_name(site, request)))
    except MbrError as wrong_with_it:
        return await run_in_threadpool(_nobody_known, site, request, wrong_with_it)
    said = _SAID.get(error.status_code, "The request cannot be read.")
    answer = wrong(Ask(request, site, session, FormData()), said, error.status_code)
    return _kept(site, request, session, answer)


_SAID = {
    404: "There is no such page.",
    405: "This page takes no such request.",
    413: "This is more than the page takes: nothing was changed. Send less; `mbr land` takes larger files.",
    507: "The server's disk is full, and nothing was changed: tell whoever runs it.",
}
