"""Below the vendor's limit, by the vendor's own clock."""

from __future__ import annotations

import threading
import time

import pytest

from connectors.http.clock import Clock
from connectors.http.errors import Unavailable
from connectors.http.rate_limit import Rate, Throttle
from connectors.http.redaction import Secret
from connectors.http.signing.tokens import ClientCredentials
from connectors.testing.fetching import FastClock
from connectors.testing.server import Asked, Reply, serving
from tests.connectors.http.wire import PATIENT, in_turn, nobody_listening, opened


def crowded(arrivals: list[float], rate: Rate) -> list[float]:
    """Return the spans in which one request too many arrived."""
    spans = [later - earlier for earlier, later in zip(arrivals, arrivals[rate.requests :], strict=False)]
    return [span for span in spans if span < rate.seconds]


def test_the_servers_clock_never_sees_too_many_in_a_second() -> None:
    """Real time. What is counted is when requests arrive, so that a slow one does not meet the next second's
    crowd.
    """
    rate, arrivals = Rate(5, 1), []

    def app(asked: Asked) -> Reply:
        if len(arrivals) % 3 == 0:
            threading.Event().wait(0.05)  # a slow connection: it arrives later than it was sent
        arrivals.append(time.monotonic())
        return Reply.json([])

    with serving(app) as server, opened(server.url, rate=rate, clock=Clock()) as client:
        for _ in range(17):
            client.send(server.url)
    assert len(arrivals) == 17
    assert crowded(arrivals, rate) == []


def test_repetitions_tokens_and_downloads_count_as_well() -> None:
    clock, rate = FastClock(), Rate(3, 60)
    arrivals: list[float] = []
    told = in_turn(Reply(503), Reply(503), Reply.json([]), Reply(429), Reply.json([]))

    def app(asked: Asked) -> Reply:
        arrivals.append(clock.monotonic())
        if asked.path == "/token":
            return Reply.json({"access_token": "token-1", "expires_in": 1})
        return Reply(200, b'{"a": 1}\n') if asked.path == "/blob" else told(asked)

    with serving(app) as server:
        auth = ClientCredentials(server.url, f"{server.url}/token", {"client_secret": Secret("canary")})
        with opened(server.url, rate=rate, clock=clock, auth=auth, blob_hosts=(server.url,)) as client:
            client.send(server.url)
            client.send(server.url)
            assert list(client.lines(f"{server.url}/blob", is_packed=False)) == [b'{"a": 1}\n']
    assert len(arrivals) > 8
    assert crowded(arrivals, rate) == []


def test_a_connection_that_fails_counts_as_well() -> None:
    class Standing(FastClock):
        """Only pauses take time, so that what lies between two requests is nothing else."""

        def monotonic(self) -> float:
            return self.skipped

    clock = Standing()
    sent: list[float] = []
    with (
        nobody_listening() as closed,
        opened(
            closed,
            rate=Rate(1, 100),
            clock=clock,
            retry_policy=PATIENT,
            on_retry=lambda error, pause: sent.append(clock.monotonic()),
        ) as client,
        pytest.raises(Unavailable),
    ):
        client.send(closed)
    assert len(sent) >= 2
    assert all(later - earlier >= 100 for earlier, later in zip(sent, sent[1:], strict=False))


@pytest.mark.parametrize("rate", [Rate(1, 1), Rate(2, 10), Rate(16, 1), Rate(100, 60)])
def test_nobody_waits_who_need_not(rate: Rate) -> None:
    clock = FastClock()
    throttle = Throttle(rate, clock)
    for _ in range(rate.requests):
        with throttle.turn():
            pass
    assert clock.skipped == 0
    with throttle.turn():
        pass
    assert 0 < clock.skipped <= rate.seconds
