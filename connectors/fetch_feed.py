"""Carrying out a declaration: one dataset of one source, for one month or for today, into one
file of native records.

What belongs here: opening a client for a source, the facts that addresses are filled with, and writing what a
walk yields. What does not: where the file lies and when it counts (``mbr_pipeline.ingest.fetch``).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from connectors.dated_months import dated_month, shifted
from connectors.http.body import SizeLimits
from connectors.http.client import Client
from connectors.http.clock import Clock
from connectors.http.connection.route import Route
from connectors.http.endpoint import Count
from connectors.http.errors import FetchError
from connectors.http.redaction import Redactor, Secret
from connectors.http.retries import RetryPolicy
from connectors.http.walk import Walk
from connectors.spec import CONSTANT, Feed, SourceSpec

Seen = Callable[[str, Count], None]


@dataclass(frozen=True)
class Fetched:
    """What a file of native records holds: its hash, its records, the records' fields, and what
    was received by endpoint.
    """

    sha256: str
    rows: int
    fields: tuple[str, ...]
    counts: Mapping[str, Count]


def open_client(
    spec: SourceSpec,
    settings: Mapping[str, str],
    credentials: Mapping[str, Secret],
    *,
    clock: Clock | None = None,
    retry_policy: RetryPolicy | None = None,
    size_limits: SizeLimits | None = None,
    on_retry: Callable[[FetchError, float], None] = lambda error, pause: None,
) -> Client:
    """Return a client for a source with complete settings; its errors show none of the credentials.
    Close it after use.
    """
    redactor = Redactor()
    for secret in credentials.values():
        redactor.add(secret.reveal())
    return Client(
        spec.origins(settings),
        spec.auth(settings, credentials),
        spec.rate,
        redactor,
        clock=clock or Clock(),
        retry_policy=retry_policy or RetryPolicy(),
        size_limits=size_limits or SizeLimits(),
        on_retry=on_retry,
        refusal=spec.refusal,
        route=Route(settings.get("proxy", ""), settings.get("ca_file", "")),
    )


def facts(settings: Mapping[str, str], first: date, today: date) -> dict[str, str]:
    """Return what addresses may be filled with: the settings, and of the month that begins with ``first`` its
    name, ``start``, ``end`` (the first day after it), ``last`` day; and ``today``. ``dated_start`` and
    ``dated_end`` are the same of the month that the period's documents are dated in (setting ``dated``),
    ``dated_before`` is the last day before that month.
    """
    end = shifted(first, 1)
    month = {
        "period": first.isoformat()[:7],
        "start": first,
        "end": end,
        "last": end - timedelta(days=1),
        "today": today,
    }
    known = {**settings, **{name: str(value) for name, value in month.items()}}
    dated = dated_month(first, settings)
    return known | {
        "dated_before": str(dated - timedelta(days=1)),
        "dated_start": str(dated),
        "dated_end": str(shifted(dated, 1)),
    }


def open_walk(
    client: Client, spec: SourceSpec, known: Mapping[str, str], seen: Seen = lambda name, count: None
) -> Walk:
    """Return a walk of a source with the facts known."""
    return Walk(client, spec.base_url.format_map(known), known, seen)


def write_feed(path: Path, walk: Walk, feed: Feed) -> Fetched:
    """Write all records of a feed to ``path`` as gzipped JSON lines: equal records make equal bytes.

    Raises:
        FetchError: Not all records could be had; what lies at ``path`` must not be used.
    """
    fields: dict[str, None] = {}
    rows = 0
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed,
        io.TextIOWrapper(packed, "utf-8") as file,
    ):
        for name, record in _records(walk, feed):
            context = {"_endpoint": name, "_period": walk.facts["period"]}
            if (
                feed.is_snapshot
            ):  # elsewhere the day is not part of the record, and equal records should make equal bytes
                context["_fetched_on"] = walk.facts["today"]
            whole = {**context, **record, **context}  # ours come first in the line, and win
            line = json.dumps(whole, ensure_ascii=True, separators=(",", ":"))
            fields.update(dict.fromkeys(record))
            rows += 1
            file.write(line + "\n")
    with path.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256")
    return Fetched(digest.hexdigest(), rows, tuple(fields), dict(walk.counts))


def _records(walk: Walk, feed: Feed) -> Iterator[tuple[str, Mapping[str, str | bool | None]]]:
    for endpoint in feed.endpoints:
        for record in walk.records(endpoint):
            yield endpoint.name, record
    if any(count.rows for count in walk.counts.values()):
        for constant in feed.constants:
            yield CONSTANT, constant
