"""What vendors, proxies and attackers do to honest answers: one behaviour each, for every source.

What belongs here: tampering with answers on their way. What does not: what must come of it (``conformance``).
Each behaviour strikes in the middle of a walk if it can, once or from then on.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from connectors.testing.server import Asked, Reply
from connectors.testing.tampering import (
    EVIL,
    Tamper,
    body,
    changed,
    contradiction,
    in_a_moment,
    link,
    records_of,
    said,
    tokens,
    twice,
    wire,
)
from connectors.testing.vendor import FakeVendor

COMPLETE, FAILS, EITHER = "complete", "fails", "either"
"""What must come of a behaviour: all records; a clear error; one of the two, never less."""


@dataclass(frozen=True)
class Behaviour:
    """One way of misbehaving.

    Attributes:
        name: A few words; the test's name.
        outcome: What must come of it, for a source that it strikes.
        tamper: Makes the bad answer of the good one.
        lasts: How many answers it strikes: 1, a few, or all from the first struck one on.
        strikes: Which answers it can strike: ``data``, ``list`` (JSON with a list of records), ``token``.
        repeats: Whether it sends a record again.
        seconds: How long the client waits for an answer: short only where no answer comes, because a slow
            machine must not look hostile.
    """

    name: str
    outcome: str
    tamper: Tamper
    lasts: int = 1
    strikes: str = "data"
    seconds: float = 10
    repeats: bool = False


class Hostile:
    """A fake vendor with tampering in between. ``struck`` counts the answers that were tampered with."""

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
        return bool(records_of(reply))


_ALWAYS = 1_000_000
_HTML = b"<!doctype html><title>Scheduled maintenance</title><p>Back soon.</p>"
_UNKNOWN = {"new": {"deep": [1, {"er": "\u202e=1+1"}]}}
_SPLITTING = "a\r\nX: b"
_ERROR_BODY = b'{"error": "internal", "message": "please try again", "status": 500}'

BEHAVIOURS: Sequence[Behaviour] = (
    # answers that ask for a retry: everything must arrive in the end
    Behaviour("429 with seconds", COMPLETE, said(429, Retry_After="7")),
    Behaviour("429 with a date", COMPLETE, in_a_moment),
    Behaviour("429 without a word", COMPLETE, said(429)),
    Behaviour("429 with nonsense", COMPLETE, said(429, Retry_After="soon")),
    Behaviour("429 with negative seconds", COMPLETE, said(429, Retry_After="-3")),
    Behaviour("429 with a NaN", COMPLETE, said(429, Retry_After="nan")),
    Behaviour("500 and then success", COMPLETE, said(500)),
    Behaviour("502 with a page of HTML", COMPLETE, said(502, _HTML)),
    Behaviour("503 with seconds", COMPLETE, said(503, Retry_After="2")),
    Behaviour("504 twice", COMPLETE, said(504), lasts=2),
    Behaviour("408 and then success", COMPLETE, said(408)),
    # broken connections
    Behaviour("connection closed without an answer", COMPLETE, wire("reset")),
    Behaviour("no HTTP at all", COMPLETE, wire("garbage")),
    Behaviour("body shorter than announced", COMPLETE, wire("short")),
    Behaviour("chunked body cut off", COMPLETE, wire("broken chunk")),
    Behaviour("no answer for a while", COMPLETE, wire("silent"), seconds=1),
    Behaviour(
        "byte by byte for ever",
        FAILS,
        lambda reply: replace(reply, body=reply.body + b" " * 100_000, wire="drip"),
        _ALWAYS,
        seconds=0.3,
    ),
    Behaviour("headers byte by byte", FAILS, wire("drip head"), _ALWAYS, seconds=0.3),
    Behaviour("the length of a chunk byte by byte", FAILS, wire("drip chunk"), _ALWAYS, seconds=0.3),
    # success statuses without a valid answer
    Behaviour("truncated JSON once", COMPLETE, body(lambda body: body[: len(body) // 2]), strikes="list"),
    Behaviour(
        "truncated JSON always", FAILS, body(lambda body: body[: len(body) // 2]), _ALWAYS, strikes="list"
    ),
    Behaviour("200 with an error body once", COMPLETE, said(200, _ERROR_BODY)),
    Behaviour("200 with an error body always", FAILS, said(200, _ERROR_BODY), _ALWAYS),
    Behaviour("200 with a page of HTML", FAILS, said(200, _HTML), _ALWAYS),
    Behaviour("200 with nothing", FAILS, said(200, b""), _ALWAYS),
    Behaviour("204", FAILS, said(204, b""), _ALWAYS),
    Behaviour(
        "a NaN among the numbers",
        FAILS,
        changed(lambda records: records[0].update(extra=float("nan"))),
        _ALWAYS,
        "list",
    ),
    Behaviour(
        "a key twice",
        FAILS,
        body(lambda body: body.replace(b"{", b'{"twice": 1, "twice": 2, ', 1)),
        _ALWAYS,
        "list",
    ),
    Behaviour(
        "nested a hundred thousand deep", FAILS, body(lambda body: b"[" * 100_000 + b"]" * 100_000), _ALWAYS
    ),
    Behaviour(
        "bytes that are no UTF-8",
        FAILS,
        body(lambda body: body.replace(b'": "', b'": "\xff\xfe', 1)),
        _ALWAYS,
        "list",
    ),
    Behaviour(
        "a record that is no object",
        FAILS,
        changed(lambda records: records.append("a record")),
        _ALWAYS,
        "list",
    ),
    Behaviour(
        "a list of nothing but nulls",
        FAILS,
        changed(lambda records: records.__setitem__(0, None)),
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
        "said to be gzip and is not", FAILS, body(lambda body: b"no gzip", Content_Encoding="gzip"), _ALWAYS
    ),
    # pages that do not add up
    Behaviour("a record twice", EITHER, changed(twice), strikes="list", repeats=True),
    Behaviour(
        "a record twice with other content", EITHER, changed(contradiction), strikes="list", repeats=True
    ),
    # led astray
    Behaviour("a redirect to another host", FAILS, said(302, b"", Location=f"{EVIL}/v1"), _ALWAYS),
    Behaviour("a redirect to the same host", FAILS, said(301, b"", Location="/elsewhere"), _ALWAYS),
    Behaviour("a next page on another host", EITHER, link, _ALWAYS),
    # refusals
    Behaviour("401 always", FAILS, said(401), _ALWAYS),
    Behaviour("403", FAILS, said(403), _ALWAYS),
    Behaviour("404", FAILS, said(404), _ALWAYS),
    Behaviour("500 always", FAILS, said(500), _ALWAYS),
    Behaviour("429 for six hours", FAILS, said(429, Retry_After="21600"), _ALWAYS),
    # honest, but unusual
    Behaviour("a byte order mark", COMPLETE, body(lambda body: b"\xef\xbb\xbf" + body), _ALWAYS, "list"),
    Behaviour("compressed", COMPLETE, body(gzip.compress, Content_Encoding="gzip"), _ALWAYS, "list"),
    Behaviour(
        "fields nobody knows",
        COMPLETE,
        changed(lambda records: records[0].update(_UNKNOWN)),
        _ALWAYS,
        "list",
    ),
    Behaviour(
        "spread over many lines",
        COMPLETE,
        body(lambda body: json.dumps(json.loads(body), indent=4).encode()),
        _ALWAYS,
        "list",
    ),
    # tokens
    Behaviour(
        "a token that lasts a second", COMPLETE, lambda reply: tokens(reply, expires_in=1), _ALWAYS, "token"
    ),
    Behaviour("a token endpoint that fails once", COMPLETE, said(500), 1, "token"),
    Behaviour("credentials refused", FAILS, said(401, b'{"error": "invalid_client"}'), _ALWAYS, "token"),
    Behaviour(
        "credentials refused with 400", FAILS, said(400, b'{"error": "invalid_client"}'), _ALWAYS, "token"
    ),
    Behaviour(
        "a token answer without a token",
        FAILS,
        lambda reply: tokens(reply, access_token=None),
        _ALWAYS,
        "token",
    ),
    Behaviour(
        "a token with a line break",
        FAILS,
        lambda reply: tokens(reply, access_token=_SPLITTING),
        _ALWAYS,
        "token",
    ),
)
