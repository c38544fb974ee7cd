"""A workspace whose vendor is a fake Pax8 on loopback.

Belongs here: mbr.yml, environment and server for the tests of fetching. What the vendor sends is
``tests.connectors.sources.pax8.books``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from connectors.http.clock import Clock
from connectors.http.retries import RetryPolicy
from connectors.testing.fetching import FastClock
from connectors.testing.server import App, FakeServer, serving
from connectors.testing.vendor import Books, FakeVendor
from connectors.testing.vendors.pax8 import FakePax8
from mbr_pipeline.ingest.fetching.fetch import Outcome, Watcher, fetch
from mbr_pipeline.ingest.fetching.fetch_tasks import Task, tasks
from mbr_pipeline.periods import Period
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.connectors.sources.pax8.books import BOOKS
from tests.support.small import write

PERIOD = "2026-10"
LATER, DURING = date(2026, 11, 5), date(2026, 10, 14)
SECRETS = tuple(FakePax8.credentials.values())

_SETTINGS = """\
msps:
  acme:
    name: Acme
    sources:
      pax8:
        connector: pax8
        datasets: [vendor_invoices, vendor_charges, license_counts]
        settings: {{base_url: "{url}/v1", token_url: "{url}/v1/token"}}
      psa: {{datasets: [clients, products, agreements, invoice_lines]}}
"""


class Stopped(FastClock):
    """A clock that shows the day a test is about, and whose sleep takes no time."""

    def __init__(self, day: date) -> None:
        super().__init__()
        self.day = day

    def now(self) -> Any:
        return super().now().replace(year=self.day.year, month=self.day.month, day=self.day.day)


@dataclass
class Shop:
    """The workspace and its vendor."""

    root: Path
    vendor: FakeVendor
    server: FakeServer

    @property
    def paths(self) -> WorkspacePaths:
        return WorkspacePaths(self.root)

    @property
    def workspace(self) -> Workspace:
        return Workspace.open(self.paths)

    def tasks(self, today: date = LATER, period: str = PERIOD, **narrowed: str) -> list[Task]:
        return tasks(self.workspace, Period.parse(period), today, **narrowed)

    def fetch(
        self, today: date = LATER, again: bool = False, watcher: Watcher | None = None, **narrowed: str
    ) -> list[Outcome]:
        """Fetch what a day allows, without waiting for anything."""
        clock: Clock = Stopped(today)
        retry_policy = RetryPolicy(total=100, answer=2, silence=1, attempts=3)
        return list(
            fetch(
                self.workspace,
                self.tasks(today, **narrowed),
                again=again,
                watcher=watcher,
                clock=clock,
                retry_policy=retry_policy,
            )
        )

    @property
    def folder(self) -> Path:
        return self.root / "landing/acme" / PERIOD / "pax8"


@contextmanager
def opened(root: Path, books: Books = BOOKS, app: App | None = None) -> Iterator[Shop]:
    """Open the shop: the environment must hold the credentials, see ``give_credentials``."""
    vendor = FakePax8(books)
    with serving(app or vendor) as server:
        vendor.address = server.url
        write(root / "mbr.yml", _SETTINGS.format(url=server.url))
        (root / "landing/acme/2026-09/psa").mkdir(
            parents=True
        )  # the months that there are begin with the first one landed
        yield Shop(root, vendor, server)


ENVIRONMENT = {f"MBR_ACME_PAX8_{name.upper()}": value for name, value in FakePax8.credentials.items()}


def landed_files(shop: Shop) -> list[str]:
    """Names of the files that a run would read."""
    return (
        sorted(path.name for path in shop.folder.iterdir() if path.is_file()) if shop.folder.exists() else []
    )


def states(outcomes: Sequence[Outcome]) -> dict[str, str]:
    return {outcome.task.feed.dataset: outcome.state for outcome in outcomes}
