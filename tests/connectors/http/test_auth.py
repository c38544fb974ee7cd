"""Who we are, said to one origin and to no other; tokens, as long as they are good and no longer.

Real token endpoints and real second origins on loopback. Does not belong here: secrets in errors
(``test_client``).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import requests

from connectors.http.auth import Auth, Basic, ByOrigin, ClientCredentials, Headers, TokenEndpoint
from connectors.http.client import Client
from connectors.http.errors import CredentialsRefused, FetchError, Malformed, OutOfBounds, Unavailable
from connectors.http.redaction import Redactor, Secret
from connectors.testing.conformance import FastClock
from connectors.testing.server import Asked, FakeServer, Reply, serving
from tests.connectors.http.wire import Unsigned, everything_in, opened

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


def test_a_token_is_used_until_a_minute_before_its_end() -> None:
    vendor = Vendor(lifetime=3600)
    with tokens(vendor) as (server, client, clock):
        for skip in (0, 1000, 1000, 1000, 500):  # to second 3500 of 3540
            clock.sleep(skip)
            client.send(f"{server.url}/items")
        assert len(vendor.token_requests) == 1
        clock.sleep(41)
        client.send(f"{server.url}/items")
        assert len(vendor.token_requests) == 2
        assert {token for _, token in vendor.data_requests[:5]} == {"token1-"}
        assert vendor.data_requests[5] == ("/items", "token2-")


@pytest.mark.parametrize(
    ("lifetime", "good_for"),
    [
        (3600, 3540),
        ("3600", 3540),
        (120, 60),
        (100, 50),
        (60, 30),
        (None, 240),
        ("soon", 240),
        (-5, 240),
        ("", 240),
        ([], 240),
        (True, 240),  # five minutes where nothing usable is said
    ],
)
def test_whatever_its_lifetime_a_token_is_renewed_before_its_end(lifetime: object, good_for: float) -> None:
    vendor = Vendor(lifetime=lifetime)
    with tokens(vendor) as (server, client, clock):
        client.send(server.url)
        clock.sleep(good_for - 10)
        client.send(server.url)
        assert len(vendor.token_requests) == 1
        clock.sleep(10)
        client.send(server.url)
        assert len(vendor.token_requests) == 2


@pytest.mark.parametrize("lifetime", [int("9" * 400), 10**20])
def test_a_token_for_ever_is_no_error(lifetime: int) -> None:
    vendor = Vendor(lifetime=lifetime)
    with tokens(vendor) as (server, client, clock):
        client.send(server.url)
        clock.sleep(10**9)
        client.send(server.url)
    assert len(vendor.token_requests) == 1


def test_a_token_that_is_refused_is_replaced_and_the_request_repeated() -> None:
    vendor = Vendor()
    with tokens(vendor) as (server, client, clock):
        for _ in range(3):  # again and again during a long walk
            client.send(f"{server.url}/items")
            vendor.good.clear()
        client.send(f"{server.url}/items")
    assert [token for _, token in vendor.data_requests] == [
        "token1-",
        "token1-",
        "token2-",
        "token2-",
        "token3-",
        "token3-",
        "token4-",
    ]
    assert clock.skipped == 0  # no pause: nothing is wrong with the vendor


def test_a_new_token_that_is_refused_too_ends_it() -> None:
    vendor = Vendor()
    with (
        tokens(vendor) as (server, client, _),
        pytest.raises(CredentialsRefused, match="check the credentials"),
    ):
        vendor.good = type("Nothing", (set,), {"add": lambda self, token: None})()
        client.send(f"{server.url}/items")
    assert len(vendor.data_requests) == 2
    assert len(vendor.token_requests) == 2


@pytest.mark.parametrize("way", ["unsigned", "headers", "basic"])
def test_what_cannot_be_renewed_is_not_tried_again_after_401(way: str) -> None:
    with serving(lambda asked: Reply(401, b"no")) as server:
        ways: dict[str, Auth] = {
            "unsigned": Unsigned(),
            "headers": Headers(server.url, {"x-key": Secret(KEY)}),
            "basic": Basic(server.url, Secret("user"), Secret(WORD)),
        }
        with opened(server.url, auth=ways[way]) as client, pytest.raises(CredentialsRefused):
            client.send(server.url)
        assert len(server.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_token_endpoint_that_refuses_is_asked_once_and_names_the_credentials(status: int) -> None:
    vendor = Vendor(token_reply=Reply.json({"error": "invalid_client", "got": WORD}, status))
    with (
        tokens(vendor) as (server, client, _),
        pytest.raises(CredentialsRefused, match="invalid_client") as caught,
    ):
        client.send(f"{server.url}/items")
    assert len(vendor.token_requests) == 1
    assert vendor.data_requests == []
    assert WORD not in everything_in(caught.value)


def test_a_refusal_of_renewal_is_asked_for_once_as_well() -> None:
    vendor = Vendor()
    with tokens(vendor) as (server, client, clock):
        client.send(f"{server.url}/items")
        clock.sleep(3600)
        vendor.token_reply = Reply.json({"error": "invalid_client"}, 401)
        with pytest.raises(CredentialsRefused):
            client.send(f"{server.url}/items")
    assert len(vendor.token_requests) == 2


def test_a_token_endpoint_that_cannot_answer_is_asked_again() -> None:
    vendor = Vendor(token_reply=Reply(503))
    with tokens(vendor) as (server, client, _), pytest.raises(Unavailable):
        client.send(f"{server.url}/items")
    assert len(vendor.token_requests) == 4


@pytest.mark.parametrize(
    "token", [None, "", ["x"], {"x": "y"}, True, "a\r\nX: b", "a\nb", "tökén", "a\x7fb", "a\u2028b"]
)
def test_a_token_that_fits_no_header_is_refused(token: object) -> None:
    vendor = Vendor(token_reply=Reply.json({"access_token": token}))
    with tokens(vendor) as (server, client, _), pytest.raises(Malformed, match="access_token"):
        client.send(f"{server.url}/items")
    assert vendor.data_requests == []


def test_each_realm_has_its_own_token() -> None:
    vendor = Vendor()
    with tokens(vendor) as (server, client, _):
        for tenant in ("red", "blue", "red", "blue", "red"):
            client.send(f"{server.url}/items/{tenant}", tenant=tenant)
        assert [asked.path for asked in vendor.token_requests] == ["/red/token", "/blue/token"]
        assert {(path.removeprefix("/items/"), token) for path, token in vendor.data_requests} == {
            ("red", "token1-red"),
            ("blue", "token2-blue"),
        }
        vendor.good.remove("token1-red")
        client.send(f"{server.url}/items", tenant="red")
        client.send(f"{server.url}/items", tenant="blue")
    assert [asked.path for asked in vendor.token_requests] == ["/red/token", "/blue/token", "/red/token"]


def test_a_realm_stays_in_its_place_in_the_address() -> None:
    vendor = Vendor()
    with tokens(vendor) as (server, client, _):
        client.send(server.url, tenant="../../x/y?z#w%2f é")
    assert [(asked.path, dict(asked.query)) for asked in vendor.token_requests] == [
        ("/..%2F..%2Fx%2Fy%3Fz%23w%252f%20%C3%A9/token", {})
    ]


@pytest.mark.parametrize("tenant", ["..", ".", "\ud800"])
def test_a_realm_that_fits_no_address_is_refused(tenant: str) -> None:
    vendor = Vendor()
    with tokens(vendor) as (server, client, _), pytest.raises(FetchError):
        client.send(server.url, tenant=tenant)
    assert vendor.token_requests == []


def test_the_token_request_is_a_form_as_the_standard_says() -> None:
    vendor = Vendor()
    with tokens(vendor) as (server, client, _):
        client.send(server.url)
    (asked,) = vendor.token_requests
    assert (asked.method, asked.headers["content-type"]) == ("POST", "application/x-www-form-urlencoded")
    assert asked.form() == {"client_secret": WORD, "grant_type": "client_credentials"}
    assert set(asked.headers) <= OWN | {"content-type", "content-length"}


def test_the_token_request_may_be_json_with_basic_authentication_and_further_headers() -> None:
    vendor = Vendor()
    basic, headers = (Secret("user:name"), Secret("wörd")), {"clientId": Secret(CLIENT)}
    with tokens(vendor, as_json=True, basic=basic, headers=headers) as (server, client, _):
        client.send(server.url)
        data = server.asked[-1]
    (asked,) = vendor.token_requests
    assert json.loads(asked.body) == {"client_secret": WORD, "grant_type": "client_credentials"}
    user, _, word = base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")).partition(b":")
    assert (user, word) in ((b"user", b"name:w\xf6rd"), (b"user", "name:wörd".encode()))
    assert "clientid" not in asked.headers
    assert data.headers["clientid"] == CLIENT


def test_a_token_is_asked_for_only_where_the_source_may_go() -> None:
    with serving(Vendor()) as api, serving(Vendor()) as other:
        auth = ClientCredentials(api.url, f"{other.url}/token", {"client_secret": Secret(WORD)})
        with opened(api.url, auth=auth) as client, pytest.raises(OutOfBounds):
            client.send(api.url)
        assert (api.asked, other.asked) == ([], [])


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
