"""Which records of one stream stand when a tap has written its last line.

What belongs here: newer versions of a record, deleted records, versions of a whole stream. What does not:
reading lines, and what shows that a tap did not finish (``stream``).

* A record whose key came before is a newer version of that record (``key_properties``): the last one stands.
* ACTIVATE_VERSION "is a signal to the Target that it should delete all previously seen data and replace it
  with all the RECORDs it has seen where the record's version matches this version number" (singer-python,
  ``messages.py``). A record without a version is of none, and stays.
* Taps that read a database's log say with ``_sdc_deleted_at`` that a record is deleted at the vendor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.counted import plural

DELETED = "_sdc_deleted_at"


class Standing:
    """The lines of the records that stand."""

    def __init__(self, stream: str) -> None:
        """Begin a file."""
        self._stream = stream
        self._lines: dict[tuple[str, ...], tuple[int, str | None]] = {}
        self._newer = self._deleted = self._replaced = 0

    def receive(
        self, line: int, keys: tuple[str, ...], fields: Mapping[str, str], version: str | None
    ) -> str | None:
        """Take a record; ``keys`` are the names of its key. Return what is wrong with it, if anything is."""
        if missing := [name for name in keys if name not in fields]:
            return f"is a record of {self._stream} without its key {missing[0]}"
        is_deleted = DELETED in fields
        if is_deleted and not keys:
            return f"is a record of {self._stream} that is deleted, and no key says which"
        key = tuple(fields[name] for name in keys) or (str(line),)
        was_there = self._lines.pop(key, None) is not None
        if is_deleted:
            self._deleted += 1
        else:
            self._newer += was_there
            self._lines[key] = (line, version)
        return None

    def activate(self, version: str) -> None:
        """Let records of other versions go."""
        gone = [key for key, (_, of) in self._lines.items() if of not in (None, version)]
        for key in gone:
            del self._lines[key]
        self._replaced += len(gone)

    def lines(self) -> set[int]:
        """Return where the records stand."""
        return {line for line, _ in self._lines.values()}

    def versions(self) -> int:
        """Return how many versions of the stream stand beside each other: more than one where a tap was
        broken off before it activated the next.
        """
        return len({version for _, version in self._lines.values() if version is not None})

    def warnings(self) -> Iterator[str]:
        """Yield what a person should be told."""
        of = f" of {self._stream}"
        if self._newer:
            yield f"{plural(self._newer, 'record')}{of} came again, and the last of each stands"
        if self._replaced:
            are = plural(self._replaced, f"record{of} is", f"records{of} are")
            yield f"{are} of a version that the tap replaced, and passed over"
        if self._deleted:
            are = plural(self._deleted, f"record{of} is", f"records{of} are")
            yield f"{are} deleted at the vendor, and passed over"
