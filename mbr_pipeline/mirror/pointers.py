"""Pointers: the only objects that change, each a JSON document that names files which never do.

What belongs here: reading a pointer and moving it, if it is still what was read. What does not: what a
pointer says (``landing``, ``months``).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from mbr_pipeline.errors import MbrError
from mbr_pipeline.storage.objects.store import Changed, ObjectStore, StoreError, Taken
from mbr_pipeline.workspace.paths import MonthPaths

FORMAT = 1

T = TypeVar("T")

_TRIES = 100
"""So often others may come first: each time one of them has moved the pointer."""


def name_of(month: MonthPaths, pointer: str) -> str:
    """Return the name of a month's pointer in the store."""
    return f"months/{month.msp_id}/{month.period.text}/{pointer}"


def read(store: ObjectStore, name: str) -> tuple[dict[str, Any] | None, str]:
    """Return what a pointer says and its version; None if there is none yet.

    Raises:
        MbrError: It is damaged, or of a newer release.
    """
    found = store.read(name)
    if found is None:
        return None, ""
    try:
        content = json.loads(found.content)
        form = content["format"]
    except (ValueError, TypeError, KeyError):
        raise MbrError(
            f"{store.address}: {name} was damaged: bring it back from the bucket's versions or a backup"
        ) from None
    if form != FORMAT:
        raise MbrError(f"{store.address}: {name} is of a newer MBR: install that one here")
    return content, found.version


def move(
    store: ObjectStore, name: str, change: Callable[[dict[str, Any] | None], dict[str, Any] | None]
) -> None:
    """Move a pointer by compare-and-set.

    Args:
        store: Where it is.
        name: Which.
        change: Returns what it is to say, given what it says now, or None to leave it; asked again whenever
            somebody else was faster. Its error ends the move, and nothing was changed.
    """
    for _ in range(_TRIES):
        now, version = read(store, name)
        wanted = change(now)
        if wanted is None or wanted == now:
            return
        content = (json.dumps({"format": FORMAT, **wanted}, indent=1, ensure_ascii=False) + "\n").encode()
        try:
            if now is None:
                store.put_new(name, content)
            else:
                store.replace(name, content, version)
            return
        except (Taken, Changed):
            continue
    raise StoreError(f"{store.address}: {name} is changed by others all the time: try again later")
