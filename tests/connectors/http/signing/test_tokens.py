"""Tokens, as long as they are good and no longer.

Real token endpoints on loopback. Does not belong here: other origins (``test_origins_of_credentials``).
"""

from __future__ import annotations

import base64
import json

import pytest

from connectors.http.errors import CredentialsRefused, FetchError, Malformed, OutOfBounds, Unavailable
from connectors.http.redaction import Secret
from connectors.http.signing.auth import Auth, Basic, Headers
from connectors.http.signing.tokens import ClientCredentials
from connectors.testing.server import Reply, serving
from tests.connectors.http.signing.vendor import CLIENT, KEY, OWN, WORD, Vendor, tokens
from tests.connectors.http.wire import Unsigned, everything_in, opened


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
    refused = (Malformed, CredentialsRefused)
    with tokens(vendor) as (server, client, _), pytest.raises(refused, match="access_token"):
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
