"""The month's raw tables: accepted records of the period and of earlier landings that can matter to it
(contract §2, §3, §5).

What belongs here: putting typed files together into schema ``raw`` of the month's warehouse file: one record
per identity, conflicts refused, load controls evaluated. What does not: typing one file
(``mbr_pipeline.ingest.parse``), and everything that compares datasets with each other (dbt).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from connectors.datasets import DATASETS, Dataset
from mbr_pipeline.ingest import history
from mbr_pipeline.ingest.parse import ParsedFile
from mbr_pipeline.ingest.raw_tables import (
    AUTO_APPROVE,
    CURRENCIES,
    DECISIONS,
    DECLARED_DATASETS,
    PROVENANCE,
    REJECTS,
    RUN,
)
from mbr_pipeline.ingest.typing_sql import SQL_TYPES
from mbr_pipeline.periods import Period
from mbr_pipeline.storage.warehouse import quoted
from mbr_pipeline.values import minor_units
from mbr_pipeline.workspace.settings import MspSettings, Policies

_CONFLICT = (
    "the same identifier is there with different content: land the corrected export with `mbr land …"
    " --replaces` the other"
)


@dataclass(frozen=True)
class LoadedDataset:
    """The result of loading a dataset: ``rows`` in the raw table, ``landed`` of them in the period;
    ``totals`` by currency.
    """

    dataset: str
    rows: int
    landed: int
    totals: dict[str, str]


def start_month(
    connection: duckdb.DuckDBPyConnection,
    msp_id: str,
    msp: MspSettings,
    policies: Policies,
    period: Period,
    rules: dict[str, pa.Table],
    decisions: Iterable[Mapping[str, Any]] = (),
) -> None:
    """Create schema ``raw`` anew with everything but the datasets: parameters of the run, currencies,
    declarations, rules and decisions.
    """
    connection.execute("drop schema if exists raw cascade; create schema raw")
    RUN.create(
        connection,
        [
            {
                "msp_id": msp_id,
                "msp_name": msp.name,
                "period": period.text,
                "period_start": period.start,
                "period_end": period.end,
                "rounding_tolerance": policies.rounding_tolerance,
                "materiality": policies.materiality,
                "min_coverage_pct": policies.min_coverage_pct,
            }
        ],
    )
    exponents = ({"currency": code, "minor_units": places} for code, places in minor_units().items())
    CURRENCIES.create(connection, exponents)
    DECLARED_DATASETS.create(
        connection,
        (
            {"source": s, "dataset": d, "is_psa": DATASETS[d].psa, "connector": msp.sources[s].connector}
            for s, d in msp.declared()
        ),
    )
    REJECTS.create(connection, ())
    DECISIONS.create(connection, decisions)
    AUTO_APPROVE.create(
        connection,
        (
            {"rule": number, "exception_code": code, "currency": currency, "max_impact": most}
            for number, rule in enumerate(policies.auto_approve, 1)
            for code in dict.fromkeys(rule.codes)
            for currency, most in rule.max_impact.items()
        ),
    )
    for name, table in rules.items():
        _create(connection, name, table)


def load_dataset(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    files: list[ParsedFile],
    period: Period,
    ensure_sound: Callable[[ParsedFile], object] = lambda _: None,
) -> LoadedDataset:
    """Create ``raw.<dataset>`` from the typed files of all sources; refused records of the
    period go to ``raw.rejects``.

    Adds source, landed_period and record_id (period/source/file:line) to the canonical columns. Equal records
    under one identity are one record, of the earliest landing; different content under one identity is
    refused (contract §3.3, §5.5). ``ensure_sound`` is called with each earlier file before its records are
    read.
    """
    dataset = DATASETS[name]
    current = [f for f in files if f.landed.period == period.text]
    _collect_rejects(connection, current)
    usable = [f for f in current if not f.is_drifted]
    earlier = [f for f in files if f.landed.period != period.text and not f.is_drifted]
    query = _rows_of(dataset, usable)
    columns = ", ".join(f'"{c}"' for c in dataset.column_names)
    # typed files are immutable, so a view does as well as a copy; only choosing among records needs a copy
    kind = "view"
    if earlier and history.collect(connection, dataset, usable, earlier, period, ensure_sound):
        query, kind = f"{query} union all by name select * from {history.EARLIER}", "table"
    if dataset.identity and _has_repeats(connection, dataset, query):
        _create(connection, "candidates", query, temporary=True)
        _resolve_identities(connection, dataset, period)
        query, kind = "select * from candidates", "table"
    connection.execute(
        f"create {kind} raw.{name} as select {', '.join(PROVENANCE)}, {columns} from ({query})"
    )
    connection.execute(f"drop table if exists candidates; drop table if exists {history.EARLIER}")
    return _summary(connection, dataset, period)


def _create(
    connection: duckdb.DuckDBPyConnection, name: str, content: pa.Table | str, temporary: bool = False
) -> None:
    target = f"temporary table {name}" if temporary else f"table raw.{name}"
    if isinstance(content, str):
        connection.execute(f"create or replace {target} as {content}")
        return
    connection.register("content", content)
    connection.execute(f"create or replace {target} as select * from content")
    connection.unregister("content")


def _collect_rejects(connection: duckdb.DuckDBPyConnection, files: list[ParsedFile]) -> None:
    for file in files:
        if file.rejected and not file.is_drifted:
            connection.execute(
                "insert into raw.rejects select ?, ?, ?, line, column_name, value, reason from"
                " read_parquet(?)",
                [file.landed.source, file.landed.dataset, file.landed.name, str(file.rejects_path)],
            )


def _rows_of(dataset: Dataset, files: list[ParsedFile]) -> str:
    """Return the query of all accepted records of the files, with where each comes from."""
    if not files:
        columns = ", ".join(f'null::{SQL_TYPES[c.kind]} as "{c.name}"' for c in dataset.columns)
        return (
            f"select {columns}, null::varchar as source, null::varchar as landed_period, null::varchar as"
            " record_id, null::varchar as file_name, null::bigint as record_line where false"
        )
    columns = ", ".join(f'"{c}"' for c in dataset.column_names)
    parts = (
        f"select {columns}, {quoted(f.landed.source)} as source, {quoted(f.landed.period)} as landed_period,"
        f" {quoted(f.landed.name)} || ':' || record_line as record_id, {quoted(f.landed.name)} as file_name,"
        f" record_line from read_parquet({quoted(str(f.rows_path))})"
        for f in files
    )
    return " union all ".join(parts)


def _identity(dataset: Dataset) -> str:
    return ", ".join((("source",) if dataset.identity_per_source else ()) + dataset.identity)


def _has_repeats(connection: duckdb.DuckDBPyConnection, dataset: Dataset, query: str) -> bool:
    """Whether any identity may occur twice. It compares hashes: a collision only costs a closer look."""
    identity = _identity(dataset)
    row = connection.execute(f"select count(*) > count(distinct hash({identity})) from ({query})").fetchone()
    return row is None or bool(row[0])


def _resolve_identities(connection: duckdb.DuckDBPyConnection, dataset: Dataset, period: Period) -> None:
    """Leave one record per identity in ``candidates``.

    The first landing in which all records of an identity agree is kept. Equal records, there or later, are
    the same record; any other is refused, and so is every record of an identity that has two contents within
    one landing. What is refused in the period itself is listed; refused records of earlier periods are merely
    not used (contract §2).
    """
    identity = _identity(dataset)
    content = ", ".join(f'"{c}"' for c in dataset.column_names)
    repeated = f"select {identity} from candidates group by all having count(*) > 1"
    connection.execute(f"""
        create or replace temporary table contested as
        with marked as (
            select *, row({content}) as content from candidates semi join ({repeated}) using ({identity})
        ),
        landings as (
            select
                {identity}, landed_period,
                count(distinct content) as contents, any_value(content) as content
            from marked group by {identity}, landed_period
        ),
        standing as (
            select {identity}, min(landed_period) as landed_period, min_by(content, landed_period) as content
            from landings where contents = 1 group by {identity}
        )
        select marked.* exclude (content), case
                when landings.contents > 1 or standing.landed_period is null
                    or marked.content is distinct from standing.content then 'refused'
                when row_number() over (
                    partition by
                        {", ".join("marked." + c for c in identity.split(", "))},
                        marked.content, landings.contents > 1
                    order by marked.landed_period, marked.file_name, marked.record_line
                ) > 1 then 'repeated'
                else 'kept' end as fate
        from marked
        inner join landings using ({identity}, landed_period)
        left join standing using ({identity})
    """)
    connection.execute(
        f"insert into raw.rejects select source, {quoted(dataset.name)}, file_name, record_line,"
        f' {quoted(dataset.identity[-1])}, left("{dataset.identity[-1]}", 200), {quoted(_CONFLICT)} from'
        " contested where fate = 'refused' and landed_period = ?",
        [period.text],
    )
    connection.execute(
        "delete from candidates using contested where candidates.record_id = contested.record_id and"
        " contested.fate <> 'kept'"
    )
    connection.execute("drop table contested")


def _summary(connection: duckdb.DuckDBPyConnection, dataset: Dataset, period: Period) -> LoadedDataset:
    table = f"raw.{dataset.name}"
    rows, landed = connection.execute(
        f"select count(*), count(*) filter (where landed_period = ?) from {table}", [period.text]
    ).fetchone() or (0, 0)
    totals: dict[str, str] = {}
    if "amount" in dataset.column_names:
        query = (
            f"select currency, sum(amount)::varchar from {table} where landed_period = ? group by 1 order"
            " by 1"
        )
        totals = dict(connection.execute(query, [period.text]).fetchall())
    return LoadedDataset(dataset.name, rows, landed, totals)
