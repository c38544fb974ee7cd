"""JSON lines: one object per line, every value handed on as text.

What belongs here: which text a JSON value becomes, and what makes a line a fault. What
does not: typing values.

Numbers keep their literal text (``1.50`` stays ``1.50``); only exponents are written out, exactly. ``true``
and ``false`` are those words, ``null`` is null, a nested value is its JSON text. Blank lines are skipped.
Keys are stripped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa

from connectors.files.layout import Layout
from connectors.files.records import MAX_COLUMNS, Fault, UnreadableFile
from connectors.files.streams import LineBlocks, unpacked
from connectors.plain_numbers import plain_decimal
from connectors.safe_text import clip, text_problem

_BATCH_CELLS = 1_000_000
_NO_NUMBER = "is not a number with a bounded exponent; write it with plain digits"


class _Number(str):
    """The literal text of a number, so that nested JSON text can tell it from a string."""


class _BadNumber(str):
    """The literal text of a number that cannot be handed on."""


class _Refused(ValueError):
    """A line that is JSON, but not a record."""


def _number(literal: str) -> _Number | _BadNumber:
    if "e" not in literal and "E" not in literal:
        return _Number(literal)
    plain = plain_decimal(literal)
    return _BadNumber(literal) if plain is None else _Number(plain)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        _refuse_repeated([key for key, _ in pairs])
    return found


def _refuse_repeated(keys: list[str]) -> NoReturn:
    repeated = next(key for key in keys if keys.count(key) > 1)
    raise _Refused(f"the key {clip(repeated)!r} is there twice in one object; keep one of them")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_number, parse_int=_Number, parse_constant=_BadNumber
)


_Record = dict[str, str | None]


class JsonlFile:
    """A JSON lines file as a ``RecordFile``; its header is complete once all batches are read."""

    header_is_final = False

    def __init__(self, path: Path, expected: tuple[str, ...], null_texts: tuple[str, ...] = ()) -> None:
        """Checks that the file opens and is no UTF-16.

        Raises:
            UnreadableFile: It does not open, or it is UTF-16.
        """
        self.faults: list[Fault] = []
        self.warnings: list[str] = []
        self._path = path
        self._expected = expected
        self._null_texts = null_texts
        self._names: dict[str, str] = {}  # key as found -> stripped
        with unpacked(path) as stream:
            LineBlocks(stream, path.name).next_block()

    @property
    def header(self) -> tuple[str, ...]:
        """The keys met so far, in the order met."""
        return tuple(dict.fromkeys(self._names.values()))

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yields the records; see ``RecordFile``."""
        line = 0
        with unpacked(self._path) as stream:
            blocks = LineBlocks(stream, self._path.name)
            while block := blocks.next_block():
                lines: list[int] = []
                records: list[_Record] = []
                for raw in block[:-1].split(b"\n"):
                    line += 1
                    record = self._record(line, raw) if raw.strip() else None
                    if record is None:
                        continue
                    lines.append(line)
                    records.append(record)
                    if len(lines) * len(self._names) >= _BATCH_CELLS:
                        yield self._batch(lines, records)
                        lines, records = [], []
                yield self._batch(lines, records)

    def _batch(self, lines: list[int], records: list[_Record]) -> pa.RecordBatch:
        columns = [pa.array([record.get(name) for record in records], pa.string()) for name in self.header]
        layout = Layout(self.header, self._expected, self._null_texts)
        return layout.batch(pa.array(lines, pa.int64()), columns)

    def _record(self, line: int, raw: bytes) -> _Record | None:
        text = raw.decode("utf-8", "surrogateescape")
        try:
            found = _decoded(text)
            faults = (
                _text_faults(line, found) if "\\u" in text or not text.isascii() else []
            )  # else all is plain ASCII
            record = self._texts(line, found, faults)
        except (_Refused, RecursionError) as error:
            reason = str(error) if isinstance(error, _Refused) else "is nested too deep; write flat records"
            self.faults.append(Fault(line, None, clip(text), reason))
            return None
        self.faults += faults
        return None if faults else record

    def _texts(self, line: int, found: dict[str, Any], faults: list[Fault]) -> _Record:
        record: _Record = {}
        for key, value in found.items():
            kind = type(value)
            name = self._names.get(key) or self._add_name(key)
            if kind is str or kind is _Number or value is None:
                record[name] = value
            elif (literal := _bad_number(value)) is None:
                record[name] = _json_text(value)
            else:
                record[name] = None
                faults.append(Fault(line, name, clip(literal), _NO_NUMBER))
        if len(record) != len(found):
            raise _Refused("has two keys that differ only in the spaces around them; keep one of them")
        return record

    def _add_name(self, key: str) -> str:
        name = self._names[key] = key.strip()
        if len(self._names) > MAX_COLUMNS:
            raise UnreadableFile(
                self._path.name,
                f"has more than {MAX_COLUMNS} different keys; land records of one dataset only",
            )
        return name


def _decoded(text: str) -> dict[str, Any]:
    try:
        found = _DECODER.decode(text)
    except _Refused:
        raise
    except json.JSONDecodeError as error:
        raise _Refused(
            f"is not JSON ({error.msg} at character {error.pos + 1}); write one object per line"
        ) from error
    if type(found) is not dict:
        raise _Refused("is JSON but no object; write one object per line")
    return found


def _text_faults(line: int, found: dict[str, Any]) -> list[Fault]:
    """Finds values that cannot be UTF-8 text; refuses the record if a key cannot."""
    faults = []
    for key, value in found.items():
        if problem := text_problem(key):
            raise _Refused(f"has a key that {problem}")
        text = value if isinstance(value, str) else _json_text(value)
        if problem := text_problem(text):
            faults.append(Fault(line, key.strip(), clip(text), problem))
    return faults


def _json_text(value: Any) -> str:
    if isinstance(value, (_Number, _BadNumber)):
        return value
    if isinstance(value, dict):
        members = (
            f"{json.dumps(key, ensure_ascii=False)}:{_json_text(inner)}" for key, inner in value.items()
        )
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _bad_number(value: Any) -> str | None:
    if isinstance(value, _BadNumber):
        return str(value)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((bad for bad in map(_bad_number, inner) if bad is not None), None)
