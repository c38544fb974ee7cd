"""The judge between the two sides, and documents of Swagger 2.0.

Belongs here: what becomes of a violation. What is one: ``test_referee_requests`` and
``test_referee_answers``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import requests
from openapi_core import OpenAPI

from connectors.testing.server import Asked, Reply
from tests.connectors.sources.referee import judged
from tests.connectors.sources.referee.exchanges import BASIC, BEARER, DOCUMENT, LIST, Exchange, listed
from tests.connectors.sources.referee.rulebook import Rulebook
from tests.connectors.sources.referee.swagger2 import openapi3


def test_the_judge_stands_between_the_two_and_keeps_what_it_found() -> None:
    reached: list[str] = []
    answers = [listed().reply, listed(id="1").reply]

    def vendor(asked: Asked) -> Reply:
        reached.append(asked.path)
        return answers.pop(0)

    with judged(DOCUMENT, vendor, "/v1") as judge:
        assert (
            requests.get(judge.url + LIST, headers=BEARER, timeout=20).json()["invoices"][0]["total"] == 10.5
        )
        assert (judge.violations, reached) == ([], ["/v1/invoices"])
        forbidden = requests.get(judge.url + LIST + "&page=0&sort=up", headers=BEARER, timeout=20)
        lines = [
            "request: page: 0 is less than the minimum of 1",
            "request: sort: 'up' is not one of ['asc', 'desc']",
        ]
        assert (forbidden.status_code, forbidden.json()) == (422, {"violations": lines})
        assert reached == ["/v1/invoices"]  # a forbidden request goes no further
        assert requests.get(judge.url + LIST, headers=BEARER, timeout=20).status_code == 500
    assert judge.violations == [
        *(f"GET /invoices: {line}" for line in lines),
        "GET /invoices: response: body/invoices/0/id: '1' is not of type 'integer'",
    ]


SWAGGER = {
    "swagger": "2.0",
    "info": {"title": "Older vendor", "version": "1", "license": {"name": "MIT"}},
    "produces": ["application/json"],
    "securityDefinitions": {
        "login": {"type": "basic"},
        "key": {"type": "apiKey", "in": "query", "name": "key"},
    },
    "security": [{"login": []}, {"key": []}],
    "paths": {
        "/items/{id}": {
            "get": {
                "parameters": [
                    {"in": "path", "name": "id", "required": True, "type": "integer", "format": "int32"},
                    {"in": "query", "name": "limit", "required": True, "type": "integer", "maximum": 500},
                    {
                        "in": "query",
                        "name": "kinds",
                        "type": "array",
                        "items": {"type": "string", "enum": ["a", "b"]},
                    },
                    {
                        "in": "query",
                        "name": "tags",
                        "type": "array",
                        "collectionFormat": "multi",
                        "items": {"type": "integer"},
                    },
                ],
                "responses": {
                    "200": {"description": "an item", "schema": {"$ref": "#/definitions/Item"}},
                    "404": {"description": "none"},
                },
            },
            "post": {"responses": {"201": {"description": "made"}}},
        }
    },
    "definitions": {
        "Item": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": {"type": "string"}, "of": {"$ref": "#/definitions/Item"}},
        }
    },
}


def item(
    query: str = "?limit=1",
    content: Any = None,
    headers: Mapping[str, str] = BASIC,
    path: str = "/items/1",
    status: int = 200,
) -> Exchange:
    answer = json.dumps({"name": "x"} if content is None else content).encode()
    return Exchange(
        path + query,
        headers=headers,
        answer=answer,
        status=status,
        answer_headers={"Content-Type": "application/json"},
    )


OLD = {
    "an item": (item(), ""),
    "arrays": (item("?limit=500&kinds=a,b&tags=1&tags=2"), ""),
    "a key": (item("?limit=1&key=k", headers={}), ""),
    "an answer without a schema": (item(status=404), ""),
    "no authentication": (item(headers={}), "Security not found"),
    "a path parameter of another type": (item(path="/items/x"), "id: "),
    "a missing parameter": (item(""), "Missing required query parameter: limit"),
    "above the maximum": (item("?limit=501"), "greater than the maximum"),
    "a bad value between commas": (item("?limit=1&kinds=a,c"), "is not one of"),
    "a bad value that is repeated": (item("?limit=1&tags=1&tags=x"), "tags: "),
    "another method": (replace(item(), method="POST"), "Operation post not found"),
    "a missing field": (item(content={}), "'name' is a required property"),
    "a missing field far down": (
        item(content={"name": "x", "of": {"name": "y", "of": {}}}),
        "body/of/of: 'name' is a required property",
    ),
    "an undocumented status": (item(status=201), "Unknown response http status"),
    "another media type": (
        replace(item(), answer_headers={"Content-Type": "text/html"}),
        "mimetype not found",
    ),
}


@pytest.mark.parametrize(("exchange", "words"), OLD.values(), ids=OLD)
def test_a_document_of_swagger_2_demands_the_same(exchange: Exchange, words: str) -> None:
    rulebook = Rulebook(SWAGGER)
    found = rulebook.against_request(exchange.asked) or rulebook.against_reply(exchange.asked, exchange.reply)
    assert any(words in line for line in found) if words else found == [], found


def test_a_converted_document_is_openapi() -> None:
    OpenAPI.from_dict(openapi3(SWAGGER)).check_spec()
