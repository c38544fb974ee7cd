"""Relations between months: what a change of the landed files must do to the outcome, whatever the outcome
is.

Belongs here: the relations, over one rich world with a finding of every code, written once and run once.
Answers from a second engine are ``test_worlds`` and ``test_corners``; here the pipeline is only held against
itself. The transformations are in ``metamorphic`` and ``forms``. Nothing is drawn at random: a month costs
seconds, so each relation changes every row that it may change at once.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from mbr_pipeline.audit.candidate_tables import ROW_ORDER, write_candidate
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.periods import Period
from mbr_pipeline.scaffold.world import EXCEPTION_CODES, Injection, make_workspace
from mbr_pipeline.scaffold.world.model import INVOICE_LINES, VENDOR_CHARGES, VENDOR_INVOICES, Workspace
from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.transform.dbt_client import Transformer
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.worlds import forms, metamorphic
from tests.worlds.compare import unmatched
from tests.worlds.compiled import CompiledTransformer
from tests.worlds.forms import Record, write
from tests.worlds.metamorphic import PART, PRICES, QUANTITIES, TOTALS
from tests.worlds.outcomes import (
    GATE,
    Row,
    Tables,
    again,
    changed,
    differences,
    differences_in_any_order,
    run,
    texts,
    uncounted,
    without,
)
from tests.worlds.repairs import cases, repaired

WORLD = make_workspace(4, 4, 3, [Injection(code) for code in EXCEPTION_CODES])
"""December to a leap February, four currencies of no, two and three decimals, one finding of every code in
the last month.
"""

MSP, PERIOD = WORLD.books[0].msp_id, WORLD.periods[-1]


@dataclass(frozen=True)
class Base:
    """The world as it is: where it lies, what stands on every line, and what its last month came to."""

    root: Path
    records: Mapping[str, Record]
    tables: Tables


@pytest.fixture(scope="module")
def base(transformer: Transformer, tmp_path_factory: pytest.TempPathFactory) -> Base:
    root = tmp_path_factory.mktemp("base")
    records = write(WORLD, root)
    return Base(root, records, again(WORLD, root, transformer, records, PERIOD))


@pytest.fixture(scope="module")
def builder(base: Base) -> CompiledTransformer:
    """Builds the other months: the SQL that dbt compiled for the base, in a third of dbt's time."""
    return CompiledTransformer()


def assert_same(expected: Tables, actual: Tables) -> None:
    found = differences(expected, actual)
    assert not found, "\n".join(found[:40])


def assert_same_in_any_order(expected: Tables, actual: Tables) -> None:
    found = differences_in_any_order(expected, actual)
    assert not found, "\n".join(found[:40])


def test_the_world_leaves_no_relation_without_something_to_hold(base: Base) -> None:
    folder = WorkspacePaths(base.root).month(MSP, Period.parse(PERIOD)).candidate
    assert unmatched(WORLD.answers, pq.read_table(folder / "fct_exceptions.parquet")) == []
    assert Counter(row["exception_code"] for row in base.tables["fct_exceptions"]) == Counter(EXCEPTION_CODES)
    assert base.tables[GATE][0]["gate"] == "passed"
    assert {row["verdict"] for row in base.tables["fct_client_gate"]} == {"PASS", "HOLD"}
    assert {row["currency"] for row in base.tables["fct_variance_bridge"]} == {"EUR", "JPY", "KWD", "USD"}
    bases = {row["basis"] for row in base.tables["fct_reconciliation"]}
    assert bases == {"vendor_billed", "entitled", "assigned", "agreement", "cost_plus"}
    dispositions = {(row["leg"], row["disposition"]) for row in base.tables["fct_line_dispositions"]}
    assert dispositions == {
        (leg, word) for leg in ("vendor", "invoice") for word in ("matched", "exception", "excluded")
    }
    assert all(base.tables[name] for name in ROW_ORDER)


# --- the form of the files ----------------------------------------------------------------------------------


def test_permuting_the_rows_of_every_file_changes_nothing(
    base: Base, tmp_path: Path, builder: CompiledTransformer
) -> None:
    assert_same(base.tables, run(WORLD, tmp_path, builder, [forms.rows_permuted], [forms.rows_permuted]))


