"""No error and no log holds a secret, whatever a vendor repeats.

Belongs here: what is said of a failure. Does not: which failure it is (``test_client``).
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from connectors.http.errors import (
    FetchError,
    Malformed,
    RequestRefused,
)
from connectors.http.json_answers import Answer
from connectors.http.redaction import HIDDEN, Secret
from connectors.http.signing.auth import Basic, Headers
from connectors.http.signing.tokens import ClientCredentials
from connectors.testing.server import Asked, Reply, serving
from tests.connectors.http.client.canary import CANARY
from tests.connectors.http.wire import everything_in, in_turn, opened

# --- secrets


def _echo(status: int, form: Callable[[str], str] = str, **headers: str) -> Reply:
    return Reply(status, f'{{"error": "bad {form(CANARY)} there"}}'.encode(), headers)


SAYING: dict[str, Reply] = {
    "refused, raw": _echo(400),
    "refused, in a path": _echo(400, lambda text: quote(text, safe="")),
    "refused, in a form": _echo(422, quote_plus),
    "refused, in JSON of PHP": _echo(400, lambda text: json.dumps(text).replace("/", "\\/")),
    "refused, in JSON of .NET": _echo(400, lambda text: text.replace("+", "\\u002B")),
    "unavailable": _echo(503),
    "unauthorised": _echo(401),
    "forbidden": _echo(403),
    "redirected": _echo(302, Location=f"https://evil.example/{CANARY}?x={CANARY}#{CANARY}"),
    "no JSON": Reply(200, CANARY.encode()),
    "a key twice": Reply(200, f'{{"{CANARY}": 1, "{CANARY}": 2}}'.encode()),
    "cut off": Reply(200, CANARY.encode() * 1000, wire="short"),
    "an error with status 200": _echo(200),
    "said letter by letter": Reply(400, f"bad {CANARY}".encode(), wire="drip"),
}


@pytest.mark.parametrize("saying", SAYING)
@pytest.mark.parametrize("way", ["headers", "basic", "token"])
def test_whatever_a_vendor_repeats_no_error_holds_a_secret(saying: str, way: str) -> None:
    """In its text, in its traceback, in any error of its chain, in a log, in what is told of pauses."""
    told: list[str] = []

    def expect(answer: Answer) -> None:
        raise Malformed(f"not as documented: {answer.body}")

    def app(asked: Asked) -> Reply:
        return (
            Reply.json({"access_token": "canary-token", "expires_in": 5})
            if asked.path == "/token"
            else SAYING[saying]
        )

    with serving(app) as server:
        auth = {
            "headers": Headers(server.url, {"x-key": Secret(CANARY)}),
            "basic": Basic(server.url, Secret("user"), Secret(CANARY)),
            "token": ClientCredentials(server.url, f"{server.url}/token", {"secret": Secret(CANARY)}),
        }[way]
        with (
            opened(
                server.url,
                auth=auth,
                secrets=[CANARY],
                on_retry=lambda error, pause: told.append(everything_in(error)),
            ) as client,
            pytest.raises(FetchError) as caught,
        ):
            client.send(f"{server.url}/v1", params={"key": CANARY}, expect=expect)

    written = io.StringIO()
    logger = logging.Logger("of this test")
    logger.addHandler(logging.StreamHandler(written))
    try:
        raise caught.value
    except FetchError:
        logger.exception("a fetch failed")
    shown = "\n".join([everything_in(caught.value), written.getvalue(), *told])
    for form in (
        CANARY,
        CANARY[:12],
        quote(CANARY, safe=""),
        quote_plus(CANARY),
        CANARY.replace("/", "\\/"),
        "canary-token",
    ):
        assert form not in shown
    assert "/v1" in written.getvalue() or HIDDEN in written.getvalue()


@pytest.mark.parametrize("saying", ["refused, raw", "unauthorised", "unavailable", "no JSON", "redirected"])
def test_whatever_a_token_endpoint_repeats_no_error_holds_a_secret(saying: str) -> None:
    with serving(lambda asked: SAYING[saying]) as server:
        auth = ClientCredentials(
            server.url,
            f"{server.url}/token?key={CANARY}",
            {"secret": Secret(CANARY)},
            basic=(Secret("canary-user"), Secret(CANARY)),
        )
        with (
            opened(server.url, auth=auth, secrets=[CANARY, "canary-user"]) as client,
            pytest.raises(FetchError) as caught,
        ):
            client.send(server.url)
    assert "canary" not in everything_in(caught.value)


def test_what_arrives_in_pieces_is_put_together_before_secrets_are_looked_for() -> None:
    """Half a secret would not be known for one."""
    reply = Reply(400, f"bad {CANARY} there".encode(), wire="drip")
    with (
        serving(lambda asked: reply) as server,
        opened(server.url, secrets=[CANARY]) as client,
        pytest.raises(RequestRefused, match=r'answered 400: "bad \[hidden\] there"'),
    ):
        client.send(server.url)


def test_what_libraries_log_at_their_most_talkative_holds_no_query(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with (
        serving(in_turn(Reply(503), Reply.json([]))) as server,
        opened(server.url, blob_hosts=(server.url,)) as client,
    ):
        client.send(f"{server.url}/v1", params={"sig": "canary-signature"})
        list(client.lines(f"{server.url}/blob?sig=canary-signature", is_packed=False))
    assert "/v1?…" in caplog.text and "/blob?…" in caplog.text
    assert "canary" not in caplog.text


def test_what_a_vendor_says_is_one_short_line_without_control_characters() -> None:
    body = "\x1b[2Jfirst\r\nsecond\x00\u202e\x9b" + "x" * 100_000
    with (
        serving(lambda asked: Reply(400, body.encode())) as server,
        opened(server.url) as client,
        pytest.raises(RequestRefused, match="first second") as caught,
    ):
        client.send(server.url)
    text = str(caught.value)
    assert text.isprintable() and len(text) < 400
