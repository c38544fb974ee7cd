"""Asynchronous exports, against a server on loopback: waiting, manifests that are none, and blobs that are
not whole.

Belongs here: the conversation. Does not: what Microsoft's records mean (``sources``).
"""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from connectors.http.errors import Malformed, OutOfBounds, Unavailable
from connectors.testing.fetching import FastClock
from tests.connectors.http.paging.exports.exporter import (
    ALL,
    KEY,
    MANIFEST,
    START,
    WATCH,
    Exporter,
    export,
    packed,
    problem,
)


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
