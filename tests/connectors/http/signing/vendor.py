"""A token endpoint on loopback and the credentials it takes.

Belongs here: what the tests of credentials share. Does not: expectations.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from connectors.http.client import Client
from connectors.http.redaction import Secret
from connectors.http.signing.tokens import ClientCredentials
from connectors.testing.fetching import FastClock
from connectors.testing.server import Asked, FakeServer, Reply, serving
from tests.connectors.http.wire import opened

OWN = {"host", "user-agent", "accept-encoding", "accept", "connection"}
"""What the library sends with every request; nothing of it says who we are."""


KEY, WORD, CLIENT, TENANT = "canary-key-11", "canary-word-12", "canary-client-13", "canary-tenant-14"


@dataclass
class Vendor:
    """An API with tokens: path ``/{tenant}/token`` gives them, every other path wants one."""

    lifetime: object = 3600
    given: dict[str, str] = field(default_factory=dict)
    good: set[str] = field(default_factory=set)
    token_requests: list[Asked] = field(default_factory=list)
    data_requests: list[tuple[str, str]] = field(default_factory=list)
    token_reply: Reply | None = None

    def __call__(self, asked: Asked) -> Reply:
        if asked.path.endswith("/token"):
            self.token_requests.append(asked)
            if self.token_reply:
                return self.token_reply
            token = f"token{len(self.token_requests)}-{asked.path.removesuffix('token').strip('/')}"
            self.good.add(token)
            return Reply.json(
                {
                    "access_token": token,
                    **({"expires_in": self.lifetime} if self.lifetime is not None else {}),
                }
            )
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        self.data_requests.append((asked.path, token))
        return Reply.json([]) if token in self.good else Reply.json({"error": f"{token} has expired"}, 401)


@contextmanager
def tokens(vendor: Vendor, **more: object) -> Iterator[tuple[FakeServer, Client, FastClock]]:
    clock = FastClock()
    with serving(vendor) as server:
        body = {"client_secret": Secret(WORD), "grant_type": "client_credentials"}
        auth = ClientCredentials(server.url, f"{server.url}/{{tenant}}/token", body, **more)  # type: ignore[arg-type]
        with opened(server.url, auth=auth, clock=clock, secrets=(WORD,)) as client:
            yield server, client, clock