def test_permuting_the_columns_of_every_file_changes_nothing(
    base: Base, tmp_path: Path, builder: CompiledTransformer
) -> None:
    assert_same(
        base.tables, run(WORLD, tmp_path, builder, [forms.columns_permuted], [forms.columns_permuted])
    )


def test_columns_the_contract_does_not_know_change_nothing_but_a_warning_each(
    base: Base, tmp_path: Path, builder: CompiledTransformer
) -> None:
    actual = run(WORLD, tmp_path, builder, [forms.unknown_columns_added])
    warnings = [row["warning"] for row in actual[GATE][1:]]
    assert base.tables[GATE][1:] == []
    # of earlier months only what carries over is read (contract §3)
    read = [
        f"{period}/{source}/{dataset}.csv"
        for period, source, dataset in WORLD.books[0].landing
        if period == PERIOD or dataset in (VENDOR_INVOICES, VENDOR_CHARGES, INVOICE_LINES)
    ]
    assert sorted(text.split(":")[0] for text in warnings) == sorted(read)
    assert all("Line_ID" in text and "amount_2" in text and "note" in text for text in warnings)
    assert_same(base.tables, {**actual, GATE: actual[GATE][:1]})


def test_splitting_every_file_in_several_changes_nothing(
    base: Base, tmp_path: Path, builder: CompiledTransformer
) -> None:
    assert_same(uncounted(base.tables), uncounted(run(WORLD, tmp_path, builder, [forms.split])))


def test_the_same_records_in_all_formats_at_once_come_to_the_same(
    base: Base, tmp_path: Path, builder: CompiledTransformer
) -> None:
    actual = run(WORLD, tmp_path, builder, [forms.formats_mixed])
    landed = Counter(
        path.name.split(".", 2)[2] for path in (tmp_path / "landing" / MSP / PERIOD).rglob("*.*")
    )
    assert set(landed) == set(forms.ENDINGS) and min(landed.values()) >= 6
    assert_same(uncounted(base.tables), uncounted(actual))


def test_a_copy_of_every_file_is_loaded_once(
    base: Base, tmp_path: Path, builder: CompiledTransformer
) -> None:
    actual = run(WORLD, tmp_path, builder, [forms.copied])
    copies = [row["warning"] for row in actual[GATE][1:]]
    assert len(copies) == sum(period == PERIOD for period, _, _ in WORLD.books[0].landing)
    assert all("loaded once" in text for text in copies)
    assert_same(base.tables, {**actual, GATE: actual[GATE][:1]})


def test_records_landed_again_in_another_file_or_a_later_month_are_the_same_records(
    base: Base, tmp_path: Path, builder: CompiledTransformer
) -> None:
    repeated = WORLD
    for source in {source for _, source, _ in WORLD.books[0].landing}:
        datasets = (VENDOR_INVOICES, VENDOR_CHARGES, INVOICE_LINES)
        repeated = metamorphic.landed_in(repeated, source, WORLD.periods[0], PERIOD, datasets)
        repeated = metamorphic.landed_in(repeated, source, WORLD.periods[1], PERIOD, datasets)
    assert_same(uncounted(base.tables), uncounted(run(repeated, tmp_path, builder, [forms.landed_again])))


# --- one line as two, and two that cancel out ---------------------------------------------------------------


def together(tables: Tables) -> Tables:
    """Split lines put together in every table that names lines."""
    rests: dict[tuple[Any, ...], Row] = {}

    def collect(name: str, row: Row) -> Iterable[Row]:
        for column in ("line_id", "invoice_line_id"):
            if name != "fct_exceptions" and str(row.get(column) or "").endswith(PART):
                rests[name, row["source"], row["invoice_id"], row[column].removesuffix(PART)] = row
                return []
        return [row]

    def add(name: str, row: Row) -> Iterable[Row]:
        rest = rests.pop(
            (
                name,
                row.get("source"),
                row.get("invoice_id"),
                row.get("line_id") or row.get("invoice_line_id"),
            ),
            None,
        )
        if rest:
            sums = {column: row[column] + rest[column] for column in ("amount", "quantity") if column in row}
            own = ("line_id", "invoice_line_id", "record_id", *sums)
            assert [value for column, value in row.items() if column not in own] == [
                rest[column] for column in row if column not in own
            ]
            row.update(sums)
        for record in list(row.get("evidence", ())):
            if (*record[:-1], f"{record[-1]}{PART}") in row["evidence"]:
                row["evidence"].remove((*record[:-1], f"{record[-1]}{PART}"))
        return [row]

    result = changed(changed(tables, collect), add)
    assert not rests
    return result


