"""Authentication: credentials, sent to one origin and to no other.

What belongs here: putting credentials on a request. What does not: getting and renewing tokens
(``tokens``), and where credentials come from (``mbr_pipeline.workspace.credentials``). Session-wide headers
would follow a link to any host, so there are none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from requests import PreparedRequest
from requests.auth import HTTPBasicAuth

from connectors.http.clock import Clock
from connectors.http.json_answers import Answer
from connectors.http.origins import Origin
from connectors.http.redaction import Redactor, Secret


class Token(Protocol):
    """Sends a request for a token, unsigned and with retries: address, headers and
    body (``json`` or ``data``).
    """

    def __call__(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        json: object = None,
        data: Mapping[str, str] | None = None,
    ) -> Answer:
        """Return the answer."""


@dataclass
class TokenEndpoint:
    """What authentication may use: sending a token request, the clock, and hiding secrets."""

    send: Token
    clock: Clock
    redactor: Redactor


class Auth(Protocol):
    """Signs requests to one origin."""

    def sign(self, request: PreparedRequest, token_endpoint: TokenEndpoint, tenant: str) -> None:
        """Put the credentials on a request; ``tenant`` names the tenant it is for, where
        the vendor has tenants.
        """

    def renew(self, tenant: str) -> bool:
        """Forget a token the vendor refused; False if there is nothing to renew."""


@dataclass(frozen=True)
class Headers:
    """API keys in headers."""

    origin: str
    headers: Mapping[str, Secret]

    def sign(self, request: PreparedRequest, token_endpoint: TokenEndpoint, tenant: str) -> None:
        """Add the headers, if the request goes to the origin they belong to."""
        if Origin.of(request.url or "") == Origin.of(self.origin):
            request.headers.update({name: value.reveal() for name, value in self.headers.items()})

    def renew(self, tenant: str) -> bool:
        """There is nothing to renew."""
        return False


@dataclass(frozen=True)
class Basic:
    """User and password (RFC 7617), with any other headers that the vendor requires."""

    origin: str
    user: Secret
    password: Secret
    headers: Mapping[str, Secret] = field(default_factory=dict)

    def sign(self, request: PreparedRequest, token_endpoint: TokenEndpoint, tenant: str) -> None:
        """Add the headers, if the request goes to the origin they belong to."""
        if Origin.of(request.url or "") != Origin.of(self.origin):
            return
        HTTPBasicAuth(self.user.reveal(), self.password.reveal())(request)
        token_endpoint.redactor.add(f"{self.user.reveal()}:{self.password.reveal()}")
        request.headers.update({name: value.reveal() for name, value in self.headers.items()})

    def renew(self, tenant: str) -> bool:
        """There is nothing to renew."""
        return False


@dataclass(frozen=True)
class ByOrigin:
    """Several ways of signing, each for its own origin."""

    ways: tuple[Auth, ...]

    def sign(self, request: PreparedRequest, token_endpoint: TokenEndpoint, tenant: str) -> None:
        """Let each sign the requests to its origin."""
        for way in self.ways:
            way.sign(request, token_endpoint, tenant)

    def renew(self, tenant: str) -> bool:
        """Renew whatever can be renewed."""
        renewed = [way.renew(tenant) for way in self.ways]
        return any(renewed)


AuthMaker = Callable[[Mapping[str, str], Mapping[str, Secret]], Auth]
"""Makes a source's authentication from its settings and its credentials, both by name."""
