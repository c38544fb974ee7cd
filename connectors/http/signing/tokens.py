"""Tokens: asked for with credentials, used until shortly before they end, and renewed once after a 401.

What belongs here: the ways to a token. What does not: credentials that are sent as they are (``auth``), and
where a refresh token is kept (``token_file``).

A sign-in that is refused is not repeated, by no request of the same client: vendors lock accounts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from requests import PreparedRequest
from requests.auth import HTTPBasicAuth
from requests.structures import CaseInsensitiveDict

from connectors.http.errors import CredentialsRefused, Malformed, PermissionMissing, RequestRefused
from connectors.http.json_answers import Answer, Json, at, said
from connectors.http.origins import Origin, segment
from connectors.http.redaction import Secret, safe_url
from connectors.http.signing.auth import TokenEndpoint

_EARLY = 60.0
"""Seconds before its end at which a token is no longer used: a request takes time, and clocks differ."""

_UNSAID = 300.0
"""Seconds that a token lasts whose vendor does not say."""

Fields = Mapping[str, str | Secret]


@dataclass
class _Tokens:
    """What all ways share: a token per tenant, put on the requests to one origin.

    Attributes:
        origin: The address whose origin the tokens are for.
        token_url: Where they are requested; ``{tenant}`` in it is replaced by the tenant.
        headers: Further headers of the signed requests.
    """

    origin: str
    token_url: str
    headers: Mapping[str, Secret] = field(default_factory=dict, kw_only=True)
    _known: dict[str, tuple[Secret, float]] = field(default_factory=dict, repr=False, init=False)
    _refusals: dict[str, CredentialsRefused] = field(default_factory=dict, repr=False, init=False)

    def sign(self, request: PreparedRequest, token_endpoint: TokenEndpoint, tenant: str) -> None:
        """Add a token that is still valid for a while, if the request goes to the origin it belongs to.

        Raises:
            CredentialsRefused: The vendor gives none, or gave none before.
        """
        if Origin.of(request.url or "") != Origin.of(self.origin):
            return
        token, until = self._known.get(tenant, (None, 0.0))
        if token is None or token_endpoint.clock.monotonic() >= until:
            token = self._asked_once(token_endpoint, tenant)
        self._put(request, token)
        request.headers.update({name: value.reveal() for name, value in self.headers.items()})

    def renew(self, tenant: str) -> bool:
        """Discard the token of the tenant that the request was for."""
        return self._known.pop(tenant, None) is not None

    def _put(self, request: PreparedRequest, token: Secret) -> None:
        request.headers["Authorization"] = f"Bearer {token.reveal()}"

    def _asked_once(self, token_endpoint: TokenEndpoint, tenant: str) -> Secret:
        if tenant in self._refusals:
            known = self._refusals[tenant]
            raise type(known)(f"{known.problem}, and was not asked again")
        try:
            return self._asked(token_endpoint, tenant)
        except (CredentialsRefused, RequestRefused, PermissionMissing) as error:
            kind = type(error) if isinstance(error, CredentialsRefused) else CredentialsRefused
            self._refusals[tenant] = refusal = kind(error.problem)
        raise refusal

    def _asked(self, token_endpoint: TokenEndpoint, tenant: str) -> Secret:
        raise NotImplementedError

    def _kept(
        self, token_endpoint: TokenEndpoint, tenant: str, answer: Answer, name: str, asked_at: float
    ) -> Secret:
        """Keep the token that an answer gives under a name, and return it."""
        token = given(token_endpoint, answer, name)
        lifetime = at(answer.body, "expires_in")
        seconds = float(lifetime) if isinstance(lifetime, str) and lifetime.isdecimal() else _UNSAID
        self._known[tenant] = (token, asked_at + max(seconds - _EARLY, seconds / 2))
        return token


@dataclass
class ClientCredentials(_Tokens):
    """OAuth 2.0 client credentials (RFC 6749 §4.4).

    Attributes:
        body: The fields of the request; secrets are revealed only for it.
        as_json: Whether the fields are sent as JSON, as some vendors require; otherwise as a form, as in the
            standard.
        basic: Client id and secret for Basic authentication of the token request, where the vendor requires
            that.
    """

    body: Fields
    as_json: bool = False
    basic: tuple[Secret, Secret] | None = None

    def _asked(self, token_endpoint: TokenEndpoint, tenant: str) -> Secret:
        url = self.token_url.replace("{tenant}", segment(tenant))
        asked_at = token_endpoint.clock.monotonic()
        headers = _basic(token_endpoint, self.basic)
        fields = _revealed(self.body)
        answer = token_endpoint.send(
            url, headers=headers, **({"json": fields} if self.as_json else {"data": fields})
        )
        return self._kept(token_endpoint, tenant, answer, "access_token", asked_at)


@dataclass
class Login(_Tokens):
    """A sign-in with user and password, or a key, as JSON; the answer names a token for the session.

    Attributes:
        body: The fields of the request.
        token: Dotted path of the token in the answer.
        header: Where it goes in the requests that follow.
        prefix: What stands before it there.
    """

    body: Fields
    token: str
    header: str = "Authorization"
    prefix: str = "Bearer "

    def _put(self, request: PreparedRequest, token: Secret) -> None:
        request.headers[self.header] = f"{self.prefix}{token.reveal()}"

    def _asked(self, token_endpoint: TokenEndpoint, tenant: str) -> Secret:
        asked_at = token_endpoint.clock.monotonic()
        answer = token_endpoint.send(self.token_url, headers={}, json=_revealed(self.body))
        return self._kept(token_endpoint, tenant, answer, self.token, asked_at)


Exchange = Callable[[Secret], tuple[Answer, Secret]]
"""Sends a refresh token; returns the vendor's answer and the token that is good from now on."""


