"""What vendors, proxies and attackers do to honest answers: one behaviour each, for every source.

Belongs here: tampering with answers on their way. Does not: what must come of it (``conformance``). Each
behaviour strikes in the middle of a walk if it can, once or from then on.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from connectors.testing.server import Asked, Reply
from connectors.testing.vendor import FakeVendor

COMPLETE, FAILS, EITHER = "complete", "fails", "either"
"""What must come of a behaviour: all records; a clear error; one of the two, never less."""

EVIL = "https://collector.example"
_TOTALS = ("totalElements", "itemCount", "totalCount", "count")

Tamper = Callable[[Reply], Reply]


@dataclass(frozen=True)
class Behaviour:
    """One way of misbehaving.

    Attributes:
        name: A few words; the test's name.
        outcome: What must come of it, for a source that it strikes.
        tamper: Makes the bad answer of the good one.
        lasts: How many answers it strikes: 1, a few, or all from the first struck one on.
        strikes: Which answers it can strike: ``data``, ``list`` (JSON with a list of records), ``totals``
            (those that state a total), ``token``.
        seconds: How long the client waits for an answer: short only where it waits in vain, for a busy
            machine must not look hostile.
    """

    name: str
    outcome: str
    tamper: Tamper
    lasts: int = 1
    strikes: str = "data"
    seconds: float = 10


class Hostile:
    """A fake vendor with somebody in between. ``struck`` counts the answers that were tampered with."""

    def __init__(self, vendor: FakeVendor, behaviour: Behaviour, after: int) -> None:
        """Let ``after`` data answers pass first."""
        self.vendor, self.behaviour, self._pass = vendor, behaviour, after
        self.struck = 0

    def __call__(self, asked: Asked) -> Reply:
        """Answer a request, perhaps not as the vendor would."""
        reply = self.vendor(asked)
        is_token = self.vendor.is_token_request(asked)
        if (
            is_token != (self.behaviour.strikes == "token")
            or self.struck >= self.behaviour.lasts
            or not self._applies(reply)
        ):
            return reply
        if not is_token and self._pass > 0:
            self._pass -= 1
            return reply
        self.struck += 1
        return self.behaviour.tamper(reply)

    def _applies(self, reply: Reply) -> bool:
        if self.behaviour.strikes in ("data", "token"):
            return True
        records = _records(reply)
        return bool(records) and (self.behaviour.strikes == "list" or _total(reply) is not None)


def _json(reply: Reply) -> Any:
    try:
        return reply.content
    except ValueError:
        return None


def _nodes(value: Any) -> Iterator[Any]:
    yield value
    for inner in value.values() if isinstance(value, dict) else ():
        yield from _nodes(inner)


def _records(reply: Reply) -> list[Any] | None:
    """The list of records in an answer: the first list of objects that is not inside a record."""
    return next(
        (
            node
            for node in _nodes(_json(reply))
            if isinstance(node, list) and node and isinstance(node[0], dict)
        ),
        None,
    )


def _total(reply: Reply) -> tuple[str, int] | None:
    for node in _nodes(_json(reply)):
        for name in _TOTALS if isinstance(node, dict) else ():
            if isinstance(node.get(name), int):
                return name, node[name]
    return None


def _changed(change: Callable[[list[Any]], None]) -> Tamper:
    """Tamper with the list of records in place."""

    def tamper(reply: Reply) -> Reply:
        body = reply.content
        copy = replace(reply, body=json.dumps(body).encode())
        records = next(
            node for node in _nodes(body) if isinstance(node, list) and node and isinstance(node[0], dict)
        )
        change(records)
        return replace(copy, body=json.dumps(body).encode())

    return tamper


def _with_total(change: int) -> Tamper:
    def tamper(reply: Reply) -> Reply:
        body: Any = reply.content
        for node in _nodes(body):
            for name in _TOTALS if isinstance(node, dict) else ():
                if isinstance(node.get(name), int):
                    node[name] += change
        return replace(reply, body=json.dumps(body).encode())

    return tamper


def _said(status: int, body: bytes = b'{"error": "no"}', **headers: str) -> Tamper:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda reply: Reply(status, body, {"Content-Type": "application/json", **named})


def _body(body: Callable[[bytes], bytes], **headers: str) -> Tamper:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda reply: replace(reply, body=body(reply.body), headers={**reply.headers, **named})


def _wire(wire: str) -> Tamper:
    return lambda reply: replace(reply, wire=wire)


def _in_a_moment(reply: Reply) -> Reply:
    return Reply(
        429, b"{}", {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=5), usegmt=True)}
    )


def _link(reply: Reply) -> Reply:
    """Send whatever kind of next page a client may follow, all of them to somebody else's host."""
    body: Any = _json(reply)
    if isinstance(body, dict):
        links = {"next": {"uri": f"{EVIL}/v1", "headers": [{"key": "MS-ContinuationToken", "value": "x"}]}}
        body.update({"@odata.nextLink": f"{EVIL}/v1", "links": links})
    location = {"Location": f"{EVIL}/v1"} if "Location" in reply.headers else {}
    headers = {**reply.headers, "Link": f'<{EVIL}/v1?page=2>; rel="next"', **location}
    return replace(
        reply, body=json.dumps(body).encode() if isinstance(body, dict) else reply.body, headers=headers
    )


