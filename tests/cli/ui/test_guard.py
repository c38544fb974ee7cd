"""Whom the guard of `mbr ui` answers.

Belongs here: its decision on what browsers and programs send (Fetch standard: Origin; Fetch Metadata Request
Headers: Sec-Fetch-*), and that a refusal arrives. Does not: the real server behind it (tests/e2e/ui).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import repeat

import pytest

from mbr_pipeline.cli.ui.guard import OwnPagesOnly, refusal
from mbr_pipeline.serve.own_pages import Message

OWN = "127.0.0.1:3000"
NAMES = "This server is called 127.0.0.1 or localhost"
OTHERS = "Requests of other pages are refused."
BY_POST = "Send queries by POST."
OF_A_LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


def said(
    method: str = "POST", path: str = "/graphql", headers: dict[str, str] | None = None, kind: str = "http"
) -> str | None:
    """Ask with a Host of its own, unless the headers name another."""
    sent = {"Host": OWN, **(headers or {})}
    return refusal(
        {
            "type": kind,
            "method": method,
            "path": path,
            "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
        }
    )


@pytest.mark.parametrize(
    "headers",
    [
        {},  # a program: curl, a script
        {"Host": "localhost:3000", "Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-origin"},
        {"Host": "[::1]:3000"},
        {"Origin": f"http://{OWN}", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"},
    ],
)
def test_own_pages_and_programs_are_answered(headers: dict[str, str]) -> None:
    assert said(headers=headers) is None
    assert said(headers=headers, kind="websocket") is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:3000",
        "127.0.0.1.evil.example",
        "evil.example#127.0.0.1",
        "127.0.0.1:3000:1",
        "0.0.0.0:3000",
        "",
    ],
)
def test_a_name_that_a_stranger_made_lead_here_is_refused(host: str) -> None:
    assert (said(headers={"Host": host}) or "").startswith(NAMES)
    assert (said("GET", "/", {"Host": host}) or "").startswith(NAMES)
    assert (said(headers={"Host": host}, kind="websocket") or "").startswith(NAMES)


def test_a_host_that_is_missing_or_there_twice_is_refused() -> None:
    for hosts in ([], [b"127.0.0.1:3000", b"127.0.0.1:3000"]):
        scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", host) for host in hosts]}
        assert (refusal(scope) or "").startswith(NAMES)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},  # a sandboxed frame, a file
        {"Origin": "http://127.0.0.1:3001"},  # another server of this machine
        {"Origin": "http://localhost:3000"},  # the same server under a name that the request did not use
        {"Origin": f"https://{OWN}"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
        OF_A_LINK,  # a form of a stranger's page posts by navigating
    ],
)
def test_other_pages_cannot_post_nor_listen(headers: dict[str, str]) -> None:
    assert said(headers=headers) == OTHERS
    assert said(headers=headers, kind="websocket") == OTHERS


def test_a_link_shows_a_page_and_does_nothing_else() -> None:
    assert said("GET", "/runs", OF_A_LINK) is None
    assert said("GET", "/runs", {**OF_A_LINK, "Sec-Fetch-Dest": "iframe"}) == OTHERS
    assert said("GET", "/graphql", {**OF_A_LINK, "Accept": "text/html"}) is None  # the editor of queries


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
@pytest.mark.parametrize("path", ["/graphql", "/graphql/"])
def test_a_query_in_an_address_is_refused(method: str, path: str) -> None:
    assert said(method, path) == BY_POST


def answered(bodies: Iterator[bytes]) -> list[str]:
    """Refuse a request that sends these parts of a body, of which none is the last until they end; returns
    what was read and sent, in order.
    """
    done: list[str] = []
    following = next(bodies)

    async def receive() -> Message:
        nonlocal following
        body, following = following, next(bodies, b"")
        done.append("read")
        return {"type": "http.request", "body": body, "more_body": bool(following)}

    async def send(message: Message) -> None:
        done.append(str(message.get("status", message["type"])))

    async def app(*_: object) -> None:
        done.append("let in")

    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": [(b"host", b"evil.example")]}
    asyncio.run(OwnPagesOnly(app)(scope, receive, send))
    return done


def test_a_refused_request_is_read_before_it_is_answered() -> None:
    """Otherwise the connection is reset, and a proxy answers 502."""
    assert answered(iter([b"a=1", b"&b=2"])) == ["read", "read", "403", "http.response.body"]


def test_a_refused_request_without_end_is_answered() -> None:
    read = answered(repeat(b" " * 65_536))
    assert read == ["read"] * 5 + ["403", "http.response.body"]
