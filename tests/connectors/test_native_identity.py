"""What a mapping may ask of a whole file: which of several equal records one is, and what people should be
told.

Belongs here: ``connectors.native_file``, with a mapping of one line. Does not: any vendor's mapping.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from connectors.datasets import DATASETS
from connectors.mapping import Native, Row, content_id
from connectors.native_file import NativeFile


def identified(native: Native) -> Iterator[Row]:
    if native.text("odd"):
        native.remark("are odd")
    yield {"line_id": content_id(native)}


def read(path: Path, records: list[dict[str, str]]) -> tuple[list[str], list[str]]:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    opened = NativeFile(path, DATASETS["vendor_charges"], identified, {})
    return [row["line_id"] for batch in opened.batches() for row in batch.to_pylist()], opened.warnings


def test_a_file_by_hand_and_a_walk_give_equal_records_the_same_identifiers(tmp_path: Path) -> None:
    rows = [{"a": "1"}, {"a": "1"}, {"a": "2"}]
    by_hand, _ = read(tmp_path / "hand.jsonl", rows)
    walked, _ = read(
        tmp_path / "walk.jsonl",
        [{**row, "_copy": copy, "_period": "2026-10"} for row, copy in zip(rows, "010", strict=True)],
    )
    assert by_hand == walked
    assert len(set(by_hand)) == 3


def test_identifiers_by_content_do_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    rows = [{"a": "1"}, {"a": "1"}, {"a": "2"}]
    assert sorted(read(tmp_path / "one.jsonl", rows)[0]) == sorted(
        read(tmp_path / "two.jsonl", rows[::-1])[0]
    )


def test_what_is_said_of_records_is_counted_once_per_file(tmp_path: Path) -> None:
    assert read(tmp_path / "odd.jsonl", [{"odd": "1"}, {"odd": "2"}, {"a": "3"}])[1] == ["2 records are odd"]
    assert read(tmp_path / "even.jsonl", [{"a": "3"}])[1] == []
