"""Records given the records of another endpoint beside them.

Belongs here: which they are given, how often that is walked, and what fails. Does not: parents and children
(``test_walk``).
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from connectors.http.endpoint import Endpoint, Lookup
from connectors.http.errors import FetchError, Inconsistent, Malformed
from connectors.http.paging.linked import NextUrl
from connectors.http.walk import Walk
from connectors.testing.server import Asked, Reply, serving
from tests.connectors.http.walk.walking import CLIENTS, Documents, paged, records, walked
from tests.connectors.http.wire import opened

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
