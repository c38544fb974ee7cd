"""What the tests of ingestion share.

Belongs here: fixtures that several files of this folder use. Does not: what only one needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from mbr_pipeline.ingest import load
from mbr_pipeline.ingest.landing import LandedFile
from mbr_pipeline.ingest.parse import ParsedFile, parse
from mbr_pipeline.storage import hash_cache
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.workspace.settings import Policies
from tests.ingest.loading import HEADERS, MSP, Land, P
from tests.ingest.parsing import Parse
from tests.support.small import settings, write, write_msp


@pytest.fixture(autouse=True)
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of these tests were written just now; hashes are remembered as if it had been long ago."""
    monkeypatch.setattr(hash_cache, "_SETTLED_SECONDS", -1)


@pytest.fixture
def parsed(tmp_path: Path) -> Parse:
    def _parsed(dataset: str, content: str | bytes, suffix: str = "csv") -> ParsedFile:
        path = tmp_path / f"{dataset}.{suffix}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        landed = LandedFile(
            path, "2026-10", "vendor", dataset, "canonical", sha256_of(path), path.stat().st_size
        )
        return parse(landed, tmp_path / "cache", tmp_path / "tmp")

    return _parsed


@pytest.fixture
def land(tmp_path: Path) -> Land:
    """Lands lines of a dataset and types them."""

    def _land(
        dataset: str, *lines: str, period: str = P.text, source: str = "vendor", part: str = "1"
    ) -> ParsedFile:
        path = tmp_path / period / source / f"{dataset}.{part}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([HEADERS[dataset], *lines]) + "\n", encoding="utf-8")
        landed = LandedFile(path, period, source, dataset, "canonical", sha256_of(path), path.stat().st_size)
        return parse(landed, tmp_path / "cache", tmp_path / "tmp")

    return _land


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connected(None, tmp_path / "tmp") as connection:
        load.start_month(connection, "acme", MSP, Policies(), P, {})
        yield connection


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "mbr.yml", settings(["acme"]))
    write_msp(tmp_path, "acme")
    return tmp_path
