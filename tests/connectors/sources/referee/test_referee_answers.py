"""The judge finds every kind of violation of an answer.

Belongs here: one case for each demand that a document can make of an answer. Requests:
``test_referee_requests``.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.connectors.sources.referee.exchanges import DOCUMENT, INVOICE, Exchange, account, listed, one
from tests.connectors.sources.referee.rulebook import Rulebook

ANSWERS = {
    "undocumented status": (listed(http=201), "Unknown response http status: 201"),
    "undocumented failure": (listed(http=500), "Unknown response http status: 500"),
    "status without its content": (
        listed({"invoices": []}, 404, "application/problem+json"),
        "'title' is a required property",
    ),
    "other media type": (listed(kind="text/html"), "mimetype not found"),
    "media type of another status": (listed(kind="application/problem+json"), "mimetype not found"),
    "other version of a media type": (
        one(kind="application/vnd.small+json; version=2"),
        "mimetype not found",
    ),
    "no media type": (replace(listed(), answer_headers={"X-Total": "1"}), "mimetype not found"),
    "no body": (listed(b""), "Missing response data"),
    "body that is no JSON": (listed(b"<html>"), "Failed to deserialize"),
    "body cut short": (listed(b'{"invoices": ['), "Failed to deserialize"),
    "list for an object": (listed([]), "is not of type 'object'"),
    "null for an object": (listed(b"null"), "None for not nullable"),
    "missing field": (listed({}), "'invoices' is a required property"),
    "missing field of a record": (
        listed({"invoices": [{"id": 1, "total": 1}]}),
        "invoices/0: 'issued' is a required property",
    ),
    "object for a list": (listed({"invoices": {}}), "is not of type 'array'"),
    "list that is too long": (listed({"invoices": [{**INVOICE, "id": n} for n in range(4)]}), "is too long"),
    "record that is there twice": (listed({"invoices": [INVOICE, INVOICE]}), "non-unique"),
    "no address": (listed({"invoices": [], "next": "page two"}), "is not a 'uri'"),
    "extra field": (listed(colour="red"), "Additional properties are not allowed"),
    "extra field under another media type": (
        one({**INVOICE, "colour": 1}),
        "Additional properties are not allowed",
    ),
    "text for an integer": (listed(id="1"), "is not of type 'integer'"),
    "fraction for an integer": (listed(id=1.5), "is not of type 'integer'"),
    "boolean for an integer": (listed(id=True), "is not of type 'integer'"),
    "null for an integer": (listed(id=None), "None for not nullable"),
    "beyond 64 bits": (listed(id=2**63), "is not a 'int64'"),
    "beyond 32 bits": (listed(small=2**31), "is not a 'int32'"),
    "text for a number": (listed(total="10.5"), "is not of type 'number'"),
    "below its minimum": (listed(ratio=-0.5), "less than the minimum"),
    "at an exclusive maximum": (listed(ratio=1), "greater than or equal to the maximum"),
    "no number for a number": (listed(total=float("nan")), "Failed to deserialize"),
    "off its step": (listed(total=0.3), "is not a multiple of"),
    "text for a boolean": (listed(paid="true"), "is not of type 'boolean'"),
    "number for a text": (listed(currency=978), "is not of type 'string'"),
    "too short": (listed(currency="E"), "is too short"),
    "too long": (listed(currency="EURO"), "is too long"),
    "off its pattern": (listed(currency="eur"), "does not match"),
    "bad enum": (listed(status="lost"), "is not one of"),
    "no such day": (listed(issued="2026-02-30"), "is not a 'date'"),
    "no date": (listed(issued="31.10.2026"), "is not a 'date'"),
    "time without a zone": (listed(changed="2026-10-31T10:00:00"), "is not a 'date-time'"),
    "no UUID": (listed(client="12"), "is not a 'uuid'"),
    "no mail address": (listed(contact="nobody"), "is not a 'email'"),
    "mail address without a host": (listed(contact="nobody@"), "is not a 'email'"),
    "mail address with a space": (listed(contact="no body@example.test"), "is not a 'email'"),
    "integer in floating point beyond 64 bits": (listed(id=1e30), "is not of type 'integer'"),
    "integer in floating point beyond 32 bits": (listed(small=2147483648.0), "is not of type 'integer'"),
    "no such hour": (listed(changed="2026-10-31T25:00:00Z"), "is not a 'date-time'"),
    "no such month": (listed(changed="2026-13-31T05:00:00Z"), "is not a 'date-time'"),
    "space for T": (listed(changed="2026-10-31 05:00:00"), "is not a 'date-time'"),
    "date without dashes": (listed(issued="20261031"), "is not a 'date'"),
    "UUID without dashes": (listed(client="cc0ac2557c0b4123ac8da6c280b85eae"), "is not a 'uuid'"),
    "UUID in braces": (listed(client="{cc0ac255-7c0b-4123-ac8d-a6c280b85eae}"), "is not a 'uuid'"),
    "no digits in base64 at the end": (listed(logo="aGVsbG8"), "is not a 'byte'"),
    "IP address with zeros": (listed(address="01.1.1.1"), "is not a 'ipv4'"),
    "pattern on a second line": (listed(currency="EU\n"), "does not match"),
    "no IP address": (listed(address="256.1.1.1"), "is not a 'ipv4'"),
    "no host name": (listed(host="-a b-"), "is not a 'hostname'"),
    "no base64": (listed(logo="***"), "is not a 'byte'"),
    "text in a map of texts": (listed(labels={"a": 1}), "labels/a: 1 is not of type 'string'"),
    "map that is too large": (listed(labels={"a": "", "b": "", "c": ""}), "has too many properties"),
    "list that is too short": (listed(lines=[]), "should be non-empty"),
    "missing in the first part of allOf": (listed(lines=[{"quantity": 1}]), "'sku' is a required property"),
    "missing in the second part of allOf": (
        listed(lines=[{"sku": "E3"}]),
        "'quantity' is a required property",
    ),
    "wrong far down": (
        listed(lines=[{"sku": "E3", "quantity": 1, "parent": {"sku": "E1", "quantity": "1"}}]),
        "parent/quantity",
    ),
    "neither of oneOf": (
        listed(payment={"kind": "card", "bank": "b"}),
        "payment: 'digits' is a required property",
    ),
    "kind that the discriminator does not know": (
        listed(payment={"kind": "cash", "digits": "1234", "bank": "b"}),
        "could not be resolved",
    ),
    "no kind": (listed(payment={"digits": "1234"}), "discriminating property"),
    "none of anyOf": (listed(reference="12"), "is not valid under any of the given schemas"),
    "what must not be": (listed(free="text"), "should not be valid under"),
    "write-only field": (listed(secret="s"), "write-only"),
    "missing header": (listed(count=None), "Missing required header: X-Total"),
    "header of another type": (listed(count="many"), "X-Total"),
    "missing field under any media type": (account(content={}), "'name' is a required property"),
}


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return Rulebook.read(DOCUMENT)


@pytest.mark.parametrize(("exchange", "words"), ANSWERS.values(), ids=ANSWERS)
def test_a_violation_of_the_answer_is_found(rulebook: Rulebook, exchange: Exchange, words: str) -> None:
    assert rulebook.against_request(exchange.asked) == []
    found = rulebook.against_reply(exchange.asked, exchange.reply)
    assert any(words in line for line in found), found
