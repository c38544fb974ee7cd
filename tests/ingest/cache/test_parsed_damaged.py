"""A damaged cache of typed files is made anew with a warning, and what is hashed is what is read.

Belongs here: damage, and files that change meanwhile. Does not: keeping and finding (``test_parsed_once``).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.registry import CONNECTORS
from mbr_pipeline.errors import MbrError
from mbr_pipeline.ingest.parse import ParsedFile, parse
from mbr_pipeline.storage import hash_cache
from mbr_pipeline.storage.hash_cache import HashCache
from tests.ingest.parsing import Parse, read_rows

ONE = "client_id,client_name\nC,One\n"


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _edit_a_row(file: ParsedFile) -> None:
    table = pq.read_table(file.rows_path)
    at = table.column_names.index("client_name")
    pq.write_table(table.set_column(at, "client_name", pa.array(["Two"])), file.rows_path)


DAMAGE: dict[str, Callable[[ParsedFile], Any]] = {
    "a row is edited": _edit_a_row,
    "a byte is flipped": lambda file: _flip(file.rows_path),
    "an empty table": lambda file: file.rows_path.write_bytes(b""),
    "no table": lambda file: file.rows_path.unlink(),
    "no list of what was refused": lambda file: file.rejects_path.unlink(),
    "facts edited": lambda file: (file.folder / "facts.json").write_text(
        (file.folder / "facts.json").read_text("utf-8").replace('"rows": 1', '"rows": 2'), "utf-8"
    ),
    "facts are a list": lambda file: (file.folder / "facts.json").write_text("[]", "utf-8"),
    "facts of an earlier release": lambda file: (file.folder / "facts.json").write_text("{}", "utf-8"),
    "facts are no JSON": lambda file: (file.folder / "facts.json").write_bytes(b"\xff"),
    "no facts": lambda file: (file.folder / "facts.json").unlink(),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_entry_is_made_anew_with_a_warning(
    what: str, parsed: Parse, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    first = parsed("clients", ONE)
    DAMAGE[what](first)
    again = parsed("clients", ONE)
    assert again == first
    assert [row["client_name"] for row in read_rows(again)] == ["One"]
    assert [record.getMessage() for record in caplog.records] == [
        f"{first.folder} was damaged and is made anew"
    ]
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [first.folder.name]


def test_a_file_that_changes_while_it_is_read_and_back_again_is_read_as_it_was_hashed(
    parsed: Parse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landed = parsed("clients", ONE).landed
    connector = CONNECTORS["canonical"]

    def changed_meanwhile(path: Path, *others: Any) -> Any:
        landed.path.write_text(ONE.replace("One", "Two"), encoding="utf-8")
        return connector.open(path, *others)

    monkeypatch.setitem(CONNECTORS, "canonical", replace(connector, open=changed_meanwhile))
    file = parse(landed, tmp_path / "another cache", tmp_path / "tmp")
    assert [row["client_name"] for row in read_rows(file)] == ["One"]


def test_a_file_that_is_no_longer_what_was_hashed_is_refused_and_not_kept(
    parsed: Parse, tmp_path: Path
) -> None:
    landed = parsed("clients", ONE).landed
    landed.path.write_text(ONE.replace("One", "Two"), encoding="utf-8")
    cache = tmp_path / "another cache"
    with pytest.raises(MbrError, match="^2026-10/vendor/clients.csv changed while it was read: run again"):
        parse(landed, cache, tmp_path / "tmp")
    assert list(cache.iterdir()) == []


# ----- remembered hashes


def _remembered(tmp_path: Path) -> tuple[Path, Path]:
    landed, known = tmp_path / "clients.csv", tmp_path / "hashes.json"
    landed.write_text(ONE, encoding="utf-8")
    return landed, known


def _of_another_day(path: Path) -> os.stat_result:
    """As if the file had been there for long."""
    info = list(path.stat())
    seconds = {"st_ctime": 1e9, "st_mtime_ns": 10**18, "st_ctime_ns": 10**18}
    return os.stat_result(info, seconds | {"st_atime_ns": 10**18})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        *((text, "was damaged") for text in ("[]", "{}", "null", "no json", '{"a": [1]}', "\x00")),
        ('{"sha256": "0", "files": {}}', "was damaged"),
        # as it was written before it had a hash of its own content
        ('{"/landing/clients.csv": [3, 1, 1, 1, "ab12"]}', "is of an earlier version"),
    ],
)
def test_damaged_or_older_hashes_are_forgotten_with_a_warning(
    content: str, said: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    landed, known = _remembered(tmp_path)
    right = HashCache(tmp_path / "none").sha256(landed, landed.stat())
    known.write_text(content, encoding="utf-8")
    cache = HashCache(known)
    assert cache.sha256(landed, landed.stat()) == right
    assert [record.getMessage() for record in caplog.records] == [
        f"{known} {said} and is made anew: every landed file is read"
    ]
    cache.save()
    caplog.clear()
    HashCache(known)
    assert caplog.records == []


def test_an_edited_hash_is_not_believed(tmp_path: Path) -> None:
    landed, known = _remembered(tmp_path)
    cache, info = HashCache(known), _of_another_day(landed)
    right = cache.sha256(landed, info)
    cache.save()
    assert json.loads(known.read_text(encoding="utf-8"))["files"][str(landed)][4] == right
    known.write_text(known.read_text(encoding="utf-8").replace(right, "0" * 64), encoding="utf-8")
    assert HashCache(known).sha256(landed, info) == right


def test_a_file_that_was_written_just_now_is_hashed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hash_cache, "_SETTLED_SECONDS", 2)
    landed, known = _remembered(tmp_path)
    cache = HashCache(known)
    info = landed.stat()
    first = cache.sha256(landed, info)
    landed.write_text(ONE.replace("One", "Two"), encoding="utf-8")
    # as where the clock of the file system did not tick in between
    assert cache.sha256(landed, info) != first
