"""A month that arrives by `mbr fetch` is the month that arrives in files: the demo's October, from fake
vendors to publication.

Belongs here: fetching and closing as one. The vendors are Pax8 (bill and seats) and ConnectWise PSA (the
books); the demo's other sources stay files. What the vendors' interfaces cannot say (ids of the demo's own
making, service periods of parts of a month, several snapshots of one day) is said alike in both workspaces
before anything is compared.
"""

from __future__ import annotations

import csv
import gzip
import io
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from connectors.datasets import DATASETS
from connectors.registry import CONNECTORS
from connectors.testing.server import serving
from connectors.testing.vendor import FakeVendor
from connectors.testing.vendors.connectwise import FakeConnectWise
from connectors.testing.vendors.pax8 import FakePax8
from mbr_pipeline.ingest.fetching.fetch import fetch
from mbr_pipeline.ingest.fetching.fetch_tasks import tasks
from mbr_pipeline.periods import Period
from mbr_pipeline.scaffold.create import create_workspace
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.ingest.fetch.shop import Stopped
from tests.support.launching import Launcher
from tests.support.small import write

PERIOD, MSP = "2026-10", "northwind"
FETCHED = ("pax8", "connectwise")
SNAPSHOT_DAYS = (date(2026, 10, 1), date(2026, 10, 15), date(2026, 10, 31))
CLOSED = date(2026, 11, 5)
OCTOBER = {"service_period_start": "2026-10-01", "service_period_end": "2026-11-01"}
CLIENTS = 6  # the PSA allows 60 requests a minute, and every client costs some

Rows = list[dict[str, str]]


def _canonical(root: Path, source: str, dataset: str) -> Rows:
    """The rows that the demo landed, whatever kind of file they came in."""
    rows: Rows = []
    for path in sorted((root / "landing" / MSP / PERIOD / source).glob(f"{dataset}.*")):
        opened = CONNECTORS["canonical"].open(path, DATASETS[dataset], {})
        for batch in opened.batches():
            rows += [
                {n: v for n, v in row.items() if v is not None and not n.startswith("_")}
                for row in batch.to_pylist()
            ]
    return rows


def _uuid(text: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, text))


class Ids:
    """Numbers for texts, in the order of asking: the PSA counts its records."""

    def __init__(self, first: int) -> None:
        self._first = first
        self._known: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        return self._known.setdefault(text, str(self._first + len(self._known)))


def _books(demo: Path) -> dict[str, dict[str, Rows]]:
    """The demo's rows by source and dataset, in words that both vendors can say."""
    clients = _canonical(demo, "connectwise", "clients")[:CLIENTS]
    known = {row["client_id"] for row in clients}
    agreement, line, invoice = Ids(500), Ids(9000), Ids(3000)
    agreements = [
        {
            **row,
            "agreement_id": agreement(row["client_id"]),
            "agreement_line_id": line(row["agreement_line_id"]),
        }
        for row in _canonical(demo, "connectwise", "agreements")
        if row["client_id"] in known
    ]
    products = [
        {"vendor_backed": "true", "currency": "USD", **row}
        for row in _canonical(demo, "connectwise", "products")
    ]
    other = {"product_code": "OTHER", "product_name": "Other", "vendor_backed": "false", "currency": "USD"}
    lines = [
        {
            **row,
            "invoice_id": invoice(row["invoice_id"]),
            "invoice_line_id": line(row["invoice_line_id"]),
            "agreement_line_id": "",
            "charge_category": row.get("charge_category", "recurring"),
            **OCTOBER,
        }
        for row in _canonical(demo, "connectwise", "invoice_lines")
        if row["client_id"] in known
    ]
    charges = [
        {
            "subscription_id": "",
            **row,
            "invoice_id": _uuid(row["invoice_id"]),
            "line_id": _uuid(row["invoice_id"] + row["line_id"]),
            "sku_id": _uuid(row["sku_id"]),
            "charge_type": "subscription",
        }
        for row in _canonical(demo, "pax8", "vendor_charges")
    ]
    invoices = [
        {**row, "invoice_id": _uuid(row["invoice_id"])} for row in _canonical(demo, "pax8", "vendor_invoices")
    ]
    counts = [
        {
            n: v for n, v in {**row, "sku_id": _uuid(row["sku_id"])}.items() if n != "assigned_quantity"
        }  # the distributor does not know
        for row in _canonical(demo, "pax8", "license_counts")
    ]
    return {
        "pax8": {"vendor_charges": charges, "vendor_invoices": invoices, "license_counts": counts},
        "connectwise": {
            "clients": clients,
            "products": [*products, other],
            "agreements": agreements,
            "invoice_lines": lines,
        },
    }


