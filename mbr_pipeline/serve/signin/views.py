"""The pages of signing in and out.

What belongs here: the one-time link, the password form, the end of a session.
"""

from __future__ import annotations

import logging
import threading

from starlette.responses import Response

from connectors.counted import plural
from mbr_pipeline.safe_text import shown
from mbr_pipeline.serve.answering import go, page
from mbr_pipeline.serve.asking import Ask
from mbr_pipeline.serve.routes import View, takes
from mbr_pipeline.serve.signin import sent as sent_before
from mbr_pipeline.serve.signin.passwords import is_right, mark_of
from mbr_pipeline.serve.signin.sent import Sent, own_path, unpacked

_LOG = logging.getLogger(__name__)
_ONE_AT_A_TIME = threading.Semaphore(2)
"""Each check of a password takes 64 MiB."""


def _form(ask: Ask) -> Response:
    wish = own_path(ask.query.get("next"))
    if ask.session.person is not None:
        return go(ask, wish or "/")
    return page(
        ask, "signin.html.j2", people=bool(ask.workspace.settings.people), said="", name="", next=wish or ""
    )


def _enter(ask: Ask) -> Response:
    name, password = ask.text("name"), ask.form.get("password")
    people = ask.workspace.settings.people
    if not people:
        return go(ask, "/signin")
    bucket = name if name in people else None
    if seconds := ask.site.throttle.wait(bucket):
        said = f"Too many wrong passwords: try again in {plural(seconds, 'second')}."
        answer = _once_more(ask, said, 429)
        answer.headers["retry-after"] = str(seconds)
        return answer
    with _ONE_AT_A_TIME:
        right = isinstance(password, str) and is_right(ask.workspace, name, password)
    if not right:
        _LOG.warning("sign-in refused: %s", shown(name[:100]))
        return _once_more(ask, "The name or the password is wrong.", 403)
    ask.site.throttle.forgive(bucket)
    sent = unpacked(ask.form.get("next"), ask.form.get("kept"))
    wish = "/again" if sent else own_path(ask.form.get("next"))
    return _begin(ask, name, mark_of(ask.workspace, name), wish or "/", sent)


def _once_more(ask: Ask, said: str, status: int) -> Response:
    """Ask again, with all that goes on to after signing in."""
    return page(
        ask,
        "signin.html.j2",
        status,
        people=True,
        said=said,
        name=ask.text("name"),
        next=ask.text("next"),
        kept=ask.form.get("kept") or "",
    )


def _open(ask: Ask) -> Response:
    """The one-time link: for the one user of this machine, where ``people`` names nobody."""
    if ask.session.person is not None:
        return go(ask, "/")
    if ask.request.method == "HEAD":  # scanners of mail and chats look at links before people do
        return page(ask, "signin.html.j2", people=False, said="", name="")
    if ask.workspace.settings.people or not ask.site.take_link(ask.path("link")):
        said = "This link was used already or is not of this server: start `mbr serve` again for another."
        return page(ask, "signin.html.j2", 403, people=False, said=said, name="")
    return _begin(ask, ask.site.user, None)


def _begin(ask: Ask, person: str, mark: str | None, path: str = "/", sent: Sent | None = None) -> Response:
    """Begin a session under a new key: whoever knew the old one knows nothing."""
    ask.site.sessions.end(ask.session)
    session = ask.site.sessions.begin(person, mark)
    session.sent = sent
    ask.request.state.session = session
    return go(ask, path)


def _leave(ask: Ask) -> Response:
    ask.site.sessions.end(ask.session)
    ask.request.state.session = ask.site.sessions.begin()
    return go(ask, "/signin")


ROUTES = (
    View("GET", "/signin", _form, is_for_all=True),
    View("POST", "/signin", _enter, is_for_all=True),
    View("GET", "/open/{link}", _open, is_for_all=True),
    takes("/signout", _leave),
    *sent_before.ROUTES,
)