class TokenStore(Protocol):
    """Where a refresh token is kept that may be another one after each use."""

    def rotated(self, token_endpoint: TokenEndpoint, exchange: Exchange) -> Answer:
        """Give the exchange the token that is kept, keep the one that its answer names, and return the
        answer.
        """


@dataclass
class RefreshToken(_Tokens):
    """OAuth 2.0 refresh token (RFC 6749 §6) of a person who allowed it once.

    Attributes:
        basic: Client id and secret.
        store: Where the refresh token is kept; the vendor may give another one with each access token.
    """

    basic: tuple[Secret, Secret]
    store: TokenStore

    def _asked(self, token_endpoint: TokenEndpoint, tenant: str) -> Secret:
        asked_at = token_endpoint.clock.monotonic()

        def exchange(old: Secret) -> tuple[Answer, Secret]:
            fields = {"grant_type": "refresh_token", "refresh_token": old.reveal()}
            headers = {**_basic(token_endpoint, self.basic), "Accept": "application/json"}
            answer = token_endpoint.send(self.token_url, headers=headers, data=fields)
            is_new = at(answer.body, "refresh_token") is not None
            return answer, given(token_endpoint, answer, "refresh_token") if is_new else old

        answer = self.store.rotated(token_endpoint, exchange)
        return self._kept(token_endpoint, tenant, answer, "access_token", asked_at)


def given(token_endpoint: TokenEndpoint, answer: Answer, name: str) -> Secret:
    """Return a token of an answer.

    Raises:
        CredentialsRefused: The answer is an object without it: a refusal sent with a success status.
        Malformed: What it holds is no token, or it is no object.
    """
    where = safe_url(answer.url)
    if not isinstance(answer.body, Mapping):
        raise Malformed(f"{where} sent no {name}")
    token: Json = at(answer.body, name)
    if token is None or token == "":
        raise CredentialsRefused(f"{where} sent no {name}{said(answer.body)}")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise Malformed(f"{where} sent a {name} that is none")
    token_endpoint.redactor.add(token)
    return Secret(token)


def _revealed(body: Fields) -> dict[str, str]:
    return {name: value.reveal() if isinstance(value, Secret) else value for name, value in body.items()}


def _basic(token_endpoint: TokenEndpoint, basic: tuple[Secret, Secret] | None) -> dict[str, str]:
    if basic is None:
        return {}
    request = PreparedRequest()
    request.headers = CaseInsensitiveDict()
    HTTPBasicAuth(basic[0].reveal(), basic[1].reveal())(request)
    token_endpoint.redactor.add(request.headers["Authorization"].removeprefix("Basic "))
    return dict(request.headers)