def _csv(rows: Rows, columns: tuple[str, ...]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _rename_skus(path: Path) -> None:
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        columns, rows = tuple(reader.fieldnames or ()), list(reader)
    write(
        path,
        _csv(
            [{**row, "sku_id": _uuid(row["sku_id"])} if row["source"] == "pax8" else row for row in rows],
            columns,
        ),
    )


def _workspace(root: Path, connect: Mapping[str, Mapping[str, Any]]) -> Path:
    """The demo with one MSP and one month, its SKUs renamed; ``connect`` adds connectors to sources."""
    create_workspace(root, demo=True)
    settings = yaml.safe_load((root / "mbr.yml").read_text())
    settings["msps"] = {MSP: settings["msps"][MSP]}
    for source, more in connect.items():
        settings["msps"][MSP]["sources"][source] |= more
    write(root / "mbr.yml", yaml.safe_dump(settings))
    shutil.rmtree(root / "landing/harbour")
    for folder in (root / "landing" / MSP).iterdir():
        if folder.name != PERIOD:
            shutil.rmtree(folder)
    for source in FETCHED:
        shutil.rmtree(root / "landing" / MSP / PERIOD / source)
    for name in ("sku_map", "cost_list"):
        _rename_skus(root / "rules" / MSP / f"{name}.csv")
    return root


@contextmanager
def _served(
    books: Mapping[str, dict[str, Rows]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, tuple[FakeVendor, str]]]:
    pax8, psa = FakePax8(books["pax8"]), FakeConnectWise(books["connectwise"])
    pax8.page = psa.page = 25
    for source, vendor in (("PAX8", pax8), ("CONNECTWISE", psa)):
        for name, value in vendor.credentials.items():
            monkeypatch.setenv(f"MBR_NORTHWIND_{source}_{name.upper()}", value)
    with serving(pax8) as one, serving(psa) as two:
        pax8.address, psa.address = one.url, two.url
        yield {"pax8": (pax8, one.url), "connectwise": (psa, two.url)}


def _fetch_everything(root: Path, pax8: FakeVendor, counts: Rows) -> list[str]:
    """Fetch as the schedule does: seats on each snapshot day, everything after the month's end; returns what
    failed.
    """
    workspace, failed = Workspace.open(WorkspacePaths(root)), []
    for day in (*SNAPSHOT_DAYS, CLOSED):
        pax8.books = {
            **pax8.books,
            "license_counts": [row for row in counts if row["as_of_date"] == str(day)],
        }
        wanted = tasks(workspace, Period(PERIOD), day)
        chosen = [task for task in wanted if task.feed.is_snapshot or day == CLOSED]
        failed += [o.problem for o in fetch(workspace, chosen, clock=Stopped(day)) if o.state == "failed"]
    return failed


_OF_FILES = ("evidence", "record_id", "explanation", "connector")  # sentences quote their records


def _tables(root: Path) -> dict[str, list[dict[str, Any]]]:
    """Every published table without what names files and how they are read."""
    tables = {}
    for path in sorted((root / "published" / MSP / PERIOD).glob("*.parquet")):
        table = pq.read_table(path)
        rows = table.drop([name for name in _OF_FILES if name in table.column_names]).to_pylist()
        tables[path.stem] = sorted(rows, key=repr)
    return tables


def test_the_demos_october_by_fetch_equals_the_same_month_from_files(
    tmp_path: Path, launcher_of: Callable[[Path], Launcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    create_workspace(tmp_path / "original", demo=True)
    books = _books(tmp_path / "original")
    assert {row["charge_category"] for row in books["pax8"]["vendor_charges"]} == {"recurring"}

    by_files = _workspace(tmp_path / "files", {})
    for source, datasets in books.items():
        for dataset, rows in datasets.items():
            for day in sorted(
                {row.get("as_of_date", "all") for row in rows}
            ):  # a file per snapshot, as fetching lands them
                of_day = [row for row in rows if row.get("as_of_date", "all") == day]
                path = by_files / "landing" / MSP / PERIOD / source / f"{dataset}.{day}.csv"
                write(path, _csv(of_day, DATASETS[dataset].column_names))

    with _served(books, monkeypatch) as served:
        connect = {
            source: {"connector": source, "settings": vendor.settings(url)}
            for source, (vendor, url) in served.items()
        }
        by_fetch = _workspace(tmp_path / "fetched", connect)
        assert _fetch_everything(by_fetch, served["pax8"][0], books["pax8"]["license_counts"]) == []

    secrets = [*FakePax8.credentials.values(), *FakeConnectWise.credentials.values()]
    for root in (by_files, by_fetch):
        assert launcher_of(root).close_month(MSP, PERIOD), (
            root / f"reports/{MSP}/{PERIOD}/gate.json"
        ).read_text()[:2000]
    expected, found = _tables(by_files), _tables(by_fetch)
    assert sum(map(len, expected.values())) > 200 and len(expected["fct_exceptions"]) > 10
    for name, rows in expected.items():
        assert found[name] == rows, name
    written = [path.read_bytes() for path in by_fetch.rglob("*") if path.is_file() and path.suffix != ".gz"]
    written += [gzip.decompress(path.read_bytes()) for path in by_fetch.rglob("*.gz")]
    assert len(written) > 50
    assert not [secret for secret in secrets if any(secret.encode() in content for content in written)]
