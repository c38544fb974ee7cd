"""The judge finds every kind of violation of a request, and none where there is none.

Belongs here: one case for each demand that a document can make of a request. Answers:
``test_referee_answers``.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.connectors.sources.referee.exchanges import (
    BASIC,
    BEARER,
    DOCUMENT,
    Exchange,
    account,
    asking,
    listed,
    one,
    posting,
)
from tests.connectors.sources.referee.rulebook import Rulebook

GOOD = {
    "a path that ends in a slash": Exchange("/archive/", answer_headers={}, headers=BEARER),
    "a list": listed(),
    "an empty list": listed({"invoices": []}),
    "a null that may be": listed({"invoices": [], "next": None}),
    "an undeclared field": listed({"invoices": [], "more": 1}),
    "a media type with a character set": listed(kind="application/json; charset=utf-8"),
    "a documented refusal": listed({"title": "no"}, 422, "application/problem+json"),
    "every parameter": asking(
        "&page=200&rate=-1.5e3&paid=true&since=2026-10-01&changed=2026-10-01T00:00:00%2B02:00&sort=asc&ids=1,2,3&kinds=seat&kinds=usage"
        "&client=cc0ac255-7c0b-4123-ac8d-a6c280b85eae",
        X_Depth="3",
    ),
    "another spelling of bearer": asking(Authorization="bearer abc"),
    "one invoice": one(),
    "a PDF": replace(one(kind="application/pdf"), answer=b"%PDF-1.7"),
    "an order": posting({"sku": "E3", "quantity": 1}),
    "an order and no content": posting({"sku": "E3"}, status=204),
    "basic": account(),
    "a key": account({"X-Key": "k"}),
    "the other payment": listed(payment={"kind": "transfer", "bank": "b"}),
    "the other reference": listed(reference=12),
}

REQUESTS = {
    "unknown path": (replace(asking(), target="/invoice?month=2026-10"), "Path not found"),
    "path in other letters": (replace(asking(), target="/Invoices?month=2026-10"), "Path not found"),
    "path below a known one": (replace(asking(), target="/invoices/1/lines"), "Path not found"),
    "path above a known one": (replace(asking(), target="/v1/invoices?month=2026-10"), "not found"),
    "unknown method": (replace(asking(), method="DELETE"), "Operation delete not found"),
    "empty path parameter": (replace(one(), target="/invoices/"), "a part of the path is empty"),
    "path parameter of another type": (replace(one(), target="/invoices/x"), "id: "),
    "path parameter with a fraction": (replace(one(), target="/invoices/1.5"), "id: "),
    "path parameter below its minimum": (replace(one(), target="/invoices/0"), "less than the minimum"),
    "path parameter beyond 64 bits": (replace(one(), target=f"/invoices/{2**63}"), "is not a 'int64'"),
    "missing parameter": (replace(asking(), target="/invoices"), "Missing required query parameter: month"),
    "parameter off its pattern": (replace(asking(), target="/invoices?month=October"), "does not match"),
    "missing header": (asking(X_Tenant=None), "Missing required header parameter: X-Tenant"),
    "empty header": (asking(X_Tenant=""), "Missing required header parameter: X-Tenant"),
    "header that is too short": (asking(X_Tenant="t"), "is too short"),
    "header of another type": (asking(X_Depth="deep"), "X-Depth: "),
    "text for an integer": (asking("&page=first"), "page: "),
    "fraction for an integer": (asking("&page=1.5"), "page: "),
    "digits in groups for an integer": (asking("&page=1_00"), "page: "),
    "space before an integer": (asking("&page=%201"), "page: "),
    "digits of another script": (asking("&page=%D9%A1"), "page: "),
    "parameter above its maximum": (asking("&page=201"), "greater than the maximum"),
    "parameter beyond 32 bits": (asking(f"&page={2**31}"), "int32"),
    "text for a number": (asking("&rate=high"), "rate: "),
    "no number for a number": (asking("&rate=nan"), "rate: "),
    "infinity for a number": (asking("&rate=inf"), "rate: "),
    "text for a boolean": (asking("&paid=maybe"), "paid: "),
    "yes for a boolean": (asking("&paid=yes"), "paid: "),
    "1 for a boolean": (asking("&paid=1"), "paid: "),
    "capitals for a boolean": (asking("&paid=TRUE"), "paid: "),
    "no such day": (asking("&since=2026-02-30"), "is not a 'date'"),
    "time for a date": (asking("&since=2026-10-01T00:00:00Z"), "is not a 'date'"),
    "date for a time": (asking("&changed=2026-10-01"), "is not a 'date-time'"),
    "no UUID": (asking("&client=12"), "is not a 'uuid'"),
    "bad enum": (asking("&sort=up"), "is not one of"),
    "repeated scalar": (asking("&sort=asc&sort=desc"), "sort"),
    "repeated integer": (asking("&page=1&page=2"), "page"),
    "array with another type in it": (asking("&ids=1,x"), "ids: "),
    "array that is too long": (asking("&ids=1,2,3,4"), "is too long"),
    "array with a bad enum": (asking("&kinds=seat&kinds=chair"), "is not one of"),
    "no authentication": (asking(Authorization=None), "Security not found"),
    "authentication of another kind": (asking(Authorization=BASIC["Authorization"]), "Security not found"),
    "bearer without a token": (asking(Authorization="Bearer "), "Security not found"),
    "neither basic nor a key": (account({}), "Security not found"),
    "bearer for basic": (account(BEARER), "Security not found"),
    "missing body": (posting(b"", kind=None), "Missing required request body"),
    "body that is no JSON": (posting(b"{"), "Failed to deserialize"),
    "body of another media type": (
        posting(b"sku=E3", "application/x-www-form-urlencoded"),
        "mimetype not found",
    ),
    "body of another type": (posting([]), "is not of type 'object'"),
    "body without a field": (posting({"quantity": 1}), "'sku' is a required property"),
    "field of another type in the body": (posting({"sku": 3}), "sku: 3 is not of type 'string'"),
    "extra field in the body": (
        posting({"sku": "E3", "colour": "red"}),
        "Additional properties are not allowed",
    ),
    "read-only field in the body": (posting({"sku": "E3", "id": 1}), "read-only"),
    "field below its minimum in the body": (posting({"sku": "E3", "quantity": 0}), "less than the minimum"),
}


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return Rulebook.read(DOCUMENT)


@pytest.mark.parametrize("exchange", GOOD.values(), ids=GOOD)
def test_nothing_is_found_where_nothing_is_wrong(rulebook: Rulebook, exchange: Exchange) -> None:
    assert rulebook.against_request(exchange.asked) == []
    assert rulebook.against_reply(exchange.asked, exchange.reply) == []


@pytest.mark.parametrize(("exchange", "words"), REQUESTS.values(), ids=REQUESTS)
def test_a_violation_of_the_request_is_found(rulebook: Rulebook, exchange: Exchange, words: str) -> None:
    found = rulebook.against_request(exchange.asked)
    assert any(words in line for line in found), found
