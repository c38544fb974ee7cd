"""One request and its repetitions: where it goes, what it takes, which error comes of it, and that no error
holds a secret.

Belongs here: what ``connectors.testing.hostile`` cannot show for every source. Does not: credentials on
requests (``test_auth``).
"""

from __future__ import annotations

import gzip
import io
import json
import logging
import socket
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
import requests

from connectors.http.auth import Basic, ClientCredentials, Headers
from connectors.http.body import SizeLimits
from connectors.http.errors import (
    CredentialsRefused,
    FetchError,
    Malformed,
    OutOfBounds,
    PermissionMissing,
    RequestRefused,
    TooLarge,
    Unavailable,
)
from connectors.http.json_answers import Answer
from connectors.http.redaction import HIDDEN, Secret
from connectors.http.retries import RetryPolicy
from connectors.testing.conformance import FastClock
from connectors.testing.server import Asked, Reply, serving
from tests.connectors.http.wire import PATIENT, everything_in, in_turn, nobody_listening, opened

CANARY = "canary/with+odd=signs"


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def proxied(url: str) -> None:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, url)
            monkeypatch.setenv(name.upper(), url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)

    return proxied


def test_a_proxy_of_the_environment_is_not_used(proxied: Callable[[str], None]) -> None:
    """It would see the credentials, and could answer for the vendor."""
    with (
        serving(lambda asked: Reply.json({"from": "vendor"})) as vendor,
        serving(lambda asked: Reply.json({"from": "proxy"})) as proxy,
    ):
        proxied(proxy.url)
        assert requests.get(vendor.url, timeout=10).json() == {"from": "proxy"}, (
            "the environment would send requests to the proxy"
        )
        before = len(proxy.asked)
        auth = ClientCredentials(vendor.url, f"{vendor.url}/token", {"secret": Secret(CANARY)})
        with opened(vendor.url, blob_hosts=(vendor.url,)) as client:
            assert client.send(vendor.url).body == {"from": "vendor"}
            assert list(client.lines(vendor.url, is_packed=False)) == [b'{"from": "vendor"}']
        with opened(vendor.url, auth=auth) as client, pytest.raises(Malformed, match="access_token"):
            client.send(vendor.url)
        assert len(proxy.asked) == before


def test_a_netrc_of_the_user_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password canary\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with serving(lambda asked: Reply.json({"access_token": "t"})) as server:
        requests.get(server.url, timeout=10)
        assert "authorization" in server.asked.pop().headers, "the environment would sign requests"
        with opened(server.url, blob_hosts=(server.url,)) as client:
            client.send(server.url)
            list(client.lines(server.url, is_packed=False))
        with opened(server.url, auth=ClientCredentials(server.url, f"{server.url}/token", {})) as client:
            client.send(server.url)
        with opened(server.url, auth=Headers(server.url, {"x-key": Secret("k")})) as client:
            client.send(server.url)
        assert [asked.headers.get("authorization") for asked in server.asked] == [
            None,
            None,
            None,
            "Bearer t",
            None,
        ]


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirect_is_never_followed(status: int, method: str) -> None:
    with (
        serving(lambda asked: Reply.json([])) as elsewhere,
        serving(
            lambda asked: Reply(status, b"moved", {"Location": f"{elsewhere.url}/x?sig={CANARY}"})
        ) as server,
    ):
        with (
            opened(server.url, elsewhere.url) as client,
            pytest.raises(OutOfBounds, match=f"{elsewhere.url}/x\\?…") as caught,
        ):
            client.send(server.url, method=method, json={} if method == "POST" else None)
        assert (len(server.asked), elsewhere.asked) == (1, [])
    assert CANARY not in everything_in(caught.value)


def test_a_token_request_and_a_download_are_not_redirected_either() -> None:
    with (
        serving(lambda asked: Reply.json({"access_token": "t"})) as elsewhere,
        serving(lambda asked: Reply(307, b"", {"Location": elsewhere.url})) as server,
    ):
        auth = ClientCredentials(server.url, f"{server.url}/token", {"secret": Secret(CANARY)})
        with opened(server.url, elsewhere.url, auth=auth, blob_hosts=(server.url, elsewhere.url)) as client:
            with pytest.raises(OutOfBounds):
                client.send(server.url)
            with pytest.raises(OutOfBounds):
                list(client.lines(server.url, is_packed=False))
        assert elsewhere.asked == []


