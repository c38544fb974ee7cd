"""A folder as an object store: of this machine, or of a file system that several machines share.

What belongs here: objects as files, put and replaced as a whole. What does not: what is kept in them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from mbr_pipeline.storage.atomic_files import sync
from mbr_pipeline.storage.locks import locked_alone
from mbr_pipeline.storage.objects.store import Changed, Stored, StoreError, Taken

_ARRIVING = ".arriving"
"""Objects are written here and then moved into their places."""


class FolderStore:
    """Objects below a folder. A lock of the file system lets one of them be replaced at a time."""

    def __init__(self, root: Path) -> None:
        """Name the folder; it is made when something is put."""
        self._root = root

    @property
    def address(self) -> str:
        """Where it is, for people."""
        return self._root.as_uri()

    def list(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Yield names and versions."""
        with self._said():
            for path in sorted((self._root / prefix).rglob("*")):
                if path.is_file():
                    yield path.relative_to(self._root).as_posix(), _version(path.read_bytes())

    def read(self, name: str) -> Stored | None:
        """Return an object; None if there is none."""
        with self._said():
            try:
                content = (self._root / name).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None
            return Stored(content, _version(content))

    def put_new(self, name: str, content: bytes) -> str:
        """Put an object under a name that none has."""
        with self._written(content) as arriving:
            try:
                os.link(arriving, self._place(name))
            except FileExistsError:
                if (self._root / name).read_bytes() != content:
                    raise Taken(name) from None
            sync((self._root / name).parent)
        return _version(content)

    def replace(self, name: str, content: bytes, version: str) -> str:
        """Put an object in place of a version."""
        with self._written(content) as arriving, locked_alone(self._root / _ARRIVING / "lock"):
            there = self.read(name)
            if there is None or there.version not in (version, _version(content)):
                raise Changed(name)
            arriving.replace(self._root / name)
            sync((self._root / name).parent)
        return _version(content)

    def _place(self, name: str) -> Path:
        place = self._root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        return place

    @contextmanager
    def _written(self, content: bytes) -> Iterator[Path]:
        """Write an object beside the others; what a kill leaves there is in nobody's way."""
        with self._said():
            arriving = self._place(f"{_ARRIVING}/{uuid4().hex}")
            try:
                with arriving.open("wb") as handle:
                    handle.write(content)
                    handle.flush()
                    os.fsync(handle.fileno())
                yield arriving
            finally:
                arriving.unlink(missing_ok=True)

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"the store {self.address}: {error.strerror}: see that it is a folder that you may write in,"
                " and that there is room, then run again"
            ) from error


def _version(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
