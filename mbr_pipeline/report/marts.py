"""Reading the marts: typed columns, exact group sums and the first rows of an order, in Arrow.

Belongs here: everything that touches a whole table, so that a million rows cost a group-by and not a loop.
What the sums mean belongs in ``facts`` and its parts; table and column names are contract §6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from mbr_pipeline.report.vocabulary import IMPACTS

_MONEY = frozenset(
    (
        *IMPACTS,
        "priced_at_cost",
        "expected_amount",
        "invoiced_amount",
        "classified_variance",
        "residual",
        "held_amount",
        "amount",
    )
)
_QUANTITY = frozenset(("invoiced_unit_days", "entitled_quantity"))
_FLAG = frozenset(("blocking", "passed"))
_COUNT = frozenset(("open_exceptions",))
_FIGURE = frozenset(("expected", "actual", "difference"))
ROWS = "rows"
"""Name of the row count that ``group_sums`` adds."""


class Marts:
    """The tables of one MSP and period, some of which a blocked run may lack.

    Args:
        tables: Arrow tables by their contract §6 name.
        passed: Whether the run gate passed; an empty table then means "none", otherwise "not evaluated".
    """

    def __init__(self, tables: Mapping[str, pa.Table], *, passed: bool) -> None:
        """Look at ``tables``."""
        self._tables = tables
        self._passed = passed

    def present(self, name: str) -> bool:
        """Tell whether the run delivered the table at all."""
        return name in self._tables

    def evaluated(self, name: str) -> bool:
        """Tell whether the table says something: it has rows, or a passed gate vouches that there are
        none.
        """
        return name in self._tables and (self._passed or self._tables[name].num_rows > 0)

    def count(self, name: str) -> int:
        """Count the rows of a table, 0 if it is absent."""
        return int(self._tables[name].num_rows) if name in self._tables else 0

    def read(self, name: str, columns: Sequence[str]) -> pa.Table:
        """Return columns of a table with the types this report relies on; no rows if the table is absent or
        empty.

        Args:
            name: Table name of contract §6.
            columns: Column names of contract §6.

        Returns:
            A table of exactly these columns; null money and flags read as 0 and false.

        Raises:
            KeyError: A table with rows lacks a column.
            TypeError: A number arrived as binary floating point, which money never is (contract §6).
        """
        if not self.count(name):
            return pa.table({column: pa.array([], _empty_type(column)) for column in columns})
        table = self._tables[name]
        missing = [column for column in columns if column not in table.column_names]
        if missing:
            raise KeyError(f"{name} has no column {', '.join(missing)}")
        return pa.table(
            {column: _typed(f"{name}.{column}", column, table.column(column)) for column in columns}
        )


def group_sums(table: pa.Table, keys: Sequence[str], sums: Sequence[str] = ()) -> pa.Table:
    """Add up columns per group, exactly, together with the number of rows.

    Args:
        table: A table from ``Marts.read``.
        keys: Columns to group by.
        sums: Columns to add; their names stay.

    Returns:
        One row per group with the keys, the sums and ``ROWS``.
    """
    grouped = table.group_by(list(keys), use_threads=False).aggregate(
        [*((c, "sum") for c in sums), ([], "count_all")]
    )
    return grouped.rename_columns(
        [ROWS if n == "count_all" else n.removesuffix("_sum") for n in grouped.column_names]
    )


def ordered(table: pa.Table, order: Sequence[tuple[str, str]], limit: int | None = None) -> pa.Table:
    """Return the first rows of a table in an order, nulls last.

    Args:
        table: Any table with the ordering columns.
        order: Pairs of column and ``ascending``/``descending``; it must be total for the page to be
            deterministic.
        limit: How many rows at most; all if None.

    Returns:
        The rows in order.
    """
    indices = pc.sort_indices(table.select([c for c, _ in order]), sort_keys=list(order))
    return table.take(indices if limit is None else indices[:limit])


def where(table: pa.Table, column: str, values: Iterable[Any]) -> pa.Table:
    """Keep the rows whose column is one of some values (None matches null)."""
    return table.filter(
        pc.is_in(table.column(column), value_set=pa.array(list(values), table.schema.field(column).type))
    )


def with_gross(table: pa.Table) -> pa.Table:
    """Add ``gross``, the sum of the five impacts: a size to rank rows of one currency by, never shown as an
    amount.
    """
    first, *others = _impacts(table)
    total = first
    for impact in others:
        total = pc.add(total, impact).cast(first.type)  # adding widens the type by a digit each time
    return table.append_column("gross", total)


def largest(table: pa.Table) -> pa.ChunkedArray:
    """Return the largest of each row's five impacts, of which the contract lets one differ from zero."""
    return pc.max_element_wise(*_impacts(table))


def currencies(table: pa.Table) -> list[str | None]:
    """List the currencies of a table in alphabetical order, the missing one last."""
    found = pc.unique(table.column("currency")).to_pylist()
    return sorted(c for c in found if c is not None) + ([None] if None in found else [])


def _impacts(table: pa.Table) -> list[pa.ChunkedArray]:
    """Return the five impact columns under one type, wide enough to add them."""
    kind = pa.decimal256(70, max(table.schema.field(impact).type.scale for impact in IMPACTS))
    return [table.column(impact).cast(kind) for impact in IMPACTS]


def _empty_type(column: str) -> pa.DataType:
    if column in _MONEY or column in _FIGURE or column in _QUANTITY:
        return pa.decimal128(38, 2)
    if column in _FLAG:
        return pa.bool_()
    return pa.int64() if column in _COUNT else pa.string()


def _typed(where_: str, column: str, values: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_floating(values.type):
        raise TypeError(f"{where_} is {values.type}: money and quantities are never floating point")
    if column in _MONEY:
        wide = _decimal(where_, values)
        return pc.fill_null(wide, pa.scalar(Decimal(0), wide.type))
    if column in _QUANTITY:
        return _decimal(where_, values)
    if column in _FLAG:
        return pc.fill_null(values.cast(pa.bool_()), False)
    if column in _COUNT:
        return values.cast(pa.int64())
    return values if column in _FIGURE else values.cast(pa.string())


def _decimal(where_: str, values: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = values.type
    if pa.types.is_null(kind):
        return values.cast(pa.decimal128(38, 2))
    if pa.types.is_integer(kind):
        return values.cast(pa.decimal128(38, 0))
    if not pa.types.is_decimal(kind):
        raise TypeError(f"{where_} is {kind}, not a decimal")
    return values if kind.bit_width == 256 else values.cast(pa.decimal128(38, kind.scale))