@pytest.mark.parametrize(
    "location",
    [None, "", "/elsewhere", "http://[broken", "http://x:99999/", "javascript:alert(1)", "\xff\xfe"],
)
@pytest.mark.parametrize("wire", ["whole", "short", "drip"])
def test_wherever_a_redirect_leads_and_however_long_its_body_it_ends_at_once(
    location: str | None, wire: str
) -> None:
    headers = {} if location is None else {"Location": location}
    with (
        serving(lambda asked: Reply(302, b"x" * 100_000, headers, wire)) as server,
        opened(server.url) as client,
    ):
        with pytest.raises(OutOfBounds, match="answered 302, a redirect to"):
            client.send(server.url)
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("status", "error", "attempts"),
    [
        (400, RequestRefused, 1),
        (401, CredentialsRefused, 1),
        (402, RequestRefused, 1),
        (403, PermissionMissing, 1),
        (404, RequestRefused, 1),
        (409, RequestRefused, 1),
        (410, RequestRefused, 1),
        (422, RequestRefused, 1),
        (431, RequestRefused, 1),
        (451, RequestRefused, 1),
        (408, Unavailable, 4),
        (425, Unavailable, 4),
        (429, Unavailable, 4),
        (500, Unavailable, 4),
        (501, Unavailable, 4),
        (502, Unavailable, 4),
        (503, Unavailable, 4),
        (504, Unavailable, 4),
        (529, Unavailable, 4),
        (599, Unavailable, 4),
        (304, OutOfBounds, 1),
    ],
)
def test_each_status_is_its_error_and_only_what_may_pass_is_tried_again(
    status: int, error: type[FetchError], attempts: int
) -> None:
    with serving(lambda asked: Reply(status)) as server, opened(server.url) as client:
        with pytest.raises(error, match=rf"GET {server.url}/v1\?… answered {status}") as caught:
            client.send(f"{server.url}/v1?x=1")
        assert type(caught.value) is error
        assert len(server.asked) == attempts


def test_retry_after_is_kept_in_the_error_and_a_date_is_read_by_our_clock() -> None:
    told: list[tuple[float | None, float]] = []
    replies = (
        Reply(429, b"", {"Retry-After": "30"}),
        Reply(503, b"", {"Retry-After": "Mon, 01 Jan 2001 00:00:00 GMT"}),
        Reply.json([]),
    )
    with (
        serving(in_turn(*replies)) as server,
        opened(server.url, on_retry=lambda error, pause: told.append((error.retry_after, pause))) as client,
    ):
        client.send(server.url)
    assert [asked for asked, _ in told] == [30.0, 0.0]
    assert 30 <= told[0][1] <= 31 and 0 <= told[1][1] <= 1


def test_the_time_of_all_attempts_is_limited_also_across_a_new_token() -> None:
    """Before the refused token a pause of 80 s, after it another: together beyond 100."""
    clock = FastClock()
    data = in_turn(Reply(503, b"", {"Retry-After": "80"}), Reply(401), Reply(503, b"", {"Retry-After": "80"}))

    def app(asked: Asked) -> Reply:
        return Reply.json({"access_token": "t"}) if asked.path == "/token" else data(asked)

    with serving(app) as server:
        auth = ClientCredentials(server.url, f"{server.url}/token", {})
        with (
            opened(
                server.url, auth=auth, clock=clock, retry_policy=RetryPolicy(total=100, attempts=50)
            ) as client,
            pytest.raises(Unavailable),
        ):
            client.send(server.url)
        assert clock.skipped < 82
        assert [asked.path for asked in server.asked] == ["/token", "/", "/", "/token", "/"]


def test_nobody_listens() -> None:
    told: list[str] = []
    with (
        nobody_listening() as closed,
        opened(closed, on_retry=lambda error, pause: told.append(str(error))) as client,
        pytest.raises(
            Unavailable, match=r"GET http://127\.0\.0\.1:\d+/v1\?… failed \(ConnectionError\): the vendor"
        ) as caught,
    ):
        client.send(f"{closed}/v1", params={"sig": CANARY})
    assert len(told) == 3
    assert "canary" not in everything_in(caught.value) + "".join(told)


def test_a_host_without_a_certificate_is_not_talked_to() -> None:
    """Plain HTTP where TLS was to be spoken: nothing is sent, and it is not tried again."""
    with serving(lambda asked: Reply.json([])) as server:
        address = server.url.replace("http://", "https://")
        with opened(address) as client, pytest.raises(OutOfBounds, match="no certificate"):
            client.send(address)
        assert server.asked == []


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


# --- downloads


def _packed(*lines: bytes) -> bytes:
    return gzip.compress(b"\n".join(lines) + b"\n")


def test_a_download_comes_line_by_line_packed_or_not() -> None:
    with (
        serving(in_turn(Reply(200, _packed(b"a", b"b" * 3_000_000, b"")), Reply(200, b"a\nb"))) as server,
        opened(server.url, blob_hosts=(server.url,)) as client,
    ):
        assert list(client.lines(f"{server.url}/x", is_packed=True)) == [
            b"a\n",
            b"b" * 3_000_000 + b"\n",
            b"\n",
        ]
        assert list(client.lines(f"{server.url}/x", is_packed=False)) == [b"a\n", b"b"]


def test_a_download_is_asked_for_again_as_long_as_nothing_was_taken_of_it() -> None:
    with (
        serving(in_turn(Reply(503), Reply(200, b"a\n"))) as server,
        opened(server.url, blob_hosts=(server.url,)) as client,
    ):
        assert list(client.lines(server.url, is_packed=False)) == [b"a\n"]
        assert len(server.asked) == 2


