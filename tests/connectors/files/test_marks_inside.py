"""Byte order marks inside a file: of files that were joined, or saved twice.

Belongs here: every reader of text drops a mark that a cell begins with. Does not: a mark at the beginning
(each format's tests).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.datasets import DATASETS
from connectors.mapped.profile import profile_of
from connectors.mapped.reader import MappedFile
from tests.connectors.mapped.german import records

MARK = "\ufeff"
TEXT = f'{MARK}{MARK}a,b\r\n{MARK}"x, y",{MARK}1\r\n{MARK}{MARK}"x, y",1\r\nz{MARK},2\r\n'
FOUND = [("x, y", "1"), ("x, y", "1"), ("z" + MARK, "2")]


@pytest.mark.parametrize("name", ["f.csv", "f.csv.gz"])
def test_canonical_text_has_no_mark_at_the_beginning_of_a_cell(
    name: str, read: Callable[..., Any], write: Callable[..., Path]
) -> None:
    rows, file = read(write(name, TEXT))
    assert file.header == ("a", "b")
    assert [(row["a"], row["b"]) for row in rows] == FOUND
    rows, _ = read(write("f.jsonl", f'{MARK}{{"a": "x"}}\n{MARK}{{"a": "{MARK}x"}}\n'))
    assert [row["a"] for row in rows] == ["x", "x"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_so_has_mapped_text(encoding: str, write: Callable[..., Path]) -> None:
    path = write("clients.csv", TEXT.encode(encoding))
    words = {"encoding": encoding, "columns": {"client_id": "a", "client_name": "b"}}
    rows = records(MappedFile(path, profile_of(DATASETS["clients"], words)))
    assert [(row["client_id"], row["client_name"]) for row in rows] == FOUND
