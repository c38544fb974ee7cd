"""Relations between months: what a change of the landed files must do to the outcome, whatever the outcome
is.

Belongs here: the relations, over one rich world with a finding of every code, written once and run once.
Answers from a second engine are ``test_worlds`` and ``test_corners``; here the pipeline is only held
against itself. The transformations are in ``metamorphic`` and ``forms``. Nothing is drawn at random: a
month costs seconds, so each relation changes every row that it may change at once.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq

from mbr_pipeline.audit.candidate_tables import ROW_ORDER
from mbr_pipeline.periods import Period
from mbr_pipeline.scaffold.world import EXCEPTION_CODES
from mbr_pipeline.scaffold.world.model import INVOICE_LINES, VENDOR_CHARGES, VENDOR_INVOICES
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.worlds import forms
from tests.worlds.compare import unmatched
from tests.worlds.compiled import CompiledTransformer
from tests.worlds.outcomes import (
    GATE,
    run,
    uncounted,
)
from tests.worlds.relations import alterations
from tests.worlds.relations.rich import MSP, PERIOD, WORLD, Base, assert_same


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
    # nothing is decided here: tests.worlds.test_decided does that
    assert [name for name in ROW_ORDER if not base.tables[name]] == ["fct_decisions"]


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
    warnings = [row["warning"] for row in actual[GATE][1:] if row not in base.tables[GATE]]
    # of earlier months only what carries over is read (contract §3)
    read = [
        f"{period}/{source}/{dataset}.csv"
        for period, source, dataset in WORLD.books[0].landing
        if period == PERIOD or dataset in (VENDOR_INVOICES, VENDOR_CHARGES, INVOICE_LINES)
    ]
    assert sorted(text.split(":")[0] for text in warnings) == sorted(read)
    assert all("Line_ID" in text and "amount_2" in text and "remark" in text for text in warnings)
    assert_same(base.tables, {**actual, GATE: [row for row in actual[GATE] if row in base.tables[GATE]]})


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
    copies = [row["warning"] for row in actual[GATE][1:] if row not in base.tables[GATE]]
    assert len(copies) == sum(period == PERIOD for period, _, _ in WORLD.books[0].landing)
    assert all("loaded once" in text for text in copies)
    assert_same(base.tables, {**actual, GATE: [row for row in actual[GATE] if row in base.tables[GATE]]})


def test_records_landed_again_in_another_file_or_a_later_month_are_the_same_records(
    base: Base, tmp_path: Path, builder: CompiledTransformer
) -> None:
    repeated = WORLD
    for source in {source for _, source, _ in WORLD.books[0].landing}:
        datasets = (VENDOR_INVOICES, VENDOR_CHARGES, INVOICE_LINES)
        repeated = alterations.landed_in(repeated, source, WORLD.periods[0], PERIOD, datasets)
        repeated = alterations.landed_in(repeated, source, WORLD.periods[1], PERIOD, datasets)
    assert_same(uncounted(base.tables), uncounted(run(repeated, tmp_path, builder, [forms.landed_again])))
