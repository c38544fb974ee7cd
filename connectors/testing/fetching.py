"""Fetching from a fake vendor on loopback, and reading back what was fetched.

What belongs here: a client that waits for nobody, one dataset fetched and read as canonical rows. What does
not: what is demanded of a source (``conformance``, ``completeness``).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.datasets import DATASETS
from connectors.fetch_feed import Fetched, facts, open_client, open_walk, write_feed
from connectors.http.body import SizeLimits
from connectors.http.client import Client
from connectors.http.clock import Clock
from connectors.http.redaction import Secret
from connectors.http.retries import RetryPolicy
from connectors.registry import connector_of
from connectors.spec import SourceSpec
from connectors.testing.server import App, serving
from connectors.testing.vendor import FakeVendor

FIRST, TODAY = date(2026, 10, 1), date(2026, 10, 14)
_SMALL = SizeLimits(page=2_000_000, line=2_000_000, download=10_000_000)

Rows = list[dict[str, str]]


class FastClock(Clock):
    """A clock whose sleep takes no time and is counted as if it had."""

    def __init__(self) -> None:
        """Begin now."""
        self.skipped = 0.0

    def now(self) -> datetime:
        """See ``Clock``."""
        return datetime.now(UTC) + timedelta(seconds=self.skipped)

    def monotonic(self) -> float:
        """See ``Clock``."""
        return time.monotonic() + self.skipped

    def sleep(self, seconds: float) -> None:
        """See ``Clock``."""
        self.skipped += seconds


@contextmanager
def opened(
    spec: SourceSpec, vendor: FakeVendor, settings: Mapping[str, str], seconds: float = 10, attempts: int = 4
) -> Iterator[Client]:
    """Open a client with a fake vendor's credentials that waits ``seconds`` for an answer,
    and for nothing else.
    """
    retry_policy = RetryPolicy(total=300, answer=seconds, silence=seconds, attempts=attempts, pause=8)
    credentials = {name: Secret(value) for name, value in vendor.credentials.items()}
    client = open_client(
        spec, settings, credentials, clock=FastClock(), retry_policy=retry_policy, size_limits=_SMALL
    )
    try:
        yield client
    finally:
        client.close()


def fetch(
    spec: SourceSpec,
    vendor: FakeVendor,
    dataset: str,
    folder: Path,
    app: App | None = None,
    seconds: float = 10,
    attempts: int = 4,
) -> tuple[Fetched, Rows]:
    """Serve a fake vendor, fetch a dataset and read it back as canonical rows without nulls."""
    with serving(app or vendor) as server:
        vendor.address = server.url
        return fetch_with(spec, vendor, vendor.settings(server.url), dataset, folder, seconds, attempts)


def fetch_with(
    spec: SourceSpec,
    vendor: FakeVendor,
    settings: Mapping[str, str],
    dataset: str,
    folder: Path,
    seconds: float = 10,
    attempts: int = 4,
) -> tuple[Fetched, Rows]:
    """Do the same with a server that runs already."""
    path, known = folder / f"{dataset}.jsonl.gz", spec.complete(settings)
    with opened(spec, vendor, known, seconds, attempts) as client:
        fetched = write_feed(path, open_walk(client, spec, facts(known, FIRST, TODAY)), spec.feed(dataset))
    return fetched, read(spec, dataset, path, known)


def read(spec: SourceSpec, dataset: str, path: Path, settings: Mapping[str, Any]) -> Rows:
    """Read a file of native records as canonical rows without nulls; a fault is an error here."""
    records = connector_of(spec).open(path, DATASETS[dataset], settings)
    rows = [row for batch in records.batches() for row in batch.to_pylist()]
    assert not records.faults, records.faults
    return [
        {name: value for name, value in row.items() if value is not None and not name.startswith("_")}
        for row in rows
    ]


def ordered(rows: Any) -> Rows:
    """Return rows in an order of their own, without empty values."""
    filled = [{name: value for name, value in row.items() if value not in (None, "")} for row in rows]
    return sorted(filled, key=lambda row: sorted(row.items()))
