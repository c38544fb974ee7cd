"""Files of a workspace as objects of its store: immutable, named by what is in them, checked by it.

What belongs here: putting and fetching single files, and the lists of files that pointers hold. What does
not: which files belong together (``landing``, ``months``).
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from mbr_pipeline.errors import MbrError
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.storage.objects.store import ObjectStore, Taken

_AT_ONCE = 8
_PLAIN = re.compile(r"[^A-Za-z0-9._-]", re.ASCII)


@dataclass(frozen=True)
class File:
    """A file in the store: the object that holds it, and what must be in that."""

    object: str
    sha256: str
    bytes: int


Files = Mapping[str, File]
"""Files by their places below a folder of the workspace."""


def as_data(files: Files) -> dict[str, Any]:
    """Return a list of files as a pointer holds it."""
    return {place: vars(files[place]) for place in sorted(files)}


def listed(content: Mapping[str, Any], called: str) -> dict[str, File]:
    """Return the files that a pointer lists.

    Raises:
        MbrError: A file would be written outside of its folder: MBR never wrote such a list.
    """
    found = {}
    for place, facts in content.items():
        if {"", ".", ".."} & set(place.split("/")) or "\0" in place:
            raise MbrError(f"{called} in the store lists {place!r}, which is no place in a workspace")
        found[place] = File(str(facts["object"]), str(facts["sha256"]), int(facts["bytes"]))
    return found


def put(store: ObjectStore, folder: str, files: Mapping[str, Path], known: Files) -> dict[str, File]:
    """Put files into the store, each under a name that says what is in it, and read each back.

    Args:
        store: Where.
        folder: What the objects' names begin with.
        files: The files by their places.
        known: Files that a pointer names already: what is in the store is not sent again.

    Raises:
        MbrError: What is in the store is not what was put.
    """
    by_content = {file.sha256: file for file in known.values()}

    def one(path: Path) -> File:
        digest = sha256_of(path)
        return by_content.get(digest) or _put(store, folder, path, digest)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip(files, pool.map(one, files.values()), strict=True))


def _put(store: ObjectStore, folder: str, path: Path, digest: str) -> File:
    content = path.read_bytes()
    file = File(f"{folder}/{digest}/{_PLAIN.sub('_', path.name)[-100:]}", digest, len(content))
    try:
        store.put_new(file.object, content)
    except Taken:
        raise MbrError(_NOT_THAT.format(store.address, file.object, path.name)) from None
    there = store.read(file.object)
    if there is None or hashlib.sha256(there.content).hexdigest() != digest:
        raise MbrError(_NOT_THAT.format(store.address, file.object, path.name))
    return file


_NOT_THAT = "{}: {} is not what was put there for {}: see who else writes to the store; nothing was changed"


def fetch(store: ObjectStore, files: Files, folder: Path) -> None:
    """Write files of the store into a folder, each as a whole or not at all.

    Raises:
        MbrError: An object is gone, or is not what was put.
    """

    def one(place: str) -> None:
        _fetch(store, files[place], folder / place)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(one, files))


def _fetch(store: ObjectStore, file: File, path: Path) -> None:
    found = store.read(file.object)
    if found is None or hashlib.sha256(found.content).hexdigest() != file.sha256:
        what = "is gone" if found is None else "was changed"
        raise MbrError(
            f"{store.address}: {file.object} {what}: bring it back from the bucket's versions or a backup;"
            f" {path} is left as it was"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    arriving = path.with_name(f".{uuid4().hex}.arriving")
    try:
        with arriving.open("wb") as handle:
            handle.write(found.content)
            handle.flush()
            os.fsync(handle.fileno())
        arriving.replace(path)
    finally:
        arriving.unlink(missing_ok=True)
