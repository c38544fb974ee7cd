"""Manifests that are none, and blobs that are not whole.

Belongs here: what is downloaded. Does not: waiting for it (``test_exports``).
"""

from __future__ import annotations

import gzip

import pytest

from connectors.http.errors import FetchError, Inconsistent, Malformed, OutOfBounds, TooLarge
from connectors.testing.hostile import BEHAVIOURS, COMPLETE, FAILS, Behaviour
from connectors.testing.server import Asked, Reply
from tests.connectors.http.paging.exports.exporter import (
    ALL,
    MANIFEST,
    SIGNATURE,
    START,
    TWO,
    WATCH,
    Change,
    Exporter,
    export,
    packed,
    problem,
)


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
