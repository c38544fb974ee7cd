"""The page's application: its routes, and what holds for every request.

What belongs here: sign-in before anything else, forms that are of our own pages, errors in words, headers.
What does not: what a page shows: each folder has its ``ROUTES``.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from mbr_pipeline.errors import ConfigError, GateClosed, MbrError, MonthClosed
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.serve.answering import go, wrong
from mbr_pipeline.serve.asking import Ask, NotThere
from mbr_pipeline.serve.forms import TooLarge, form_of
from mbr_pipeline.serve.own_pages import OwnPagesOnly, refusal
from mbr_pipeline.serve.routes import View
from mbr_pipeline.serve.sections import SECTIONS
from mbr_pipeline.serve.signin.sessions import Session
from mbr_pipeline.serve.signin.standing import standing
from mbr_pipeline.serve.site import Site

_LOG = logging.getLogger(__name__)

_HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self';"
        b" connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
_OVER_TLS = (b"strict-transport-security", b"max-age=31536000")


def app(site: Site) -> Starlette:
    """Return the application of a site."""
    headers = (*_HEADERS, _OVER_TLS) if site.is_behind_proxy else _HEADERS
    static = StaticFiles(directory=Path(__file__).with_name("static"))
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


async def _answer(site: Site, view: View, request: Request) -> Response:
    form = FormData()
    if view.method == "POST":
        if site.is_demo:
            return await run_in_threadpool(_refused, site, request, "This is a demo: nothing can be changed.")
        try:
            form = await _form(site, view, request)
        except TooLarge as error:
            return await run_in_threadpool(_refused, site, request, str(error), 413)
        except ConfigError as error:
            return await run_in_threadpool(_refused, site, request, one_line(error), 400)
    try:
        return await run_in_threadpool(_answered, site, view, request, form)
    finally:
        await form.close()


async def _form(site: Site, view: View, request: Request) -> FormData:
    """Read the form of somebody who is signed in; what a stranger sends is not even read."""
    session = site.sessions.find(request.cookies.get(cookie_name(site)))
    if not view.is_for_all and (session is None or session.person is None):
        return FormData()
    return await form_of(request, site.paths.temporary if view.takes_files else None, site.most_upload)


def _answered(site: Site, view: View, request: Request, form: FormData) -> Response:
    return _by_session(site, request, lambda session: _viewed(Ask(request, site, session, form), view))


def _viewed(ask: Ask, view: View) -> Response:
    if not view.is_for_all and ask.session.person is None:
        if view.method == "POST":
            return wrong(ask, "You are not signed in any more, and nothing was changed: sign in again.", 403)
        return go(ask, "/signin")
    if view.method == "POST" and not ask.session.owns(ask.form.get("token")):
        return wrong(
            ask, "This form is not of your sign-in, and nothing was changed: open the page again.", 403
        )
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
        _LOG.error("%s %s: %s", view.method, view.path, traceback.format_exc())
        return wrong(ask, "This is a fault of MBR; what the server printed says more: please report it.", 500)


def _by_session(site: Site, request: Request, answer: Callable[[Session], Response]) -> Response:
    """Answer for the session of a request's cookie, and give the browser the cookie of a new one."""
    given = request.cookies.get(cookie_name(site))
    session = standing(site, given)
    holder = _Holder(session)
    request.state.session = holder
    response = answer(session)
    if holder.session.key != given and not site.is_demo:
        response.set_cookie(
            cookie_name(site),
            holder.session.key,
            path="/",
            secure=site.is_behind_proxy,
            httponly=True,
            samesite="strict",
        )
    if "cache-control" not in response.headers:
        response.headers["cache-control"] = "no-store"
    return response


@dataclass
class _Holder:
    """The session that a browser has after a request: signing in begins another."""

    session: Session


def cookie_name(site: Site) -> str:
    """Return the name of the session's cookie: over TLS one that no other host can set."""
    return "__Host-mbr" if site.is_behind_proxy else "mbr"


def _refused(site: Site, request: Request, said: str, status: int = 403) -> Response:
    return _by_session(site, request, lambda s: wrong(Ask(request, site, s, FormData()), said, status))


async def _not_there(site: Site, request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    said = {404: "There is no such page.", 405: "This page takes no such request."}.get(
        status, "The request cannot be read."
    )

    def answer(session: Session) -> Response:
        return wrong(Ask(request, site, session, FormData()), said, status)

    return await run_in_threadpool(_by_session, site, request, answer)
