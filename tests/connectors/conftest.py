"""Shared by the file reader tests: writing a small file and reading it whole.

Belongs here: fixtures with no expectation in them. Does not: what only one format needs (its own test
module).
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from connectors.files.opening import open_records
from connectors.files.records import RecordFile


def _read_whole(
    path: Path, expected: Sequence[str] = ("a", "b"), **options: Any
) -> tuple[list[dict[str, Any]], RecordFile]:
    """Reads all records as dictionaries, and gives the file for its faults, warnings and header."""
    opened = open_records(path, expected, **options)
    return [record for batch in opened.batches() for record in batch.to_pylist()], opened


@pytest.fixture
def read() -> Callable[..., tuple[list[dict[str, Any]], RecordFile]]:
    """Reads a file whole."""
    return _read_whole


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes bytes or text to a file of the given name, gzipped if the name says so."""

    def _write(name: str, content: bytes | str) -> Path:
        data = content.encode() if isinstance(content, str) else content
        path = tmp_path / name
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return _write
