"""Files by name, in a folder or in a pack, so that one check serves both.

What belongs here: listing, reading and hashing. What does not: what they should be.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from mbr_pipeline.release.verify.findings import Checked, files_below
from mbr_pipeline.storage.atomic_files import sha256_of

READ_ERRORS = (
    OSError,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    ValueError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    RecursionError,
)
"""What reading a damaged file or member may raise."""


class Files(Protocol):
    """Files below one place, by their path with slashes."""

    called: str

    def names(self) -> list[str]:
        """Return the names, sorted."""

    def read(self, name: str) -> bytes:
        """Return a file's bytes; one of :data:`READ_ERRORS` where that fails."""

    def sha256(self, name: str) -> str:
        """Return a file's hash; one of :data:`READ_ERRORS` where that fails."""


class Folder:
    """The files of a folder."""

    def __init__(self, path: Path, called: str) -> None:
        """Name the folder, and what it is called in findings."""
        self._path, self.called = path, called

    def names(self) -> list[str]:
        """Return the names of everything below but folders."""
        return [path.relative_to(self._path).as_posix() for path in files_below(self._path)]

    def read(self, name: str) -> bytes:
        """Return a file's bytes."""
        return (self._path / name).read_bytes()

    def sha256(self, name: str) -> str:
        """Return a file's hash."""
        return sha256_of(self._path / name)


class Below:
    """The files below a prefix of others."""

    def __init__(self, files: Files, prefix: str) -> None:
        """Name the others, and the prefix without its slash."""
        self._files, self._prefix = files, f"{prefix}/"
        self.called = f"{files.called}/{prefix}"

    def names(self) -> list[str]:
        """Return the names without the prefix."""
        length = len(self._prefix)
        return [name[length:] for name in self._files.names() if name.startswith(self._prefix)]

    def read(self, name: str) -> bytes:
        """Return a file's bytes."""
        return self._files.read(self._prefix + name)

    def sha256(self, name: str) -> str:
        """Return a file's hash."""
        return self._files.sha256(self._prefix + name)


class Archive:
    """The members of a zip file. Nothing is unpacked to the disk."""

    def __init__(self, archive: zipfile.ZipFile, called: str) -> None:
        """Use an open archive, and what it is called in findings."""
        self._archive, self.called = archive, called
        self._hashes: dict[str, str] = {}

    def names(self) -> list[str]:
        """Return the members' names, sorted."""
        return sorted(set(self._archive.namelist()))

    def read(self, name: str) -> bytes:
        """Return a member's bytes."""
        return self._archive.read(name)

    def sha256(self, name: str) -> str:
        """Return a member's hash; it is read piece by piece, however much it says it holds."""
        if name not in self._hashes:
            digest = hashlib.sha256()
            with self._archive.open(name) as handle:
                while block := handle.read(1 << 20):
                    digest.update(block)
            self._hashes[name] = digest.hexdigest()
        return self._hashes[name]


def hold(
    checked: Checked, files: Files, recorded: Mapping[str, str], beside: frozenset[str] = frozenset()
) -> None:
    """Hold files against recorded hashes: changed, missing and added ones are findings.

    Args:
        checked: Takes the findings.
        files: All files of the place.
        recorded: SHA-256 by name.
        beside: Files that may be there too and are checked elsewhere.
    """
    there = set(files.names())
    for name, sha256 in sorted(recorded.items()):
        if name in there:
            hold_one(checked, files, name, sha256)
        else:
            checked.count("files")
            checked.add(f"{files.called}/{name}", "missing", "it was recorded and is not there")
    for name in sorted(there - recorded.keys() - beside):
        checked.add(f"{files.called}/{name}", "added", "nothing recorded this file")


def hold_one(checked: Checked, files: Files, name: str, sha256: str, *, is_warning: bool = False) -> None:
    """Hold one file that is there against its recorded hash."""
    checked.count("files")
    place = f"{files.called}/{name}"
    try:
        found = files.sha256(name)
    except READ_ERRORS as error:
        checked.add(place, "unreadable", f"it cannot be read: {error}", is_warning)
        return
    if found != sha256:
        checked.add(place, "changed", f"its SHA-256 is {found}, recorded is {sha256}", is_warning)


def read_document(checked: Checked, files: Files, name: str) -> dict[str, object] | None:
    """Return a file that is a JSON object, or note why it is none and return None."""
    place = f"{files.called}/{name}"
    try:
        document = json.loads(files.read(name))
    except (KeyError, FileNotFoundError):
        checked.add(place, "missing", "it is not there")
        return None
    except READ_ERRORS as error:
        checked.add(place, "unreadable", f"it cannot be read: {error}")
        return None
    if not isinstance(document, dict):
        checked.add(place, "changed", "it is no JSON object")
        return None
    return document
