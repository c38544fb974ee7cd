"""Bytes of a landed file, plain or gzipped: as blocks of whole lines, or as a file that can be sought in.

What belongs here: opening, unpacking, limits against endless lines and archives, and byte order marks. What
does not: what the bytes mean (the module of each format).
"""

from __future__ import annotations

import gzip
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

from connectors.files.records import UnreadableFile

BLOCK_BYTES = 8 << 20
MAX_LINE_BYTES = 16 << 20
MAX_UNPACKED_BYTES = 8 << 30
_MANY_LINES = 1_000_000

MARK = "\ufeff"
"""The byte order mark, which files that were joined or saved twice have inside too."""

_UTF8_MARK = MARK.encode()
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@contextmanager
def unpacked(path: Path) -> Iterator[BinaryIO]:
    """Opens a file for reading bytes, through gzip where its name ends in ``.gz``.

    Raises:
        UnreadableFile: Also out of the body: the file is missing, or the gzip is damaged or cut off.
    """
    zipped = path.name.lower().endswith(".gz")
    try:
        if zipped and path.stat().st_size == 0:
            raise EOFError
        with gzip.open(path, "rb") if zipped else path.open("rb") as stream:
            yield cast(BinaryIO, stream)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableFile(
            path.name, "the gzip is damaged or cut off; fetch or copy the file again"
        ) from error
    except OSError as error:
        raise UnreadableFile(
            path.name, f"cannot be read ({error.strerror or error}); check the file"
        ) from error


@contextmanager
def seekable(path: Path) -> Iterator[BinaryIO]:
    """Opens a file that can be sought in, unpacking gzip to a temporary file that vanishes afterwards.

    Raises:
        UnreadableFile: As ``unpacked``, or the unpacked file exceeds 8 GiB.
    """
    with unpacked(path) as stream:
        if not path.name.lower().endswith(".gz"):
            yield stream
            return
        with tempfile.TemporaryFile() as whole:
            _copy_bounded(stream, whole, path.name)
            whole.seek(0)
            yield cast(BinaryIO, whole)


def _copy_bounded(stream: BinaryIO, target: IO[bytes], name: str) -> None:
    while chunk := stream.read(BLOCK_BYTES):
        target.write(chunk)
        if target.tell() > MAX_UNPACKED_BYTES:
            raise UnreadableFile(name, "unpacks to more than 8 GiB; split it into several files")


def _without_marks(block: bytes) -> bytes:
    """Drop byte order marks at the beginning of lines; those of other cells fall in ``Layout``."""
    while block.startswith(_UTF8_MARK):
        block = block[len(_UTF8_MARK) :]
    while b"\n" + _UTF8_MARK in block:
        block = block.replace(b"\n" + _UTF8_MARK, b"\n")
    return block


class LineBlocks:
    """The lines of a text file in blocks of about 8 MB, each of whole lines; the last line always
    gets its line end.

    Args:
        stream: The bytes, from their beginning.
        name: The file's name, for messages.
        lone_cr_ends_lines: Whether a carriage return alone ends a line too (CSV of old programs).
    """

    def __init__(self, stream: BinaryIO, name: str, *, lone_cr_ends_lines: bool = False) -> None:
        """Reads nothing yet."""
        self._stream = stream
        self._name = name
        self._lone_cr = lone_cr_ends_lines
        self._rest = b""
        self._started = False
        self._ended = False
        self._read = 0
        self._short_lines = 0
        self._marks = 0

    def next_block(self) -> bytes:
        """Gives the next lines, or ``b""`` at the end.

        Raises:
            UnreadableFile: The text is UTF-16, a line exceeds 16 MiB, or the whole 8 GiB, or it is next to
                nothing but blank lines.
        """
        while not self._ended:
            chunk = self._stream.read(BLOCK_BYTES)
            self._ended = not chunk
            self._refuse_endless(chunk)
            data = self._rest + chunk
            if not self._started and data:
                data = self._without_mark(data)
            cut = len(data) if self._ended else self._cut(data)
            if cut == 0 and len(data) > MAX_LINE_BYTES:
                raise UnreadableFile(
                    self._name, "has a line of more than 16 MiB; export it with one record per line"
                )
            block, self._rest = _without_marks(data[:cut]), data[cut:]
            if self._ended and block and not block.endswith(b"\n"):
                block += b"\n"
            if block:
                return block
        return b""

    def _refuse_endless(self, chunk: bytes) -> None:
        """Stop at what an archive of some megabytes can unpack to for hours."""
        self._read += len(chunk)
        if self._read > MAX_UNPACKED_BYTES:
            raise UnreadableFile(self._name, "holds more than 8 GiB; split it into several files")
        lines = chunk.count(b"\n") or chunk.count(b"\r")
        if lines * 8 > len(chunk):
            self._short_lines += lines
            self._marks += len(chunk.translate(None, b" \t\r\n\v\f"))
        if self._short_lines > _MANY_LINES and self._marks < self._short_lines:
            raise UnreadableFile(
                self._name, f"has more than {_MANY_LINES} lines that are next to all blank; export it again"
            )

    def _without_mark(self, data: bytes) -> bytes:
        self._started = True
        if data.startswith(_UTF16_MARKS) or b"\0" in data[:4]:
            raise UnreadableFile(
                self._name, "is UTF-16 or binary, not UTF-8; save it again with encoding UTF-8"
            )
        return data

    def _cut(self, data: bytes) -> int:
        cut = data.rfind(b"\n") + 1
        if cut or not self._lone_cr:
            return cut
        return data.rfind(b"\r", 0, len(data) - 1) + 1  # the last byte may be half of a CRLF
