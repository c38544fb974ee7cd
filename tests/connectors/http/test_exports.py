"""Asynchronous exports, against a server on loopback: waiting, manifests that are none, and blobs that are
not whole.

Belongs here: the conversation. Does not: what Microsoft's records mean (``sources``).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from connectors.http.auth import Headers
from connectors.http.body import SizeLimits
from connectors.http.client import Client
from connectors.http.errors import FetchError, Inconsistent, Malformed, OutOfBounds, TooLarge, Unavailable
from connectors.http.exports import Export
from connectors.http.origins import Origins
from connectors.http.paging.base import Request
from connectors.http.rate_limit import Rate
from connectors.http.redaction import Redactor, Secret
from connectors.http.retries import RetryPolicy
from connectors.testing.conformance import FastClock
from connectors.testing.hostile import BEHAVIOURS, COMPLETE, FAILS, Behaviour
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


def test_an_export_is_asked_for_waited_for_and_downloaded_blob_by_blob() -> None:
    exporter = Exporter()
    assert export(exporter) == ALL
    look, manifest = f"GET {WATCH}", f"GET {MANIFEST}"
    assert exporter.asked == [
        f"POST {START}",
        look,
        look,
        manifest,
        "GET /blobs/a/one.gz",
        "GET /blobs/b/two.gz",
        manifest,
    ]


def test_the_order_of_blobs_in_the_manifest_does_not_matter() -> None:
    assert export(Exporter(manifest=lambda body: {**body, "blobs": body["blobs"][::-1]})) == ALL


@pytest.mark.parametrize("name", ["compressedJSONLines", "compressedJSON", "CompressedJsonLines"])
def test_both_documented_names_of_the_format_are_taken(name: str) -> None:
    assert export(Exporter(manifest=lambda body: {**body, "dataFormat": name})) == ALL


def test_a_manifest_inside_the_operation_is_found_as_microsoft_s_own_client_finds_it() -> None:
    assert export(Exporter([{"status": "succeeded", "resourceLocation": {"id": "9"}}], location=WATCH)) == ALL


def test_an_export_of_no_blobs_has_no_records() -> None:
    assert export(Exporter(blobs={})) == []


def test_blank_lines_and_a_last_line_without_an_end_are_no_matter() -> None:
    assert (
        export(
            Exporter(
                blobs={"x": gzip.compress(b'{"n": 1}\n\n \n{"n": 2}\n'), "y": gzip.compress(b'{"n": 3}')}
            )
        )
        == ALL
    )


def test_many_records_come_in_pages_and_all_of_them() -> None:
    rows = [{"n": number} for number in range(11_001)]
    assert len(export(Exporter(blobs={"all": packed(rows)}))) == 11_001


def test_the_pause_between_two_looks_is_the_vendor_s_or_ten_seconds() -> None:
    for waits, slept in (
        ({"Retry-After": "45"}, 90),
        ({}, 20),
        ({"Retry-After": "0"}, 20),
        ({"Retry-After": "0.001"}, 2),
    ):
        clock = FastClock()
        export(
            Exporter([{"status": "notStarted"}, {"status": "running"}, {"status": "succeeded"}], waits=waits),
            clock=clock,
        )
        assert clock.skipped == pytest.approx(slept, abs=0.01)


def test_an_export_that_is_never_ready_is_given_up_after_an_hour() -> None:
    clock = FastClock()
    exporter = Exporter([{"status": "running"}], waits={"Retry-After": "600"})
    with pytest.raises(Unavailable, match="was not ready after 60 minutes"):
        export(exporter, clock=clock)
    assert exporter.looks == 6 and 2_900 < clock.skipped <= 3_600


def test_a_pause_longer_than_the_hour_is_not_begun() -> None:
    clock = FastClock()
    with pytest.raises(Unavailable, match="was not ready"):
        export(Exporter([{"status": "running"}], waits={"Retry-After": "21600"}), clock=clock)
    assert clock.skipped == 0


@pytest.mark.parametrize("code", ["5000", 5000])
def test_a_failure_with_code_5000_says_that_there_is_nothing(code: Any) -> None:
    assert (
        export(Exporter([{"status": "failed", "error": {"code": code, "message": "No data available"}}]))
        == []
    )


def test_any_other_failure_is_an_error_with_the_vendor_s_words_and_none_of_our_secrets() -> None:
    state = {"status": "failed", "error": {"code": "1000", "message": f"no\r\n{KEY}"}}
    assert 'operations/7?… failed: "no  [hidden]" (code 1000)' in problem(Exporter([state]), Unavailable)


@pytest.mark.parametrize(
    "state",
    [{"status": "cancelled"}, {}, {"status": None}, {"status": {"a": 1}}, {"status": "succeeded", "a": 1}],
)
def test_a_state_that_nobody_documents_is_an_error(state: dict[str, Any]) -> None:
    problem(Exporter([state]), Malformed)


def test_a_start_without_a_place_to_watch_is_an_error() -> None:
    assert "without saying where it can be watched" in problem(Exporter(location=None), Malformed)


@pytest.mark.parametrize(
    "location",
    ["https://collector.example/operations/7", "//collector.example/x", "http://localhost.example/x"],
)
def test_an_operation_elsewhere_is_not_watched(location: str) -> None:
    problem(Exporter(location=location), OutOfBounds)


def test_a_manifest_elsewhere_is_not_fetched() -> None:
    state = {
        "status": "succeeded",
        "resourceLocation@odata.navigationLink": "https://collector.example/manifests/9",
    }
    problem(Exporter([state]), OutOfBounds)


@pytest.mark.parametrize(
    "root",
    ["https://collector.example/blobs", "https://a.blob.core.windows.net.collector.example", "/blobs", "x:"],
)
def test_blobs_elsewhere_are_not_fetched(root: str) -> None:
    problem(Exporter(manifest=lambda body: {**body, "rootDirectory": root}), OutOfBounds)


@pytest.mark.parametrize(
    ("change", "kind", "text"),
    [
        (lambda body: {**body, "blobCount": 3}, Inconsistent, "states 3 blobs and names 2"),
        (lambda body: {**body, "blobCount": 1}, Inconsistent, "states 1 blobs and names 2"),
        (lambda body: {**body, "blobCount": None}, Inconsistent, "states None blobs"),
        (lambda body: {**body, "blobCount": "two"}, Malformed, "no count"),
        (lambda body: {**body, "blobs": body["blobs"][:1] * 2}, Inconsistent, "names a blob twice"),
        (lambda body: {**body, "blobs": None}, Malformed, "is no manifest"),
        (lambda body: {**body, "blobs": [{"name": ""}, {"name": "b/two.gz"}]}, Malformed, "is no manifest"),
        (lambda body: {**body, "blobs": ["a/one.gz", "b/two.gz"]}, Malformed, "is no manifest"),
        (
            lambda body: {**body, "blobs": [{"name": "../secret"}, {"name": "b/two.gz"}]},
            Malformed,
            "outside its directory",
        ),
        (
            lambda body: {**body, "blobs": [{"name": "/a"}, {"name": "b/two.gz"}]},
            Malformed,
            "outside its directory",
        ),
        (lambda body: {**body, "rootDirectory": None}, Malformed, "is no manifest"),
        (lambda body: {**body, "sasToken": ""}, Malformed, "is no manifest"),
        (
            lambda body: {**body, "dataFormat": "parquet"},
            Malformed,
            "a format that is not documented: parquet",
        ),
        (lambda body: {**body, "dataFormat": None}, Malformed, "a format that is not documented"),
        (lambda body: {**body, "eTag": None}, Malformed, "its eTag is missing"),
        (lambda body: [body], Malformed, "is no manifest"),
    ],
)
def test_a_manifest_that_is_none_is_an_error_and_no_blob_is_fetched(
    change: Change, kind: type[FetchError], text: str
) -> None:
    exporter = Exporter(manifest=change)
    assert text in problem(exporter, kind)
    assert not [line for line in exporter.asked if "/blobs/" in line]


def test_data_that_changed_while_its_blobs_were_read_is_walked_again() -> None:
    exporter = Exporter()
    exporter.manifest = lambda body: {**body, "eTag": f"v{exporter.manifests}"}
    text = problem(exporter, Inconsistent)
    assert "became another version" in text and Inconsistent.restartable


def test_a_signature_with_a_question_mark_opens_the_storage_too() -> None:
    assert export(Exporter(manifest=lambda body: {**body, "sasToken": f"?{SIGNATURE}"})) == ALL


WHOLE = packed(TWO)


@pytest.mark.parametrize(
    ("blob", "kind"),
    [
        (WHOLE[:-4], Malformed),  # cut off
        (WHOLE[: len(WHOLE) // 2], Malformed),
        (b"", Malformed),
        (b"{}", Malformed),
        (WHOLE[:-8] + bytes(8), Malformed),  # its checksum is wrong
        (WHOLE + b"rubbish", Malformed),
        (gzip.compress(b'{"n": 3'), Malformed),
        (gzip.compress(b'{"n": NaN}'), Malformed),
        (gzip.compress(b'{"n": 3, "n": 4}'), Malformed),
        (gzip.compress(b"\xff\xfe"), Malformed),
        (gzip.compress(b" " * 150_000), TooLarge),
        (gzip.compress((b" " * 90_000 + b"\n") * 5), TooLarge),
    ],
    ids=[
        "cut off",
        "cut in half",
        "nothing",
        "not packed",
        "wrong checksum",
        "something after it",
        "half a record",
        "a NaN",
        "a key twice",
        "no UTF-8",
        "a line too long",
        "too much",
    ],
)
def test_a_blob_that_is_not_whole_is_an_error(blob: bytes, kind: type[FetchError]) -> None:
    exporter = Exporter()
    exporter.blobs["b/two.gz"] = blob
    problem(exporter, kind)


def test_a_blob_that_is_refused_at_first_is_asked_for_again() -> None:
    exporter = Exporter()
    refused = []

    def app(asked: Asked) -> Reply:
        if asked.path.startswith("/blobs/") and not refused:
            refused.append(asked)
            return Reply(503, b"busy")
        return exporter(asked)

    assert export(exporter, app) == ALL


STEPS = {"start": START, "watch": WATCH, "manifest": MANIFEST}
_ON_JSON = [
    behaviour
    for behaviour in BEHAVIOURS
    if behaviour.strikes == "data" and behaviour.outcome in (COMPLETE, FAILS)
]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("behaviour", _ON_JSON, ids=lambda behaviour: behaviour.name)
def test_hostile_answers_at_every_step_end_complete_or_in_a_clear_failure(
    behaviour: Behaviour, step: str
) -> None:
    exporter, struck = Exporter(), 0

    def app(asked: Asked) -> Reply:
        nonlocal struck
        reply = exporter(asked)
        if asked.path != STEPS[step] or struck >= behaviour.lasts:
            return reply
        struck += 1
        return behaviour.tamper(reply)

    try:
        records = export(exporter, app, seconds=behaviour.seconds)
    except FetchError as error:
        assert behaviour.outcome == FAILS, error
        assert "canary" not in str(error)
    else:
        assert records == ALL and behaviour.outcome == COMPLETE
    assert struck
