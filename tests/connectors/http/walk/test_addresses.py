"""Addresses of a walk, which records cannot bend.

Belongs here: what is filled into an address, tenants, and probing. Does not: what a walk makes of the
records (``test_walk``).
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.http.endpoint import Endpoint, Tenants
from connectors.http.errors import FetchError, Malformed, OutOfBounds, RequestRefused
from connectors.http.paging.linked import NextUrl
from connectors.http.signing.tokens import ClientCredentials
from connectors.http.walk import Walk
from connectors.testing.server import Asked, Reply, serving
from tests.connectors.http.walk.walking import CLIENTS, SEATS, SHOP, SITES, answering, records, walked
from tests.connectors.http.wire import opened

# --- addresses


HOSTILE = {
    "../..": "..%2F..",
    "a/b?c#d": "a%2Fb%3Fc%23d",
    "%2e%2e": "%252e%252e",
    "%2f": "%252f",
    "..;/x": "..%3B%2Fx",
    "\\..\\": "%5C..%5C",
    "//evil.example/": "%2F%2Fevil.example%2F",
    "https://evil.example": "https%3A%2F%2Fevil.example",
    "@evil.example": "%40evil.example",
    "a b+c&d=é": "a%20b%2Bc%26d%3D%C3%A9",
    "{start}": "%7Bstart%7D",
    "...": "...",
    "x\r\nHost: evil": "x%0D%0AHost%3A%20evil",
    "\u202e\u2028": "%E2%80%AE%E2%80%A8",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_an_id_stays_in_its_place_in_the_address(name: str) -> None:
    documents = {"/v1/clients": [{"id": name}], f"/v1/clients/{HOSTILE[name]}/sites": []}
    with serving(answering(documents)) as server, opened(server.url) as client:
        assert list(Walk(client, f"{server.url}/v1/", {"start": "2026-10-01"}).records(SITES)) == []
        assert [(asked.path, dict(asked.query)) for asked in server.asked] == [
            (path, {}) for path in documents
        ]


@pytest.mark.parametrize("name", [".", "..", "\ud800", "a\udfffb", "\x00"])
def test_an_id_that_no_quoting_keeps_in_its_place_is_an_error(name: str) -> None:
    rows = Endpoint("sites", "/clients/{client.id}/sites", parent=CLIENTS)
    with pytest.raises(FetchError):
        records(rows, {"/clients": [{"id": name}]})


@settings(max_examples=60, deadline=None)
@given(name=st.text(min_size=1) | st.text("./%\\?#;@:2eEfF", min_size=1))
def test_no_id_whatever_leads_to_another_path(name: str) -> None:
    asked: list[Asked] = []

    def app(request: Asked) -> Reply:
        asked.append(request)
        return Reply.json([{"id": name}] if request.path == "/v1/clients" else [])

    with serving(app) as server, opened(server.url) as client:
        try:
            list(Walk(client, f"{server.url}/v1", {}).records(SITES))
        except OutOfBounds:
            assert len(asked) == 1
            return
    path = asked[1].path.split("/")
    assert (path[:3], path[4:], len(path), asked[1].query) == (["", "v1", "clients"], ["sites"], 5, {})
    assert path[3] not in ("", ".", "..")


@pytest.mark.parametrize("value", [None, "", True, [1], {}])
def test_a_parent_without_the_field_that_the_address_needs_is_an_error(value: object) -> None:
    with pytest.raises((RequestRefused, Malformed)) as caught:
        records(
            Endpoint("sites", "/s/{client.code}", parent=CLIENTS), {"/clients": [{"id": 1, "code": value}]}
        )
    assert value in ([1], {}) or "needs client.code" in str(caught.value)


def test_places_are_filled_from_the_facts_in_path_parameters_and_headers() -> None:
    endpoint = Endpoint(
        "x",
        "/{period}/x",
        params={"from": "{start}", "to": "{end}", "both": "{start}/{last}"},
        headers={"x-tenant": "{tenant_id}", "x-fixed": "{}"},
    )
    facts = {
        "period": "2026-10",
        "start": "2026-10-01",
        "end": "2026-11-01",
        "last": "2026-10-31",
        "tenant_id": "a/b c",
    }
    _, _, server = walked(endpoint, {"/2026-10/x": []}, **facts)
    (asked,) = server.asked
    assert dict(asked.query) == {"from": "2026-10-01", "to": "2026-11-01", "both": "2026-10-01/2026-10-31"}
    assert (asked.headers["x-tenant"], asked.headers["x-fixed"]) == ("a/b c", "{}")


@pytest.mark.parametrize("where", ["path", "params", "headers", "tenant"])
def test_a_fact_that_is_missing_is_an_error_before_anything_is_sent(where: str) -> None:
    more: dict[str, Any] = {
        "path": {},
        "params": {"params": {"a": "{absent}"}},
        "headers": {"headers": {"a": "{absent}"}},
        "tenant": {"tenant": "{absent}"},
    }[where]
    endpoint = Endpoint("x", "/x/{absent}" if where == "path" else "/x", **more)
    with serving(answering({})) as server, opened(server.url) as client:
        with pytest.raises(RequestRefused, match="needs absent"):
            list(Walk(client, server.url, {"present": "1"}).records(endpoint))
        assert server.asked == []


def test_a_path_may_be_a_whole_address_of_a_setting_and_of_no_record() -> None:
    with (
        serving(answering({"/other/x": [], "/c": [{"id": 1, "url": "http://127.0.0.1:9/x"}]})) as server,
        opened(server.url) as client,
    ):
        walk = Walk(client, f"{server.url}/unused", {"other_url": f"{server.url}/other"})
        assert list(walk.records(Endpoint("x", "{other_url}/x"))) == []
        parent = Endpoint("c", f"{server.url}/c", alias="c")
        with pytest.raises(FetchError):
            list(walk.records(Endpoint("y", "{c.url}", parent=parent)))
        assert [asked.path.split("http")[0] for asked in server.asked[:2]] == ["/other/x", "/c"]
        assert all(asked.path.startswith("/unused") for asked in server.asked[2:])


# --- tenants and probing


def test_each_tenant_of_the_setting_is_walked_once_with_its_own_token() -> None:
    given_tokens = []

    def app(asked: Asked) -> Reply:
        if asked.path.endswith("/token"):
            given_tokens.append(asked.path)
            return Reply.json({"access_token": f"of-{asked.path.split('/')[1]}"})
        return Reply.json([{"seats": 5, "token": asked.headers["authorization"]}])

    with serving(app) as server:
        auth = ClientCredentials(server.url, f"{server.url}/{{tenant}}/token", {})
        with opened(server.url, auth=auth) as client:
            endpoint = Endpoint("seats", "/seats", parent=Tenants("tenants"), tenant="{tenant.id}")
            rows = list(Walk(client, server.url, {"tenants": " red  blue\nred "}).records(endpoint))
    assert [(row["tenant.id"], row["token"]) for row in rows] == [
        ("red", "Bearer of-red"),
        ("blue", "Bearer of-blue"),
    ]
    assert given_tokens == ["/red/token", "/blue/token"]


def test_probing_asks_for_one_page_of_the_first_tenant() -> None:
    documents = {"/red/x": {"items": [{"id": 1}], "next": "/red/x?page=2"}, "/clients": SHOP["/clients"]}
    with serving(answering(documents)) as server, opened(server.url) as client:
        walk = Walk(client, server.url, {"tenants": "red blue"})
        walk.probe(
            Endpoint("x", "/{tenant.id}/x", "items", parent=Tenants("tenants"), paginator=NextUrl("next"))
        )
        walk.probe(SEATS.root)
        assert [asked.path for asked in server.asked] == ["/red/x", "/clients"]
        assert walk.counts == {}


@pytest.mark.parametrize(("document", "error"), [({"error": "x"}, Malformed), (b"no JSON", Malformed)])
def test_probing_says_what_is_wrong(document: Any, error: type[FetchError]) -> None:
    with (
        serving(answering({"/clients": document})) as server,
        opened(server.url) as client,
        pytest.raises(error),
    ):
        Walk(client, server.url, {}).probe(CLIENTS)
