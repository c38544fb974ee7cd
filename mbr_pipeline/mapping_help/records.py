"""Landed records as the mapping help asks them: on which days and with which commitment a vendor's thing
occurs, what its records call it, and what money stands on SKUs whose customer is not mapped yet.

What belongs here: queries on typed landed files. What does not: what a run found (``unmapped``) and rules
(``worklist``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any, Literal

import duckdb
import pyarrow as pa

from mbr_pipeline.ingest.landing import LandedFile, scan
from mbr_pipeline.ingest.parse import ParsedFile, Parser
from mbr_pipeline.periods import Period
from mbr_pipeline.storage.warehouse import connected, quoted
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.settings import MspSettings

Kind = Literal["customer", "sku"]
Thing = tuple[Kind, str, str]
"""Kind, source and id of something to map."""

_COST_PLACES = Decimal("1e-10")


@dataclass(frozen=True, order=True)
class Use:
    """One way an unmapped thing occurs: the day on which a rule must hold for it, and its commitment (""
    where none is said).
    """

    day: date
    term: str


@dataclass(frozen=True)
class Named:
    """One id that vendors' records name: a customer (``term`` is empty) or a SKU."""

    source: str
    id: str
    term: str
    name: str


@dataclass(frozen=True)
class Said:
    """What the records that a finding stands on say of the thing."""

    names: tuple[str, ...]
    uses: tuple[Use, ...]


@dataclass(frozen=True)
class Behind:
    """A SKU on records whose customer is unmapped: ``costs`` are its effective cost by use and currency,
    exact. A run does not list it before the customer has a row.
    """

    source: str
    id: str
    names: tuple[str, ...]
    costs: tuple[tuple[Use, tuple[tuple[str, Decimal], ...]], ...]


_CHARGE_COLUMNS = {
    "vendor_customer_id": "varchar",
    "vendor_customer_name": "varchar",
    "sku_id": "varchar",
    "sku_name": "varchar",
    "term": "varchar",
    "charge_category": "varchar",
    "charge_period_start": "date",
    "charge_period_end": "date",
    "amount": "decimal(28, 12)",
    "currency": "varchar",
}
_COUNT_COLUMNS = {
    "vendor_customer_id": "varchar",
    "vendor_customer_name": "varchar",
    "sku_id": "varchar",
    "sku_name": "varchar",
    "as_of_date": "date",
}

_INVOICE_COLUMNS = {"product_code": "varchar", "description": "varchar"}

# the day a record is mapped on: contract §4.1
_MAPPED_ON = """
    case
        when charge_period_start < $end and charge_period_end > $start
            then greatest(charge_period_start, $start)
        else charge_period_start
    end
"""
_CUSTOMERS = """
    select distinct source, vendor_customer_id, '', vendor_customer_name
    from charges where vendor_customer_name is not null
    union
    select distinct source, vendor_customer_id, '', vendor_customer_name
    from counts where vendor_customer_name is not null
    order by all
"""
_SKUS = """
    select distinct source, sku_id, coalesce(term, ''), sku_name from charges
    where sku_name is not null and charge_category in ('recurring', 'usage')
    union
    select distinct source, sku_id, '', sku_name from counts where sku_name is not null
    order by all
"""
_DESCRIBED = """
    select product_code, min(description) from invoices where description is not null
    group by product_code having count(distinct description) = 1
"""
_IDS = """
    select distinct 'customer', source, vendor_customer_id, '' from charges
    union select distinct 'customer', source, vendor_customer_id, '' from counts
    union select distinct 'sku', source, sku_id, coalesce(term, '') from charges
    union select distinct 'sku', source, sku_id, '' from counts
    order by all
"""
_SAID = f"""
    select distinct
        evidence.at,
        case evidence.kind when 'customer' then vendor_customer_name else sku_name end,
        {_MAPPED_ON},
        coalesce(term, '')
    from charges inner join evidence on charges.record_id = evidence.record_id
    where evidence.id = case evidence.kind when 'customer' then vendor_customer_id else sku_id end
    union
    select distinct
        evidence.at,
        case evidence.kind when 'customer' then vendor_customer_name else sku_name end,
        as_of_date,
        ''
    from counts inner join evidence on counts.record_id = evidence.record_id
    where evidence.id = case evidence.kind when 'customer' then vendor_customer_id else sku_id end
"""
_BEHIND = f"""
    select
        source, sku_id, sku_name, {_MAPPED_ON} as day, coalesce(term, '') as term, charge_category,
        charge_period_start, charge_period_end, currency, amount, count(*) as line_count
    from charges
    where (record_id, vendor_customer_id) in (select (record_id, id) from evidence where kind = 'customer')
    group by all
    union all
    select distinct source, sku_id, sku_name, as_of_date, '', null, null, null, null, null::decimal(28, 12), 0
    from counts
    where (record_id, vendor_customer_id) in (select (record_id, id) from evidence where kind = 'customer')
"""


