"""What a month left unmapped, and the names that say more about it.

What belongs here: reading. The findings and the PSA's clients and products come from the tables of the
month's last run (published, or kept for inspection if it was blocked); names, terms and dates from the landed
records that the findings name as evidence. The month's warehouse file is not touched: a run may hold it, and
it may have been deleted; landed files are always there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from mbr_pipeline.errors import MbrError
from mbr_pipeline.ingest.landing import LandedFile, scan
from mbr_pipeline.ingest.parse import ParsedFile, parse
from mbr_pipeline.storage.warehouse import connected, quoted
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.settings import MspSettings

Kind = Literal["customer", "sku"]
_KINDS: dict[str, Kind] = {"UNMAPPED_CUSTOMER": "customer", "UNMAPPED_SKU": "sku"}


@dataclass(frozen=True, order=True)
class Use:
    """One way an unmapped thing occurs: the day on which a rule must hold for it, and its commitment (""
    where none is said).
    """

    day: date
    term: str


@dataclass(frozen=True)
class Finding:
    """One unmapped customer or SKU. ``costs`` are ``priced_at_cost`` by currency: empty where only licence
    counts name it.
    """

    kind: Kind
    source: str
    id: str
    costs: tuple[tuple[str, Decimal], ...]
    names: tuple[str, ...]
    uses: tuple[Use, ...]


@dataclass(frozen=True)
class Named:
    """One id that vendor bills name: a customer (``term`` is empty) or a SKU."""

    source: str
    id: str
    term: str
    name: str


@dataclass(frozen=True)
class MonthOfFindings:
    """All that is known for suggesting: findings, the PSA's clients and products, and what bills call
    customers and SKUs.
    """

    findings: tuple[Finding, ...]
    clients: tuple[dict[str, Any], ...]
    products: tuple[dict[str, Any], ...]
    customers: tuple[Named, ...]
    skus: tuple[Named, ...]


def was_run(month: MonthPaths) -> bool:
    """Whether the month has tables of a run, published or blocked."""
    return _tables(month) is not None


def landed_rows(month: MonthPaths, table: str) -> tuple[dict[str, Any], ...]:
    """Return the rows of dim_client or dim_product that the PSA delivered."""
    return tuple(row for row in _read(month, table) if row["mapping_state"] != "not_landed")


def read_month(month: MonthPaths, msp: MspSettings) -> MonthOfFindings:
    """Read everything there is to suggest from."""
    exceptions = _read(
        month,
        "fct_exceptions",
        columns=[
            "exception_code",
            "source",
            "vendor_customer_id",
            "sku_id",
            "currency",
            "priced_at_cost",
            "evidence",
        ],
        filters=[("exception_code", "in", list(_KINDS))],
    )
    landing = scan(month.workspace, month.msp_id, msp, month.period)
    charges = _typed(month, [f for f in landing.current + landing.earlier if f.dataset == "vendor_charges"])
    counts = _typed(month, [f for f in landing.current if f.dataset == "license_counts"])
    with connected(None, month.workspace.temporary) as connection:
        connection.execute(f"create view charges as {_union(charges, _CHARGE_COLUMNS)}")
        connection.execute(f"create view counts as {_union(counts, _COUNT_COLUMNS)}")
        return MonthOfFindings(
            _findings(connection, exceptions, month),
            landed_rows(month, "dim_client"),
            landed_rows(month, "dim_product"),
            tuple(Named(*row) for row in connection.execute(_CUSTOMERS).fetchall()),
            tuple(Named(*row) for row in connection.execute(_SKUS).fetchall()),
        )


_CHARGE_COLUMNS = {
    "vendor_customer_id": "varchar",
    "vendor_customer_name": "varchar",
    "sku_id": "varchar",
    "sku_name": "varchar",
    "term": "varchar",
    "charge_category": "varchar",
    "charge_period_start": "date",
    "charge_period_end": "date",
}
_COUNT_COLUMNS = {"vendor_customer_id": "varchar", "sku_id": "varchar", "as_of_date": "date"}

_CUSTOMERS = """
    select distinct source, vendor_customer_id, '', vendor_customer_name
    from charges where vendor_customer_name is not null order by all
