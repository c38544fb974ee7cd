"""One stream of a file that a Singer tap wrote, as records: all of them, or none.

What belongs here: reading the file, and what shows that the tap did not finish. What does not: which records
stand (``standing``) and what a record means (a profile, or canonical names).

A tap writes a STATE when what came before it is complete. A file whose last record has none after it, or
whose last STATE is in the middle of a stream (``currently_syncing``), was broken off; so was one that ends
with records of two versions of the stream.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from connectors.files.layout import Layout
from connectors.files.records import MAX_COLUMNS, Fault, UnreadableFile
from connectors.files.streams import LineBlocks, unpacked
from connectors.safe_text import clip
from connectors.singer.messages import NoMessage, flat, message
from connectors.singer.standing import Standing

_BATCH = 10_000


class SingerStream:
    """A stream as a ``RecordFile``. The file is read twice: once to see that it is whole."""

    header_is_final = True

    def __init__(self, path: Path, stream: str, expected: tuple[str, ...] = ()) -> None:
        """Read the file to its end.

        Raises:
            UnreadableFile: A line is no message, the tap did not finish, or it has no such stream.
        """
        self.faults: list[Fault] = []
        self.warnings: list[str] = []
        self._path, self._stream, self._expected = path, stream, expected
        self._standing: set[int] = set()
        self.header = self._read_through()

    def _read_through(self) -> tuple[str, ...]:
        keys: tuple[str, ...] | None = None
        standing = Standing(self._stream)
        names: dict[str, None] = {}
        streams: dict[str, None] = {}
        is_open, syncing = False, None
        for line, found in self._messages():
            kind, stream = found["type"], found.get("stream")
            if kind == "STATE":
                is_open, syncing = False, found["value"].get("currently_syncing")
            if stream:
                streams[stream] = None
            if stream != self._stream:
                is_open = is_open or kind == "RECORD"
            elif kind == "SCHEMA":
                keys = tuple(map(str, found.get("key_properties") or ()))
                names |= dict.fromkeys(map(str, found["schema"].get("properties") or ()))
            elif kind == "RECORD":
                if keys is None:
                    raise self._unreadable(line, f"is a record of {stream} before its SCHEMA")
                fields = self._flat(line, found["record"])
                names |= dict.fromkeys(fields)
                if problem := standing.receive(line, keys, fields, found.get("version")):
                    raise self._unreadable(line, problem)
                if len(names) > MAX_COLUMNS:
                    raise UnreadableFile(self._path.name, f"has more than {MAX_COLUMNS} fields in {stream}")
                is_open = True
            else:
                standing.activate(found["version"])
        where = f" in the middle of {syncing}" if syncing else " without a STATE after its last record"
        if standing.versions() > 1:
            is_open, where = True, f" with two versions of {self._stream}"
        if is_open or syncing:
            raise UnreadableFile(self._path.name, f"ends{where}: the tap did not finish; run it again")
        if keys is None:
            told = ", ".join(streams) or "none"
            raise UnreadableFile(self._path.name, f"has no stream {self._stream}; it has {told}")
        self._standing = standing.lines()
        self.warnings += standing.warnings()
        return tuple(names)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the records; see ``RecordFile``."""
        lines: list[int] = []
        rows: list[dict[str, str]] = []
        for line, found in self._messages():
            if line not in self._standing:
                continue
            lines.append(line)
            rows.append(self._flat(line, found["record"]))
            if len(lines) == _BATCH:
                yield self._batch(lines, rows)
                lines, rows = [], []
        yield self._batch(lines, rows)

    def _batch(self, lines: list[int], rows: list[dict[str, str]]) -> pa.RecordBatch:
        columns = [pa.array([row.get(name) for row in rows], pa.string()) for name in self.header]
        return Layout(self.header, self._expected).batch(pa.array(lines, pa.int64()), columns)

    def _messages(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        line = 0
        with unpacked(self._path) as stream:
            blocks = LineBlocks(stream, self._path.name)
            while block := blocks.next_block():
                for raw in block[:-1].split(b"\n"):
                    line += 1
                    if not raw.strip():
                        continue
                    try:
                        yield line, message(raw)
                    except NoMessage as error:
                        raise self._unreadable(line, str(error), raw) from None

    def _flat(self, line: int, record: Mapping[str, Any]) -> dict[str, str]:
        try:
            return flat(record)
        except NoMessage as error:
            raise self._unreadable(line, str(error)) from None

    def _unreadable(self, line: int, problem: str, raw: bytes = b"") -> UnreadableFile:
        shown = f": {clip(raw.decode('utf-8', 'replace'))[:80]}" if raw else ""
        return UnreadableFile(self._path.name, f"line {line} {problem}{shown}; run the tap again")
