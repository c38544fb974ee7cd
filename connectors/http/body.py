"""The body of an answer: how large it may be, and its chunks as a stream."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

from typing_extensions import Buffer

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class SizeLimits:
    """The largest plausible answer in bytes, unpacked: for a page, and for a line of a download."""

    page: int = 64 * MEGABYTE
    line: int = 8 * MEGABYTE
    download: int = 20 * 1024 * MEGABYTE


class Stream(io.RawIOBase):
    """Chunks as a readable file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        """Take the chunks of a body."""
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Fill a buffer from the next chunk."""
        self._rest = self._rest or memoryview(next(self._chunks, b""))
        space = memoryview(buffer)
        taken = min(len(space), len(self._rest))
        space[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken
