"""Connections that carry nothing from one request to the next and nothing from the environment, and end when
an answer takes too long.

What belongs here: what the library does not cover. Its timeouts apply between two bytes, so a vendor that
sends a byte now and then can hold it for ever: in the head of an answer, in the length of a chunk, in a
packed body that unpacks to nothing.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from http.cookiejar import DefaultCookiePolicy
from threading import Timer
from types import TracebackType
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from connectors.http.connection.route import Route


class Deadline:
    """Cuts a connection when time is up; ``is_over`` distinguishes such an end from any other."""

    def __init__(self, seconds: float, cut: Callable[[], object]) -> None:
        """Take the time limit, and how to cut."""
        self.is_over = False
        self._seconds, self._cut = seconds, cut
        self._left, self._since, self._timer = seconds, 0.0, Timer(seconds, self._ring)

    def __enter__(self) -> Deadline:
        """Start."""
        self.go_on()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.pause()

    def pause(self) -> None:
        """Stop counting: the time spent from now on is not the vendor's."""
        self._timer.cancel()
        self._left -= time.monotonic() - self._since

    def go_on(self, *, afresh: bool = False) -> None:
        """Resume counting, or start again with the full time."""
        self._left = self._seconds if afresh else self._left
        self._since, self._timer = time.monotonic(), Timer(self._left, self._ring)
        self._timer.daemon = True
        self._timer.start()

    def _ring(self) -> None:
        self.is_over = True
        with suppress(OSError, ValueError, RuntimeError):  # closed already
            self._cut()


class Session(requests.Session):
    """Connections of one source.

    A .netrc or a proxy of the environment would carry requests past the list of hosts, a cookie
    would pass on to one host what another one sent, and for a redirect the library would read the
    whole answer, however long.
    """

    def __init__(self, patience: float, route: Route) -> None:
        """Say how many seconds the head of an answer may take, and the way there.

        Raises:
            OutOfBounds: The route's certificates cannot be read.
        """
        super().__init__()
        self.trust_env = False
        self.proxies = dict.fromkeys(("http", "https"), route.proxy) if route.proxy else {}
        context = route.context()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(patience, context))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Follow none."""
        return


class _Adapter(HTTPAdapter):
    def __init__(self, patience: float, context: ssl.SSLContext) -> None:
        self._patience, self._context = patience, context
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)
        self.poolmanager.pool_classes_by_scheme = self._pools()

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        contexts = {"ssl_context": self._context, "proxy_ssl_context": self._context}
        manager = super().proxy_manager_for(proxy, **kwargs, **contexts)
        manager.pool_classes_by_scheme = self._pools()
        return manager

    def _pools(self) -> dict[str, type[HTTPConnectionPool]]:
        patience = self._patience

        class Plain(HTTPConnection):
            def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as in the library
                return _head_in_time(self.sock, patience, super().getresponse)

        class Secure(HTTPSConnection):
            def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as in the library
                return _head_in_time(self.sock, patience, super().getresponse)

        plain = type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": Plain})
        secure = type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": Secure})
        return {"http": plain, "https": secure}


def _head_in_time(
    connection: socket.socket, patience: float, read: Callable[[], HTTPResponse]
) -> HTTPResponse:
    with Deadline(patience, lambda: connection.shutdown(socket.SHUT_RDWR)) as deadline:
        try:
            return read()
        finally:
            if (
                deadline.is_over
            ):  # whatever the cut left: the library takes headers that break off for complete
                raise TimeoutError
