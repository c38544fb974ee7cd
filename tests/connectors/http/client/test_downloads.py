"""Downloads line by line: whole, broken, slow.

Belongs here: ``lines`` of a client and the time it may take. Does not: pages (``test_client``).
"""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Callable

import pytest

from connectors.http.body import SizeLimits
from connectors.http.errors import (
    FetchError,
    Malformed,
    OutOfBounds,
    PermissionMissing,
    TooLarge,
    Unavailable,
)
from connectors.http.retries import RetryPolicy
from connectors.testing.server import Reply, serving
from tests.connectors.http.client.canary import CANARY
from tests.connectors.http.wire import PATIENT, everything_in, in_turn, opened

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
