"""Relations between runs and scales: many copies, threads, memory, other months, other years, a
hundredfold.

Belongs here: as in ``test_metamorphic``, what must not depend on size, machine or date. Does not: changed
records (``test_metamorphic_books``).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from mbr_pipeline.audit.candidate_tables import ROW_ORDER, write_candidate
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.periods import Period
from mbr_pipeline.scaffold.world.model import Workspace
from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.transform.compiled_project import dbt_project
from mbr_pipeline.transform.dbt_client import Transformer
from mbr_pipeline.transform.recorded_build import RecordedBuild
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.worlds.compiled import CompiledTransformer
from tests.worlds.forms import write
from tests.worlds.outcomes import (
    GATE,
    Row,
    Tables,
    again,
    changed,
    run,
    without,
)
from tests.worlds.relations import alterations
from tests.worlds.relations.alterations import PRICES, QUANTITIES, TOTALS
from tests.worlds.relations.rich import (
    FINGERPRINTS,
    IDS,
    MSP,
    OVER_ALL_CLIENTS,
    PERIOD,
    WORLD,
    Base,
    assert_same,
    assert_same_in_any_order,
    unmarked,
)

# --- the machine and the calendar ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Crowd:
    """Forty copies of the world beside each other: enough rows to be shared out among threads. ``candidate``
    is as it was published.
    """

    root: Path
    tables: Tables
    candidate: Tables

    @property
    def month(self) -> MonthlyClose:
        return MonthlyClose.of(WorkspacePaths(self.root), MSP, PERIOD)


MARKS = [f"{number:02d}~" for number in range(40)]


@pytest.fixture(scope="module")
def crowd(transformer: Transformer, tmp_path_factory: pytest.TempPathFactory) -> Crowd:
    root = tmp_path_factory.mktemp("crowd")
    tables = run(alterations.copies(WORLD, MARKS), root, transformer)
    return Crowd(root, tables, as_candidate(WorkspacePaths(root).month(MSP, Period.parse(PERIOD)).candidate))


def as_candidate(folder: Path) -> Tables:
    return {name: pq.read_table(folder / f"{name}.parquet").to_pylist() for name in ROW_ORDER}


def staged_from(warehouse_file: Path) -> Tables:
    """What a month's warehouse file would publish."""
    with connected(warehouse_file, warehouse_file.parent / "spill") as connection:
        write_candidate(connection, warehouse_file.parent / "candidate again")
    return as_candidate(warehouse_file.parent / "candidate again")


def test_copies_of_the_books_beside_each_other_each_come_to_what_one_comes_to(
    base: Base, crowd: Crowd
) -> None:
    facts = [name for name in ROW_ORDER if name.startswith("fct_") and name not in OVER_ALL_CLIENTS]

    def alone(_: str, row: Row) -> Iterable[Row]:
        # how many records of a source are unmapped is counted over all clients
        return [
            {
                name: re.sub(" Map first: .* at cost[.]", "", value) if name == "explanation" else value
                for name, value in row.items()
            }
        ]

    expected = without(changed({name: base.tables[name] for name in facts}, alone), *FINGERPRINTS)
    found: dict[str, Tables] = {mark: {name: [] for name in facts} for mark in MARKS}
    for name in facts:
        for row in changed({name: crowd.tables[name]}, alone)[name]:
            mark = next(str(row[column])[:3] for column in IDS if row.get(column))
            found[mark][name].append(row)
    for mark, copy in found.items():
        assert_same_in_any_order(expected, unmarked(copy, mark))


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_the_number_of_threads_changes_no_row_and_no_row_s_place(
    crowd: Crowd, threads: int, tmp_path: Path
) -> None:
    build = RecordedBuild.read(dbt_project().statements_path)
    copy = tmp_path / crowd.month.paths.warehouse_file.name
    shutil.copy(crowd.month.paths.warehouse_file, copy)
    with connected(copy, tmp_path / "spill") as connection:
        connection.execute(
            "drop schema marts cascade; drop schema intermediate cascade; drop schema staging cascade"
        )
        connection.execute("create schema staging; create schema intermediate; create schema marts")
        connection.execute(f"set threads = {threads}")
        # without this a table of less than 122,880 rows is one thread's work
        connection.execute("pragma verify_parallelism")
        for node in build.nodes:
            if node.unique_id.startswith("model."):
                connection.execute(node.statement)
    assert_same(crowd.candidate, staged_from(copy))


