"""The run gate: does this month pass, why not, and the certificate that says so (contract §6.1, ARCHITECTURE "five decisions" 4).

What belongs here: the decision over suites and controls, ``gate.json``, and the certificate that publication asks for. What does not:
what each suite expects (``expectations``), computing facts (dbt, ``mbr_pipeline.audit_frames``), moving tables
(``mbr_pipeline.publication``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import duckdb
import pyarrow as pa

from expectations import invoice_ready, marts, raw, runner
from expectations.boundary import FailedExpectation, Suite, SuiteResult
from mbr_pipeline import rejected_list
from mbr_pipeline.errors import GateClosed
from mbr_pipeline.files import sha256_of, write_json
from mbr_pipeline.staging import ROW_ORDER, StagedTable
from mbr_pipeline.workspace_paths import MonthPaths

MAX_LISTED_REJECTS = 1000

RunSuite = Callable[[Suite, Mapping[str, pa.Table]], SuiteResult]


def suites() -> tuple[Suite, ...]:
    """Return the suites of the three boundaries, in order."""
    return (raw.suite(), marts.suite(), invoice_ready.suite())


SUITE_NAMES = tuple(s.name for s in suites())


@dataclass(frozen=True)
class Verdict:
    """The gate's decision: it passed only if every suite ran in full and held and no control failed."""

    suites: tuple[SuiteResult, ...]
    failed_controls: tuple[str, ...]

    @property
    def reasons(self) -> list[str]:
        """Failing control codes; where there is none, the suites that failed or did not run."""
        # a failed control is why suites fail; without one, the suites speak for themselves
        if self.failed_controls:
            return sorted(self.failed_controls)
        broken = [f"SUITE_FAILED:{s.name}" for s in self.suites if not s.passed]
        return sorted(broken + [f"SUITE_MISSING:{name}" for name in SUITE_NAMES if name not in {s.name for s in self.suites}])

    @property
    def passed(self) -> bool:
        """Whether the month may be published."""
        return not self.reasons and {s.name for s in self.suites} == set(SUITE_NAMES) and all(s.passed for s in self.suites)


def run_suites(frames: Mapping[str, pa.Table], run_suite: RunSuite = runner.run) -> tuple[SuiteResult, ...]:
    """Run every suite; one that raises has failed, it never stops the others or the record of them."""
    results = []
    for suite in suites():
        try:
            results.append(run_suite(suite, frames))
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the boundary did not hold
            failure = FailedExpectation("suite", suite.name, f"it could not run: {type(error).__name__}")
            results.append(SuiteResult(suite.name, len(suite.expectations), 0, (failure,)))
    return tuple(results)


