"""Words of a declaration that change a request or what becomes of an answer.

Belongs here: methods and bodies, days as a vendor writes them, lists that may be absent, tallies of
documents, identifiers in one case, counts. Does not: parents and children (``test_walk``).
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.http.endpoint import Endpoint, Lookup
from connectors.http.errors import FetchError, Inconsistent, Malformed, RequestRefused
from connectors.http.paging.linked import LinkHeader
from connectors.http.paging.numbered import AfterId, Offset, OnePage, PageNumber
from connectors.http.walk import Walk
from connectors.testing.server import Asked, Reply, serving
from tests.connectors.http.walk.walking import records
from tests.connectors.http.wire import opened

GUID = "cc0ac255-7c0b-4123-ac8d-a6c280b85eae"


def test_a_body_is_filled_in_at_any_depth_and_takes_the_pages() -> None:
    def app(asked: Asked) -> Reply:
        sent.append((asked.method, asked.query, json.loads(asked.body)))
        return Reply.json({"items": [{"n": 1}] if sent[-1][2]["page"] == "1" else []})

    sent: list[Any] = []
    body = {"filter": {"from": "{start:%d.%m.%Y}", "kinds": ["x", "{kind}"], "open": True}}
    endpoint = Endpoint(
        "items", "/search", "items", method="POST", body=body, params={"v": "2"}, paginator=PageNumber(9)
    )
    with serving(app) as server, opened(server.url) as client:
        found = list(Walk(client, server.url, {"start": "2026-10-01", "kind": "y"}).records(endpoint))
    filled = {"filter": {"from": "01.10.2026", "kinds": ["x", "y"], "open": True}, "pageSize": "9"}
    assert sent == [("POST", {"v": "2"}, {**filled, "page": page}) for page in ("1", "2")]
    assert [record["n"] for record in found] == ["1"]


def test_a_day_is_written_as_the_vendor_wants_it_and_nothing_else_is_taken_for_one() -> None:
    endpoint = Endpoint("items", "/{start:%Y}/{start:%B}")
    assert records(endpoint, {"/2026/October": [{"n": 1}]}, start="2026-10-01")[0]["n"] == "1"
    with pytest.raises(RequestRefused, match="start as a day"):
        records(endpoint, {}, start="soon")


def test_a_list_may_be_absent_only_inside_an_object_that_is_there() -> None:
    endpoint = Endpoint("items", "/items", "result.items?")
    assert records(endpoint, {"/items": {"result": {}}}) == []
    assert len(records(endpoint, {"/items": {"result": {"items": [{"n": 1}]}}})) == 1
    for wrong in ({}, {"error": "no"}, {"result": None}, {"result": []}, {"result": {"items": {}}}):
        with pytest.raises(Malformed):
            records(endpoint, {"/items": wrong})
    with pytest.raises(Malformed):
        records(Endpoint("items", "/items", "result.items"), {"/items": {"result": {}}})
    with pytest.raises(ValueError, match="needs an object around it"):
        Endpoint("items", "/items", "items?")


def test_a_document_s_lines_are_summed_apart_from_the_next_one_s() -> None:
    endpoint = Endpoint(
        "lines", "/bills", key=("id",), alias="bill", explode="lines?", tally=lambda line: line.get("amount")
    )
    bills = [
        {"id": 1, "total": 5, "lines": [{"amount": 2.1}, {"amount": 2.2}, {"text": "none"}]},
        {"id": 2, "total": 7},
    ]
    found = records(endpoint, {"/bills": bills})
    tallies = [(each["bill.id"], each["bill.total"], each["_tally"]) for each in found if "_tally" in each]
    assert tallies == [("1", "5", "4.3"), ("2", "7", "0")]
    assert [each["_item"] for each in found if "_item" in each] == ["1", "2", "3"]


def test_a_guid_is_the_same_in_capitals_and_another_identifier_is_not() -> None:
    twice = [{"id": GUID}, {"id": GUID.upper()}]
    with pytest.raises(Inconsistent, match="two different records"):
        records(Endpoint("items", "/items", key=("id",)), {"/items": twice})
    names = [{"id": "aB"}, {"id": "Ab"}]
    assert len(records(Endpoint("items", "/items", key=("id",)), {"/items": names})) == 2
    lookup = Lookup("_names", Endpoint("names", "/names"), ("of", "id"))
    found = records(
        Endpoint("items", "/items", lookups=(lookup,)),
        {"/items": [{"of": GUID.upper()}], "/names": [{"id": GUID, "name": "Alder"}]},
    )
    assert "Alder" in found[0]["_names"]


@pytest.mark.parametrize(
    "paginator", [OnePage(total="total"), AfterId("id", 9, total="total"), LinkHeader(total="total")]
)
def test_every_way_of_paging_is_held_against_the_vendor_s_count(paginator: Any) -> None:
    def app(asked: Asked) -> Reply:
        items = [] if "after" in asked.query else [{"id": 1}, {"id": 2}]
        return Reply.json({"items": items, "total": told[-1]})

    told: list[int] = []
    endpoint = Endpoint("items", "/items", "items", key=("id",), paginator=paginator)
    for total, is_whole in ((2, True), (3, False), (1, False)):
        told.append(total)
        with serving(app) as server, opened(server.url) as client:
            walk = Walk(client, server.url, {})
            try:
                assert (len(list(walk.records(endpoint))), is_whole) == (2, True)
            except FetchError:
                assert not is_whole


def test_a_count_that_fits_one_page_and_not_another_is_not_both_a_page_s_and_the_walk_s() -> None:
    """Three records stated and two sent, then one stated and sent: together they are three."""

    def app(asked: Asked) -> Reply:
        first = asked.query["offset"] == "0"
        items, total = ([{"id": 1}, {"id": 2}], 3) if first else ([{"id": 4}], 1)
        links = {"next": {"uri": "/items"}} if first else {}
        return Reply.json({"items": items, "totalCount": total, "links": links})

    paginator = Offset(3, "links.next", total="totalCount")
    endpoint = Endpoint("items", "/items", "items", key=("id",), paginator=paginator)
    with serving(app) as server, opened(server.url) as client, pytest.raises(Inconsistent):
        list(Walk(client, server.url, {}).records(endpoint))


def test_what_is_left_out_is_kept_of_neither_the_record_nor_its_items() -> None:
    endpoint = Endpoint(
        "lines", "/bills", key=("id",), alias="bill", explode="lines", left_out=("client", "secret")
    )
    bill = {
        "id": 1,
        "client": {"key": "k"},
        "secret": "s",
        "lines": [{"n": 1, "secret": "t", "of": {"secret": 2}}],
    }
    assert records(endpoint, {"/bills": [bill]}) == [
        {"bill.id": "1", "n": "1", "of.secret": "2", "_item": "1"}
    ]
