"""Authentication: credentials, sent to one origin and to no other.

What belongs here: putting credentials on a request, and getting and renewing tokens. What does not: where
credentials come from (``mbr_pipeline.workspace.credentials``). Session-wide headers would follow a link to
any host, so there are none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from requests import PreparedRequest
from requests.auth import HTTPBasicAuth
from requests.structures import CaseInsensitiveDict

from connectors.http.clock import Clock
from connectors.http.errors import CredentialsRefused, Malformed, PermissionMissing, RequestRefused
from connectors.http.json_answers import Answer, at
from connectors.http.origins import Origin, segment
from connectors.http.redaction import Redactor, Secret, safe_url

_EARLY = 60.0
"""Seconds before its end at which a token is no longer used: a request takes time, and clocks differ."""


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


@dataclass
class ClientCredentials:
    """OAuth 2.0 client credentials (RFC 6749 §4.4): a token per tenant, renewed before it ends and after a
    401.

    Attributes:
        origin: The address whose origin the tokens are for.
        token_url: Where they are requested; ``{tenant}`` in it is replaced by the tenant.
        body: The fields of the request; secrets are revealed only for it.
        as_json: Whether the fields are sent as JSON, as some vendors require; otherwise as a form, as in the
            standard.
        basic: Client id and secret for Basic authentication of the token request, where the vendor requires
            that.
        headers: Further headers of the signed requests.
    """

    origin: str
    token_url: str
    body: Mapping[str, str | Secret]
    as_json: bool = False
    basic: tuple[Secret, Secret] | None = None
    headers: Mapping[str, Secret] = field(default_factory=dict)
    _tokens: dict[str, tuple[Secret, float]] = field(default_factory=dict, repr=False)

    def sign(self, request: PreparedRequest, token_endpoint: TokenEndpoint, tenant: str) -> None:
        """Add a token that is still valid for a while, if the request goes to the origin it belongs to."""
        if Origin.of(request.url or "") != Origin.of(self.origin):
            return
        token, until = self._tokens.get(tenant, (None, 0.0))
        if token is None or token_endpoint.clock.monotonic() >= until:
            token = self._ask(token_endpoint, tenant)
        request.headers["Authorization"] = f"Bearer {token.reveal()}"
        request.headers.update({name: value.reveal() for name, value in self.headers.items()})

    def renew(self, tenant: str) -> bool:
        """Discard the token of the tenant that the request was for."""
        return self._tokens.pop(tenant, None) is not None

    def _ask(self, token_endpoint: TokenEndpoint, tenant: str) -> Secret:
        url = self.token_url.replace("{tenant}", segment(tenant))
        fields = {
            name: value.reveal() if isinstance(value, Secret) else value for name, value in self.body.items()
        }
        headers: dict[str, str] = {}
        if self.basic:
            basic = PreparedRequest()
            basic.headers = CaseInsensitiveDict()
            HTTPBasicAuth(self.basic[0].reveal(), self.basic[1].reveal())(basic)
            headers = dict(basic.headers)
            token_endpoint.redactor.add(headers["Authorization"].removeprefix("Basic "))
        asked_at = token_endpoint.clock.monotonic()
        try:
            answer = token_endpoint.send(
                url, headers=headers, **({"json": fields} if self.as_json else {"data": fields})
            )
        except (RequestRefused, PermissionMissing) as error:
            raise CredentialsRefused(error.problem) from None
        token, lifetime = at(answer.body, "access_token"), at(answer.body, "expires_in")
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
            raise Malformed(f"{safe_url(url)} sent no access_token")
        token_endpoint.redactor.add(token)
        seconds = float(lifetime) if isinstance(lifetime, str) and lifetime.isdecimal() else 300.0
        self._tokens[tenant] = (Secret(token), asked_at + max(seconds - _EARLY, seconds / 2))
        return self._tokens[tenant][0]


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