def test_little_memory_changes_no_row_and_no_row_s_place(
    crowd: Crowd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    month = replace(crowd, root=Path(shutil.copytree(crowd.root, tmp_path / "crowd"))).month
    # 150 MB hold either of the two largest models, but not both when they happen to be made at once
    monkeypatch.setenv("MBR_MEMORY_LIMIT", "200MB")
    with Transformer() as small:
        assert all(node.succeeded for node in month.transform(small))
    assert_same(crowd.candidate, staged_from(month.paths.warehouse_file))


def test_months_run_in_any_order_and_again_come_to_the_same(
    base: Base, tmp_path: Path, builder: CompiledTransformer
) -> None:
    first, second, last = WORLD.periods
    used, fresh = tmp_path / "used", tmp_path / "fresh"
    shutil.copytree(base.root, used)
    records = write(WORLD, fresh)
    after_last = {period: again(WORLD, used, builder, records, period) for period in (first, last, second)}
    before_last = {period: again(WORLD, fresh, builder, records, period) for period in (second, first)}
    assert_same(base.tables, after_last[last])
    assert_same(before_last[first], after_last[first])
    assert_same(before_last[second], after_last[second])
    assert len({repr(tables["fct_reconciliation"]) for tables in after_last.values()}) == 3


YEARS = 400
"""After so many years the calendar repeats itself, leap years and all."""


def test_the_same_books_four_hundred_years_later_have_the_same_figures(
    base: Base, tmp_path: Path, builder: CompiledTransformer
) -> None:
    actual = run(alterations.shifted(WORLD, YEARS), tmp_path, builder)

    def earlier(value: Any) -> Any:
        if isinstance(value, date):
            return alterations.later(value, -YEARS)
        return tuple(earlier(part) for part in value) if isinstance(value, tuple) else value

    def back(_: str, row: Row) -> Iterable[Row]:
        row = {
            name: [earlier(part) for part in value] if name == "evidence" else earlier(value)
            for name, value in row.items()
        }
        if "period" in row:
            row["period"] = alterations.later_period(row["period"], -YEARS)
        for name in {"explanation", "message", "warning"} & row.keys():
            # not inside an id such as PAX-2024-02-EUR, which is only text
            row[name] = row[name] and re.sub(
                r"(?<![-\w])2[34]\d\d(?=-\d\d)(?!-\d\d-[A-Z])",
                lambda year: str(int(year[0]) - YEARS),
                row[name],
            )
        return [row]

    assert_same(without(base.tables, *FINGERPRINTS), without(changed(actual, back), *FINGERPRINTS))


MONEY = (
    "expected_amount",
    "invoiced_amount",
    "volume_variance",
    "price_variance",
    "effective_cost",
    "margin_amount",
    "billed_amount",
    "cost_amount",
    "unmatched_billed",
    "unmatched_cost",
    "leakage_found",
    "leakage_approved",
    "leakage_recovered",
    "client_recoverable",
    "client_refund",
    "vendor_claim",
    "vendor_liability",
    "stranded",
    "priced_at_cost",
    "classified_variance",
    "residual",
    "amount",
    "held_amount",
)

UNITS = (
    "expected_unit_days",
    "invoiced_unit_days",
    "vendor_unit_days",
    "billed_unit_days",
    "expected_quantity",
    "invoiced_quantity",
    "agreement_quantity",
    "entitled_quantity",
    "assigned_quantity",
    "current_quantity",
    "proposed_quantity",
    "minimum_quantity",
    "quantity",
)

WHOLE = {"CHF": "BIF", "EUR": "ISK", "KZT": "KRW", "USD": "VND"}
"""Currencies with two decimals and, in the same order of code, others without: a hundredfold sum in one of
these has as many minor units as it had before, so every rounding to the minor unit falls alike: round(100 x)
there is 100 round(x) here."""


@pytest.fixture(scope="module")
def cents(builder: CompiledTransformer, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Tables]:
    """The world in currencies of two decimals, without the costs that are rounded to ten places whatever the
    currency (effective cost of §4), because those do not scale exactly."""
    exact = alterations.exactly_scalable(WORLD, "JPY")
    world = alterations.scaled(exact, 10, (*PRICES, *TOTALS), {"KWD": "KZT"})
    tables = run(world, tmp_path_factory.mktemp("cents"), builder)
    assert tables[GATE][0]["gate"] == "passed" and len(tables[GATE][0]["exceptions"]) >= 15
    assert {row["currency"] for row in tables["fct_variance_bridge"]} >= {"EUR", "KZT", "USD"}
    return world, tables


def assert_scaled(small: Tables, large: Tables, columns: Iterable[str]) -> None:
    """Hold a hundredfold outcome against the small one: these columns a hundredfold, all others the same but
    for the currency.
    """
    totals = {"expected", "actual", "difference"}

    def worded(row: Row) -> Row:
        # sentences quote the figures, which the columns hold, and ids, which other columns hold
        for name in {"explanation", "message", "scope"} & row.keys():
            row[name] = re.sub(
                r"\d+(\.\d+)?", "#", re.sub("|".join(WHOLE), lambda code: WHOLE[code[0]], row[name] or "")
            )
        return {**row, **dict.fromkeys(FINGERPRINTS)}

    def grown(_: str, row: Row) -> Iterable[Row]:
        is_money = row.get("control") in ("CONTROL_TOTAL_MISMATCH", "excluded")
        multiplied = {*columns, *(totals if is_money else ())}
        row = {
            name: value * 100 if name in multiplied and value is not None else value
            for name, value in row.items()
        }
        return [worded(row | {"currency": WHOLE[row["currency"]]} if row.get("currency") else row)]

    sides = [{name: rows for name, rows in tables.items() if name != GATE} for tables in (small, large)]
    assert_same(changed(sides[0], grown), changed(sides[1], lambda _, row: [worded(row)]))


def test_a_hundredfold_price_of_everything_is_a_hundredfold_outcome(
    cents: tuple[Workspace, Tables], tmp_path: Path, builder: CompiledTransformer
) -> None:
    actual = run(alterations.scaled(cents[0], 100, (*PRICES, *TOTALS), WHOLE), tmp_path, builder)
    assert_scaled(cents[1], actual, (*MONEY, "unit_price", "default_unit_price"))


def test_a_hundredfold_quantity_of_everything_is_a_hundredfold_outcome(
    cents: tuple[Workspace, Tables], tmp_path: Path, builder: CompiledTransformer
) -> None:
    actual = run(alterations.scaled(cents[0], 100, (*QUANTITIES, *TOTALS), WHOLE), tmp_path, builder)
    assert_scaled(cents[1], actual, (*MONEY, *UNITS))