def failed_controls(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Return the codes of controls that failed in the month's marts, sorted."""
    rows = connection.execute("select distinct control from marts.fct_control_totals where not passed order by 1").fetchall()
    return tuple(code for (code,) in rows)


def write_certificate(month: MonthPaths, verdict: Verdict, staged: Mapping[str, StagedTable], inputs_hash: str) -> None:
    """Record the verdict over exactly these inputs and these staged bytes."""
    write_json(
        month.certificate,
        {
            "msp_id": month.msp_id,
            "period": month.period.text,
            "passed": verdict.passed,
            "reasons": verdict.reasons,
            "inputs_hash": inputs_hash,
            "suites": {s.name: {"passed": s.passed, "expected": s.expected, "evaluated": s.evaluated} for s in verdict.suites},
            "tables": {name: {"rows": t.rows, "sha256": t.sha256} for name, t in staged.items()},
        },
    )


def check_certificate(month: MonthPaths, inputs_hash: str) -> None:
    """Raise :class:`GateClosed` unless a passed certificate covers the landed files, rules and settings as they are now, and the staged
    tables byte for byte. Asked for by publication however it was launched.
    """
    where = f"{month.msp_id} {month.period.text}"
    again = f"run `mbr run --period {month.period.text} --msp {month.msp_id}`"
    try:
        certificate = json.loads(month.certificate.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise GateClosed(f"{where}: no gate certificate, nothing is published: {again}") from None
    problems = _certificate_problems(month, certificate, inputs_hash)
    if problems:
        raise GateClosed(f"{where}: the gate is closed ({problems[0]}), nothing is published: {again} and see gate.json")


def _certificate_problems(month: MonthPaths, certificate: Mapping[str, Any], inputs_hash: str) -> list[str]:
    problems = []
    if (certificate.get("msp_id"), certificate.get("period")) != (month.msp_id, month.period.text):
        problems.append("the certificate is of another month")
    if certificate.get("passed") is not True:
        problems.append(", ".join(certificate.get("reasons") or ["not passed"]))
    ran = certificate.get("suites", {})
    if set(ran) != set(SUITE_NAMES) or not all(_suite_held(s) for s in ran.values()):
        problems.append("not every suite ran and passed")
    if certificate.get("inputs_hash") != inputs_hash:
        problems.append("landed files, rules or settings changed since they were loaded")
    tables = certificate.get("tables", {})
    if set(tables) != set(ROW_ORDER):
        problems.append("not every table was audited")
    for name, facts in tables.items():
        path = month.staged / f"{name}.parquet"
        if name not in ROW_ORDER or not path.exists() or sha256_of(path) != facts.get("sha256"):
            problems.append(f"table {name} is not the one that was audited")
    return problems


def _suite_held(suite: Mapping[str, Any]) -> bool:
    return suite.get("passed") is True and suite.get("expected", 0) > 0 and suite.get("expected") == suite.get("evaluated")


def gate_document(
    connection: duckdb.DuckDBPyConnection,
    month: MonthPaths,
    verdict: Verdict,
    inputs: Sequence[Mapping[str, Any]],
    context: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the content of ``gate.json``: the verdict, why, and the figures the terminal and the close report show.

    ``context`` brings msp_name, evaluated_at, warnings and input_hash. Money is text with the currency's minor units.
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
            {"name": s.name, "passed": s.passed, "expected": s.expected, "evaluated": s.evaluated, "failed": [asdict(f) for f in s.failed]}
            for s in verdict.suites
        ],
        **_rejects(connection),
        "coverage": _rows(connection, _COVERAGE),
        "residual": _residual(connection),
        "clients": _clients(connection),
        "exceptions": dict(connection.execute(_EXCEPTIONS).fetchall()),
        "money": _rows(connection, _MONEY),
        "inputs": list(inputs),
        "warnings": context["warnings"],
        "input_hash": context["input_hash"],
    }


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = connection.execute(query).to_arrow_table().to_pylist()
    return rows


def _rejects(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    count = connection.execute("select count(distinct (source, dataset, file, line)) from raw.rejects").fetchone()
    listed = _rows(
        connection,
        "select file, line, column_name as column, value, reason from raw.rejects order by file, line, column_name"
        f" limit {MAX_LISTED_REJECTS}",
    )
    file = rejected_list.FILE_NAME if listed else None
    return {"rejected_count": count[0] if count else 0, "rejected_rows": listed, "rejected_file": file}


def _residual(connection: duckdb.DuckDBPyConnection) -> str:
    row = connection.execute(
        "select coalesce(sum(abs(residual)), 0)::decimal(28, 4) from marts.fct_variance_bridge"
    ).fetchone()
    text = str(row[0]) if row else "unknown"
    return text[:-2] if text.endswith("00") else text


def _clients(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    counts = dict(
        connection.execute("select lower(verdict), count(distinct client_id) from marts.fct_client_gate group by verdict").fetchall()
    )
    return {verdict: counts.get(verdict, 0) for verdict in ("pass", "pass_with_waiver", "hold")}


_FAILED_CONTROLS = """
    select control as code, source, dataset, scope, message,
        rtrim(rtrim(expected::varchar, '0'), '.') as expected, rtrim(rtrim(actual::varchar, '0'), '.') as actual,
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

_EXCEPTIONS = "select exception_code, count(*) from marts.fct_exceptions group by exception_code order by exception_code"

_MONEY_COLUMNS = ("client_recoverable", "client_refund", "vendor_claim", "vendor_liability", "stranded")

# a direction never nets another, a currency never meets another
_MONEY = f"""
    select exceptions.currency, {", ".join(
        f"case max(minor_units) when 0 then sum({c})::decimal(28, 0)::varchar when 1 then sum({c})::decimal(28, 1)::varchar"
        f" when 2 then sum({c})::decimal(28, 2)::varchar when 3 then sum({c})::decimal(28, 3)::varchar else sum({c})::varchar end as {c}"
        for c in _MONEY_COLUMNS
    )}
    from marts.fct_exceptions as exceptions
    inner join raw.currencies as currencies on exceptions.currency = currencies.currency
    group by exceptions.currency order by exceptions.currency
"""
