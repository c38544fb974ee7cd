"""Bounds of one request: sizes, bodies, parameters and headers.

Belongs here: what is sent and taken. Does not: statuses and repetitions (``test_client``), secrets
(``test_secrets``).
"""

from __future__ import annotations

import gzip
import json

import pytest

from connectors.http.body import SizeLimits
from connectors.http.errors import (
    Malformed,
    OutOfBounds,
    TooLarge,
)
from connectors.http.json_answers import Answer
from connectors.testing.server import Reply, serving
from tests.connectors.http.wire import in_turn, opened


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_may_be_as_large_as_the_bound_and_no_larger(packed: bool) -> None:
    """SizeLimits count unpacked bytes."""

    def reply(size: int) -> Reply:
        body = b'"' + b"x" * (size - 2) + b'"'
        return Reply(200, gzip.compress(body), {"Content-Encoding": "gzip"}) if packed else Reply(200, body)

    with (
        serving(in_turn(reply(100_000), reply(100_001))) as server,
        opened(server.url, size_limits=SizeLimits(page=100_000)) as client,
    ):
        assert len(client.send(server.url).body) == 99_998
        with pytest.raises(TooLarge):
            client.send(server.url)
        assert len(server.asked) == 2


def test_an_accepted_request_may_have_no_body_and_no_other_may() -> None:
    with (
        serving(
            in_turn(Reply(202, b" ", {"Location": "/x"}), Reply(202, b'{"a": 1}'), Reply(200, b" "))
        ) as server,
        opened(server.url) as client,
    ):
        accepted = client.send(server.url, method="POST", json={"a": [1]})
        assert (accepted.body, accepted.headers["location"]) == (None, "/x")
        assert client.send(server.url).body == {"a": "1"}
        with pytest.raises(Malformed):
            client.send(server.url)
        assert (server.asked[0].method, json.loads(server.asked[0].body)) == ("POST", {"a": [1]})


def test_parameters_arrive_as_they_were_meant() -> None:
    odd = {"filter": "a eq 'x&y=z' and b gt 1+1", "ü/?#": "%2F \u2028", "empty": ""}
    with serving(lambda asked: Reply.json([])) as server, opened(server.url) as client:
        client.send(f"{server.url}/v1?fixed=1", params=odd, headers={"x-odd": "a b"})
        assert dict(server.asked[0].query) == {"fixed": "1", **odd}
        assert server.asked[0].headers["x-odd"] == "a b"


@pytest.mark.parametrize("headers", [{"x": "a\r\nx-evil: 1"}, {"x": "a\nb"}, {"x\r\ny": "a"}])
def test_a_header_cannot_bring_another_one(headers: dict[str, str]) -> None:
    with serving(lambda asked: Reply.json([])) as server, opened(server.url) as client:
        with pytest.raises(OutOfBounds):
            client.send(server.url, headers=headers)
        assert server.asked == []


@pytest.mark.parametrize("params", [{"x": "\ud800"}, {"\ud800": "x"}])
def test_what_fits_no_address_is_an_error_like_any_other(params: dict[str, str]) -> None:
    with (
        serving(lambda asked: Reply.json([])) as server,
        opened(server.url) as client,
        pytest.raises(OutOfBounds),
    ):
        client.send(server.url, params=params)


def test_an_answer_that_is_not_as_expected_is_asked_for_again() -> None:
    def expect(answer: Answer) -> None:
        if answer.body == {"error": "busy"}:
            raise Malformed("busy")

    with (
        serving(in_turn(Reply.json({"error": "busy"}), Reply.json({"items": []}))) as server,
        opened(server.url) as client,
    ):
        assert client.send(server.url, expect=expect).body == {"items": []}
        assert len(server.asked) == 2
