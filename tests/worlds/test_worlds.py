"""Generated worlds through the pipeline, held against the second engine and against the answer key.

Belongs here: a fixed choice of worlds in which every exception and control code is injected, clean ones
beside them. Random worlds by the hundred are ``campaign``, hand-made ones ``test_corners``; how two answers
are compared is ``compare``.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mbr_pipeline.scaffold.world import INJECTABLE, Injection, World, make_world
from mbr_pipeline.transform.dbt_client import Transformer
from tests.worlds.compare import compare, compare_with_answers, run_month, unmatched


def of(size: str, *codes: str) -> list[Injection]:
    """One injection per code, all of one size."""
    return [Injection(code, size) for code in codes]  # type: ignore[arg-type]


FINDINGS: dict[int, list[Injection]] = {
    101: of(
        "typical",
        "UNDERBILLED_QUANTITY",
        "OVERBILLED_QUANTITY",
        "MID_PERIOD_CHANGE_NOT_PRORATED",
        "BILLED_NOT_PROVIDED",
        "DUPLICATE_VENDOR_CHARGE",
    ),
    102: of(
        "minor",
        "AGREEMENT_NOT_INVOICED",
        "AGREEMENT_ENDED",
        "UNBILLED_PRODUCT",
        "LATE_CHARGE",
        "UNUSED_LICENSES",
    ),
    103: of(
        "gross",
        "INVOICE_PRICE_MISMATCH",
        "INVOICE_AMOUNT_MISMATCH",
        "ROUNDING",
        "VENDOR_AMOUNT_MISMATCH",
        "VENDOR_PRICE_CHANGE",
    ),
    104: of(
        "typical", "COST_PLUS_UNDERBILLED", "COST_PLUS_OVERBILLED", "CURRENCY_MISMATCH", "USAGE_NOT_METERED"
    ),
    105: of(
        "minor", "SOLD_BELOW_COST", "MARGIN_BELOW_FLOOR", "VENDOR_QUANTITY_OVER", "VENDOR_QUANTITY_UNDER"
    ),
    106: of(
        "gross",
        "UNMAPPED_CUSTOMER",
        "UNMAPPED_SKU",
        "UNMAPPED_PRODUCT",
        "BILLED_NOT_PROVIDED",
        "LATE_CHARGE",
        "CURRENCY_MISMATCH",
    ),
    107: of(
        "minor",
        "MID_PERIOD_CHANGE_NOT_PRORATED",
        "INVOICE_AMOUNT_MISMATCH",
        "ROUNDING",
        "DUPLICATE_VENDOR_CHARGE",
        "COVERAGE_TOO_LOW",
    ),
}
"""Injections by seed, several to a world; no two of a world touch one key."""

FAULTS: dict[int, list[Injection]] = {
    201: of("minor", "SOURCE_MISSING"),
    202: of("typical", "SOURCE_EMPTY"),
    203: of("gross", "SCHEMA_DRIFT"),
    204: of("gross", "ROW_REJECTED"),
    205: of("minor", "REFERENCE_MISSING"),
    206: of("typical", "CONTROL_TOTAL_MISMATCH"),
    207: of("typical", "SOURCE_STALE"),
    208: of("minor", "DOUBLE_LANDING"),
    # of the second kind: numbers that are too large together with a rule
    211: of("gross", "ROW_REJECTED"),
    213: of("minor", "ROW_REJECTED"),
    215: of("typical", "ROW_REJECTED"),
}
"""Control faults by seed, one to a world, because each leaves keys unreconciled."""


def test_every_code_is_injected_somewhere() -> None:
    worlds = [*FINDINGS.values(), *FAULTS.values()]
    assert {injection.code for world in worlds for injection in world} == set(INJECTABLE)


def check(world: World, msp_id: str, period: str, transformer: Transformer) -> Path:
    """Run a month; fail on any difference from the engine or answer key, any residual, any floating-point
    column.
    """
    folder, document = run_month(world.directory, msp_id, period, transformer)
    differences = compare(world.directory, msp_id, period, folder, document)
    differences += compare_with_answers(world, msp_id, period, folder, document)
    assert not differences, "\n".join(differences)
    bridge = pq.read_table(folder / "fct_variance_bridge.parquet").to_pylist()
    assert bridge and {row["residual"] for row in bridge} == {Decimal("0.0000")}
    for path in sorted(folder.glob("*.parquet")):
        floating = [field.name for field in pq.read_schema(path) if pa.types.is_floating(field.type)]
        assert not floating, f"{path.stem} holds money or quantities in binary fractions: {floating}"
    return folder


@pytest.mark.parametrize(
    ("seed", "inject"), FINDINGS.items(), ids=lambda value: value if isinstance(value, int) else ""
)
def test_injected_findings_and_no_others_are_found(
    tmp_path: Path, transformer: Transformer, seed: int, inject: list[Injection]
) -> None:
    world = make_world(tmp_path, seed, 4, 2, inject)
    check(world, world.msp_ids[0], world.periods[-1], transformer)


@pytest.mark.parametrize(
    ("seed", "inject"), FAULTS.items(), ids=lambda value: value if isinstance(value, int) else ""
)
def test_a_fault_of_the_landing_blocks_with_its_own_code(
    tmp_path: Path, transformer: Transformer, seed: int, inject: list[Injection]
) -> None:
    world = make_world(tmp_path, seed, 3, 2, inject)
    check(world, world.msp_ids[0], world.periods[-1], transformer)


def test_clean_months_of_two_msps_pass_side_by_side_in_any_order(
    tmp_path: Path, transformer: Transformer
) -> None:
    world = make_world(tmp_path, 301, 5, 3, msps=2)
    later, earlier = world.periods[-1], world.periods[0]
    for msp_id, period in ((world.msp_ids[0], later), (world.msp_ids[1], later), (world.msp_ids[0], earlier)):
        folder = check(world, msp_id, period, transformer)
        gate = pq.read_table(folder / "fct_client_gate.parquet").to_pylist()
        assert (
            gate
            and {row["verdict"] for row in gate} == {"PASS"}
            and {row["msp_id"] for row in gate} == {msp_id}
        )


def test_an_answer_without_its_finding_and_a_finding_without_an_answer_are_both_told(
    tmp_path: Path, transformer: Transformer
) -> None:
    world = make_world(tmp_path, 401, 2, 1, of("typical", "UNDERBILLED_QUANTITY"))
    folder, _ = run_month(world.directory, world.msp_ids[0], world.periods[-1], transformer)
    exceptions = pq.read_table(folder / "fct_exceptions.parquet")
    assert unmatched(world.answers, exceptions) == []
    assert [text.split(":")[0] for text in unmatched(world.answers, exceptions.slice(0, 0))] == ["not found"]
    assert [text.split(":")[0] for text in unmatched([], exceptions)] == ["false alarm"]
    (answer,) = world.answers
    assert answer.impact is not None
    dearer = [replace(answer, impact=answer.impact + 1)]
    assert [text.split(" ")[0] for text in unmatched(dearer, exceptions)] == ["impact"]
