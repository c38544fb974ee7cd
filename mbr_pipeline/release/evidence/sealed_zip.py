"""A zip file whose last line is the SHA-256 of all bytes before it: equal members give equal bytes, and no
byte can change unnoticed, not even one that says nothing.

What belongs here: writing and opening it. What does not: which members there are (``contents``).

The seal is the archive's comment, where every program shows it (`unzip -z`) and none is disturbed by it.
Hashes of members alone would leave headers, times and the padding of compressed data uncovered; compressing
again and comparing would need the very same version of zlib.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

from mbr_pipeline.storage.atomic_files import sync

Content = bytes | Path

_SEAL = "sha256 "
_SEAL_BYTES = len(_SEAL) + 64
_TIME = (1980, 1, 1, 0, 0, 0)
_LEVEL = 6


def write(place: Path, members: Mapping[str, Content]) -> None:
    """Write a sealed zip of the members, by their names; it replaces ``place`` once it is complete. The
    caller holds a lock: what a killed writer left is overwritten.

    Raises:
        OSError: It cannot be written. What was there before stays.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    building = place.with_name(f".{place.name}.building")
    try:
        with zipfile.ZipFile(building, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
            archive.comment = b" " * _SEAL_BYTES
            for name, content in sorted(members.items()):
                _add(archive, name, content)
        with building.open("r+b") as handle:
            handle.truncate(building.stat().st_size - _SEAL_BYTES)
            seal = _seal_of(building)
            handle.seek(0, os.SEEK_END)
            handle.write(seal)
        sync(building)
        building.replace(place)
        sync(place.parent)
    finally:
        building.unlink(missing_ok=True)


def is_sealed(path: Path) -> bool:
    """Whether the last bytes of a file are the seal over all before them.

    Raises:
        OSError: The file cannot be read.
    """
    size = path.stat().st_size
    if size < _SEAL_BYTES:
        return False
    with path.open("rb") as handle:
        handle.seek(size - _SEAL_BYTES)
        seal = handle.read()
    return seal == _seal_of(path, size - _SEAL_BYTES)


def _seal_of(path: Path, size: int | None = None) -> bytes:
    digest = hashlib.sha256()
    left = path.stat().st_size if size is None else size
    with path.open("rb") as handle:
        while left and (block := handle.read(min(left, 1 << 20))):
            digest.update(block)
            left -= len(block)
    return f"{_SEAL}{digest.hexdigest()}".encode("ascii")


def _add(archive: zipfile.ZipFile, name: str, content: Content) -> None:
    info = zipfile.ZipInfo(name, _TIME)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3
    info.external_attr = 0o100644 << 16
    if isinstance(content, bytes):
        archive.writestr(info, content, compresslevel=_LEVEL)
        return
    info.file_size = content.stat().st_size
    with content.open("rb") as source, archive.open(info, "w") as target:
        shutil.copyfileobj(source, target, 1 << 20)