def _twice(records: list[Any]) -> None:
    records.append(records[0])


def _contradiction(records: list[Any]) -> None:
    records.append({**records[0], "_never_seen": "other content"})


def _tokens(reply: Reply, **fields: Any) -> Reply:
    body: Any = reply.content
    return replace(reply, body=json.dumps({**body, **fields}).encode())


_ALWAYS = 1_000_000
_HTML = b"<!doctype html><title>Scheduled maintenance</title><p>Back soon.</p>"
_UNKNOWN = {"new": {"deep": [1, {"er": "\u202e=1+1"}]}}
_SPLITTING = "a\r\nX: b"
_ERROR_BODY = b'{"error": "internal", "message": "please try again", "status": 500}'

BEHAVIOURS: Sequence[Behaviour] = (
    # answers that ask for retry_policy: everything must arrive in the end
    Behaviour("429 with seconds", COMPLETE, _said(429, Retry_After="7")),
    Behaviour("429 with a date", COMPLETE, _in_a_moment),
    Behaviour("429 without a word", COMPLETE, _said(429)),
    Behaviour("429 with nonsense", COMPLETE, _said(429, Retry_After="soon")),
    Behaviour("429 with negative seconds", COMPLETE, _said(429, Retry_After="-3")),
    Behaviour("429 with a NaN", COMPLETE, _said(429, Retry_After="nan")),
    Behaviour("500 and then success", COMPLETE, _said(500)),
    Behaviour("502 with a page of HTML", COMPLETE, _said(502, _HTML)),
    Behaviour("503 with seconds", COMPLETE, _said(503, Retry_After="2")),
    Behaviour("504 twice", COMPLETE, _said(504), lasts=2),
    Behaviour("408 and then success", COMPLETE, _said(408)),
    # broken connections
    Behaviour("connection closed without an answer", COMPLETE, _wire("reset")),
    Behaviour("no HTTP at all", COMPLETE, _wire("garbage")),
    Behaviour("body shorter than announced", COMPLETE, _wire("short")),
    Behaviour("chunked body cut off", COMPLETE, _wire("broken chunk")),
    Behaviour("no answer for a while", COMPLETE, _wire("silent"), seconds=0.3),
    Behaviour(
        "byte by byte for ever",
        FAILS,
        lambda reply: replace(reply, body=reply.body + b" " * 100_000, wire="drip"),
        _ALWAYS,
        seconds=0.3,
    ),
    Behaviour("headers byte by byte", FAILS, _wire("drip head"), _ALWAYS, seconds=0.3),
    Behaviour("the length of a chunk byte by byte", FAILS, _wire("drip chunk"), _ALWAYS, seconds=0.3),
    # a success that is none
    Behaviour("truncated JSON once", COMPLETE, _body(lambda body: body[: len(body) // 2]), strikes="list"),
    Behaviour(
        "truncated JSON always", FAILS, _body(lambda body: body[: len(body) // 2]), _ALWAYS, strikes="list"
    ),
    Behaviour("200 with an error body once", COMPLETE, _said(200, _ERROR_BODY)),
    Behaviour("200 with an error body always", FAILS, _said(200, _ERROR_BODY), _ALWAYS),
    Behaviour("200 with a page of HTML", FAILS, _said(200, _HTML), _ALWAYS),
    Behaviour("200 with nothing", FAILS, _said(200, b""), _ALWAYS),
    Behaviour("204", FAILS, _said(204, b""), _ALWAYS),
    Behaviour(
        "a NaN among the numbers",
        FAILS,
        _changed(lambda records: records[0].update(extra=float("nan"))),
        _ALWAYS,
        "list",
    ),
    Behaviour(
        "a key twice",
        FAILS,
        _body(lambda body: body.replace(b"{", b'{"twice": 1, "twice": 2, ', 1)),
        _ALWAYS,
        "list",
    ),
    Behaviour(
        "nested a hundred thousand deep", FAILS, _body(lambda body: b"[" * 100_000 + b"]" * 100_000), _ALWAYS
    ),
    Behaviour(
        "bytes that are no UTF-8",
        FAILS,
        _body(lambda body: body.replace(b'": "', b'": "\xff\xfe', 1)),
        _ALWAYS,
        "list",
    ),
    Behaviour(
        "a record that is no object",
        FAILS,
        _changed(lambda records: records.append("a record")),
        _ALWAYS,
        "list",
    ),
    Behaviour(
        "a list of nothing but nulls",
        FAILS,
        _changed(lambda records: records.__setitem__(0, None)),
        _ALWAYS,
        "list",
    ),
    # too much
    Behaviour(
        "a body beyond all measure",
        FAILS,
        lambda reply: replace(reply, body=b" " * 3_000_000 + reply.body),
        _ALWAYS,
    ),
    Behaviour(
        "a bomb of gzip",
        FAILS,
        lambda reply: Reply(200, gzip.compress(b" " * 30_000_000), {"Content-Encoding": "gzip"}),
        _ALWAYS,
    ),
    Behaviour(
        "said to be gzip and is not", FAILS, _body(lambda body: b"no gzip", Content_Encoding="gzip"), _ALWAYS
    ),
    # pages that do not add up
    Behaviour("a record twice", EITHER, _changed(_twice), strikes="list"),
    Behaviour("a record twice with other content", EITHER, _changed(_contradiction), strikes="list"),
    Behaviour(
        "a record missing that the total counts",
        FAILS,
        _changed(lambda records: records.pop()),
        _ALWAYS,
        "totals",
    ),
    Behaviour("a total that moves in the middle", FAILS, _with_total(1), _ALWAYS, "totals"),
    Behaviour("a total that is negative", FAILS, _with_total(-1_000), _ALWAYS, "totals"),
    # led astray
    Behaviour("a redirect to another host", FAILS, _said(302, b"", Location=f"{EVIL}/v1"), _ALWAYS),
    Behaviour("a redirect to the same host", FAILS, _said(301, b"", Location="/elsewhere"), _ALWAYS),
    Behaviour("a next page on another host", EITHER, _link, _ALWAYS),
    # refusals
    Behaviour("401 always", FAILS, _said(401), _ALWAYS),
    Behaviour("403", FAILS, _said(403), _ALWAYS),
    Behaviour("404", FAILS, _said(404), _ALWAYS),
    Behaviour("500 always", FAILS, _said(500), _ALWAYS),
    Behaviour("429 for six hours", FAILS, _said(429, Retry_After="21600"), _ALWAYS),
    # honest, but unusual
    Behaviour("a byte order mark", COMPLETE, _body(lambda body: b"\xef\xbb\xbf" + body), _ALWAYS, "list"),
    Behaviour("compressed", COMPLETE, _body(gzip.compress, Content_Encoding="gzip"), _ALWAYS, "list"),
    Behaviour(
        "fields nobody knows",
        COMPLETE,
        _changed(lambda records: records[0].update(_UNKNOWN)),
        _ALWAYS,
        "list",
    ),
    Behaviour(
        "spread over many lines",
        COMPLETE,
        _body(lambda body: json.dumps(json.loads(body), indent=4).encode()),
        _ALWAYS,
        "list",
    ),
    # tokens
    Behaviour(
        "a token that lasts a second", COMPLETE, lambda reply: _tokens(reply, expires_in=1), _ALWAYS, "token"
    ),
    Behaviour("a token endpoint that fails once", COMPLETE, _said(500), 1, "token"),
    Behaviour("credentials refused", FAILS, _said(401, b'{"error": "invalid_client"}'), _ALWAYS, "token"),
    Behaviour(
        "credentials refused with 400", FAILS, _said(400, b'{"error": "invalid_client"}'), _ALWAYS, "token"
    ),
    Behaviour(
        "a token answer without a token",
        FAILS,
        lambda reply: _tokens(reply, access_token=None),
        _ALWAYS,
        "token",
    ),
    Behaviour(
        "a token with a line break",
        FAILS,
        lambda reply: _tokens(reply, access_token=_SPLITTING),
        _ALWAYS,
        "token",
    ),
)
