"""One endpoint from its first page to its last: parents, children and copies.

Belongs here: ``walk``. Does not: records beside others (``test_beside``), addresses (``test_addresses``),
counts (``test_counts``), ways of paging (``test_paginators``), what is written of it (``test_fetch_feed``).
"""

from __future__ import annotations

import pytest

from connectors.http.endpoint import Count, Endpoint
from connectors.http.errors import Inconsistent, Malformed
from tests.connectors.http.walk.walking import CLIENTS, SEATS, SHOP, SITES, records, walked


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


def test_children_get_of_their_parent_what_it_hands_down() -> None:
    for names, found in (
        ((), {"client.id", "client.name", "id", "city.name"}),
        (("id",), {"client.id", "id", "city.name"}),
    ):
        clients = Endpoint("clients", "/clients", key=("id",), alias="client", handed_down=names)
        rows = records(Endpoint("sites", "/clients/{client.id}/sites", key=("id",), parent=clients), SHOP)
        assert {name for row in rows for name in row} == found


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