def test_a_vendor_line_split_in_two_leaves_key_findings_and_bridge_unchanged(
    base: Base, tmp_path: Path, builder: CompiledTransformer
) -> None:
    parts = metamorphic.splittable_vendor_lines(WORLD)
    assert len(parts) >= 30 and any(first["quantity"] < 0 for first, _ in parts.values())
    actual = run(metamorphic.vendor_lines_split(WORLD), tmp_path, builder)
    assert len(actual["fct_line_dispositions"]) == len(base.tables["fct_line_dispositions"]) + len(parts)
    assert_same(uncounted(base.tables), uncounted(together(actual)))


def test_an_invoice_line_split_in_two_leaves_key_findings_and_bridge_unchanged(
    base: Base, tmp_path: Path, builder: CompiledTransformer
) -> None:
    parts = metamorphic.splittable_invoice_lines(WORLD)
    assert len(parts) >= 20
    actual = run(metamorphic.invoice_lines_split(WORLD), tmp_path, builder)
    assert len(actual["fct_line_dispositions"]) == len(base.tables["fct_line_dispositions"]) + len(parts)
    assert_same(uncounted(base.tables), uncounted(together(actual)))


def test_merging_is_the_inverse_of_splitting() -> None:
    for split in (metamorphic.vendor_lines_split(WORLD), metamorphic.invoice_lines_split(WORLD)):
        assert split.books != WORLD.books
        assert metamorphic.merged(split).books == WORLD.books


def test_a_refund_and_its_recharge_show_in_the_dispositions_alone(
    base: Base, tmp_path: Path, builder: CompiledTransformer
) -> None:
    pairs = metamorphic.cancelling_pairs(WORLD)
    assert len(pairs) >= 40
    actual = run(metamorphic.pairs_added(WORLD), tmp_path, builder)
    told = {
        (row["source"], row["invoice_id"], row["line_id"]): row
        for row in base.tables["fct_line_dispositions"]
    }
    wanted = [
        {**told[line], "line_id": row["line_id"], "amount": row["amount"]}
        for line, pair in pairs.items()
        for row in pair
    ]
    added = [row for row in actual["fct_line_dispositions"] if row["line_id"].startswith("!")]
    assert_same_in_any_order({"pairs": wanted}, {"pairs": added})

    def without_pairs(_: str, row: Row) -> Iterable[Row]:
        if "evidence" in row:
            row["evidence"] = [record for record in row["evidence"] if not str(record[-1]).startswith("!")]
        return [] if str(row.get("line_id") or "").startswith("!") else [row]

    assert_same(uncounted(base.tables), changed(uncounted(actual), without_pairs))


# --- other names, other clients -----------------------------------------------------------------------------


def test_consistent_other_names_rename_the_outcome_and_change_nothing_else(
    base: Base, tmp_path: Path, builder: CompiledTransformer
) -> None:
    names = metamorphic.tokens(WORLD)
    old = {new: was for (_, was), new in names.items()}
    actual = run(metamorphic.renamed(WORLD, lambda column, was: names[column, was]), tmp_path, builder)
    ids = (
        "client_id",
        "product_code",
        "vendor_customer_id",
        "sku_id",
        "line_id",
        "invoice_line_id",
        "agreement_line_id",
        "invoice_id",
    )
    kept = {
        row[name] for rows in actual.values() for row in rows for name in ids if row.get(name) is not None
    } - old.keys()
    assert kept == set()
    restored = texts(actual, lambda text: re.sub(r"<[a-z_]+\d{4}>", lambda token: old[token[0]], text))
    assert_same_in_any_order(without(base.tables, "exception_id"), without(restored, "exception_id"))


IDS = ("client_id", "vendor_customer_id", "sku_id", "line_id", "scope")


def is_marked(row: Row, mark: str) -> bool:
    """Whether the row is about marked ids; a row names at least one."""
    return any(str(row.get(name) or "").startswith(mark) for name in IDS)


def unmarked(tables: Tables, mark: str) -> Tables:
    """The tables as if nothing were marked; a fingerprint of marked ids cannot be."""
    return without(texts(tables, lambda text: re.sub(mark, "", text)), "exception_id")


