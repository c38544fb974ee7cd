"""Whether sources can be fetched from: tries credentials, permissions and
addresses without fetching anything.

What belongs here: `mbr sources check`. What does not: fetching (``mbr_pipeline.ingest.fetching.fetch``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.fetch_feed import facts, open_walk
from connectors.http.client import Client
from connectors.http.clock import Clock
from connectors.http.errors import FetchError
from connectors.http.retries import RetryPolicy
from mbr_pipeline.ingest.fetching.fetch import Watcher, opened
from mbr_pipeline.ingest.fetching.fetch_tasks import Task
from mbr_pipeline.workspace import credentials
from mbr_pipeline.workspace.workspace import Workspace

_BRIEF = RetryPolicy(total=60, answer=30, silence=20, attempts=2)


@dataclass(frozen=True)
class SourceCheck:
    """What was learned about one endpoint of a source, or about its environment variables."""

    msp_id: str
    source: str
    what: str
    is_good: bool
    said: str


def check(
    workspace: Workspace,
    wanted: list[Task],
    watcher: Watcher | None = None,
    clock: Clock | None = None,
    retry_policy: RetryPolicy = _BRIEF,
) -> Iterator[SourceCheck]:
    """Try the credentials and the first page of every endpoint that needs no other one; nothing is landed."""
    by_source: dict[tuple[str, str], list[Task]] = {}
    for task in wanted:
        by_source.setdefault((task.msp_id, task.source), []).append(task)
    for (msp_id, source), own in by_source.items():
        absent = credentials.missing(msp_id, source, own[0].spec)
        for name in absent:
            yield SourceCheck(msp_id, source, "environment", False, f"set {name}")
        if not absent:
            secrets = workspace.credentials(msp_id, source, own[0].spec)
            with opened(own[0], secrets, watcher or Watcher(), clock or Clock(), retry_policy) as client:
                yield from _tried(own, client)


def _tried(own: list[Task], client: Client) -> Iterator[SourceCheck]:
    task = own[0]
    roots = {endpoint.root.name: endpoint.root for each in own for endpoint in each.feed.endpoints}
    walk = open_walk(client, task.spec, facts(task.settings, task.period.start, task.today))
    for endpoint in roots.values():
        try:
            walk.probe(endpoint)
            yield SourceCheck(task.msp_id, task.source, endpoint.name, True, "can be read")
        except FetchError as error:
            needed = f" (needs: {endpoint.permission})" if endpoint.permission else ""
            yield SourceCheck(task.msp_id, task.source, endpoint.name, False, f"{error}{needed}")
