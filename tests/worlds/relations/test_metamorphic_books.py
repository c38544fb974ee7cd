"""Relations between months whose books differ: lines split and merged, other names, further clients,
causes taken away.

Belongs here: as in ``test_metamorphic``, changes of records. Does not: other files of the same records
(``test_metamorphic``), other runs (``test_metamorphic_runs``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from mbr_pipeline.audit.candidate_tables import ROW_ORDER
from mbr_pipeline.scaffold.world import EXCEPTION_CODES
from tests.worlds.compiled import CompiledTransformer
from tests.worlds.outcomes import (
    GATE,
    Row,
    Tables,
    changed,
    run,
    texts,
    uncounted,
    without,
)
from tests.worlds.relations import alterations, metamorphic
from tests.worlds.relations.metamorphic import PART
from tests.worlds.relations.repairs import cases, repaired
from tests.worlds.relations.rich import (
    FINGERPRINTS,
    IDS,
    OVER_ALL_CLIENTS,
    PERIOD,
    WORLD,
    Base,
    assert_same,
    assert_same_in_any_order,
    unmarked,
)

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
    names = alterations.tokens(WORLD)
    old = {new: was for (_, was), new in names.items()}
    actual = run(alterations.renamed(WORLD, lambda column, was: names[column, was]), tmp_path, builder)
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
    assert_same_in_any_order(without(base.tables, *FINGERPRINTS), without(restored, *FINGERPRINTS))


def is_marked(row: Row, mark: str) -> bool:
    """Whether the row is about marked ids; a row names at least one."""
    return any(str(row.get(name) or "").startswith(mark) for name in IDS)


def test_further_clients_change_no_row_of_any_other_and_come_to_what_their_like_come_to(
    base: Base, tmp_path: Path, builder: CompiledTransformer
) -> None:
    # one of the regular clients, and three with findings: billed for nothing, too little, and charged twice
    codes = {"BILLED_NOT_PROVIDED", "UNDERBILLED_QUANTITY", "DUPLICATE_VENDOR_CHARGE"}
    likes = ["7", *(str(answer.client_id) for answer in WORLD.answers if answer.code in codes)]
    actual = run(alterations.with_twins(WORLD, likes, "twin~"), tmp_path, builder)

    def comparable(tables: Tables) -> Tables:
        # what is summed over all clients of a currency may change with every client
        return {
            name: [row for row in rows if row.get("control") != "COVERAGE_TOO_LOW"]
            for name, rows in uncounted(tables).items()
            if name not in (GATE, "fct_close_metrics")
        }

    assert_same(
        comparable(base.tables),
        changed(comparable(actual), lambda _, row: [] if is_marked(row, "twin~") else [row]),
    )
    twins = changed(comparable(actual), lambda _, row: [row] if is_marked(row, "twin~") else [])
    customers = {customer for _, customer in alterations.customers_of(WORLD, likes)}
    lines = {
        (source, row.get("line_id") or row.get("invoice_line_id"))
        for (period, source, _), data in alterations.only_clients(WORLD, likes).books[0].landing.items()
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
    assert_same_in_any_order(without(likes_alone, *FINGERPRINTS), unmarked(twins, "twin~"))


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

    facts = [name for name in ROW_ORDER if name.startswith("fct_") and name not in OVER_ALL_CLIENTS]
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
