"""What fake vendors have in common: routes, authentication as the vendor wants it, and paging
by a small page.

What belongs here: helpers for ``vendors``. A fake vendor is written from the vendor's document, not from the
connector: it is the other side.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from connectors.testing.server import Asked, Reply

Route = Callable[[Asked, re.Match[str]], Reply]
Books = Mapping[str, Sequence[Mapping[str, str]]]
"""Canonical records by dataset: what the fake vendor's documents say, and what must come out
at the other end.
"""


class FakeVendor:
    """Answers requests from canonical books, in the vendor's own words.

    A subclass sets ``credentials`` (by the name of the declaration's), ``signatures`` (secret parts of the
    addresses it hands out), fills ``routes`` (pattern of ``METHOD /path``) and says who may ask. ``page`` is
    the largest page it sends, whatever is asked for: small, so that three records make two pages.

    From the vendor's document, by pattern of a route: ``totals`` are the names under which it states how many
    records there are, ``promised`` the fields (dotted paths) that each record of its answers has.
    """

    credentials: Mapping[str, str] = {}
    signatures: Sequence[str] = ()
    page = 3
    totals: Mapping[str, str] = {}
    promised: Mapping[str, Sequence[str]] = {}

    def __init__(self, books: Books) -> None:
        """Keep the books."""
        self.books = books
        self.routes: list[tuple[str, Route]] = []
        self.address = ""  # its own, once it is served

    def settings(self, url: str) -> dict[str, str]:
        """Return the settings that lead a source to this server."""
        raise NotImplementedError

    def refused(self, asked: Asked) -> Reply | None:
        """Return the answer to an unauthorised request; None if it is authorised."""
        raise NotImplementedError

    def is_token_request(self, asked: Asked) -> bool:
        """Whether a request is about authentication and not about data."""
        return False

    def route(self, asked: Asked) -> str | None:
        """Return the pattern that a request is answered by, None if there is none."""
        target = f"{asked.method} {asked.path}"
        return next((pattern for pattern, _ in self.routes if re.fullmatch(pattern, target)), None)

    def __call__(self, asked: Asked) -> Reply:
        """Answer a request."""
        if not self.is_token_request(asked) and (refused := self.refused(asked)):
            return refused
        for pattern, route in self.routes:
            if found := re.fullmatch(pattern, f"{asked.method} {asked.path}"):
                return route(asked, found)
        return Reply.json({"error": f"no such path: {asked.path}"}, 404)


@dataclass
class TokenDesk:
    """An OAuth 2.0 token endpoint: gives numbered tokens for the right fields, and knows
    which are still good.
    """

    expected: Mapping[str, str]
    as_json: bool = False
    basic: str = ""
    lifetime: int = 3600
    given: list[str] = field(default_factory=list)
    revoked: set[str] = field(default_factory=set)

    def answer(self, asked: Asked) -> Reply:
        """Answer a token request as RFC 6749 §5 does."""
        sent = json.loads(asked.body) if self.as_json else asked.form()
        basic = asked.headers.get("authorization", "")
        if sent != dict(self.expected) or (self.basic and basic != basic_header(self.basic)):
            return Reply.json({"error": "invalid_client", "error_description": "no such client"}, 401)
        self.given.append(f"token-number-{len(self.given) + 1}")
        return Reply.json(
            {"access_token": self.given[-1], "token_type": "Bearer", "expires_in": self.lifetime}
        )

    def is_good(self, asked: Asked) -> bool:
        """Whether a request carries a token given here that nobody revoked."""
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        return token in self.given and token not in self.revoked

    def revoke_all(self) -> None:
        """Make every token given so far worthless, as vendors sometimes do in the middle of a run."""
        self.revoked |= set(self.given)


def basic_header(user_and_password: str) -> str:
    """Return the Authorization header of RFC 7617."""
    return "Basic " + base64.b64encode(user_and_password.encode()).decode()


def json_number(text: str | Decimal) -> Decimal | int:
    """A number as vendors send it in JSON, with its own digits."""
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() else value
