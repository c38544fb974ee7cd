"""The frames the audit's suites look at: integers and enumerations computed from the warehouse
and the candidate tables.

What belongs here: one query per frame of ``expectations``. What they must satisfy is stated there; money
stays in SQL, and only counts of violations leave it. Vendor text never enters a frame.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from expectations.raw import CONTROLS
from mbr_pipeline.audit.candidate_tables import CandidateTable, floating_point_columns
from mbr_pipeline.storage.warehouse import SMALLEST_UNIT, quoted


def frames(
    connection: duckdb.DuckDBPyConnection, candidate: dict[str, CandidateTable], folder: Path
) -> dict[str, pa.Table]:
    """Return every frame by name, for the month in the open warehouse and its candidate tables."""
    return {
        "datasets": _arrow(connection, _DATASETS),
        "controls": _arrow(connection, _CONTROLS),
        "facts": _arrow(
            connection,
            "select fact, violations::bigint as violations from intermediate.int_audit_facts order by all",
        ),
        "tables": _tables(connection, candidate, folder),
        "ready": _arrow(
            connection, _READY.format(folder=str(folder).replace("'", "''"), SMALLEST_UNIT=SMALLEST_UNIT)
        ),
    }


def _arrow(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    return connection.execute(query).to_arrow_table()


_DATASETS = """
    select
        dense_rank() over (order by declared.source)::bigint as source_number,
        declared.dataset,
        coalesce(max(controls.actual) filter (where controls.control = 'SOURCE_MISSING'), 0)::bigint as files,
        coalesce(max(controls.actual) filter (where controls.control = 'SCHEMA_DRIFT'), 0)::bigint
            as drifted_files,
        coalesce(max(controls.actual) filter (where controls.control = 'ROW_REJECTED'), 0)::bigint
            as rejected_rows
    from raw.declared_datasets as declared
    left join raw.load_controls as controls
        on declared.source = controls.source and declared.dataset = controls.dataset
    group by declared.source, declared.dataset
    order by all
"""

_CONTROLS = (
    "select "
    + ", ".join(
        f"count(*) filter (where control = {quoted(c)} and not passed)::bigint as {c}" for c in CONTROLS
    )
    + " from intermediate.int_controls"
)

# what is read several times is read by the columns that are asked for: kept whole, it fills the memory
_READY = """
    with ready as not materialized (select * from read_parquet('{folder}/fct_invoice_lines_ready.parquet')),
    gate as (
        select client_id, max(verdict) as verdict
        from read_parquet('{folder}/fct_client_gate.parquet')
        group by client_id
    ),
    landed as not materialized (
        select lines.* from intermediate.int_invoice_lines as lines
        semi join (select client_id from gate where verdict <> 'HOLD') as passing
            on lines.client_id = passing.client_id
        where lines.is_landed_in_period
    ),
    approved as (
        select exceptions.client_id, exceptions.currency, client_recoverable - client_refund as amount
        from read_parquet('{folder}/fct_exceptions.parquet') as exceptions
        inner join read_parquet('{folder}/fct_decisions.parquet') as decisions
            on exceptions.exception_id = decisions.exception_id
                and decisions.action = 'approve' and decisions.state = 'in_force'
        inner join (select client_id from gate where verdict <> 'HOLD') as passing
            on exceptions.client_id = passing.client_id
    ),
    sums as (
        select client_id, currency, sum(amount) as amount, sum(ready_amount) as ready_amount from (
            select client_id, currency, amount, 0::decimal(28, 4) as ready_amount from landed
            union all
            select client_id, currency, amount, 0 from approved
            union all
            select client_id, currency, 0, amount from ready
        ) group by client_id, currency
    )
    select
        (select count(*) from landed anti join ready
            on landed.source = ready.source and landed.invoice_id = ready.invoice_id
                and landed.invoice_line_id = ready.invoice_line_id)::bigint
            as lines_missing,
        (select count(*) from ready semi join (select client_id from gate where verdict = 'HOLD') as held
            on ready.client_id = held.client_id)::bigint as lines_of_held_clients,
        (select count(*) from ready anti join gate on ready.client_id = gate.client_id)::bigint
            as lines_of_unknown_clients,
        (select coalesce(sum(lines - 1), 0) from (
            select count(*) as lines from ready group by source, invoice_id, invoice_line_id
        ))::bigint as lines_repeated,
        (select count(*) from ready
            where amount is null or quantity is null or unit_price is null or currency is null)::bigint
            as lines_without_money,
        (select count(*) from ready left join raw.currencies as currencies using (currency)
            where coalesce(amount % {SMALLEST_UNIT} <> 0, true))::bigint as lines_finer_than_minor_unit,
        (select count(*) from sums where amount is distinct from ready_amount)::bigint
            as sums_not_of_landed_and_approved
"""


def _tables(
    connection: duckdb.DuckDBPyConnection, candidate: dict[str, CandidateTable], folder: Path
) -> pa.Table:
    keys = quoted(str(folder / "fct_reconciliation.parquet"))
    controls = quoted(str(folder / "fct_control_totals.parquet"))
    facts = connection.execute(f"""
        select
            (select coalesce(sum(lines - 1), 0)::bigint from (
                select count(*) as lines from read_parquet({keys}) group by client_id, product_code, currency
            )),
            (select count(*) from read_parquet({keys})
                where verdict = 'matched' and volume_variance is distinct from 0),
            (select count(*) from read_parquet({controls})
                where control = 'CONSERVATION_BROKEN' and not passed)
    """).fetchone()
    repeated, unclean, broken = facts or (1, 1, 1)
    return pa.table(
        {
            "control_rows": [candidate["fct_control_totals"].rows],
            "client_rows": [candidate["fct_client_gate"].rows],
            "disposition_rows": [candidate["fct_line_dispositions"].rows],
            "rows_lost_in_candidate": [sum(abs(t.rows - t.mart_rows) for t in candidate.values())],
            "floating_point_columns": [len(floating_point_columns(folder))],
            "keys_repeated": [repeated],
            "clean_keys_with_variance": [unclean],
            "conservation_failures": [broken],
        }
    )
