"""Whether a store obeys conditions, tried before anything is trusted to it.

What belongs here: the trial. A server that takes every write, or looks at the condition before it writes and
not while it does, lets two machines overwrite each other: both have been sold as S3.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from mbr_pipeline.errors import MbrError
from mbr_pipeline.storage.objects.store import Changed, ObjectStore, Taken

_AT_ONCE = 6


def refuse_heedless(store: ObjectStore) -> None:
    """Let several put one object at the same time, then replace it: each time one of them may succeed. The
    object stays, for nothing is ever deleted.

    Raises:
        MbrError: The store let none or more than one.
    """
    name = f"trials/{uuid4().hex}"
    first = _successes(lambda content: store.put_new(name, content))
    there = store.read(name)
    version = there.version if there else ""
    second = _successes(lambda content: store.replace(name, content, version))
    stale = _successes(lambda content: store.replace(name, content, version))
    if (first, second, stale) != (1, 1, 0):
        raise MbrError(
            f"the store {store.address} let {first} of {_AT_ONCE} put an object that must be put once,"
            f" {second} replace the one that they had seen and {stale} one that was gone: its server does not"
            " obey conditional writes (If-None-Match, If-Match): use a newer release of it, or another;"
            " nothing was put there but the trial"
        )


def _successes(put: Callable[[bytes], str]) -> int:
    def one(_: int) -> bool:
        try:
            put(uuid4().bytes)
        except (Taken, Changed):
            return False
        return True

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return sum(pool.map(one, range(_AT_ONCE)))
