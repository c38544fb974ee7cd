"""What an object store must do, and no more: list, read, put what is absent, replace what is unchanged.

What belongs here: the interface and its refusals. What does not: how a store does it (``folder``, ``s3``) and
what is kept in one (``mbr_pipeline.mirror``). Nothing is ever deleted: whoever holds a workspace's
credentials cannot take away what was landed or published, if the bucket's policy says so too.

A name has no meaning to a store but its prefix; an object is replaced as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from mbr_pipeline.errors import MbrError


class Taken(Exception):
    """Another object has the name already."""


class Changed(Exception):
    """The object is no longer the version that was to be replaced."""


class StoreError(MbrError):
    """The store cannot be reached, or refuses what is asked."""


@dataclass(frozen=True)
class Stored:
    """An object as it was read, and the version that this was."""

    content: bytes
    version: str


class ObjectStore(Protocol):
    """One store. Every method raises :class:`StoreError` if the store cannot be reached or refuses."""

    @property
    def address(self) -> str:
        """Where it is, for people: without a credential."""

    def list(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Yield the name and the version of every object whose name begins with ``prefix``, a path that ends
        with ``/``, in no order.
        """

    def read(self, name: str) -> Stored | None:
        """Return an object; None if there is none."""

    def put_new(self, name: str, content: bytes) -> str:
        """Put an object under a name that none has, and return its version. One that holds these very bytes
        already is as good as put: an answer that was lost is no refusal.

        Raises:
            Taken: Another object has the name.
        """

    def replace(self, name: str, content: bytes, version: str) -> str:
        """Put an object in place of the version that was read, and return its new version.

        Raises:
            Changed: It is another by now, or is gone.
        """
