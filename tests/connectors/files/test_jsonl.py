"""JSON lines: which text a value becomes and which lines are faults.

Belongs here: the JSON lines reader through ``open_records``. Does not: other formats (their own modules).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.files import jsonl
from connectors.files.records import RecordFile, UnreadableFile

Read = Callable[..., tuple[list[dict[str, Any]], RecordFile]]
Write = Callable[..., Path]


@pytest.mark.parametrize(
    ("literal", "text"),
    [
        ("1.50", "1.50"),
        ("-0", "-0"),
        ("12345678901234567890.123456789012", "12345678901234567890.123456789012"),
        ("8E-7", "0.0000008"),
        ("1.50e+2", "150"),
        ("-2.5E1", "-25"),
        ("true", "true"),
        ("false", "false"),
        ("null", None),
        ('""', None),
        ('" "', None),
        ('"x\\ny"', "x\ny"),
        ('"\\u00e9"', "é"),
        ('"NaN"', "NaN"),
        ('{"k": [1.50, "1.50", null, 1e2]}', '{"k":[1.50,"1.50",null,100]}'),
    ],
)
def test_a_value_becomes_its_text(read: Read, write: Write, literal: str, text: str | None) -> None:
    records, opened = read(write("x.jsonl", f'{{"a": {literal}}}\n'))
    assert opened.faults == []
    assert records == [{"_line": 1, "a": text, "b": None, "_extra": None}]


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ('{"a": NaN}', "a", "not a number"),
        ('{"a": -Infinity}', "a", "not a number"),
        ('{"a": 1e61}', "a", "bounded exponent"),
        ('{"a": 1e99999999999}', "a", "bounded exponent"),
        ('{"a": {"k": [NaN]}}', "a", "not a number"),
        ('{"a": 1, "a": 2}', None, "'a' is there twice"),
        ('{"a": {"k": 1, "k": 1}}', None, "'k' is there twice"),
        ('{"a": 1, " a": 2}', None, "spaces around"),
        ("[1]", None, "no object"),
        ('"x"', None, "no object"),
        ('{"a": 1', None, "not JSON"),
        ('{"a": 1} {"a": 2}', None, "not JSON"),
        ('{"a": "\\ud800"}', "a", "UTF-8"),
        ('{"a": "x\\u0000"}', "a", "NUL"),
        ('{"a\\u0000": 1}', None, "NUL"),
        ('{"a": ' + "[" * 5000 + "]" * 5000 + "}", None, "deep"),
    ],
)
def test_a_line_that_is_no_record_is_a_fault_and_costs_only_itself(
    read: Read, write: Write, line: str, column: str | None, reason: str
) -> None:
    records, opened = read(write("x.jsonl", f'{{"a": 1}}\n\n{line}\n{{"b": 2}}\n'))
    assert [(r["_line"], r["a"], r["b"]) for r in records] == [(1, "1", None), (4, None, "2")]
    assert [(f.line, f.column) for f in opened.faults] == [(3, column)]
    assert reason in opened.faults[0].reason
    assert len(opened.faults[0].value or "") <= 200


def test_text_that_is_not_utf8_is_a_fault_naming_the_column(read: Read, write: Write) -> None:
    records, opened = read(write("x.jsonl", b'{"a": "1", "b": "caf\xe9"}\n'))
    assert records == []
    assert [(f.line, f.column, f.value) for f in opened.faults] == [(1, "b", "caf\\xe9")]


def test_unexpected_keys_go_to_extra_and_the_header_is_the_union_of_keys(read: Read, write: Write) -> None:
    records, opened = read(
        write("x.jsonl", '\ufeff{"a": 1, "x": 1.0}\r\n{" y ": {"k": 1}, "x": null, "b": 2}\n{}')
    )
    assert opened.header == ("a", "x", "y", "b")
    assert [r["_extra"] for r in records] == ['{"x":"1.0"}', '{"y":"{\\"k\\":1}"}', None]
    assert [r["_line"] for r in records] == [1, 2, 3]


def test_batches_stay_bounded_and_of_one_schema(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "_BATCH_CELLS", 6)
    path = write("x.jsonl", "".join(json.dumps({f"k{i}": i}) + "\n" for i in range(9)))
    opened = jsonl.JsonlFile(path, ("k8",))
    batches = list(opened.batches())
    assert max(batch.num_rows for batch in batches) <= 3
    assert {tuple(batch.schema.names) for batch in batches} == {("_line", "k8", "_extra")}
    assert sum(batch.num_rows for batch in batches) == 9


def test_keys_without_end_are_refused(write: Write, read: Read) -> None:
    keys = json.dumps({str(i): 1 for i in range(10_001)})
    with pytest.raises(UnreadableFile, match="different keys"):
        read(write("x.jsonl", keys))


def test_utf16_is_refused(write: Write, read: Read) -> None:
    with pytest.raises(UnreadableFile, match="UTF-8"):
        read(write("x.jsonl", '{"a": 1}'.encode("utf-16")))
