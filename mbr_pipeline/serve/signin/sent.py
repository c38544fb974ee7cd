"""What somebody sent whose sign-in had ended meanwhile: it goes through signing in again, and is sent when
they say so.

What belongs here: keeping a form's fields and giving them back. What does not: who may sign in (``views``);
whether what is sent still holds, which its own page checks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from starlette.datastructures import UploadFile
from starlette.responses import Response

from mbr_pipeline.errors import MbrError
from mbr_pipeline.serve.answering import page, wrong
from mbr_pipeline.serve.asking import Ask, NotThere
from mbr_pipeline.serve.routes import shows

ENDED = "You are not signed in any more, and nothing was changed: sign in again."
NOT_YOURS = "This form is not of your sign-in, and nothing was changed: open the page again."
MOST_KEPT = 48 * 1024
"""Bytes of a form that goes through signing in; the form of a stranger may have a little more."""

_OWN_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*", re.ASCII)
_LONGEST_PATH = 8000
_NEVER = ("/signin", "/signout")


@dataclass(frozen=True)
class Sent:
    """One form.

    Attributes:
        path: Where it goes.
        fields: What is in it, by name, without its token.
    """

    path: str
    fields: Sequence[tuple[str, str]]

    @property
    def reason(self) -> str:
        """What somebody wrote in it for others to read."""
        return next((value.strip() for name, value in self.fields if name == "reason"), "")


def own_path(text: object) -> str | None:
    """Return a text if it is a path of this server, else None: nobody is led elsewhere."""
    is_one = isinstance(text, str) and len(text) <= _LONGEST_PATH and _OWN_PATH.fullmatch(text)
    return str(text) if is_one else None


def packed(fields: Sequence[tuple[str, str]]) -> str:
    """Write fields as one."""
    return json.dumps(fields)


def unpacked(path: object, text: object) -> Sent | None:
    """Read a form from the fields of another; None where it is none."""
    if not isinstance(text, str) or (found := own_path(path)) is None:
        return None
    try:
        fields = [(name, value) for name, value in json.loads(text)]
    except (ValueError, TypeError, RecursionError):
        return None
    if not all(isinstance(part, str) for pair in fields for part in pair):
        return None
    return Sent(found, fields)


def ended(ask: Ask) -> Response:
    """Answer a form of somebody who is not signed in any more: sign in here, and it is not lost."""
    try:
        people = bool(ask.workspace.settings.people)
    except MbrError:
        return wrong(ask, ENDED, 403)
    fields, has_files = _fields(ask)
    kept = packed(fields)
    path = ask.request.url.path
    is_small = len(urlencode({"kept": kept})) <= MOST_KEPT
    is_kept = people and path not in _NEVER and not has_files and is_small
    return page(
        ask,
        "signin.html.j2",
        403,
        people=people,
        said=ENDED,
        name="",
        next=path if is_kept else _page_before(ask),
        kept=kept if is_kept else "",
        lost="" if is_kept else ask.text("reason"),
        has_files=has_files,
    )


def not_yours(ask: Ask) -> Response:
    """Answer a form of an earlier sign-in of somebody who is signed in: a browser's of our own pages can be
    sent again.
    """
    path = ask.request.url.path
    fields, has_files = _fields(ask)
    is_of_our_page = ask.request.headers.get("origin") or ask.request.headers.get("sec-fetch-site")
    if path in _NEVER or has_files or not fields or not is_of_our_page:
        return wrong(ask, NOT_YOURS, 403)
    return page(ask, "again.html.j2", 403, sent=Sent(path, fields), said=NOT_YOURS)


def _page_before(ask: Ask) -> str:
    """Return the page of ours that a form was on, as the browser says; empty where it does not."""
    before = urlsplit(ask.request.headers.get("referer", ""))
    is_ours = before.netloc == ask.request.headers.get("host")
    return own_path(before.path) or "" if is_ours else ""


def _fields(ask: Ask) -> tuple[list[tuple[str, str]], bool]:
    """Return what was sent without files and token, and whether there were files."""
    items = ask.form.multi_items()
    has_files = any(isinstance(value, UploadFile) and value.filename for _, value in items)
    fields = [(name, value) for name, value in items if isinstance(value, str) and name != "token"]
    return fields, has_files


def _again(ask: Ask) -> Response:
    if ask.session.sent is None:
        raise NotThere
    return page(ask, "again.html.j2", sent=ask.session.sent, said="")


ROUTES = (shows("/again", _again),)
