"""The store of a workspace: opened, known to be sound, and known to be this ledger's.

What belongs here: which store, and whether this workspace may write to it. What does not: what is put there
(``landing``, ``months``).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.mirror.named import may_have_store
from mbr_pipeline.periods import Period
from mbr_pipeline.storage.database.identity import ledger_id
from mbr_pipeline.storage.database.opening import URL_VARIABLE, open_database
from mbr_pipeline.storage.objects.store import ObjectStore, Taken
from mbr_pipeline.storage.objects.trial import refuse_heedless
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths
from mbr_pipeline.workspace.settings import FILE_NAME, Settings, load_settings
from mbr_pipeline.workspace.storage_settings import Storage

MARK = "mbr-store.json"
"""The object that says whose store it is."""

_FORMAT = 1
_MSP = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}\Z", re.ASCII)
"""As in the settings: a name that somebody else put into the store leads out of no folder."""


@dataclass
class Mirror:
    """A workspace folder and the store that it mirrors."""

    paths: WorkspacePaths
    store: ObjectStore
    _is_ours: bool = False

    def pointers(self, name: str, msp_id: str | None = None) -> Iterator[tuple[MonthPaths, str]]:
        """Yield the months that have a pointer of this name, with its version: of one MSP or of all."""
        for path, version in self.store.list(f"months/{msp_id}/" if msp_id else "months/"):
            parts = path.split("/")
            is_month = len(parts) == 4 and _MSP.match(parts[1]) and Period.is_written(parts[2])
            if is_month and parts[3] == name:
                yield self.paths.month(parts[1], Period(parts[2])), version

    def claim(self) -> None:
        """See to it that the store is this ledger's; whoever writes first makes it that.

        Raises:
            ConfigError: It is another's.
            MbrError: It obeys no conditions, or cannot be reached.
        """
        if self._is_ours:
            return
        said = {"format": _FORMAT, "ledger": ledger_id(open_database(self.paths.ledger))}
        mark = (json.dumps(said, indent=1) + "\n").encode()
        there = self.store.read(MARK)
        if there is None:
            refuse_heedless(self.store)
            with suppress(Taken):  # another machine came first: whose it is now, is read
                self.store.put_new(MARK, mark)
            there = self.store.read(MARK)
        if there is None or there.content != mark:
            raise ConfigError(
                f"the store {self.store.address} belongs to another ledger than this workspace's: give the"
                f" workspace a store of its own in {FILE_NAME}, or name that ledger in {URL_VARIABLE};"
                " nothing was changed"
            )
        self._is_ours = True


def mirror_of(paths: WorkspacePaths, settings: Settings | None = None) -> Mirror | None:
    """Return the mirror that a workspace folder is; None where the folder itself is the workspace, which
    costs nothing: the settings are read for it only where they speak of a store.
    """
    if settings is None:
        if not may_have_store(paths):
            return None
        settings = load_settings(paths.root)
    return _opened(paths, settings.storage, os.getpid()) if settings.storage else None


@lru_cache(maxsize=8)
def _opened(paths: WorkspacePaths, storage: Storage, _process: int) -> Mirror:
    """Open a store once in a process: its connections are kept, which a forked child may not use."""
    return Mirror(paths, store_at(storage))


def store_at(storage: Storage) -> ObjectStore:
    """Return the store that the settings name; it is not asked anything yet."""
    scheme, _, rest = storage.url.partition("://")
    if scheme == "file":
        from mbr_pipeline.storage.objects.folder import FolderStore  # noqa: PLC0415 - most have no store

        return FolderStore(Path(rest))
    from mbr_pipeline.storage.objects.s3 import S3Store  # noqa: PLC0415 - most have no store

    bucket, _, prefix = rest.partition("/")
    return S3Store(bucket, prefix, storage.endpoint, storage.region)
