"""Who may ask the Dagster UI: its own pages, and programs of this machine.

A browser sends requests to 127.0.0.1 for any page that it shows, and Dagster asks nobody who they are: a
stranger's page could launch runs. What belongs here: telling such requests by the headers that browsers add
and pages cannot change (Fetch standard: Origin, Sec-Fetch-*), and names that lead here by a stranger's DNS.
What does not: other users of this machine, whom no header tells apart.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

_LOOPBACK = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{1,5})?", re.ASCII)
_POLICY_VIOLATION = 1008  # RFC 6455 §7.4.1
_OF_EVERY_ANSWER = [
    (b"x-frame-options", b"DENY"),
    # a second policy beside Dagster's own: browsers keep to both
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


class OwnPagesOnly:
    """ASGI middleware that refuses what :func:`refusal` says, and lets no page frame an answer."""

    def __init__(self, app: App) -> None:
        """Guard an application."""
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif (said := refusal(scope)) is None:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": said})
        else:
            headers = [(b"content-type", b"text/plain; charset=utf-8"), *_OF_EVERY_ANSWER]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": f"{said}\n".encode()})


def refusal(scope: Message) -> str | None:
    """Return why a request is refused, or None. A program that is no browser sends none of the headers."""
    host = _only(scope, b"host")
    if host is None or not _LOOPBACK.fullmatch(host):
        return "This server is called 127.0.0.1 or localhost: open it under one of these names."
    if _has(scope, b"origin") and _only(scope, b"origin") != f"http://{host}":
        return "Requests of other pages are refused."
    site_is_own = not _has(scope, b"sec-fetch-site") or _only(scope, b"sec-fetch-site") in (
        "same-origin",
        "none",
    )
    if not site_is_own and not _is_link_followed(scope):
        return "Requests of other pages are refused."
    if _is_query_by_get(scope):
        return "Send queries by POST."
    return None


def _is_link_followed(scope: Message) -> bool:
    """Whether somebody opens a page of the UI from elsewhere, such as a link in a mail: it only shows."""
    return (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and _only(scope, b"sec-fetch-mode") == "navigate"
        and _only(scope, b"sec-fetch-dest") == "document"
    )


def _is_query_by_get(scope: Message) -> bool:
    """Whether a GET would be executed as a query, which may change things: any image on any page is a GET.
    Asked for as a page, it shows Dagster's editor of queries instead.
    """
    accepted = _only(scope, b"accept") or ""
    path = scope["path"].rstrip("/")
    return (
        scope["type"] == "http"
        and scope["method"] != "POST"
        and path == "/graphql"
        and "text/html" not in accepted
    )


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *_OF_EVERY_ANSWER]}
        await send(message)

    return sending


def _values(scope: Message, name: bytes) -> list[str]:
    return [value.decode("latin-1").lower() for key, value in scope["headers"] if key.lower() == name]


def _has(scope: Message, name: bytes) -> bool:
    return bool(_values(scope, name))


def _only(scope: Message, name: bytes) -> str | None:
    """The value of a header that is there once."""
    values = _values(scope, name)
    return values[0] if len(values) == 1 else None
