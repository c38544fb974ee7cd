"""Errors that come with a success status: a declaration says what they look like.

Belongs here: data and sign-in that are refused within an answer, and answers that are a part. Does not:
statuses of failure (``test_client``).
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from connectors.http.errors import CredentialsRefused, FetchError, Malformed, PermissionMissing, Unavailable
from connectors.http.json_answers import Json
from connectors.http.redaction import Secret
from connectors.http.signing.tokens import ClientCredentials, Login
from connectors.testing.server import Asked, Reply, serving
from tests.connectors.http.wire import in_turn, opened

_CODES: dict[str, type[FetchError]] = {"9": CredentialsRefused, "7": PermissionMissing, "5": Unavailable}


def refusal(body: Json) -> type[FetchError] | None:
    """An invented vendor's: a fault with a code."""
    return _CODES[body["fault"]] if isinstance(body, Mapping) and "fault" in body else None


def fault(code: str) -> Reply:
    return Reply.json({"fault": code, "message": "so it is"})


def test_a_refusal_within_an_answer_is_the_error_that_the_declaration_names() -> None:
    with serving(in_turn(fault("7"))) as server, opened(server.url, refusal=refusal) as client:
        with pytest.raises(PermissionMissing, match='answered 200: "so it is"'):
            client.send(server.url)
        assert len(server.asked) == 1


def test_a_vendor_that_is_busy_within_an_answer_is_asked_again() -> None:
    with (
        serving(in_turn(fault("5"), Reply.json([]))) as server,
        opened(server.url, refusal=refusal) as client,
    ):
        assert client.send(server.url).body == []


class SignIn:
    """A vendor that gives tokens in its own way, and counts who asks."""

    def __init__(self, answer: Reply) -> None:
        self.answer, self.asked = answer, 0

    def __call__(self, asked: Asked) -> Reply:
        if asked.path != "/login":
            return Reply.json([] if asked.headers.get("x-session") == "so-good-1" else {"fault": "9"})
        self.asked += 1
        return self.answer


@pytest.mark.parametrize(
    "answer",
    [
        fault("9"),
        Reply.json({"success": False, "message": "wrong password"}),
        Reply.json({"error": "invalid_client"}, 400),
        Reply.json({"error": "locked"}, 403),
    ],
    ids=["a fault", "no token", "400", "403"],
)
@pytest.mark.parametrize("way", ["login", "client credentials"])
def test_a_refused_sign_in_is_never_repeated(answer: Reply, way: str) -> None:
    vendor = SignIn(answer)
    with serving(vendor) as server:
        body = {"user": "me", "password": Secret("canary-password-31")}
        url = f"{server.url}/login"
        auth = (
            Login(server.url, url, body, "data.session", "X-Session", "")
            if way == "login"
            else ClientCredentials(server.url, url, body)
        )
        with opened(server.url, auth=auth, refusal=refusal, secrets=("canary-password-31",)) as client:
            for _ in range(3):  # other datasets of the same source
                with pytest.raises(CredentialsRefused):
                    client.send(f"{server.url}/data")
    assert vendor.asked == 1


def test_a_session_that_ended_within_an_answer_is_opened_once_more() -> None:
    vendor = SignIn(Reply.json({"data": {"session": "too-old-1"}}))
    with serving(vendor) as server:
        auth = Login(server.url, f"{server.url}/login", {"user": "me"}, "data.session", "X-Session", "")
        with opened(server.url, auth=auth, refusal=refusal) as client:
            with pytest.raises(CredentialsRefused):
                client.send(f"{server.url}/data")
            assert vendor.asked == 2
            vendor.answer = Reply.json({"data": {"session": "so-good-1"}})
            assert client.send(f"{server.url}/data").body == []


def test_a_part_of_an_answer_is_not_taken_for_the_whole() -> None:
    part = Reply.json([{"id": 1}], 206, {"Content-Range": "items 0-0/9"})
    with serving(in_turn(part)) as server, opened(server.url) as client:
        with pytest.raises(Malformed, match="206, which is a part"):
            client.send(server.url)
        with pytest.raises(Malformed, match="206, which is a part"):
            list(_lines(server.url))


def _lines(url: str) -> list[bytes]:
    with opened(blob_hosts=(url,)) as client:
        return list(client.lines(url, is_packed=False))


@pytest.mark.parametrize("digits", [10_001, 5_000_000])
def test_a_number_of_more_digits_than_any_is_refused(digits: int) -> None:
    answer = Reply(200, b'[{"id": ' + b"9" * digits + b"}]")
    with (
        serving(in_turn(answer)) as server,
        opened(server.url) as client,
        pytest.raises(Malformed, match="out of all bounds"),
    ):
        client.send(server.url)
