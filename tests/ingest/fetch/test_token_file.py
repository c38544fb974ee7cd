"""A source whose refresh token changes at each use, fetched as a month is.

Belongs here: that one file serves all datasets, and that nothing of it gets into the workspace. Does not: the
file itself (``tests/connectors/http/signing/test_token_file.py``).
"""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from connectors.testing.server import serving
from connectors.testing.vendors.quickbooks import FakeQuickBooks
from mbr_pipeline.ingest.fetching.fetch import fetch
from mbr_pipeline.ingest.fetching.fetch_tasks import tasks
from mbr_pipeline.ingest.fetching.source_check import check
from mbr_pipeline.periods import Period
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.connectors.sources.quickbooks.books import BOOKS
from tests.ingest.fetch.shop import LATER, PERIOD, Stopped
from tests.support.small import write

_SETTINGS = """\
msps:
  acme:
    name: Acme
    sources:
      books:
        connector: quickbooks
        datasets: [clients, products, invoice_lines]
        settings: {settings}
      pax8: {{datasets: [vendor_charges]}}
"""


def opened(root: Path, vendor: FakeQuickBooks, url: str, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    write(root / "mbr.yml", _SETTINGS.format(settings=vendor.settings(url)))
    for name, value in vendor.credentials.items():
        monkeypatch.setenv(f"MBR_ACME_BOOKS_{name.upper()}", value)
    return Workspace.open(WorkspacePaths(root))


def test_a_month_is_fetched_with_one_token_and_leaves_none_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = FakeQuickBooks(BOOKS)
    with serving(vendor) as server:
        workspace = opened(tmp_path, vendor, server.url, monkeypatch)
        for again, state in ((False, "landed"), (True, "unchanged")):
            wanted = tasks(workspace, Period.parse(PERIOD), LATER)
            outcomes = list(fetch(workspace, wanted, again=again, clock=Stopped(LATER)))
            assert [(each.task.feed.dataset, each.state) for each in outcomes] == [
                (name, state) for name in ("clients", "products", "invoice_lines")
            ]
    # one exchange for the datasets of a fetch, each with the token of the one before
    assert vendor.token_file.read_text() == "canary-quickbooks-refresh-2\n"
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    written += [gzip.decompress(path.read_bytes()) for path in tmp_path.rglob("*.gz")]
    secrets = [*vendor.credentials.values(), *vendor.tokens.refresh, *vendor.tokens.given]
    assert len(written) > 6
    assert not [secret for secret in secrets if any(secret.encode() in content for content in written)]


def test_the_check_says_which_file_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = FakeQuickBooks(BOOKS)
    with serving(vendor) as server:
        workspace = opened(tmp_path, vendor, server.url, monkeypatch)
        good = list(check(workspace, tasks(workspace, Period.parse(PERIOD), LATER)))
        vendor.token_file.unlink()
        bad = list(check(workspace, tasks(workspace, Period.parse(PERIOD), LATER)))
    assert [(each.what, each.is_good) for each in good] == [("customers", True), ("preferences", True)]
    assert [each.is_good for each in bad] == [False, False]
    assert f"the refresh token in {vendor.token_file} cannot be read or replaced (No such file" in bad[0].said
