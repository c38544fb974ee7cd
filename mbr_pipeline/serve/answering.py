"""Answers: pages from templates, going on to another page, and what went wrong in words.

What belongs here: the template environment and its filters, and the messages that the next page shows. What
does not: what a page says (its folder).
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from mbr_pipeline.report import vocabulary
from mbr_pipeline.report.templating import environment
from mbr_pipeline.safe_text import visible
from mbr_pipeline.serve.asking import Ask

FAULT = "This is a fault of MBR; what the server printed says more: please report it."


def page(ask: Ask, template: str, http_status: int = 200, **context: Any) -> Response:
    """Answer with a page.

    Args:
        ask: Who asked. Messages that wait for the next page are shown on it.
        template: Its name in ``templates/``.
        http_status: HTTP's.
        context: What the template names. It always has ``ask``, ``token`` for forms, and ``told``.
    """
    text = _environment().get_template(template).render(_of_every_page(ask) | context)
    return HTMLResponse(text, http_status)


def flowing(ask: Ask, template: str, **context: Any) -> Response:
    """Answer with a page that is sent while it is being made: what is long to find out is asked for by the
    template, and what stands before it is in the browser meanwhile.
    """
    made = _environment().get_template(template).generate(_of_every_page(ask) | context)
    return StreamingResponse(made, media_type="text/html")


def _of_every_page(ask: Ask) -> dict[str, Any]:
    told, ask.session.told = ask.session.told, []
    return {"ask": ask, "token": ask.session.token, "told": told, "vocabulary": vocabulary}


def go(ask: Ask, path: str, said: str = "", kind: str = "good") -> Response:
    """Let the browser open another page of ours, which shows a message: ``good`` or ``bad``."""
    if said:
        ask.session.told.append((kind, said))
    return RedirectResponse(path, 303)


def wrong(ask: Ask, said: str, status: int = 422) -> Response:
    """Answer that something cannot be done, and why: what the command line says."""
    return page(ask, "wrong.html.j2", status, said=said)


@cache
def _environment() -> Environment:
    found = environment(
        ChoiceLoader(
            [
                PackageLoader("mbr_pipeline.serve"),
                PrefixLoader({"report": PackageLoader("mbr_pipeline.report")}),  # its pictures
            ]
        )
    )
    found.filters.update(decimal=Decimal, exact=exact, in_link=_in_link, commands=_commands)
    return found


def read_templates() -> None:
    """Compile every template of the page, so that nobody's first page waits for it."""
    found = _environment()
    for name in found.list_templates(filter_func=lambda name: not name.startswith("report/")):
        found.get_template(name)


def _in_link(text: str) -> Markup:
    """Write a text so that it is one part of a link, or a form's value, and comes back as it is."""
    return Markup(quote(text, safe=""))  # noqa: S704 - letters, digits and % only


def _commands(text: str) -> Markup:
    """Write a sentence that names commands: no line ends within an option, or between it and its value."""
    parts = re.split(r"(--[a-z-]{2,20}(?: [\w-]{1,30})?[;,.]?)", visible(text))
    return Markup("").join(
        Markup('<span class="option">{}</span>').format(part) if at % 2 else part
        for at, part in enumerate(parts)
    )


def exact(text: str) -> Markup:
    """Write what a form or a link carries back: whole, and to the browser the same characters, of which the
    page's source shows the hidden ones as references.
    """
    escaped = escape(text)
    if escaped.isprintable():
        return escaped
    return Markup("".join(c if c.isprintable() else f"&#{ord(c)};" for c in escaped))  # noqa: S704 - escaped
