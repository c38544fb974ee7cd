"""Whom a server of this machine answers: its own pages, and programs of this machine.

A browser sends requests to 127.0.0.1 for any page that it shows. What belongs here: telling such requests by
the headers that browsers add and pages cannot change (Fetch standard: Origin, Sec-Fetch-*), and names that
lead here by a stranger's DNS. What does not: other users of this machine, whom no header tells apart.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
Refusal = Callable[[Message], str | None]

_LOOPBACK = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{1,5})?", re.ASCII)
_POLICY_VIOLATION = 1008  # RFC 6455 §7.4.1
_MOST_READ_AWAY = 256 * 1024
"""Bytes of a refused request that are read before it is answered."""


async def read_away(receive: Receive, most: int = _MOST_READ_AWAY) -> None:
    """Read what a request still sends, up to so many bytes. Who closes a connection with something unread in
    it resets it, and a browser or a proxy shows an error of its own instead of the answer (RFC 9112 §9.6).
    """
    read = 0
    while read <= most:
        message = await receive()
        read += len(message.get("body", b""))
        if not message.get("more_body"):
            return


class OwnPagesOnly:
    """ASGI middleware that refuses what a refusal says, and adds headers to every answer."""

    def __init__(self, app: App, refusal: Refusal, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """Guard an application."""
        self._app, self._refusal, self._headers = app, refusal, list(headers)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif (said := self._refusal(scope)) is None:
            await self._app(scope, receive, self._with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": said})
        else:
            await read_away(receive)
            headers = [(b"content-type", b"text/plain; charset=utf-8"), *self._headers]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": f"{said}\n".encode()})

    def _with_headers(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *self._headers]}
            await send(message)

        return sending


def refusal(scope: Message, *, is_behind_proxy: bool = False) -> str | None:
    """Return why a request is refused, or None. A program that is no browser sends none of the headers.

    Behind a proxy that speaks TLS, the name is the proxy's: a browser asks for it only where the certificate
    holds for it.
    """
    host = only(scope, b"host")
    if host is None or not (is_behind_proxy or _LOOPBACK.fullmatch(host)):
        return "This server is called 127.0.0.1 or localhost: open it under one of these names."
    own = f"https://{host}" if is_behind_proxy else f"http://{host}"
    if _has(scope, b"origin") and only(scope, b"origin") != own:
        return "Requests of other pages are refused."
    site_is_own = not _has(scope, b"sec-fetch-site") or only(scope, b"sec-fetch-site") in (
        "same-origin",
        "none",
    )
    if not site_is_own and not _is_link_followed(scope):
        return "Requests of other pages are refused."
    return None


def _is_link_followed(scope: Message) -> bool:
    """Whether somebody opens a page from elsewhere, such as a link in a mail: it only shows."""
    return (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and only(scope, b"sec-fetch-mode") == "navigate"
        and only(scope, b"sec-fetch-dest") == "document"
    )


def _values(scope: Message, name: bytes) -> list[str]:
    return [value.decode("latin-1").lower() for key, value in scope["headers"] if key.lower() == name]


def _has(scope: Message, name: bytes) -> bool:
    return bool(_values(scope, name))


def only(scope: Message, name: bytes) -> str | None:
    """Return the value of a header that is there once, in small letters."""
    values = _values(scope, name)
    return values[0] if len(values) == 1 else None
