"""A feed from the wire into one file of native records, and out of it again.

Belongs here: ``connectors.fetch_feed``: facts of a month, opening a client, the file. Does not: walking
(``tests/connectors/http``).
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.datasets import DATASETS
from connectors.fetch_feed import Fetched, facts, open_client, open_walk, write_feed
from connectors.http.endpoint import Endpoint
from connectors.http.errors import FetchError, OutOfBounds
from connectors.http.rate_limit import Rate
from connectors.http.redaction import Secret
from connectors.http.signing.auth import Headers
from connectors.http.walk import Walk
from connectors.mapping import Native, Row, plain
from connectors.native_file import NativeFile
from connectors.spec import Credential, Feed, Setting, SourceSpec
from connectors.testing.fetching import FastClock
from connectors.testing.server import Asked, Reply, serving
from tests.connectors.http.wire import everything_in, opened
from tests.connectors.sources.conftest import only_loopback

__all__ = ["only_loopback"]

FIRST, TODAY = date(2026, 10, 1), date(2026, 10, 14)
KEY = "canary-api-key"


def _seats(record: Native) -> Iterator[Row]:
    yield {
        "vendor_customer_id": record.needed("client.id"),
        "sku_id": record.needed("sku"),
        "as_of_date": record.needed("_fetched_on"),
        "entitled_quantity": plain(record.number("seats")),
    }


SEATS = Endpoint("seats", "/seats", params={"month": "{period}"})
ADDED = Endpoint("added seats", "/added")
SHOP = SourceSpec(
    name="shop",
    title="Shop",
    doc="A shop.",
    feeds=(
        Feed("license_counts", (SEATS, ADDED), _seats, is_snapshot=True),
        Feed("vendor_charges", (SEATS,), _seats),
    ),
    base_url="{base_url}/v1",
    auth=lambda settings, credentials: Headers(settings["base_url"], {"x-key": credentials["key"]}),
    rate=Rate(1000, 1),
    settings=(Setting("base_url", "address", is_address=True),),
    credentials=(Credential("key", "a key"),),
)


def fetched(body: Any, path: Path, dataset: str = "license_counts") -> tuple[Fetched, list[dict[str, Any]]]:
    """Serve ``body`` as the seats and nothing as the added ones, and return what was written."""

    def app(asked: Asked) -> Reply:
        if asked.path == "/v1/added":
            return Reply.json([])
        return Reply(200, body) if isinstance(body, bytes) else Reply.json(body)

    with serving(app) as server:
        known = {"base_url": server.url}
        client = open_client(SHOP, known, {"key": Secret(KEY)}, clock=FastClock())
        result = write_feed(path, open_walk(client, SHOP, facts(known, FIRST, TODAY)), SHOP.feed(dataset))
        client.close()
        assert [(asked.path, asked.headers["x-key"]) for asked in server.asked][:1] == [("/v1/seats", KEY)]
        assert server.asked[0].query == {"month": "2026-10"}
    return result, [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


@pytest.mark.parametrize(
    ("first", "period", "end", "last"),
    [
        (date(2026, 10, 1), "2026-10", "2026-11-01", "2026-10-31"),
        (date(2026, 12, 1), "2026-12", "2027-01-01", "2026-12-31"),
        (date(2028, 2, 1), "2028-02", "2028-03-01", "2028-02-29"),
        (date(2027, 2, 1), "2027-02", "2027-03-01", "2027-02-28"),
        (date(2026, 4, 1), "2026-04", "2026-05-01", "2026-04-30"),
    ],
)
def test_the_facts_of_a_month(first: date, period: str, end: str, last: str) -> None:
    known = facts({"region": "eu", "today": "a setting of this name does not win"}, first, TODAY)
    assert {name: known[name] for name in ("region", "period", "start", "end", "last", "today")} == {
        "region": "eu",
        "period": period,
        "start": str(first),
        "end": end,
        "last": last,
        "today": "2026-10-14",
    }


def test_every_record_is_a_line_with_where_and_when_it_was_had(tmp_path: Path) -> None:
    result, lines = fetched(
        [{"sku": "a", "client": {"id": 1}, "seats": 1.50}, {"sku": "b", "tags": ["x"]}],
        tmp_path / "x.jsonl.gz",
    )
    context = {"_endpoint": "seats", "_period": "2026-10", "_fetched_on": "2026-10-14"}
    assert lines == [
        {**context, "sku": "a", "client.id": "1", "seats": "1.5", "_copy": "0"},
        {**context, "sku": "b", "tags": '["x"]', "_copy": "0"},
    ]
    assert (result.rows, result.fields) == (2, ("sku", "client.id", "seats", "_copy", "tags"))
    assert {name: count.rows for name, count in result.counts.items()} == {"seats": 2, "added seats": 0}
    assert result.sha256 == hashlib.sha256((tmp_path / "x.jsonl.gz").read_bytes()).hexdigest()


def test_equal_records_make_equal_bytes_wherever_and_whenever_they_are_written(tmp_path: Path) -> None:
    body = [{"sku": "é", "n": number} for number in range(2000)]
    results = [fetched(body, tmp_path / name)[0] for name in ("one.jsonl.gz", "another-name.jsonl.gz")]
    assert (tmp_path / "one.jsonl.gz").read_bytes() == (tmp_path / "another-name.jsonl.gz").read_bytes()
    assert results[0] == results[1]
    assert (tmp_path / "one.jsonl.gz").read_bytes()[3:8] == b"\0\0\0\0\0"  # gzip header: no name, no time


def test_nothing_a_vendor_sends_stands_in_for_where_and_when_it_was_had(tmp_path: Path) -> None:
    forged = {"_endpoint": "invoices", "_period": "1999-01", "_fetched_on": "1999-01-01", "sku": "a"}
    _, (line,) = fetched([forged], tmp_path / "x.jsonl.gz")
    assert (line["_endpoint"], line["_period"], line["_fetched_on"]) == ("seats", "2026-10", "2026-10-14")


@pytest.mark.parametrize(
    ("literal", "text"),
    [
        ("0.1234567890123456789", "0.1234567890123456789"),
        ("1e-7", "0.0000001"),
        ("12345678901234567890", "12345678901234567890"),
        ("-0.0", "-0.0"),
        ('"1.10"', "1.10"),
        ("true", "true"),
    ],
)
def test_a_number_comes_out_with_the_digits_it_went_in_with(literal: str, text: str, tmp_path: Path) -> None:
    fetched(f'[{{"n": {literal}, "l": {{"n": {literal}}}}}]'.encode(), tmp_path / "x.jsonl.gz")
    file = NativeFile(
        tmp_path / "x.jsonl.gz",
        DATASETS["license_counts"],
        lambda record: iter([{"sku_id": record.text("n"), "entitled_quantity": record.text("l.n")}]),
        {},
    )
    assert [
        (row["sku_id"], row["entitled_quantity"]) for batch in file.batches() for row in batch.to_pylist()
    ] == [(text, text)]


ODD = ["é", "e\u0301", "日本", "\U0001f600", "\u202e=1+1", '"\\\n\r\t', "a\u2028b", "\x7f", "a" * 100_000]


def test_every_text_comes_back_as_it_was(tmp_path: Path) -> None:
    fetched(
        [{"sku": text, "client": {"id": 1}, "seats": 1, text[:50]: "a key"} for text in ODD],
        tmp_path / "x.jsonl.gz",
    )
    file = NativeFile(tmp_path / "x.jsonl.gz", DATASETS["license_counts"], _seats, {})
    assert [row["sku_id"] for batch in file.batches() for row in batch.to_pylist()] == ODD
    assert file.faults == []


@pytest.mark.parametrize(
    ("sku", "column"),
    [
        ('"sku": "half \\ud800 a character"', "sku"),
        ('"sku": "a", "tags": ["\\udfff"]', "tags"),
        ('"sku": "a", "x": {"y": "\\ud83d"}', "x.y"),
        ('"sku": "a", "\\ud800": 1', None),
        ('"sku": "nul \\u0000"', "sku"),
    ],
)
def test_half_a_character_is_landed_and_its_record_rejected_where_all_can_see_it(
    sku: str, column: str | None, tmp_path: Path
) -> None:
    """The other records are there, and nothing was quietly replaced."""
    body = (
        f'[{{"client": {{"id": 1}}, "seats": 1, {sku}}}, {{"client": {{"id": 1}}, "seats": 2, "sku":'
        ' "\\ud83d\\ude00"}]'
    )
    result, _ = fetched(body.encode(), tmp_path / "x.jsonl.gz")
    assert result.rows == 2
    result.fields[0].encode()
    file = NativeFile(tmp_path / "x.jsonl.gz", DATASETS["license_counts"], _seats, {})
    rows = [row for batch in file.batches() for row in batch.to_pylist()]
    assert [(row["_line"], row["sku_id"]) for row in rows] == [(2, "\U0001f600")]
    assert [(fault.line, fault.column) for fault in file.faults] == [(1, column)]
    assert file.faults[0].value is None or file.faults[0].value.isprintable()


def test_an_error_in_the_middle_is_raised_and_shows_no_credential(tmp_path: Path) -> None:
    def app(asked: Asked) -> Reply:
        return (
            Reply(400, f"no {asked.headers['x-key']}".encode())
            if asked.path == "/v1/added"
            else Reply.json([{"sku": "a"}])
        )

    with serving(app) as server:
        known = {"base_url": server.url}
        client = open_client(SHOP, known, {"key": Secret(KEY)}, clock=FastClock())
        with pytest.raises(FetchError, match="answered 400") as caught:
            write_feed(
                tmp_path / "x.jsonl.gz",
                open_walk(client, SHOP, facts(known, FIRST, TODAY)),
                SHOP.feed("license_counts"),
            )
        client.close()
    assert "canary" not in everything_in(caught.value)


def test_a_source_goes_nowhere_but_where_its_settings_say() -> None:
    client = open_client(
        SHOP, {"base_url": "https://api.shop.example"}, {"key": Secret(KEY)}, clock=FastClock()
    )
    for url in ("https://other.example", "https://api.shop.example:8443/v1", "http://api.shop.example/v1"):
        with pytest.raises(OutOfBounds):
            client.send(url)
    client.close()
    assert KEY not in repr(client)


def test_a_constant_is_landed_last_and_read_as_it_stands_where_anything_was_received(tmp_path: Path) -> None:
    extra = {"product_code": "no-item", "product_name": "Without"}
    feed = Feed("products", (Endpoint("items", "/items"),), lambda native: [], constants=(extra,))
    for items, expected in (([{"n": 1}], 2), ([], 0)):
        with serving(lambda asked, found=items: Reply.json(found)) as server, opened(server.url) as client:  # type: ignore[misc]
            walk = Walk(client, server.url, {"period": "2026-10"})
            assert write_feed(tmp_path / "f.gz", walk, feed).rows == expected
    native = Native({"_endpoint": "constant", "_period": "2026-10", **extra}, {})
    assert [row.get("product_code") for row in feed.rows(native)] == ["no-item"]