class Records:
    """The landed vendor records of a month: its own files, and the bills of earlier folders."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, period: Period) -> None:
        """Take a connection that has the views ``charges``, ``counts`` and ``invoices`` (``records``)."""
        self._connection = connection
        self._days = {"start": period.start, "end": period.end}
        self._period = period

    def customers(self) -> tuple[Named, ...]:
        """Return all customers that records name."""
        return tuple(Named(*row) for row in self._connection.execute(_CUSTOMERS).fetchall())

    def skus(self) -> tuple[Named, ...]:
        """Return all SKUs that records name, by commitment."""
        return tuple(Named(*row) for row in self._connection.execute(_SKUS).fetchall())

    def described(self) -> dict[str, str]:
        """Return the products that client invoices describe in always the same words, with these."""
        return dict(self._connection.execute(_DESCRIBED).fetchall())

    def terms_by_thing(self) -> dict[Thing, set[str]]:
        """Return every customer and SKU of the landed records, with the commitments it is billed with."""
        found: dict[Thing, set[str]] = {}
        for kind, source, identifier, term in self._connection.execute(_IDS).fetchall():
            found.setdefault((kind, source, identifier), set()).add(term)
        return found

    def look_at(self, evidence: Iterable[tuple[int, Kind, str, str]]) -> None:
        """Say on which records findings stand: a finding's number, its kind and id, and a record's id."""
        rows = [{"at": at, "kind": kind, "id": i, "record_id": r} for at, kind, i, r in evidence]
        types = [("at", pa.int64()), ("kind", pa.string()), ("id", pa.string()), ("record_id", pa.string())]
        self._connection.register("evidence", pa.Table.from_pylist(rows, schema=pa.schema(types)))

    def said(self) -> dict[int, Said]:
        """Return what the records of each finding say, by its number. Landed files that were replaced since
        the run are no evidence any more.
        """
        names: dict[int, set[str]] = {}
        uses: dict[int, set[Use]] = {}
        for at, name, day, term in self._connection.execute(_SAID, self._days).fetchall():
            names.setdefault(at, set()).update([name] if name else [])
            uses.setdefault(at, set()).add(Use(day, term))
        return {at: Said(tuple(sorted(names[at])), tuple(sorted(uses[at]))) for at in uses}

    def behind(self) -> tuple[Behind, ...]:
        """Return the SKUs on the records that unmapped customers stand on."""
        names: dict[tuple[str, str], set[str]] = {}
        costs: dict[tuple[str, str], dict[Use, dict[str, Decimal]]] = {}
        for (
            source,
            sku,
            name,
            day,
            term,
            category,
            start,
            end,
            currency,
            amount,
            count,
        ) in self._connection.execute(_BEHIND, self._days).fetchall():
            names.setdefault((source, sku), set()).update([name] if name else [])
            of_use = costs.setdefault((source, sku), {}).setdefault(Use(day, term), {})
            if currency:
                cost = effective_cost(amount, category, start, end, self._period) * count
                of_use[currency] = of_use.get(currency, Decimal(0)) + cost
        return tuple(
            Behind(
                *key,
                tuple(sorted(names[key])),
                tuple((use, tuple(sorted(by.items()))) for use, by in sorted(costs[key].items())),
            )
            for key in sorted(costs)
        )


def effective_cost(amount: Decimal, category: str, start: date, end: date, period: Period) -> Decimal:
    """Return what a vendor line that is landed in the period costs in it (contract §4.4): its share by days,
    half-up to 10 places; usage counts all its days before the period's end.
    """
    days = (end - start).days
    since = start if category == "usage" else max(start, period.start)
    counted = max(0, (min(end, period.end) - since).days)
    if days == counted and (days or start < period.end and (category == "usage" or start >= period.start)):
        return amount
    if not counted:
        return Decimal(0)
    with localcontext() as context:
        context.prec = 60
        return (amount * counted / days).quantize(_COST_PLACES, ROUND_HALF_UP)


@contextmanager
def records(month: MonthPaths, msp: MspSettings) -> Iterator[Records]:
    """Open the month's landed vendor records. Its warehouse file is not touched: a run may hold it, and it
    may have been deleted; landed files are always there.
    """
    landing = scan(month.workspace, month.msp_id, msp, month.period)
    charges = _typed(month, [f for f in landing.current + landing.earlier if f.dataset == "vendor_charges"])
    counts = _typed(month, [f for f in landing.current if f.dataset == "license_counts"])
    invoices = _typed(month, [f for f in landing.current if f.dataset == "invoice_lines"])
    with connected(None, month.workspace.temporary) as connection:
        connection.execute(f"create view charges as {_union(charges, _CHARGE_COLUMNS)}")
        connection.execute(f"create view counts as {_union(counts, _COUNT_COLUMNS)}")
        connection.execute(f"create view invoices as {_union(invoices, _INVOICE_COLUMNS)}")
        yield Records(connection, month.period)


def _typed(month: MonthPaths, files: Iterable[LandedFile]) -> list[ParsedFile]:
    with Parser(month.workspace.parsed, month.workspace.temporary) as parser:
        parsed = [parser.parse(file) for file in files]
    return [file for file in parsed if not file.is_drifted]


def _union(files: Sequence[ParsedFile], columns: dict[str, Any]) -> str:
    listed = ", ".join(columns)
    parts = [
        f"select {quoted(f.landed.source)} as source, {quoted(f.landed.name)} || ':' || record_line as"
        f" record_id, {listed} from read_parquet({quoted(str(f.rows_path))})"
        for f in files
    ]
    nothing = ", ".join(f"null::{kind} as {name}" for name, kind in columns.items())
    return (
        " union all ".join(parts)
        or f"select null::varchar as source, null::varchar as record_id, {nothing} where false"
    )
