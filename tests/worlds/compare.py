"""Holds what the pipeline made of a month against the oracle and against a world's answer key, row by row.

Belongs here: running one month through the pipeline's steps, and saying in one line each where the candidate
tables and gate.json differ from what must be there. What the right answer is belongs to ``oracle`` and
``mbr_pipeline.scaffold.world``; which months are run, to the tests beside this.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mbr_pipeline.monthly_close import MonthlyClose
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
from tests.worlds.oracle import OracleResult, reconcile

Row = dict[str, Any]
Builder = Transformer | CompiledTransformer
"""What makes a month's tables: dbt, or the SQL it compiled."""


@dataclass(frozen=True)
class Compared:
    """One published table: the oracle's list of its rows, what identifies a row, and the further columns both
    sides have.
    """

    rows_of: str
    key: tuple[str, ...]
    values: tuple[str, ...]


TABLES: dict[str, Compared] = {
    "fct_reconciliation": Compared(
        "reconciliation",
        ("msp_id", "period", "client_id", "product_code", "currency"),
        (
            "basis",
            "verdict",
            "expected_unit_days",
            "invoiced_unit_days",
            "vendor_unit_days",
            "expected_quantity",
            "invoiced_quantity",
            "agreement_quantity",
            "entitled_quantity",
            "assigned_quantity",
            "expected_amount",
            "invoiced_amount",
            "volume_variance",
            "price_variance",
            "effective_cost",
            "margin_amount",
            "valued_at",
        ),
    ),
    "fct_exceptions": Compared(
        "exceptions",
        (
            "msp_id",
            "period",
            "exception_code",
            "client_id",
            "product_code",
            "source",
            "vendor_customer_id",
            "sku_id",
            "line_id",
            "currency",
        ),
        (
            "client_recoverable",
            "client_refund",
            "vendor_claim",
            "vendor_liability",
            "stranded",
            "priced_at_cost",
            "severity",
            "blocking",
            "status",
        ),
    ),
    "fct_variance_bridge": Compared(
        "variance_bridge",
        ("msp_id", "period", "client_id", "currency"),
        ("expected_amount", "invoiced_amount", "classified_variance", "residual"),
    ),
    "fct_line_dispositions": Compared(
        "line_dispositions",
        ("msp_id", "period", "leg", "source", "invoice_id", "line_id"),
        ("amount", "currency", "disposition", "reason"),
    ),
    "fct_client_gate": Compared(
        "client_gate",
        ("msp_id", "period", "client_id", "currency"),
        ("verdict", "open_exceptions", "held_amount"),
    ),
    "fct_invoice_lines_ready": Compared(
        "invoice_lines_ready",
        ("msp_id", "period", "invoice_line_id"),
        (
            "client_id",
            "product_code",
            "quantity",
            "unit_price",
            "amount",
            "currency",
            "service_period_start",
            "service_period_end",
            "change",
            "exception_id",
        ),
    ),
    "fct_psa_changes": Compared(
        "psa_changes",
        ("msp_id", "period", "client_id", "product_code"),
        ("agreement_line_id", "current_quantity", "proposed_quantity", "effective_date"),
    ),
}
"""The tables of contract §6 that the oracle makes as well. ``fct_psa_changes.reason`` is prose and is
not compared.
"""


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
    """List every difference between a candidate month and the oracle's answer, one line each; none if they
    agree.
    """
    expected = reconcile(workspace, msp_id, period)
    differences: list[str] = []
    for name, table in TABLES.items():
        mine = pq.read_table(staged_folder / f"{name}.parquet").to_pylist()
        differences += differing_rows(name, table, getattr(expected, table.rows_of), mine)
    return [*differences, *_gate_differences(msp_id, expected, gate_document)]


def differing_rows(name: str, table: Compared, expected: Iterable[Row], actual: Iterable[Row]) -> list[str]:
    """List rows that only one side has and columns in which rows of one key differ. Numbers are compared by
    value.
    """
    sides = [_by_key(table, expected), _by_key(table, actual)]
    differences = []
    for key in sorted(sides[0].keys() | sides[1].keys(), key=repr):
        wanted, found = (side.get(key, Counter()) for side in sides)
        about = f"{name} {_told(table.key[2:], key[2:])}"
        missing, surplus = (
            sorted((wanted - found).elements(), key=repr),
            sorted((found - wanted).elements(), key=repr),
        )
        for one, other in zip(missing, surplus, strict=False):
            unlike = [i for i, pair in enumerate(zip(one, other, strict=True)) if pair[0] != pair[1]]
            parts = (f"{table.values[i]} {_text(other[i])}, expected {_text(one[i])}" for i in unlike)
            differences.append(f"{about}: {'; '.join(parts)}")
        differences += [
            f"{about}: missing, expected {_told(table.values, row)}" for row in missing[len(surplus) :]
        ]
        differences += [
            f"{about}: not expected, has {_told(table.values, row)}" for row in surplus[len(missing) :]
        ]
    return differences


def _by_key(table: Compared, rows: Iterable[Row]) -> dict[tuple[Any, ...], Counter[tuple[Any, ...]]]:
    grouped: dict[tuple[Any, ...], Counter[tuple[Any, ...]]] = defaultdict(Counter)
    for row in rows:
        key, values = (
            tuple(_exact(row[column]) for column in columns) for columns in (table.key, table.values)
        )
        grouped[key][values] += 1
    return grouped


def _exact(value: Any) -> Any:
    assert not isinstance(value, float), f"{value} is a binary fraction"
    return Fraction(value) if isinstance(value, Decimal | int) and not isinstance(value, bool) else value


def _text(value: Any) -> str:
    if isinstance(value, Fraction):
        return (
            str(value.numerator)
            if value.denominator == 1
            else f"{value.numerator / Decimal(value.denominator):.6f}"
        )
    return repr(value) if isinstance(value, str) else str(value)


def _told(columns: Iterable[str], values: Iterable[Any]) -> str:
    return " ".join(
        f"{column}={_text(value)}" for column, value in zip(columns, values, strict=True) if value is not None
    )


def _gate_differences(msp_id: str, expected: OracleResult, document: Row) -> list[str]:
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
            {"pass": holds["PASS"], "pass_with_waiver": 0, "hold": holds["HOLD"]},
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
