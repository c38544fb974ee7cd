"""`mbr verify --recompute`: compares every figure of a month's tables with the second engine.

What belongs here: which tables are compared with it, what is said about them, and the exit code. What does
not: the comparison (``mbr_pipeline.recompute.verify``).
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pyarrow as pa

from connectors.counted import plural
from mbr_pipeline.cli.streams import print_json
from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.errors import ConfigError, GateClosed, MbrError
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.recompute.verify import MonthCheck, RowDifference, TableCheck, verify_month
from mbr_pipeline.recompute.verify.compare import text
from mbr_pipeline.storage.parquet import columns_of
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths

_SHOWN = 20
_WITHHELD = ("fct_invoice_lines_ready", "fct_psa_changes")


@dataclass(frozen=True)
class _Tables:
    """The tables that are verified: where they are, and what is known about their inputs."""

    kind: str
    folder: Path
    notice: str | None
    """What the reader must know before any difference: that something changed since, or
    that this is unknown.
    """


def recompute_month(workspace: WorkspacePaths, msp_id: str, period: str, *, as_json: bool) -> None:
    """Hold a month's tables against the second engine and print what differs.

    Raises:
        ConfigError: There is no such month.
        MbrError: Something differs, or nothing could be compared.
    """
    month = MonthlyClose.of(workspace, msp_id, period)
    tables = _tables(month)
    name = f"{msp_id} {month.paths.period.text}"
    if tables.notice:
        click.echo(f"{name}: {tables.notice}", err=True)
    try:
        for table in sorted(tables.folder.glob("*.parquet")):
            columns_of(table)  # a damaged one is named by its path
        check = verify_month(
            workspace.root,
            msp_id,
            month.paths.period.text,
            tables.folder,
            _WITHHELD if tables.kind == "blocked" else (),
            lambda step: click.echo(f"{name}: {step} …", err=True),
            [entry.fields() for entry in chain(workspace, msp_id)],
        )
    except (GateClosed, pa.ArrowException) as error:
        raise MbrError(f"{name}: nothing can be compared: {error}") from error
    if as_json:
        print_json(_as_data(month.paths, tables, check))
    else:
        _print(name, tables, check)
    sys.stdout.flush()
    if not check.is_equal:
        raise MbrError(f"{name}: {_problem(check)}")


def _tables(month: MonthlyClose) -> _Tables:
    """Find the month's tables: published, or those of a blocked run where nothing is published."""
    paths = month.paths
    published, blocked = paths.published, paths.report / "blocked"
    if any(published.glob("*.parquet")):
        return _Tables("published", published, _notice(month, passed=True))
    if any(blocked.glob("*.parquet")):
        return _Tables("blocked", blocked, _notice(month, passed=False))
    what, period = f"{paths.msp_id} {paths.period.text}", paths.period.text
    raise ConfigError(f"{what} has no tables: `mbr run --period {period} --msp {paths.msp_id}` makes them")


def _notice(month: MonthlyClose, passed: bool) -> str | None:
    """Say whether the tables were made from the present inputs, as far as the last run recorded it."""
    recorded = _recorded(month.paths)
    if recorded is None:
        return "no run left a record of what these tables were made from: files may have changed since"
    made_from, has_passed = recorded
    if has_passed is not passed:
        return "these tables are not of the last run: differences may come from what was landed since"
    if made_from != month.inputs_hash:
        return (
            "landed files, rules, settings or decisions changed since these tables were made: differences may"
            " come from that; run the month again, then verify"
        )
    return None


def _recorded(paths: MonthPaths) -> tuple[str, bool] | None:
    """Return the inputs' fingerprint that the last audit recorded, and whether it passed."""
    for path, name in ((paths.certificate, "inputs_hash"), (paths.report / "gate.json", "input_hash")):
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        return str(document.get(name)), document.get("passed", document.get("gate") == "passed") is True
    return None


def _print(name: str, tables: _Tables, check: MonthCheck) -> None:
    click.echo(f"{name}: {tables.kind} tables against the second engine")
    for table in check.checks:
        click.echo(f"  {table.table:<24} {_outcome(table)}")
    for table_name, reason in check.not_compared.items():
        click.echo(f"  {table_name:<24} not compared: {reason}")
    shown = check.differences[:_SHOWN]
    for difference in shown:
        click.echo(f"≠ {_one_line(difference)}")
    if len(check.differences) > len(shown):
        click.echo(f"… and {len(check.differences) - len(shown)} more, --json has them all")
    if check.is_equal:
        are = "is" if check.figures == 1 else "are"
        click.echo(f"{name}: {plural(check.figures, 'figure')} in {_rows(check.rows)} {are} equal")


def _outcome(table: TableCheck) -> str:
    if not table.rows:
        return "no row on either side: nothing compared"
    compared = f"{_rows(table.rows)}, {plural(table.figures, 'figure')}"
    return (
        f"{compared}: {_rows(len(table.differences))} differ" if table.differences else f"{compared}: equal"
    )


def _rows(count: int) -> str:
    return plural(count, "row")


def _one_line(difference: RowDifference) -> str:
    # ids are text from outside
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in str(difference))


def _problem(check: MonthCheck) -> str:
    if check.differences:
        found = (
            f"{_rows(len(check.differences))} of {check.rows} differ from what the second engine makes of it"
        )
    elif check.missing:
        found = f"tables are missing: {', '.join(check.missing)}"
    else:
        found = "no row was compared"
    return f"{found}: run the month again; if it stays, keep the month's files and report it"


def _as_data(paths: MonthPaths, tables: _Tables, check: MonthCheck) -> dict[str, Any]:
    return {
        "msp_id": paths.msp_id,
        "period": paths.period.text,
        "tables": tables.kind,
        "notice": tables.notice,
        "equal": check.is_equal,
        "rows": check.rows,
        "figures": check.figures,
        "compared": {
            c.table: {"rows": c.rows, "figures": c.figures, "differing_rows": len(c.differences)}
            for c in check.checks
        },
        "not_compared": check.not_compared,
        "differences": [_difference(difference) for difference in check.differences],
    }


def _difference(difference: RowDifference) -> dict[str, Any]:
    return {
        "table": difference.table,
        "key": {name: _value(value) for name, value in difference.key},
        "only_in": difference.only_in,
        "columns": {
            column.name: {"published": _value(column.published), "recomputed": _value(column.recomputed)}
            for column in difference.columns
        },
    }


def _value(value: Any) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, tuple):
        return list(value)
    return text(value)
