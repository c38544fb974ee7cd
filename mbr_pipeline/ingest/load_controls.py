"""The load controls: missing, empty, drifted, rejected, stale or doubled input of a month, per declared
dataset (contract §5.5).

What belongs here: evaluating them while loading. What does not: controls that compare datasets
with each other (dbt).
"""

from __future__ import annotations

from typing import Any

import duckdb

from connectors.counted import plural
from connectors.datasets import DATASETS
from mbr_pipeline.ingest.double_landing import double_landings, may_double
from mbr_pipeline.ingest.parse import ParsedFile
from mbr_pipeline.ingest.raw_tables import LOAD_CONTROLS
from mbr_pipeline.workspace.settings import MspSettings


def load_controls(connection: duckdb.DuckDBPyConnection, msp: MspSettings, files: list[ParsedFile]) -> None:
    """Create ``raw.load_controls``: the controls of the period's declared datasets that need no other one,
    after these were loaded.
    """
    counted = connection.execute(
        "select source, dataset, count(distinct (file, line)) from raw.rejects group by all"
    ).fetchall()
    rejected = {(source, dataset): count for source, dataset, count in counted}
    rows: list[dict[str, Any]] = []
    for pair in msp.declared():
        own = [f for f in files if (f.landed.source, f.landed.dataset) == pair]
        controls = _controls(pair, own, rejected.get(pair, 0))
        rows += controls
        # the last two look at records, which prove nothing if some are missing
        if all(control["passed"] for control in controls):
            rows += _stale(connection, pair, own) + _doubled(connection, pair, own)
    LOAD_CONTROLS.create(connection, rows)


def stale_customers(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return a warning for each source that counts seats in the period, but some customers' on other days
    alone.
    """
    found = connection.execute("""
        with customers as (
            select counts.source, counts.vendor_customer_id, max(counts.as_of_date) as latest
            from raw.license_counts as counts cross join raw.run as run
            where counts.landed_period = run.period
            group by all
            having count(*) filter (
                where counts.as_of_date >= run.period_start and counts.as_of_date < run.period_end
            ) = 0
        )
        select customers.source, run.period, count(*), min((vendor_customer_id, latest))
        from customers cross join raw.run as run
        inner join raw.load_controls as controls
            on customers.source = controls.source and controls.control = 'SOURCE_STALE' and controls.passed
        group by all order by all
    """).fetchall()
    return [
        f"{source}: no seat count of {plural(count, 'customer')} is dated in {period}, so none of their"
        f" seats are counted, first {customer} (latest {latest}): export them again"
        for source, period, count, (customer, latest) in found
    ]


def _control(
    code: str, pair: tuple[str, str], files: list[ParsedFile], found: tuple[int, int, bool], message: str
) -> dict[str, Any]:
    expected, actual, passed = found
    return {
        "control": code,
        "source": pair[0],
        "dataset": pair[1],
        "scope": f"{len(files)} files",  # a key, and the same in what was closed long ago
        "expected": expected,
        "actual": actual,
        "passed": passed,
        "message": message,
    }


def _stale(
    connection: duckdb.DuckDBPyConnection, pair: tuple[str, str], files: list[ParsedFile]
) -> list[dict[str, Any]]:
    if pair[1] != "license_counts":
        return []
    period, rows, dated, latest = connection.execute(
        """
        select any_value(run.period), count(*),
            count(*) filter (where as_of_date >= run.period_start and as_of_date < run.period_end),
            max(as_of_date)
        from raw.license_counts as counts cross join raw.run as run
        where counts.source = ? and counts.landed_period = run.period
        """,
        [pair[0]],
    ).fetchone() or (None, 0, 0, None)
    if not rows:
        return []
    message = (
        f"{dated} of {plural(rows, 'row')} {'is' if rows == 1 else 'are'} dated in {period}"
        if dated
        else f"none of {plural(rows, 'row')} is dated in {period}, the latest is of {latest}: land the"
        f" counts taken in {period} by `mbr land … --replaces`, and these in the month of their date"
    )
    return [_control("SOURCE_STALE", pair, files, (1, dated, dated > 0), message)]


def _doubled(
    connection: duckdb.DuckDBPyConnection, pair: tuple[str, str], files: list[ParsedFile]
) -> list[dict[str, Any]]:
    if not any(may_double(f.landed) for f in files):
        return []
    pairs = double_landings(connection, files)
    message = "no file repeats another"
    if pairs:
        first = pairs[0]
        more = f" ({plural(len(pairs) - 1, 'more such pair')})" if len(pairs) > 1 else ""
        honest = "" if pair[1] == "license_counts" else ", and honest lines told apart by `detail`"
        message = (
            f"{first.first} and {first.second} {first.what}{more}: land the right one by `mbr land …"
            f" --replaces` the other; exports of the month so far want `files: replace` in mbr.yml{honest}"
        )
    return [_control("DOUBLE_LANDING", pair, files, (0, len(pairs), not pairs), message)]


def _controls(pair: tuple[str, str], mine: list[ParsedFile], rejected: int) -> list[dict[str, Any]]:
    source, name = pair

    def control(code: str, expected: int, actual: int, passed: bool, message: str) -> dict[str, Any]:
        return _control(code, pair, mine, (expected, actual, passed), message)

    if not mine:
        return [
            control(
                "SOURCE_MISSING",
                1,
                0,
                False,
                f"no file of {name} is landed: land {source}/{name}.csv or undeclare it",
            )
        ]
    drifted = [f for f in mine if f.is_drifted]
    found = sum(f.rows for f in mine)
    accepted = "its one row was accepted" if found == 1 else f"all {found} rows were accepted"
    drift_text = (
        "; ".join(_drift_message(f) for f in drifted) or "every file has the required columns, each once"
    )
    result = [
        control("SOURCE_MISSING", 1, len(mine), True, f"{plural(len(mine), 'file is', 'files are')} landed"),
        control("SCHEMA_DRIFT", 0, len(drifted), not drifted, drift_text),
        control(
            "ROW_REJECTED",
            0,
            rejected,
            rejected == 0,
            (
                f"{rejected} of {plural(found, 'row')} {'is' if found == 1 else 'are'} rejected: see"
                " the list of rejected rows, and land the corrected export with `mbr land … --replaces` the"
                " file they are in"
                if rejected
                else accepted
            ),
        ),
    ]
    readable = [f for f in mine if not f.is_drifted or _is_blank(f)]
    if DATASETS[name].must_have_rows and len(readable) == len(mine):
        empty_text = (
            f"{name} has no rows: export it again"
            if found == 0
            else f"{plural(found, 'row is', 'rows are')} landed"
        )
        result.append(control("SOURCE_EMPTY", 1, found, found > 0, empty_text))
    return result


def _is_blank(file: ParsedFile) -> bool:
    return file.landed.size == 0


def _drift_message(file: ParsedFile) -> str:
    if file.unreadable:
        return file.unreadable
    parts = [f"required columns missing: {', '.join(file.missing_columns)}"] if file.missing_columns else []
    parts += [f"columns repeated: {', '.join(file.repeated_columns)}"] if file.repeated_columns else []
    return f"{file.landed.name}: {'; '.join(parts)}"