def test_further_clients_change_no_row_of_any_other_and_come_to_what_their_like_come_to(
    base: Base, tmp_path: Path, builder: CompiledTransformer
) -> None:
    # one of the regular clients, and three with findings: billed for nothing, too little, and charged twice
    codes = {"BILLED_NOT_PROVIDED", "UNDERBILLED_QUANTITY", "DUPLICATE_VENDOR_CHARGE"}
    likes = ["7", *(str(answer.client_id) for answer in WORLD.answers if answer.code in codes)]
    actual = run(metamorphic.with_twins(WORLD, likes, "twin~"), tmp_path, builder)

    def comparable(tables: Tables) -> Tables:
        # what is summed over all clients of a currency may change with every client
        return {
            name: [row for row in rows if row.get("control") != "COVERAGE_TOO_LOW"]
            for name, rows in uncounted(tables).items()
            if name != GATE
        }

    assert_same(
        comparable(base.tables),
        changed(comparable(actual), lambda _, row: [] if is_marked(row, "twin~") else [row]),
    )
    twins = changed(comparable(actual), lambda _, row: [row] if is_marked(row, "twin~") else [])
    customers = {customer for _, customer in metamorphic.customers_of(WORLD, likes)}
    lines = {
        (source, row.get("line_id") or row.get("invoice_line_id"))
        for (period, source, _), data in metamorphic.only_clients(WORLD, likes).books[0].landing.items()
        for row in data.rows
        if period == PERIOD
    }

    def of_likes(name: str, row: Row) -> Iterable[Row]:
        if name == "fct_line_dispositions":
            return [row] if (row["source"], row["line_id"]) in lines else []
        return [row] if row.get("client_id") in likes or row.get("vendor_customer_id") in customers else []

    likes_alone = changed(comparable(base.tables), of_likes)
    assert {row["exception_code"] for row in likes_alone["fct_exceptions"]} == codes
    # bills are the twins' own, so their totals are too
    totals = {"fct_control_totals": twins.pop("fct_control_totals")}
    assert totals["fct_control_totals"] and all(row["passed"] for row in totals["fct_control_totals"])
    likes_alone.pop("fct_control_totals")
    assert_same_in_any_order(without(likes_alone, "exception_id"), unmarked(twins, "twin~"))


MAPPING_HALF = (
    "UNMAPPED_CUSTOMER",
    "UNMAPPED_SKU",
    "BILLED_NOT_PROVIDED",
    "OVERBILLED_QUANTITY",
    "CURRENCY_MISMATCH",
    "COST_PLUS_UNDERBILLED",
    "AGREEMENT_ENDED",
    "INVOICE_AMOUNT_MISMATCH",
    "MARGIN_BELOW_FLOOR",
    "LATE_CHARGE",
    "VENDOR_PRICE_CHANGE",
    "VENDOR_QUANTITY_OVER",
)
"""With the unmapped lines go the two codes whose explanation counts them (contract §5.2). Half
of the findings stay while the other half go, and the other way round: a month for each cause would take a
minute."""
OTHER_HALF = tuple(code for code in EXCEPTION_CODES if code not in MAPPING_HALF)


