"""Holds what the pipeline made of a month against the second engine and against a world's answer key, row by
row.

Belongs here: running one month through the pipeline's steps, and saying in one line each where the candidate
tables and gate.json differ from what must be there. What the right answer is belongs to
``mbr_pipeline.recompute``, whose ``verify`` compares tables, and to ``mbr_pipeline.scaffold.world``; which
months are run, to the tests beside this.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.recompute.month import RecomputedMonth, recompute_month
from mbr_pipeline.recompute.verify import TABLES, differing_rows
from mbr_pipeline.scaffold.answer_key import (  # noqa: F401
    Comparison,
    Matched,
    compare_month,
    differences,
    has_impact,
    match,
)
from mbr_pipeline.scaffold.world import Answer, World
from mbr_pipeline.transform.dbt_client import Transformer
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.worlds import plain_suites
from tests.worlds.compiled import CompiledTransformer

Row = dict[str, Any]
Builder = Transformer | CompiledTransformer
"""What makes a month's tables: dbt, or the SQL it compiled."""


def run_month(workspace: Path, msp_id: str, period: str, transformer: Builder) -> tuple[Path, Row]:
    """Take a month through load, transform and audit.

    Returns:
        The folder of candidate tables and the content of gate.json.

    Raises:
        AssertionError: A dbt model failed or a dbt test did not pass.
    """
    month = MonthlyClose.of(WorkspacePaths(workspace), msp_id, period)
    month.load()
    failed = [node for node in month.transform(transformer) if not node.succeeded]
    assert not failed, [(node.unique_id, node.message) for node in failed]
    # the shortcut past dbt is one past Great Expectations too
    return month.paths.candidate, (
        month.audit() if isinstance(transformer, Transformer) else month.audit(plain_suites.run)
    )


def compare(workspace: Path, msp_id: str, period: str, staged_folder: Path, gate_document: Row) -> list[str]:
    """List every difference between a candidate month and the second engine's answer, one line each; none if
    they agree.
    """
    entries = [entry.fields() for entry in chain(WorkspacePaths(workspace), msp_id)]
    expected = recompute_month(workspace, msp_id, period, chain=entries)
    differences: list[str] = []
    for name, table in TABLES.items():
        mine = pq.read_table(staged_folder / f"{name}.parquet").to_pylist()
        differences += map(str, differing_rows(name, table, getattr(expected, table.rows_of), mine))
    return [*differences, *_gate_differences(msp_id, expected, gate_document)]


def _gate_differences(msp_id: str, expected: RecomputedMonth, document: Row) -> list[str]:
    holds = Counter({row["client_id"]: row["verdict"] for row in expected.client_gate}.values())
    pairs: dict[str, tuple[Any, Any]] = {
        "gate": ("blocked" if expected.reasons else "passed", document["gate"]),
        "reasons": (expected.reasons, document["reasons"]),
        "residual": (0, Decimal(document["residual"])),
        "exceptions": (
            dict(Counter(row["exception_code"] for row in expected.exceptions)),
            document["exceptions"],
        ),
        "clients": (
            {"pass": holds["PASS"], "pass_with_waiver": holds["PASS_WITH_WAIVER"], "hold": holds["HOLD"]},
            document["clients"],
        ),
        "coverage": (
            {currency: tuple(sums) for currency, sums in expected.coverage.items()},
            {
                row["currency"]: (Fraction(row["mapped"]), Fraction(row["total"]))
                for row in document["coverage"]
            },
        ),
    }
    differences = [f"gate.json {name} {b}, expected {a}" for name, (a, b) in pairs.items() if a != b]
    wanted, found = _rejects(expected.rejects, f"landing/{msp_id}/"), _rejects(document["rejected_rows"], "")
    differences += [f"rejected: {where} missing" for where in (wanted - found).elements()]
    return differences + [f"rejected: {where} not expected" for where in (found - wanted).elements()]


def _rejects(rows: Iterable[Row], prefix: str) -> Counter[tuple[str, int, str]]:
    return Counter((row["file"].removeprefix(prefix), row["line"], row["column"] or "") for row in rows)


def score(world: World, msp_id: str, period: str, staged_folder: Path, gate_document: Row) -> Comparison:
    """Hold a candidate month against the world's answer key, as ``mbr world --check`` does."""
    exceptions = pq.read_table(staged_folder / "fct_exceptions.parquet")
    reasons = world.blocked.get((msp_id, period), set())
    return compare_month(answers_of(world, msp_id, period), reasons, exceptions, gate_document["reasons"])


def compare_with_answers(
    world: World, msp_id: str, period: str, staged_folder: Path, gate_document: Row
) -> list[str]:
    """List every difference between a candidate month and the world's answer key.

    A finding that the key names must be there with its impact, one that it does not name must not, also
    beside a fault that blocks.
    """
    return score(world, msp_id, period, staged_folder, gate_document).differences


def answers_of(world: World, msp_id: str, period: str) -> list[Answer]:
    """The answers that one month must give."""
    return [answer for answer in world.answers if (answer.msp_id, answer.period) == (msp_id, period)]


def unmatched(answers: Iterable[Answer], exceptions: pa.Table) -> list[str]:
    """List answers without their finding or with another impact, and findings that no answer names."""
    return differences(match(answers, exceptions))
