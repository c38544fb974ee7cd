"""``gate.json``: the verdict, why, and the figures that the terminal and the close report show.

What belongs here: its content. What does not: deciding (``mbr_pipeline.audit.gate``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import duckdb

from mbr_pipeline.audit import rejected_rows
from mbr_pipeline.audit.gate import Verdict
from mbr_pipeline.workspace.paths import MonthPaths

MAX_LISTED_REJECTS = 1000


def gate_document(
    connection: duckdb.DuckDBPyConnection,
    month: MonthPaths,
    verdict: Verdict,
    inputs: Sequence[Mapping[str, Any]],
    context: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the content of ``gate.json``: the verdict, why, and the figures the terminal and
    the close report show.

    ``context`` brings msp_name, evaluated_at, superseded, warnings and input_hash. Money is text with
    the currency's minor units.
    """
    return {
        "msp_id": month.msp_id,
        "msp_name": context["msp_name"],
        "period": month.period.text,
        "gate": "passed" if verdict.passed else "blocked",
        "evaluated_at": context["evaluated_at"],
        "reasons": verdict.reasons,
        "controls": _rows(connection, _FAILED_CONTROLS),
        "suites": [
            {
                "name": s.name,
                "passed": s.passed,
                "expected": s.expected,
                "evaluated": s.evaluated,
                "failed": [asdict(f) for f in s.failed],
            }
            for s in verdict.suites
        ],
        **_rejects(connection),
        "coverage": _rows(connection, _COVERAGE),
        "residual": _residual(connection),
        "clients": _clients(connection),
        "exceptions": dict(connection.execute(_EXCEPTIONS).fetchall()),
        "money": _rows(connection, _MONEY),
        "inputs": list(inputs),
        "superseded": context["superseded"],
        "warnings": context["warnings"],
        "input_hash": context["input_hash"],
    }


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = connection.execute(query).to_arrow_table().to_pylist()
    return rows


def _rejects(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    count = connection.execute(
        "select count(distinct (source, dataset, file, line)) from raw.rejects"
    ).fetchone()
    listed = _rows(
        connection,
        "select file, line, column_name as column, value, reason from raw.rejects order by file, line,"
        f" column_name limit {MAX_LISTED_REJECTS}",
    )
    file = rejected_rows.FILE_NAME if listed else None
    return {"rejected_count": count[0] if count else 0, "rejected_rows": listed, "rejected_file": file}


def _residual(connection: duckdb.DuckDBPyConnection) -> str:
    row = connection.execute(
        "select coalesce(sum(abs(residual)), 0)::decimal(28, 4) from marts.fct_variance_bridge"
    ).fetchone()
    text = str(row[0]) if row else "unknown"
    return text[:-2] if text.endswith("00") else text


def _clients(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    counts = dict(
        connection.execute(
            "select lower(verdict), count(distinct client_id) from marts.fct_client_gate group by verdict"
        ).fetchall()
    )
    return {verdict: counts.get(verdict, 0) for verdict in ("pass", "pass_with_waiver", "hold")}


_FAILED_CONTROLS = """
    select control as code, source, dataset, scope, message,
        rtrim(rtrim(expected::varchar, '0'), '.') as expected,
        rtrim(rtrim(actual::varchar, '0'), '.') as actual,
        rtrim(rtrim(difference::varchar, '0'), '.') as difference
    from marts.fct_control_totals where not passed order by control, source, dataset, scope, message
"""


# only what the control was evaluated on, with the percentage that it shows
_COVERAGE = """
    select currency, rtrim(rtrim(mapped_amount::varchar, '0'), '.') as mapped,
        rtrim(rtrim(total_amount::varchar, '0'), '.') as total,
        case when coverage_pct is not null then rtrim(rtrim(actual::varchar, '0'), '.') end as pct
    from intermediate.int_coverage
    inner join marts.fct_control_totals on control = 'COVERAGE_TOO_LOW' and scope = currency
    order by currency
"""


_EXCEPTIONS = (
    "select exception_code, count(*) from marts.fct_exceptions group by exception_code order by"
    " exception_code"
)


_MONEY_COLUMNS = ("client_recoverable", "client_refund", "vendor_claim", "vendor_liability", "stranded")


# directions are never netted, currencies are never added
_MONEY = f"""
    select exceptions.currency, {
    ", ".join(
        f"case max(minor_units) when 0 then sum({c})::decimal(28, 0)::varchar"
        f" when 1 then sum({c})::decimal(28, 1)::varchar when 2 then sum({c})::decimal(28, 2)::varchar"
        f" when 3 then sum({c})::decimal(28, 3)::varchar else sum({c})::varchar end as {c}"
        for c in _MONEY_COLUMNS
    )
}
    from marts.fct_exceptions as exceptions
    inner join raw.currencies as currencies on exceptions.currency = currencies.currency
    group by exceptions.currency order by exceptions.currency
"""
