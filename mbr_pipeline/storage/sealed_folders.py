"""Folders of derived files, such as those in ``warehouse/parsed/``: kept under the hash of what they were
made from, with the hash of what they hold, and made anew when a folder does not hold that.

What belongs here: finding, checking and placing an entry. What does not: what is in one
(``mbr_pipeline.ingest.parse``).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import threading
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.storage.unfinished import new_folder

FACTS = "facts.json"

_LOG = logging.getLogger(__name__)


def entry(
    cache: Path, key: str, build: Callable[[Path], dict[str, Any]], unchecked: Collection[str] = ()
) -> tuple[Path, dict[str, Any]]:
    """Return the folder and the facts of an entry, built if it is not there or is damaged.

    Args:
        cache: Folder of all entries.
        key: Name of the entry: says all that its content depends on.
        build: Fills a folder and returns the facts.
        unchecked: Names of files that the caller does not read now: it is enough that they are there.
    """
    folder = cache / key
    if (facts := sound_facts(folder, unchecked)) is not None:
        return folder, facts
    # by process and thread: two files of equal bytes may be typed at the same time
    building = cache / f".{key}.{os.getpid()}.{threading.get_ident()}"
    try:
        with new_folder(building, folder):
            facts = build(building)
            _seal(building, facts)
            if (facts := sound_facts(building)) is None:
                raise OSError(f"what was written to {building} cannot be read back")
            if folder.exists() and sound_facts(folder) is None:
                _LOG.warning("%s was damaged and is made anew", folder)
                shutil.rmtree(folder)
            try:
                building.rename(folder)
            except OSError:
                if sound_facts(folder) is None:  # else another run parsed the same bytes first
                    raise
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return folder, facts


def sound_facts(folder: Path, unchecked: Collection[str] = ()) -> dict[str, Any] | None:
    """Return the facts of an entry that holds what was written to it, or None. Every byte is read, but of
    the files ``unchecked``.
    """
    try:
        sealed = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        facts: dict[str, Any] = sealed["facts"]
        files: dict[str, str] = sealed["files"]
        is_sound = (
            sealed["sha256"] == _digest(facts, files)
            and {each.name for each in os.scandir(folder)} == {FACTS, *files}
            and all(sha256_of(folder / name) == files[name] for name in files if name not in unchecked)
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return facts if is_sound else None


def _seal(folder: Path, facts: dict[str, Any]) -> None:
    files = {path.name: sha256_of(path) for path in folder.iterdir()}
    sealed = {"sha256": _digest(facts, files), "facts": facts, "files": files}
    (folder / FACTS).write_text(json.dumps(sealed), encoding="utf-8")


def _digest(facts: dict[str, Any], files: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps([facts, files], sort_keys=True).encode()).hexdigest()