"""
_SKUS = """
    select distinct source, sku_id, coalesce(term, ''), sku_name from charges
    where sku_name is not null and charge_category in ('recurring', 'usage') order by all
"""
# the day a record is mapped on: contract §4.1
_USES = """
    select distinct
        evidence.at,
        case evidence.kind when 'customer' then vendor_customer_name else sku_name end,
        case
            when charge_period_start < $end and charge_period_end > $start
                then greatest(charge_period_start, $start)
            else charge_period_start
        end,
        coalesce(term, '')
    from charges inner join evidence on charges.record_id = evidence.record_id
    where evidence.id = case evidence.kind when 'customer' then vendor_customer_id else sku_id end
    union
    select distinct evidence.at, null, as_of_date, ''
    from counts inner join evidence on counts.record_id = evidence.record_id
    where evidence.id = case evidence.kind when 'customer' then vendor_customer_id else sku_id end
"""


def _tables(month: MonthPaths) -> Path | None:
    """The folder of the tables of the month's last run: a blocked one is in ``reports`` until
    a run is published.
    """
    folders = (month.report / "blocked", month.published)
    return next((folder for folder in folders if (folder / "fct_exceptions.parquet").exists()), None)


def _read(month: MonthPaths, table: str, **selection: Any) -> list[dict[str, Any]]:
    folder = _tables(month)
    if folder is None:
        run = f"mbr run --period {month.period.text} --msp {month.msp_id}"
        raise MbrError(
            f"{month.msp_id} {month.period.text}: nothing is known of this month yet: run `{run}` first"
        )
    rows: list[dict[str, Any]] = pq.read_table(folder / f"{table}.parquet", **selection).to_pylist()
    return rows


def _typed(month: MonthPaths, files: Iterable[LandedFile]) -> list[ParsedFile]:
    parsed = [parse(file, month.workspace.parsed, month.workspace.temporary) for file in files]
    return [file for file in parsed if not file.is_drifted]


def _union(files: Sequence[ParsedFile], columns: dict[str, str]) -> str:
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


def _findings(
    connection: duckdb.DuckDBPyConnection, exceptions: Sequence[dict[str, Any]], month: MonthPaths
) -> tuple[Finding, ...]:
    """Put the exceptions of one thing together, one per currency, with what its records say."""
    things: dict[tuple[Kind, str, str], list[dict[str, Any]]] = {}
    for row in exceptions:
        kind = _KINDS[row["exception_code"]]
        things.setdefault(
            (kind, row["source"], row["vendor_customer_id" if kind == "customer" else "sku_id"]), []
        ).append(row)
    order = sorted(things)
    evidence = [
        {"at": at, "kind": thing[0], "id": thing[2], "record_id": record_id}
        for at, thing in enumerate(order)
        for row in things[thing]
        for record_id in row["evidence"]
    ]
    schema = pa.schema(
        [("at", pa.int64()), ("kind", pa.string()), ("id", pa.string()), ("record_id", pa.string())]
    )
    connection.register("evidence", pa.Table.from_pylist(evidence, schema=schema))
    found = connection.execute(_USES, {"start": month.period.start, "end": month.period.end}).fetchall()
    connection.unregister("evidence")
    names: dict[int, set[str]] = {}
    uses: dict[int, set[Use]] = {}
    for at, name, day, term in found:
        names.setdefault(at, set()).update([name] if name else [])
        uses.setdefault(at, set()).add(Use(day, term if order[at][0] == "sku" else ""))
    return tuple(
        Finding(
            *thing,
            costs=tuple(
                sorted((row["currency"], row["priced_at_cost"]) for row in things[thing] if row["currency"])
            ),
            names=tuple(sorted(names.get(at, ()))),
            # landed files that were replaced since the run are no evidence any more
            uses=tuple(sorted(uses.get(at, {Use(month.period.start, "")}))),
        )
        for at, thing in enumerate(order)
    )
