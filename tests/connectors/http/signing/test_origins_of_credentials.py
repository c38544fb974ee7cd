"""Who we are, said to one origin and to no other.

Real second origins on loopback. Does not belong here: when a token is renewed (``test_tokens``), secrets in
errors (``client/test_secrets``).
"""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
import requests

from connectors.http.errors import FetchError
from connectors.http.redaction import Redactor, Secret
from connectors.http.signing.auth import Auth, Basic, ByOrigin, Headers, TokenEndpoint
from connectors.http.signing.tokens import ClientCredentials
from connectors.testing.fetching import FastClock
from connectors.testing.server import Asked, Reply, serving
from tests.connectors.http.signing.vendor import CLIENT, KEY, OWN, TENANT, WORD, Vendor, tokens
from tests.connectors.http.wire import Unsigned, everything_in, opened

WAYS: dict[str, Callable[[str], Auth]] = {
    "headers": lambda url: Headers(
        url, {"x-key": Secret(KEY), "clientId": Secret(CLIENT), "x-tenant": Secret(TENANT)}
    ),
    "basic": lambda url: Basic(url, Secret("user"), Secret(WORD), {"clientId": Secret(CLIENT)}),
    "client credentials": lambda url: ClientCredentials(
        url, f"{url}/token", {"secret": Secret(WORD)}, headers={"x-tenant": Secret(TENANT)}
    ),
    "by origin": lambda url: ByOrigin(
        (Headers(url, {"x-key": Secret(KEY)}), Basic(url, Secret("user"), Secret(WORD)))
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_another_origin_hears_nothing_of_who_we_are(way: str) -> None:
    """Even where requests may go to both, even after the first one set a cookie for its host."""
    vendor = Vendor()

    def api(asked: Asked) -> Reply:
        reply = vendor(asked) if asked.path == "/token" else Reply.json([])
        reply.headers |= {"Set-Cookie": f"session={KEY}; Path=/; Domain=127.0.0.1"}
        return reply

    with serving(api) as ours, serving(lambda asked: Reply(200, b"[]")) as theirs:
        with opened(ours.url, theirs.url, auth=WAYS[way](ours.url), blob_hosts=(theirs.url,)) as client:
            for _ in range(2):
                client.send(f"{ours.url}/items")
                client.send(f"{theirs.url}/items")
                assert list(client.lines(f"{theirs.url}/blob", is_packed=False)) == [b"[]"]
        data = [asked for asked in ours.asked if asked.path == "/items"]
        assert len(data) == 2 and len(theirs.asked) == 4
        assert all(set(asked.headers) - OWN for asked in data), "the vendor itself must be told"
        for asked in theirs.asked:
            assert set(asked.headers) <= OWN
            assert "canary" not in repr(asked)
        assert not [asked for asked in ours.asked if "cookie" in asked.headers]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "stranger",
    [
        "https://api.example:444/x",
        "http://127.0.0.1/x",
        "https://x.api.example/",
        "https://api.example.evil.example/",
        "https://evil.example/api.example",
    ],
)
def test_an_origin_is_scheme_host_and_port(way: str, stranger: str) -> None:
    request = requests.Request("GET", stranger).prepare()
    before = dict(request.headers)

    def no_token(url: str, **rest: object) -> object:
        raise AssertionError("a token was asked for")

    WAYS[way]("https://api.example/v1").sign(request, TokenEndpoint(no_token, FastClock(), Redactor()), "")  # type: ignore[arg-type]
    assert dict(request.headers) == before


def test_each_origin_is_told_its_own_credentials_and_no_others() -> None:
    with serving(lambda asked: Reply.json([])) as first, serving(lambda asked: Reply.json([])) as second:
        auth = ByOrigin(
            (Headers(first.url, {"x-first": Secret(KEY)}), Headers(second.url, {"x-second": Secret(WORD)}))
        )
        with opened(first.url, second.url, auth=auth) as client:
            client.send(first.url)
            client.send(second.url)
        assert set(first.asked[0].headers) - OWN == {"x-first"}
        assert set(second.asked[0].headers) - OWN == {"x-second"}


def test_of_several_ways_whatever_can_be_renewed_is() -> None:
    vendor = Vendor()
    with serving(vendor) as server:
        token = ClientCredentials(server.url, f"{server.url}/token", {})
        with opened(server.url, auth=ByOrigin((Unsigned(), token))) as client:
            client.send(f"{server.url}/items")
            vendor.good.clear()
            client.send(f"{server.url}/items")
    assert len(vendor.token_requests) == 2


def test_basic_authentication_is_as_the_standard_says() -> None:
    with serving(lambda asked: Reply.json([])) as server:
        with opened(server.url, auth=Basic(server.url, Secret("Aladdin"), Secret("open sesame"))) as client:
            client.send(server.url)
        assert server.asked[0].headers["authorization"] == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="  # RFC 7617 §2


@pytest.mark.parametrize("way", WAYS)
def test_no_way_of_signing_shows_its_secrets(way: str) -> None:
    auth = WAYS[way]("https://api.example")
    assert "canary" not in f"{auth} {auth!r}"


def test_a_way_of_signing_does_not_show_the_tokens_it_got() -> None:
    with tokens(Vendor()) as (server, client, _):
        client.send(server.url)
        assert "token1" not in f"{client.auth!r} {client!r}"


@pytest.mark.parametrize("way", ["basic", "client credentials"])
def test_what_was_made_of_secrets_on_the_way_is_hidden_too(way: str) -> None:
    """The vendor repeats what it was sent: a token it gave itself, or user and password as they travel."""

    def app(asked: Asked) -> Reply:
        if asked.path == "/token":
            return Reply.json({"access_token": "canary-token-15", "expires_in": 60})
        return Reply.json({"error": f"refused: {asked.headers['authorization']}"}, 400)

    with (
        serving(app) as server,
        opened(server.url, auth=WAYS[way](server.url), secrets=(WORD,)) as client,
        pytest.raises(FetchError, match="refused") as caught,
    ):
        client.send(f"{server.url}/items")
    told = everything_in(caught.value)
    assert "canary-token-15" not in told
    assert base64.b64encode(f"user:{WORD}".encode()).decode() not in told
