"""Requests to the small vendor and its answers, right in everything that a test does not change.

Belongs here: what the tests of the judge send. What is demanded of it stands in ``small_vendor.yaml``.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors.testing.server import Asked, Reply

DOCUMENT = Path(__file__).with_name("small_vendor.yaml")
BEARER = {"Authorization": "Bearer abc", "X-Tenant": "t1"}
BASIC = {"Authorization": "Basic " + base64.b64encode(b"me:secret").decode()}
LIST = "/invoices?month=2026-10"
INVOICE = {"id": 1, "total": 10.5, "issued": "2026-10-31"}
FULL = {
    **INVOICE, "small": 7, "ratio": 0.25, "paid": True, "changed": "2026-10-31T10:00:00Z",
    "client": "cc0ac255-7c0b-4123-ac8d-a6c280b85eae", "contact": "a@example.test", "address": "127.0.0.1",
    "host": "example.test", "logo": "aGVsbG8=", "currency": "EUR", "status": "open", "note": None,
    "labels": {"a": "b"}, "lines": [{"sku": "E3", "quantity": 2, "parent": {"sku": "E1", "quantity": 1}}],
    "payment": {"kind": "card", "digits": "1234"}, "reference": "R12", "free": 4,
}  # fmt: skip
SMALL = "application/vnd.small+json; version=1"


@dataclass(frozen=True)
class Exchange:
    """A request as it is sent, and what the vendor answers."""

    target: str = LIST
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=lambda: BEARER)
    body: bytes = b""
    status: int = 200
    answer: bytes = b""
    answer_headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def asked(self) -> Asked:
        parts = urlsplit(self.target)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        return Asked(
            self.method,
            parts.path,
            pairs,
            {name.lower(): value for name, value in self.headers.items()},
            self.body,
        )

    @property
    def reply(self) -> Reply:
        return Reply(self.status, self.answer, dict(self.answer_headers))


def listed(
    content: Any = None,
    http: int = 200,
    kind: str = "application/json",
    count: str | None = "1",
    **changes: Any,
) -> Exchange:
    """The list of invoices, with changes to its one invoice or with other content in its place."""
    headers = {"Content-Type": kind, "X-Total": count}
    answer = {"invoices": [{**FULL, **changes}]} if content is None else content
    return Exchange(
        answer=answer if isinstance(answer, bytes) else json.dumps(answer).encode(),
        status=http,
        answer_headers={name: value for name, value in headers.items() if value is not None},
    )


def one(content: Any = None, kind: str = SMALL) -> Exchange:
    """One invoice."""
    answer = json.dumps(INVOICE if content is None else content).encode()
    return Exchange("/invoices/1", answer=answer, answer_headers={"Content-Type": kind}, headers=BEARER)


def asking(query: str = "", **headers: str | None) -> Exchange:
    """The list of invoices with more parameters or other headers."""
    named = {**BEARER, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return replace(
        listed(),
        target=LIST + query,
        headers={name: value for name, value in named.items() if value is not None},
    )


def posting(body: Any, kind: str | None = "application/json", status: int = 201) -> Exchange:
    """An order."""
    headers = BEARER if kind is None else {**BEARER, "Content-Type": kind}
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange("/invoices", "POST", headers, sent, status=status)


def account(headers: Mapping[str, str] = BASIC, content: Any = None) -> Exchange:
    """The page that wants another authentication, in whatever media type."""
    answer = json.dumps({"name": "us"} if content is None else content).encode()
    return Exchange(
        "/account", headers=headers, answer=answer, answer_headers={"Content-Type": "application/json"}
    )
