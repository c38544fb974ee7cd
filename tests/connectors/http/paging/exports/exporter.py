"""A vendor on loopback that exports asynchronously.

Belongs here: the server and a walk over it. Does not: expectations.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from connectors.http.body import SizeLimits
from connectors.http.client import Client
from connectors.http.errors import FetchError
from connectors.http.origins import Origins
from connectors.http.paging.base import Request
from connectors.http.paging.exports import Export
from connectors.http.rate_limit import Rate
from connectors.http.redaction import Redactor, Secret
from connectors.http.retries import RetryPolicy
from connectors.http.signing.auth import Headers
from connectors.testing.fetching import FastClock
from connectors.testing.server import Asked, FakeServer, Reply, serving

SIGNATURE = "sv=2021-08-06&sig=canary%2Bsignature%3D"


KEY = "canary-key-of-the-interface"


START, WATCH, MANIFEST = "/billed/export", "/operations/7", "/manifests/9"


ONE, TWO = [{"n": 1}, {"n": 2}], [{"n": 3}]


ALL = [{"n": "1"}, {"n": "2"}, {"n": "3"}]


Change = Callable[[dict[str, Any]], Any]


def packed(rows: list[dict[str, Any]]) -> bytes:
    return gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode())


def unchanged(body: dict[str, Any]) -> dict[str, Any]:
    return body


@dataclass
class Exporter:
    """An export of three records in two blobs; every answer can be changed."""

    states: list[dict[str, Any]] = field(
        default_factory=lambda: [{"status": "running"}, {"status": "succeeded"}]
    )
    manifest: Change = unchanged
    blobs: dict[str, bytes] = field(
        default_factory=lambda: {"a/one.gz": packed(ONE), "b/two.gz": packed(TWO)}
    )
    location: str | None = f"{WATCH}?api-version=2"
    waits: dict[str, str] = field(default_factory=dict)
    looks: int = 0
    manifests: int = 0
    address: str = ""
    asked: list[str] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply:
        self.asked.append(f"{asked.method} {asked.path}")
        if asked.path.startswith("/blobs/"):
            assert "x-key" not in asked.headers, "the storage got the interface's key"
            assert dict(asked.query) == {"sv": "2021-08-06", "sig": "canary+signature="}
            return Reply(200, self.blobs[asked.path.removeprefix("/blobs/")])
        assert asked.headers["x-key"] == KEY
        if asked.path == START:
            assert (asked.method, json.loads(asked.body)) == ("POST", {"invoiceId": "G1"})
            return Reply(202, b"", {"Location": self.location} if self.location else {})
        if asked.path == WATCH:
            state = self.states[min(self.looks, len(self.states) - 1)]
            self.looks += 1
            link = (
                {"resourceLocation@odata.navigationLink": MANIFEST}
                if state == {"status": "succeeded"}
                else {}
            )
            return Reply.json({**link, **state}, headers=self.waits)
        assert asked.path == MANIFEST
        self.manifests += 1
        body = {
            "eTag": "v1",
            "dataFormat": "compressedJSONLines",
            "rootDirectory": f"{self.address}/blobs/",
            "sasToken": SIGNATURE,
            "blobCount": len(self.blobs),
            "blobs": [{"name": name} for name in self.blobs],
        }
        return Reply.json(self.manifest(body))


@contextmanager
def client_of(server: FakeServer, clock: FastClock, seconds: float) -> Iterator[Client]:
    redactor = Redactor()
    redactor.add(KEY)
    client = Client(
        Origins((server.url,), (server.url,)),
        Headers(server.url, {"X-Key": Secret(KEY)}),
        Rate(1000, 1),
        redactor,
        clock,
        RetryPolicy(total=300, answer=seconds, silence=seconds, attempts=4, pause=8),
        SizeLimits(page=2_000_000, line=100_000, download=200_000),
    )
    try:
        yield client
    finally:
        client.close()


def export(
    exporter: Exporter,
    app: Callable[[Asked], Reply] | None = None,
    clock: FastClock | None = None,
    seconds: float = 10,
) -> list[Any]:
    with serving(app or exporter) as server:
        exporter.address = server.url
        with client_of(server, clock or FastClock(), seconds) as client:
            request = Request(f"{server.url}{START}", {"invoiceId": "G1"})
            return [record for page in Export().pages(client, request, "") for record in page.records]


def problem(exporter: Exporter, kind: type[FetchError], app: Callable[[Asked], Reply] | None = None) -> str:
    with pytest.raises(FetchError) as caught:
        export(exporter, app)
    assert type(caught.value) is kind, caught.value
    text = str(caught.value)
    assert "canary" not in f"{text} {caught.value!r} {caught.value.__cause__!r}"
    assert text.isprintable()
    return text
