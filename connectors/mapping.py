"""One of a vendor's own records, as a source's mapping reads it.

What belongs here: one record and its values (text, number, day), its identity, and the fault of a
record that cannot be used. What does not: files of records (``connectors.native_file``) and any one
vendor's mapping (its declaration).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from connectors.files.ordinals import Ordinals
from connectors.plain_numbers import plain_decimal

Row = Mapping[str, str | None]
"""A canonical record: texts by column; columns not named are null."""


_MOMENT = re.compile(
    r"^(\d{4}-\d{2}-\d{2})([T ](\d{2}:\d{2})(:\d{2})?(\.\d+)?(Z|[+-]\d{2}:?\d{2})?)?\Z", re.ASCII
)


_TICKS = re.compile(r"^/Date\((-?\d{1,15})([+-]\d{4})?\)/\Z", re.ASCII)


class MappingError(Exception):
    """A value that a mapping cannot use, so that its record is rejected."""

    def __init__(self, column: str, value: str | None, reason: str) -> None:
        """``reason`` says what is wrong and what to do."""
        super().__init__(reason)
        self.column, self.value, self.reason = column, value, reason


class Reading:
    """What is kept per file and not per record: how often equal content came, and what people should know
    about the file.
    """

    def __init__(self) -> None:
        """Begin a file."""
        self.ordinals = Ordinals()
        self.remarks: Counter[str] = Counter()


class Native:
    """One native record: values by field, as text. Fields that are null or absent are the same; names are as
    the vendor writes them.
    """

    def __init__(
        self, fields: Mapping[str, str], settings: Mapping[str, str], reading: Reading | None = None
    ) -> None:
        """``settings`` are the source's, complete; ``reading`` is that of the record's file."""
        self.fields = fields
        self.settings = settings
        self._reading = reading or Reading()
        self._remarks: set[str] = set()

    def remark(self, text: str) -> None:
        """Note something about this record that is no fault: the file's warnings count the
        records with each note, however often it is made of one.
        """
        if text not in self._remarks:
            self._remarks.add(text)
            self._reading.remarks[text] += 1

    def identity(self, content: Sequence[str | None]) -> tuple[str, int]:
        """Return the digest of a content, and how many records of the file had it before:
        that distinguishes equal ones.
        """
        return self._reading.ordinals.next(content)

    def text(self, *names: str) -> str | None:
        """Return the first of these fields that is there."""
        return next((self.fields[name] for name in names if name in self.fields), None)

    def needed(self, *names: str) -> str:
        """Return the first of these fields that is there.

        Raises:
            MappingError: None is.
        """
        found = self.text(*names)
        if found is None:
            raise MappingError(
                names[0], None, f"{' or '.join(names)} is missing; ask the vendor or correct the file"
            )
        return found

    def number(self, *names: str) -> Decimal:
        """Return a field as an exact number.

        Raises:
            MappingError: It is missing, or no plain number.
        """
        found = self.needed(*names)
        plain = plain_decimal(found)
        if plain is None:
            raise MappingError(
                self._name(names), found, "is not a number; write it with plain digits and a decimal point"
            )
        return Decimal(plain)

    def day(self, *names: str) -> date:
        """Return the UTC day of a field: an ISO date or moment (UTC where it names
        no offset), or ``/Date(milliseconds)/``.

        Raises:
            MappingError: It is missing, or neither, or the first of all days: many vendors' systems write
                ``0001-01-01`` (.NET's DateTime.MinValue) for a date that was never set.
        """
        found = self.needed(*names)
        day = utc_day(found)
        if day is None:
            raise MappingError(self._name(names), found, "is not a date; write it as YYYY-MM-DD")
        if day == date.min:
            raise MappingError(self._name(names), found, "stands for no date; ask the vendor which it is")
        return day

    def _name(self, names: tuple[str, ...]) -> str:
        return next(name for name in names if name in self.fields)


def utc_day(text: str) -> date | None:
    """Return the UTC day that a text names, None if it names none."""
    try:
        if ticks := _TICKS.match(text):
            return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(ticks[1]))).date()
        if not (found := _MOMENT.match(text)):
            return None
        if found[2] is None:
            return date.fromisoformat(text)
        # fractions of a second never change the day: offsets are whole minutes
        moment = datetime.fromisoformat(f"{found[1]}T{found[3]}{found[4] or ''}{found[6] or ''}")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).date()
    except (ValueError, OverflowError):
        return None


def plain(number: Decimal) -> str:
    """Return a number as canonical text: plain digits, no trailing zeros after the point."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_BESIDE = ("_endpoint", "_period", "_fetched_on", "_copy")
"""The fields that a walk adds to a record and that are not part of its content."""


def content_id(native: Native) -> str:
    """Return an identifier for a record that has none: its content, and its number among equal ones.

    A walk says which (``_copy``); in a file from elsewhere they are counted.
    """
    content = {name: value for name, value in native.fields.items() if name not in _BESIDE}
    content["_copy"] = native.text("_copy") or str(native.identity([json.dumps(content, sort_keys=True)])[1])
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


def after(day: date) -> date:
    """Return the next day: the exclusive end of a period whose last day is given."""
    return day + timedelta(days=1)


Mapper = Callable[[Native], Iterable[Row]]
"""Makes canonical records of a native one: none where it is about something else; raises ``MappingError``."""