BROKEN: dict[str, tuple[Reply, type[FetchError]]] = {
    "cut off on the wire": (
        Reply(200, _packed(*(str(n).encode() for n in range(50_000))), wire="short"),
        Malformed,
    ),
    "cut off before": (Reply(200, _packed(*(str(n).encode() for n in range(50_000)))[:-100]), Malformed),
    "without its checksum": (Reply(200, _packed(b"a")[:-8]), Malformed),
    "with a wrong checksum": (Reply(200, _packed(b"a")[:-8] + b"\0" * 8), Malformed),
    "followed by something else": (Reply(200, _packed(b"a") + b"something else"), Malformed),
    "not packed at all": (Reply(200, b'{"canary": 1}\n'), Malformed),
    "damaged inside": (
        Reply(200, _packed(b"a" * 100)[:12] + b"\xff\xff\xff\xff" + _packed(b"a" * 100)[16:]),
        Malformed,
    ),
    "one endless line": (Reply(200, _packed(b"a" * 2_000)), TooLarge),
    "a bomb": (Reply(200, gzip.compress(b"a\n" * 5_000_000)), TooLarge),
    "refused": (Reply(403, b"<Error>AuthenticationFailed</Error>"), PermissionMissing),
}


@pytest.mark.parametrize("damage", BROKEN)
def test_a_download_that_is_not_whole_is_an_error_and_not_repeated(damage: str) -> None:
    reply, error = BROKEN[damage]
    size_limits = SizeLimits(line=1_000, download=1_000_000)
    with (
        serving(lambda asked: reply) as server,
        opened(server.url, blob_hosts=(server.url,), size_limits=size_limits, secrets=[CANARY]) as client,
    ):
        with pytest.raises(error) as caught:
            list(client.lines(f"{server.url}/blob?sig={CANARY}", is_packed=True))
        assert type(caught.value) is error
        assert len(server.asked) == 1
    assert "canary" not in everything_in(caught.value)


def test_nothing_packed_is_an_empty_download_and_nothing_at_all_is_an_error() -> None:
    with (
        serving(in_turn(Reply(200, gzip.compress(b"")), Reply(200, b""))) as server,
        opened(server.url, blob_hosts=(server.url,)) as client,
    ):
        assert list(client.lines(server.url, is_packed=True)) == []
        with pytest.raises(Malformed):
            list(client.lines(server.url, is_packed=True))


def test_a_download_that_stops_is_an_error() -> None:
    retry_policy = RetryPolicy(total=300, answer=0.3, silence=5, attempts=2)
    with (
        serving(lambda asked: Reply(200, b"a\n" * 100_000, wire="drip")) as server,
        opened(server.url, blob_hosts=(server.url,), retry_policy=retry_policy) as client,
        pytest.raises(Unavailable),
    ):
        list(client.lines(server.url, is_packed=False))


def test_a_download_from_elsewhere_is_not_asked_for() -> None:
    with (
        serving(lambda asked: Reply(200, b"a\n")) as server,
        opened(server.url, retry_policy=PATIENT) as client,
    ):
        with pytest.raises(OutOfBounds):
            list(client.lines(server.url, is_packed=False))
        assert server.asked == []


def test_a_closed_client_holds_no_connection() -> None:
    with serving(lambda asked: Reply.json([])) as server:
        with opened(server.url) as client:
            client.send(server.url)
            port = int(server.url.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)):
            pass  # the server still takes others


@pytest.mark.parametrize("wire", ["drip head", "drip chunk"])
def test_an_answer_that_trickles_where_the_library_does_not_look_is_cut_off(wire: str) -> None:
    retry_policy = RetryPolicy(total=300, answer=0.3, silence=5, attempts=2)
    with (
        serving(lambda asked: Reply(200, b"[]", wire=wire)) as server,
        opened(server.url, retry_policy=retry_policy) as client,
    ):
        with pytest.raises(Unavailable, match="in time|did not finish its answer"):
            client.send(server.url)
        assert len(server.asked) == 2


def _lines_of(wire: str, reader: Callable[[int], None]) -> int:
    retry_policy = RetryPolicy(total=300, answer=2, silence=5, attempts=1)
    line, lines = b"x" * 1023 + b"\n", 0
    with (
        serving(lambda asked: Reply(200, line * 1024 * 24, wire=wire)) as server,
        opened(server.url, blob_hosts=(server.url,), retry_policy=retry_policy) as client,
    ):
        for _ in client.lines(server.url, is_packed=False):
            lines += 1
            reader(lines)
    return lines


def test_a_large_download_may_take_longer_than_a_page_if_it_keeps_coming() -> None:
    assert _lines_of("in parts", lambda line: None) == 24 * 1024


def test_time_that_the_reader_takes_is_not_the_vendors() -> None:
    assert _lines_of("whole", lambda line: time.sleep(2.5) if line == 1024 else None) == 24 * 1024
