"""One endpoint from its first page to its last: parents, children, copies, counts, and addresses that records
cannot bend.

Belongs here: ``walk``. Does not: ways of paging (``test_paging``), what is written of it
(``test_fetch_feed``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.http.auth import ClientCredentials
from connectors.http.endpoint import Count, Endpoint, Lookup, Tenants
from connectors.http.errors import FetchError, Inconsistent, Malformed, OutOfBounds, RequestRefused
from connectors.http.paging.linked import LinkHeader, NextUrl
from connectors.http.paging.numbered import PageNumber
from connectors.http.walk import Walk
from connectors.testing.server import Asked, FakeServer, Reply, serving
from tests.connectors.http.wire import everything_in, opened

Documents = Mapping[str, Any]


def answering(documents: Documents) -> Callable[[Asked], Reply]:
    """Answer each path with its document, as it is on the wire."""

    def app(asked: Asked) -> Reply:
        if asked.path not in documents:
            return Reply.json({"error": f"no {asked.path}"}, 404)
        found = documents[asked.path]
        return Reply(200, found) if isinstance(found, bytes) else Reply.json(found)

    return app


def walked(
    endpoint: Endpoint, documents: Documents, **facts: str
) -> tuple[list[dict[str, Any]], Walk, FakeServer]:
    with serving(answering(documents)) as server, opened(server.url) as client:
        walk = Walk(client, server.url, facts)
        return list(walk.records(endpoint)), walk, server


def records(endpoint: Endpoint, documents: Documents, **facts: str) -> list[dict[str, Any]]:
    return walked(endpoint, documents, **facts)[0]


CLIENTS = Endpoint("clients", "/clients", key=("id",), alias="client")
SITES = Endpoint("sites", "/clients/{client.id}/sites", key=("id",), alias="site", parent=CLIENTS)
SEATS = Endpoint(
    "seats",
    "/clients/{client.id}/sites/{site.id}/seats",
    parent=SITES,
    params={"of": "{client.name} {site.city.name}"},
)
SHOP = {
    "/clients": [{"id": 1, "name": "Alder"}, {"id": 2, "name": "Bright"}],
    "/clients/1/sites": [{"id": 11, "city": {"name": "Ghent"}}, {"id": 12, "city": {"name": "Lier"}}],
    "/clients/2/sites": [{"id": 21, "city": {"name": "Mons"}}],
    "/clients/1/sites/11/seats": [{"n": 5}, {"n": 6}],
    "/clients/1/sites/12/seats": [],
    "/clients/2/sites/21/seats": [{"n": 7}],
}


def test_children_know_their_parents_and_grandparents_by_alias() -> None:
    rows, walk, server = walked(SEATS, SHOP)
    first = {"client.id": "1", "client.name": "Alder", "site.id": "11", "site.city.name": "Ghent"}
    assert rows == [
        {**first, "n": "5", "_copy": "0"},
        {**first, "n": "6", "_copy": "0"},
        {
            "client.id": "2",
            "client.name": "Bright",
            "site.id": "21",
            "site.city.name": "Mons",
            "n": "7",
            "_copy": "0",
        },
    ]
    assert [asked.query.get("of") for asked in server.asked if asked.path.endswith("seats")] == [
        "Alder Ghent",
        "Alder Lier",
        "Bright Mons",
    ]
    assert {name: (count.pages, count.rows) for name, count in walk.counts.items()} == {
        "clients": (1, 2),
        "sites": (2, 3),
        "seats": (3, 3),
    }


def test_only_wanted_parents_are_walked() -> None:
    clients = Endpoint(
        "clients", "/clients", key=("id",), alias="client", wanted=lambda record: record["name"] == "Bright"
    )
    rows, _, server = walked(Endpoint("sites", "/clients/{client.id}/sites", parent=clients), SHOP)
    assert [row["id"] for row in rows] == ["21"]
    assert [asked.path for asked in server.asked] == ["/clients", "/clients/2/sites"]


def test_records_inside_records_know_the_rest_of_it() -> None:
    invoices = Endpoint("invoices", "/invoices", key=("id",), alias="invoice", explode="lines")
    body = [
        {"id": "A", "lines": [{"id": 1}, {"id": 1}]},
        {"id": "B", "lines": []},
        {"id": "C", "to": {"city": "Lier"}, "lines": [{"n": {"x": 1}}]},
    ]
    assert records(invoices, {"/invoices": body}) == [
        {"invoice.id": "A", "id": "1", "_item": "1"},
        {"invoice.id": "A", "id": "1", "_item": "2"},
        {"invoice.id": "C", "invoice.to.city": "Lier", "n.x": "1", "_item": "1"},
    ]


@pytest.mark.parametrize("lines", [None, {}, "x", [1], [None], [[]]])
def test_a_record_without_its_list_is_an_error(lines: object) -> None:
    with pytest.raises(Malformed, match="without its list lines"):
        records(Endpoint("invoices", "/i", alias="i", explode="lines"), {"/i": [{"id": 1, "lines": lines}]})


def test_equal_records_without_identity_are_all_kept_and_told_apart() -> None:
    items = Endpoint("items", "/items", key=("id",))
    body = [{"n": 1}, {"n": 2}, {"n": 1}, {"id": None, "n": 1}, {"n": 1}, {"id": "x", "n": 1}]
    rows = records(items, {"/items": body})
    assert [(row["n"], row.get("id"), row.get("_copy")) for row in rows] == [
        ("1", None, "0"),
        ("2", None, "0"),
        ("1", None, "1"),
        ("1", None, "0"),
        ("1", None, "2"),
        ("1", "x", None),
    ]


def test_a_record_with_half_an_identity_has_none() -> None:
    items = Endpoint("items", "/items", key=("a", "b"))
    rows = records(
        items, {"/items": [{"a": 1}, {"a": 1}, {"b": 1, "c": 2}, {"a": 1, "b": 1}, {"a": 1, "b": 2}]}
    )
    assert [row.get("_copy") for row in rows] == ["0", "1", "0", None, None]


def test_a_record_that_comes_twice_is_kept_once_and_counted() -> None:
    body = b'[{"id": 1, "x": {"a": 1.0, "b": [2]}}, {"id": 2}, {"x": {"b": [2], "a": 1.0}, "id": 1}]'
    rows, walk, _ = walked(Endpoint("items", "/items", key=("id",)), {"/items": body})
    assert [row["id"] for row in rows] == ["1", "2"]
    assert (walk.counts["items"].rows, walk.counts["items"].repeated) == (2, 1)


@pytest.mark.parametrize(
    "second", ['{"id": 1, "n": 2}', '{"id": 1, "n": 1.0}', '{"id": 1, "n": "1", "more": null}', '{"id": 1}']
)
def test_a_record_that_comes_twice_with_other_content_is_an_error(second: str) -> None:
    with pytest.raises(Inconsistent, match="two different records with id = 1"):
        records(
            Endpoint("items", "/items", key=("id",)), {"/items": f'[{{"id": 1, "n": 1}}, {second}]'.encode()}
        )


def test_equal_ids_under_different_parents_are_different_records() -> None:
    documents = {
        "/clients": SHOP["/clients"],
        "/clients/1/sites": [{"id": 1, "n": 1}],
        "/clients/2/sites": [{"id": 1, "n": 2}],
    }
    assert [(row["client.id"], row["n"]) for row in records(SITES, documents)] == [("1", "1"), ("2", "2")]


def test_an_endpoint_without_records_is_no_error() -> None:
    rows, walk, _ = walked(SITES, {"/clients": []})
    assert (rows, walk.counts) == ([], {"clients": Count(pages=1)})


@pytest.mark.parametrize("record", ["x", 5, None, [], True])
def test_a_record_that_is_no_object_is_an_error(record: object) -> None:
    with pytest.raises(Malformed, match="no object"):
        records(CLIENTS, {"/clients": [{"id": 1}, record]})


@pytest.mark.parametrize("company", [None, {}, {"name": None}, {"name": {"x": 1}}, "x", [{"name": "x"}]])
def test_a_record_without_a_required_field_is_an_error(company: object) -> None:
    endpoint = Endpoint("clients", "/clients", required=("id", "company.name"))
    good = {"id": 1, "company": {"name": ""}}
    assert len(records(endpoint, {"/clients": [good]})) == 1
    with pytest.raises(Malformed, match=r"without company\.name"):
        records(endpoint, {"/clients": [good, {"id": 2, "company": company}]})


# --- records beside others


PLANS = Endpoint("plans", "/plans/{client.id}", key=("id",))
GIVEN = Lookup("_plans", PLANS, same=("plan.code", "code"))
LICENCES = Endpoint("licences", "/clients/{client.id}/sites", key=("id",), parent=CLIENTS, lookups=(GIVEN,))
OFFICE: Documents = {
    "/clients": [{"id": 1}, {"id": 2}],
    "/clients/1/sites": [
        *({"id": 11 + place, "plan": {"code": code}} for place, code in enumerate("ABC")),
        {"id": 14},
    ],
    "/clients/2/sites": [{"id": 21, "plan": {"code": "A"}}],
    "/plans/1": [
        {"id": 1, "code": "A", "of": {"n": 1.50}},
        {"id": 2, "code": "A", "l": ["é"]},
        {"id": 3, "code": "B"},
        {"id": 4},
    ],
    "/plans/2": [{"id": 5, "code": "A"}],
}


def test_a_record_is_given_the_records_beside_it_that_are_equal_in_a_field() -> None:
    rows, walk, server = walked(LICENCES, OFFICE)
    assert [(row["id"], json.loads(row["_plans"])) for row in rows] == [
        ("11", [{"id": "1", "code": "A", "of.n": "1.5"}, {"id": "2", "code": "A", "l": '["é"]'}]),
        ("12", [{"id": "3", "code": "B"}]),
        ("13", []),
        ("14", []),  # nothing is not equal to nothing
        ("21", [{"id": "5", "code": "A"}]),
    ]
    # once for each parent, after the pages of its children, and counted
    asked = [asked.path for asked in server.asked]
    assert asked == ["/clients", "/clients/1/sites", "/plans/1", "/clients/2/sites", "/plans/2"]
    assert (walk.counts["plans"].pages, walk.counts["plans"].rows, walk.counts["licences"].rows) == (2, 5, 5)


def test_a_walk_is_read_to_its_end_before_what_is_beside_its_records() -> None:
    asked: list[str] = []
    pages = paged([[{"id": 1, "plan": {"code": "A"}}], [{"id": 2, "plan": {"code": "A"}}]], [None, None])

    def app(request: Asked) -> Reply:
        asked.append(request.path)
        return pages(request) if request.path == "/items" else Reply.json([{"id": 5, "code": "A"}])

    items = Endpoint(
        "items",
        "/items",
        "items",
        paginator=NextUrl("next"),
        lookups=(replace(GIVEN, endpoint=Endpoint("plans", "/plans")),),
    )
    with serving(app) as server, opened(server.url) as client:
        assert len(list(Walk(client, server.url, {}).records(items))) == 2
    assert asked == ["/items", "/items", "/plans"]


def test_records_beside_others_are_walked_once_for_each_address_of_a_walk() -> None:
    lookup = replace(GIVEN, endpoint=Endpoint("plans", "/plans/{plan.of}", key=("id",)))
    documents = {
        "/clients": OFFICE["/clients"],
        "/clients/1/sites": [
            {"id": 11, "plan": {"code": "A", "of": 1}},
            {"id": 12, "plan": {"code": "A", "of": 2}},
        ],
        "/clients/2/sites": [{"id": 21, "plan": {"code": "B", "of": 1}}],
        "/plans/1": OFFICE["/plans/1"],
        "/plans/2": OFFICE["/plans/2"],
    }
    rows, _, server = walked(replace(LICENCES, lookups=(lookup,)), documents)
    assert [[plan["id"] for plan in json.loads(row["_plans"])] for row in rows] == [["1", "2"], ["5"], ["3"]]
    assert [asked.path for asked in server.asked if asked.path.startswith("/plans")] == [
        "/plans/1",
        "/plans/2",
    ]


def test_only_wanted_records_are_given_any() -> None:
    wanted = replace(GIVEN, wanted=lambda record: record["client.id"] == "1" and record["id"] == "12")
    rows, _, server = walked(replace(LICENCES, lookups=(wanted,)), OFFICE)
    assert [row["id"] for row in rows if "_plans" in row] == ["12"]
    assert [asked.path for asked in server.asked] == [
        "/clients",
        "/clients/1/sites",
        "/plans/1",
        "/clients/2/sites",
    ]


def test_the_sum_of_a_parent_and_what_is_beside_its_records_go_together() -> None:
    rows = records(replace(LICENCES, tally=lambda record: record["id"]), OFFICE)
    assert [(row.get("id"), row.get("_tally"), "_plans" in row) for row in rows][4:] == [
        (None, "50", False),
        ("21", None, True),
        (None, "21", False),
    ]


@pytest.mark.parametrize(
    ("plans", "error"),
    [
        (b"no JSON", Malformed),
        ({"error": "x"}, Malformed),
        (["x"], Malformed),
        ([{"code": "A"}], Malformed),  # without the field it must have
        ([{"id": 1, "a.b": 1, "a": {"b": 2}}], Malformed),
        ([{"id": 1, "code": "A"}, {"id": 1, "code": "B"}], Inconsistent),
        (None, FetchError),  # 404
    ],
)
def test_records_beside_others_that_cannot_be_had_whole_fail_the_walk(
    plans: Any, error: type[FetchError]
) -> None:
    documents = {path: answer for path, answer in {**OFFICE, "/plans/2": plans}.items() if answer is not None}
    lookup = replace(GIVEN, endpoint=replace(PLANS, required=("id",)))
    with pytest.raises(error):
        records(replace(LICENCES, lookups=(lookup,)), documents)


def test_a_total_of_records_beside_others_is_held_against_them() -> None:
    lookup = replace(GIVEN, endpoint=replace(PLANS, records="all", paginator=NextUrl("next", total="total")))
    plans = {"all": [{"id": 5, "code": "A"}], "total": 2}
    with pytest.raises(Inconsistent, match="says there are 2 records and sent 1"):
        records(replace(LICENCES, lookups=(lookup,)), {**OFFICE, "/plans/1": plans, "/plans/2": plans})


def test_the_address_of_records_beside_others_is_filled_in_safely_or_not_at_all() -> None:
    lookup = replace(GIVEN, endpoint=replace(PLANS, path="/plans/{plan.code}"))
    sites = {
        "/clients": [{"id": 1}],
        "/clients/1/sites": [{"id": 11, "plan": {"code": "../a?b"}}],
        "/plans/..%2Fa%3Fb": [],
    }
    rows = records(replace(LICENCES, lookups=(lookup,)), sites)
    assert [row["_plans"] for row in rows] == ["[]"]
    for plan in ({"code": ".."}, {"code": None}, {}):
        with pytest.raises(FetchError):
            records(
                replace(LICENCES, lookups=(lookup,)),
                {**sites, "/clients/1/sites": [{"id": 11, "plan": plan}]},
            )


# --- fields


def test_nested_objects_become_dotted_names_and_lists_their_json() -> None:
    body = (
        b'[{"a": {"b": {"c": 1.50}}, "l": [{"x": 1e2, "u": "\\u00e9"}], "e": {}, "n": null, "t": true, "s":'
        b' "1"}]'
    )
    assert records(Endpoint("x", "/x"), {"/x": body}) == [
        {
            "a.b.c": "1.50",
            "l": '[{"x": "100", "u": "é"}]',
            "e": "{}",
            "n": None,
            "t": True,
            "s": "1",
            "_copy": "0",
        }
    ]


@pytest.mark.parametrize(
    "body", ['{"a.b": 1, "a": {"b": 2}}', '{"a": {"b": 2}, "a.b": 1}', '{"a": {"b.c": 2, "b": {"c": 3}}}']
)
def test_two_fields_that_would_have_one_name_are_an_error(body: str) -> None:
    """Else one of the two values would be lost, and nobody would know which."""
    with pytest.raises(Malformed, match="twice"):
        records(Endpoint("x", "/x"), {"/x": f"[{body}]".encode()})


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


# --- totals and pages


def paged(
    pages: Sequence[Sequence[dict[str, Any]]], totals: Sequence[int | None]
) -> Callable[[Asked], Reply]:
    def app(asked: Asked) -> Reply:
        number = int(asked.query.get("p", "0"))
        following = {"next": f"/items?p={number + 1}"} if number + 1 < len(pages) else {}
        return Reply.json({"items": pages[number], "total": totals[number], **following})

    return app


def read_paged(
    pages: Sequence[Sequence[dict[str, Any]]], totals: Sequence[int | None]
) -> tuple[list[dict[str, Any]], Count]:
    endpoint = Endpoint("items", "/items", "items", key=("id",), paginator=NextUrl("next", total="total"))
    with serving(paged(pages, totals)) as server, opened(server.url) as client:
        walk = Walk(client, server.url, {})
        return list(walk.records(endpoint)), walk.counts["items"]


THREE = ([{"id": 1}, {"id": 2}], [{"id": 3}], [{"id": 4}])


def test_as_many_as_the_vendor_says_are_complete() -> None:
    rows, count = read_paged(THREE, [4, None, 4])
    assert (len(rows), count) == (4, Count(pages=3, rows=4, repeated=0, reported=4))


def test_a_total_counts_different_records() -> None:
    rows, count = read_paged(([{"id": 1}, {"id": 2}], [{"id": 2}, {"id": 3}]), [3, 3])
    assert (len(rows), count) == (3, Count(pages=2, rows=3, repeated=1, reported=3))


@pytest.mark.parametrize(
    "totals", [[5, 5, 5], [3, 3, 3], [0, 0, 0], [None, None, 5], [4, 4, 5], [5, 4, 4], [4, None, 3]]
)
def test_another_number_than_the_vendor_says_is_an_error(totals: list[int | None]) -> None:
    with pytest.raises(Inconsistent):
        read_paged(THREE, totals)


def test_a_record_that_comes_twice_does_not_stand_in_for_one_that_is_missing() -> None:
    with pytest.raises(Inconsistent, match="says there are 4 records and sent 3 different"):
        read_paged(([{"id": 1}, {"id": 2}], [{"id": 2}, {"id": 3}]), [4, 4])


def test_each_page_is_seen_as_it_comes() -> None:
    seen: list[tuple[str, int, int]] = []
    with serving(paged(THREE, [4, 4, 4])) as server, opened(server.url) as client:
        walk = Walk(client, server.url, {}, lambda name, count: seen.append((name, count.pages, count.rows)))
        list(walk.records(Endpoint("items", "/items", "items", paginator=NextUrl("next"))))
    assert seen == [("items", 1, 2), ("items", 2, 3), ("items", 3, 4)]


@settings(max_examples=40, deadline=None)
@given(
    items=st.lists(
        st.fixed_dictionaries({"n": st.integers(0, 2)}, optional={"id": st.integers(1, 50)}), max_size=12
    ),
    cuts=st.lists(st.integers(0, 12), max_size=4),
)
def test_any_split_of_records_into_pages_gives_the_same_records(
    items: list[dict[str, int]], cuts: list[int]
) -> None:
    """Equal ones that have no identity are numbered across pages, repeated ones dropped across pages."""
    known = {item["id"]: item for item in items if "id" in item}
    items = [known.get(item.get("id", 0), item) for item in items]  # the same id, the same content
    at = sorted({0, *(cut for cut in cuts if cut < len(items)), len(items)})
    pages = [items[start:end] for start, end in zip(at, at[1:], strict=False)] or [[]]
    split, split_count = read_paged(pages, [None] * len(pages))
    whole, whole_count = read_paged([items], [None])
    assert split == whole
    assert (split_count.rows, split_count.repeated) == (whole_count.rows, whole_count.repeated)
    seen = [json.dumps(row, sort_keys=True) for row in whole]
    assert len(set(seen)) == len(seen)  # no two rows are the same
    with_id = {item["id"] for item in items if "id" in item}
    assert len(whole) == len(with_id) + sum("id" not in item for item in items)


def test_a_vendor_that_does_not_know_pages_is_found_out() -> None:
    endpoint = Endpoint("items", "/items", key=("id",), paginator=PageNumber(2))
    with pytest.raises(Inconsistent):
        records(endpoint, {"/items": [{"id": 1}, {"id": 2}]})


# --- secrets


@pytest.mark.parametrize(
    "document",
    [
        [{"id": "canary-in-an-id", "n": 1}, {"id": "canary-in-an-id", "n": 2}],
        {"error": "canary-in-an-id"},
        b'{"canary-in-an-id": 1, "canary-in-an-id": 2}',
        [{"id": 1, "canary-in-an-id": {"x": 1}, "canary-in-an-id.x": 1}],
    ],
)
def test_no_error_of_a_walk_holds_a_secret(document: Any) -> None:
    """Nor does that of a parent's walk, or of one beside."""
    child = Endpoint("sites", "/sites/{client.id}", parent=CLIENTS)
    given = Endpoint("rooms", "/rooms", lookups=(Lookup("_clients", CLIENTS, same=("id", "id")),))
    documents = {"/clients": document, "/rooms": [{"id": 1}]}
    with serving(answering(documents)) as server, opened(server.url, secrets=["canary-in-an-id"]) as client:
        walk = Walk(client, server.url, {})
        for endpoint in (CLIENTS, child, given):
            with pytest.raises(FetchError) as caught:
                list(walk.records(endpoint))
            assert "canary" not in everything_in(caught.value)


def test_no_error_of_a_page_holds_a_secret() -> None:
    reply = Reply.json([{"id": 1}], headers={"Link": '<https://evil.example/canary-in-a-link>; rel="next"'})
    with serving(lambda asked: reply) as server, opened(server.url, secrets=["canary-in-a-link"]) as client:
        walk = Walk(client, server.url, {})
        endpoint = Endpoint("x", "/x", paginator=LinkHeader())
        with pytest.raises(OutOfBounds, match="evil.example") as caught:
            list(walk.records(endpoint))
        assert "canary" not in everything_in(caught.value)
