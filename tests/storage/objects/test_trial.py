"""Servers that are sold as S3 and ignore conditions, or obey them only for one request at a time, are told.

Belongs here: stores that must be refused. Does not: those that must not (``test_stores``).
"""

from __future__ import annotations

from pathlib import Path
from threading import Barrier

import pytest

from mbr_pipeline.errors import MbrError
from mbr_pipeline.storage.objects.folder import FolderStore
from mbr_pipeline.storage.objects.store import Changed, Stored, Taken
from mbr_pipeline.storage.objects.trial import refuse_heedless


class Heedless(FolderStore):
    """Takes every write."""

    objects: dict[str, bytes] = {}

    def read(self, name: str) -> Stored | None:
        content = self.objects.get(name)
        return None if content is None else Stored(content, content.hex())

    def put_new(self, name: str, content: bytes) -> str:
        self.objects[name] = content
        return content.hex()

    def replace(self, name: str, content: bytes, version: str) -> str:
        return self.put_new(name, content)


class LooksFirst(Heedless):
    """Looks whether the name is free, and writes later: whoever looked in between writes too."""

    everybody_looks = Barrier(6)

    def put_new(self, name: str, content: bytes) -> str:
        is_taken = name in self.objects
        self.everybody_looks.wait(10)
        if is_taken:
            raise Taken(name)
        return super().put_new(name, content)

    def replace(self, name: str, content: bytes, version: str) -> str:
        there = self.read(name)
        self.everybody_looks.wait(10)
        if there is None or there.version != version:
            raise Changed(name)
        return super().put_new(name, content)


class RefusesAll(Heedless):
    """Knows the first condition only."""

    def put_new(self, name: str, content: bytes) -> str:
        if self.objects.setdefault(name, content) != content:
            raise Taken(name)
        return content.hex()


@pytest.mark.parametrize(
    ("store", "said"),
    [
        (Heedless, "let 6 of 6 put an object that must be put once, 6 replace the one"),
        (LooksFirst, "let 6 of 6 put an object that must be put once, 6 replace the one"),
        (RefusesAll, "let 1 of 6 put an object that must be put once, 0 replace the one"),
    ],
)
def test_a_store_that_lets_more_than_one_write_is_refused(
    store: type[Heedless], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "objects", {})
    with pytest.raises(MbrError, match=said):
        refuse_heedless(store(tmp_path))
