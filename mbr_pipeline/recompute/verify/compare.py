"""Finding the rows of one table in which two sides differ; numbers are compared by value, lists as sets.

What belongs here: comparing rows, and saying in one line where they differ. What does not: which columns are
compared (``tables``) and where rows come from (``month``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from mbr_pipeline.recompute.verify.tables import Compared

Row = dict[str, Any]
Values = tuple[Any, ...]
_SHOWN_PLACES = 12


@dataclass(frozen=True)
class Column:
    """A column of one row in which the sides differ."""

    name: str
    published: Any
    recomputed: Any


@dataclass(frozen=True)
class RowDifference:
    """One row that differs, or that only one side has; then ``columns`` has all of its values."""

    table: str
    key: tuple[tuple[str, Any], ...]
    columns: tuple[Column, ...]
    only_in: str | None = None

    def __str__(self) -> str:
        """Say it in one line."""
        about = " ".join([self.table, *(f"{name}={text(value)}" for name, value in self.key)])
        if self.only_in:
            is_published = self.only_in == "published"
            values = [(c.name, c.published if is_published else c.recomputed) for c in self.columns]
            has = " ".join(f"{name}={text(value)}" for name, value in values if value is not None)
            missing = "not recomputed" if is_published else "not published"
            return f"{about}: {missing}, {self.only_in} has {has}"
        parts = (f"{c.name} {text(c.published)}, recomputed {text(c.recomputed)}" for c in self.columns)
        return f"{about}: {'; '.join(parts)}"


@dataclass(frozen=True)
class TableCheck:
    """What comparing one table came to: rows and figures held against each other, and the rows that differ.

    ``figures`` are single values: every compared column of every row that either side has.
    """

    table: str
    rows: int
    figures: int
    differences: tuple[RowDifference, ...]


def check_table(
    name: str, table: Compared, recomputed: Iterable[Row], published: Iterable[Row]
) -> TableCheck:
    """Compare a table's rows."""
    sides = _by_key(table, recomputed), _by_key(table, published)
    differences = _differing(name, table, *sides)
    rows = sum(max(_count(sides[0], key), _count(sides[1], key)) for key in sides[0].keys() | sides[1].keys())
    return TableCheck(name, rows, rows * len(table.columns), tuple(differences))


def differing_rows(
    name: str, table: Compared, recomputed: Iterable[Row], published: Iterable[Row]
) -> list[RowDifference]:
    """List rows that only one side has, and rows of one key that differ."""
    return _differing(name, table, _by_key(table, recomputed), _by_key(table, published))


Keyed = dict[Values, list[Values]]


def _differing(name: str, table: Compared, recomputed: Keyed, published: Keyed) -> list[RowDifference]:
    differences = []
    for key in sorted(recomputed.keys() | published.keys(), key=repr):
        wanted, found = recomputed.get(key, _NOTHING), published.get(key, _NOTHING)
        if wanted == found:
            continue
        surplus_of, missing_of = Counter(found) - Counter(wanted), Counter(wanted) - Counter(found)
        about = tuple(
            (column, value) for column, value in zip(table.key, key, strict=True) if column not in _UNSAID
        )
        missing = sorted(missing_of.elements(), key=repr)
        surplus = sorted(surplus_of.elements(), key=repr)
        for one, other in zip(missing, surplus, strict=False):
            differences.append(RowDifference(name, about, _unlike(table.values, other, one)))
        for row in missing[len(surplus) :]:
            columns = tuple(Column(c, None, v) for c, v in zip(table.values, row, strict=True))
            differences.append(RowDifference(name, about, columns, "recomputed"))
        for row in surplus[len(missing) :]:
            columns = tuple(Column(c, v, None) for c, v in zip(table.values, row, strict=True))
            differences.append(RowDifference(name, about, columns, "published"))
    return differences


_NOTHING: list[Values] = []
_UNSAID = ("msp_id", "period")


def _unlike(names: Sequence[str], published: Values, recomputed: Values) -> tuple[Column, ...]:
    columns = (Column(*triple) for triple in zip(names, published, recomputed, strict=True))
    return tuple(column for column in columns if column.published != column.recomputed)


def _by_key(table: Compared, rows: Iterable[Row]) -> Keyed:
    grouped: Keyed = defaultdict(list)
    for row in rows:
        key = tuple(_exact(row[column]) for column in table.key)
        grouped[key].append(tuple(_exact(row[column]) for column in table.values))
    return grouped


def _count(side: Keyed, key: Values) -> int:
    return len(side.get(key, _NOTHING))


def _exact(value: Any) -> Any:
    """A value that is equal to the same on the other side: exact numbers are, of whatever kind; lists are
    sorted.
    """
    if isinstance(value, float):
        raise TypeError(f"{value} is a binary fraction: money and quantities must be exact")
    if isinstance(value, list | tuple):
        return tuple(sorted(value))
    return value


def text(value: Any) -> str:
    """Write a value: numbers plainly, cut after 12 places where they have more, texts in quotes."""
    if isinstance(value, Fraction | Decimal | int) and not isinstance(value, bool):
        return _number(Fraction(value))
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "nothing"
    return repr(value) if isinstance(value, str) else str(value)


def _number(value: Fraction) -> str:
    whole, rest = divmod(abs(value) * 10**_SHOWN_PLACES, 1)
    digits = f"{whole:0{_SHOWN_PLACES + 1}d}"
    places = digits[-_SHOWN_PLACES:] + "…" if rest else digits[-_SHOWN_PLACES:].rstrip("0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-_SHOWN_PLACES]}.{places}".rstrip(".")
