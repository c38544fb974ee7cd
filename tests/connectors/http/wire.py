"""Shared by the transport's tests: a client for servers on loopback, and answers in a given order.

Belongs here: helpers with no expectation in them, and what "no secret anywhere in an error" means. Does not:
tests.
"""

from __future__ import annotations

import socket
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from requests import PreparedRequest

from connectors.http.body import SizeLimits
from connectors.http.client import Client, Refusal
from connectors.http.clock import Clock
from connectors.http.connection.route import Route
from connectors.http.errors import FetchError
from connectors.http.origins import Origins
from connectors.http.rate_limit import Rate
from connectors.http.redaction import Redactor
from connectors.http.retries import RetryPolicy
from connectors.http.signing.auth import Auth, TokenEndpoint
from connectors.testing.fetching import FastClock
from connectors.testing.server import App, Asked, Reply


class Unsigned:
    """A way of signing that signs nothing."""

    def sign(self, request: PreparedRequest, token_endpoint: TokenEndpoint, tenant: str) -> None:
        """Leave the request as it is."""

    def renew(self, tenant: str) -> bool:
        return False


PATIENT = RetryPolicy(total=300, answer=20, silence=10, attempts=4, pause=8)


@contextmanager
def opened(
    *urls: str,
    auth: Auth | None = None,
    rate: Rate | None = None,
    retry_policy: RetryPolicy = PATIENT,
    size_limits: SizeLimits | None = None,
    secrets: Iterable[str] = (),
    clock: Clock | None = None,
    on_retry: Callable[[FetchError, float], None] = lambda error, pause: None,
    blob_hosts: tuple[str, ...] = (),
    refusal: Refusal = lambda body: None,
    route: Route | None = None,
) -> Iterator[Client]:
    """Open a client for the origins of some addresses; its pauses take no time."""
    redactor = Redactor()
    for secret in secrets:
        redactor.add(secret)
    client = Client(
        Origins(urls, blob_hosts),
        auth or Unsigned(),
        rate or Rate(10_000, 1),
        redactor,
        clock=clock or FastClock(),
        retry_policy=retry_policy,
        size_limits=size_limits or SizeLimits(),
        on_retry=on_retry,
        refusal=refusal,
        route=route or Route(),
    )
    try:
        yield client
    finally:
        client.close()


@contextmanager
def nobody_listening() -> Iterator[str]:
    """An address that refuses connections; it is held meanwhile, so that no other test's server can get
    it.
    """
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


def in_turn(*replies: Reply) -> App:
    """Answer with these one after the other, and with the last one from then on."""
    left = list(replies)
    turn = threading.Lock()

    def app(asked: Asked) -> Reply:
        with turn:
            return left.pop(0) if len(left) > 1 else left[0]

    return app


def everything_in(error: BaseException) -> str:
    """Return all that a log, a debugger or an error tracker could show of an error: its traceback, and every
    link of its chain.
    """
    shown = ["".join(traceback.format_exception(error))]
    left: list[BaseException | None] = [error]
    seen: set[int] = set()
    while left:
        link = left.pop()
        if link is not None and id(link) not in seen:
            seen.add(id(link))
            shown += [str(link), repr(link), f"{link}", repr(link.args), repr(vars(link))]
            left += [link.__cause__, link.__context__]
    return "\n".join(shown)
