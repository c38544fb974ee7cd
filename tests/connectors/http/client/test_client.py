"""One request and its repetitions: where it goes, what it takes, which error comes of it, and that no
error holds a secret.

Belongs here: what ``connectors.testing.hostile`` cannot show for every source. Does not: credentials on
requests (``test_tokens``).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from connectors.http.errors import (
    CredentialsRefused,
    FetchError,
    OutOfBounds,
    PermissionMissing,
    RequestRefused,
    Unavailable,
)
from connectors.http.redaction import Secret
from connectors.http.retries import RetryPolicy
from connectors.http.signing.auth import Headers
from connectors.http.signing.tokens import ClientCredentials
from connectors.testing.fetching import FastClock
from connectors.testing.server import Asked, Reply, serving
from tests.connectors.http.client.canary import CANARY
from tests.connectors.http.wire import everything_in, in_turn, nobody_listening, opened


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
        with opened(vendor.url, auth=auth) as client, pytest.raises(CredentialsRefused, match="access_token"):
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
            Unavailable,
            match=r"GET http://127\.0\.0\.1:\d+/v1\?… failed \(ConnectionError\); if .*: the vendor",
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