@pytest.mark.parametrize("codes", [MAPPING_HALF, OTHER_HALF], ids=["mapping", "the others"])
def test_taking_away_the_cause_of_a_finding_takes_away_that_finding_and_nothing_else(
    base: Base, tmp_path: Path, builder: CompiledTransformer, codes: tuple[str, ...]
) -> None:
    world = repaired(WORLD, codes)
    actual = run(world, tmp_path, builder)
    mine = [*cases(WORLD, codes), *cases(world, codes)]
    lines = {line for case in mine for line in case.lines()}

    def is_repaired(name: str, row: Row) -> bool:
        if name == "fct_line_dispositions":
            return (row["leg"], row["source"], row["line_id"]) in lines
        return any(case.is_about(row) for case in mine)

    facts = [name for name in ROW_ORDER if name.startswith("fct_") and name != "fct_control_totals"]
    before, after = ({name: tables[name] for name in facts} for tables in (base.tables, actual))
    gone = changed(
        before, lambda name, row: [] if name == "fct_exceptions" and row["exception_code"] in codes else [row]
    )
    assert_same({"fct_exceptions": gone["fct_exceptions"]}, {"fct_exceptions": after["fct_exceptions"]})
    others = [
        changed(tables, lambda name, row: [] if is_repaired(name, row) else [row])
        for tables in (before, after)
    ]
    assert_same(*others)
    healed = changed(after, lambda name, row: [row] if is_repaired(name, row) else [])
    assert {row["verdict"] for row in healed["fct_reconciliation"]} == {"matched"}
    assert {
        (row["verdict"], row["open_exceptions"], row["held_amount"]) for row in healed["fct_client_gate"]
    } == {("PASS", 0, 0)}
    assert {(row["classified_variance"], row["residual"]) for row in healed["fct_variance_bridge"]} == {
        (0, 0)
    }
    assert "exception" not in {row["disposition"] for row in healed["fct_line_dispositions"]}
    assert all(row["passed"] for row in actual["fct_control_totals"])


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
    tables = run(metamorphic.copies(WORLD, MARKS), root, transformer)
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
    facts = [name for name in ROW_ORDER if name.startswith("fct_") and name != "fct_control_totals"]

    def alone(_: str, row: Row) -> Iterable[Row]:
        # how many records of a source are unmapped is counted over all clients
        return [
            {
                name: re.sub(" Map first: .* at cost[.]", "", value) if name == "explanation" else value
                for name, value in row.items()
            }
        ]

    expected = without(changed({name: base.tables[name] for name in facts}, alone), "exception_id")
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
    target = crowd.month.paths.folder / "dbt"
    models = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
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
        for model in models:
            if model["unique_id"].startswith("model."):
                kind = nodes[model["unique_id"]]["config"]["materialized"]
                connection.execute(f"create {kind} {model['relation_name']} as ({model['compiled_code']}\n)")
    assert_same(crowd.candidate, staged_from(copy))


def test_little_memory_changes_no_row_and_no_row_s_place(
    crowd: Crowd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    month = replace(crowd, root=Path(shutil.copytree(crowd.root, tmp_path / "crowd"))).month
    monkeypatch.setenv("MBR_MEMORY_LIMIT", "150MB")
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
    actual = run(metamorphic.shifted(WORLD, YEARS), tmp_path, builder)

    def earlier(value: Any) -> Any:
        if isinstance(value, date):
            return metamorphic.later(value, -YEARS)
        return tuple(earlier(part) for part in value) if isinstance(value, tuple) else value

    def back(_: str, row: Row) -> Iterable[Row]:
        row = {
            name: [earlier(part) for part in value] if name == "evidence" else earlier(value)
            for name, value in row.items()
        }
        if "period" in row:
            row["period"] = metamorphic.later_period(row["period"], -YEARS)
        if "explanation" in row:
            # not inside an id such as PAX-2024-02-EUR, which is only text
            row["explanation"] = re.sub(
                r"(?<![-\w])2[34]\d\d(?=-\d\d)(?!-\d\d-[A-Z])",
                lambda year: str(int(year[0]) - YEARS),
                row["explanation"],
            )
        return [row]

    assert_same(without(base.tables, "exception_id"), without(changed(actual, back), "exception_id"))


# --- other magnitudes ---------------------------------------------------------------------------------------

MONEY = (
    "expected_amount",
    "invoiced_amount",
    "volume_variance",
    "price_variance",
    "effective_cost",
    "margin_amount",
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
    exact = metamorphic.exactly_scalable(WORLD, "JPY")
    world = metamorphic.scaled(exact, 10, (*PRICES, *TOTALS), {"KWD": "KZT"})
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
        return {**row, "exception_id": None}

    def grown(_: str, row: Row) -> Iterable[Row]:
        multiplied = {*columns, *(totals if row.get("control") == "CONTROL_TOTAL_MISMATCH" else ())}
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
    actual = run(metamorphic.scaled(cents[0], 100, (*PRICES, *TOTALS), WHOLE), tmp_path, builder)
    assert_scaled(cents[1], actual, (*MONEY, "unit_price", "default_unit_price"))


def test_a_hundredfold_quantity_of_everything_is_a_hundredfold_outcome(
    cents: tuple[Workspace, Tables], tmp_path: Path, builder: CompiledTransformer
) -> None:
    actual = run(metamorphic.scaled(cents[0], 100, (*QUANTITIES, *TOTALS), WHOLE), tmp_path, builder)
    assert_scaled(cents[1], actual, (*MONEY, *UNITS))
