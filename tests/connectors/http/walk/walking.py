"""A vendor's documents on loopback, and a walk over them.

Belongs here: what the tests of walks share. Does not: expectations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.http.endpoint import Endpoint
from connectors.http.walk import Walk
from connectors.testing.server import Asked, FakeServer, Reply, serving
from tests.connectors.http.wire import opened

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


# --- totals and pages


def paged(
    pages: Sequence[Sequence[dict[str, Any]]], totals: Sequence[int | None]
) -> Callable[[Asked], Reply]:
    def app(asked: Asked) -> Reply:
        number = int(asked.query.get("p", "0"))
        following = {"next": f"/items?p={number + 1}"} if number + 1 < len(pages) else {}
        return Reply.json({"items": pages[number], "total": totals[number], **following})

    return app
