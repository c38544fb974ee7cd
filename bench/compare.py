"""Compares what ``mbr run`` published with what the hand-written script found.

What belongs here: which figures must be equal, and how a difference reads. Both sides are Parquet;
sums are exact decimals.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

IMPACTS = ("client_recoverable", "client_refund", "vendor_claim", "vendor_liability", "stranded")

BASELINE_CODES = (
    "AGREEMENT_ENDED",
    "AGREEMENT_NOT_INVOICED",
    "BILLED_NOT_PROVIDED",
    "DUPLICATE_VENDOR_CHARGE",
    "INVOICE_AMOUNT_MISMATCH",
    "INVOICE_PRICE_MISMATCH",
    "LATE_CHARGE",
    "MARGIN_BELOW_FLOOR",
    "MID_PERIOD_CHANGE_NOT_PRORATED",
    "OVERBILLED_QUANTITY",
    "ROUNDING",
    "SOLD_BELOW_COST",
    "UNBILLED_PRODUCT",
    "UNDERBILLED_QUANTITY",
    "UNUSED_LICENSES",
    "VENDOR_AMOUNT_MISMATCH",
    "VENDOR_PRICE_CHANGE",
    "VENDOR_QUANTITY_OVER",
    "VENDOR_QUANTITY_UNDER",
)
"""The exception codes the hand-written script computes. Others that ``mbr`` finds are reported as a
difference too: the generated world holds none.
"""

_SUMS = ", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in IMPACTS)
_COMPARISONS = (
    (
        "exceptions",
        "fct_exceptions",
        "exceptions",
        ("exception_code",),
        ("count", *IMPACTS),
        f"SELECT exception_code, count(*), {_SUMS} FROM read_parquet(?) GROUP BY ALL",
    ),
    (
        "line dispositions",
        "fct_line_dispositions",
        "dispositions",
        ("leg", "disposition"),
        ("count", "amount"),
        "SELECT leg, disposition, count(*), sum(amount) FROM read_parquet(?) GROUP BY ALL",
    ),
    (
        "keys",
        "fct_reconciliation",
        "reconciliation",
        ("basis",),
        ("count", "expected_amount", "invoiced_amount", "effective_cost"),
        """SELECT basis, count(*), sum(expected_amount), sum(invoiced_amount),
           coalesce(sum(effective_cost), 0)
           FROM read_parquet(?) GROUP BY ALL""",
    ),
)


def differences(published: Path, baseline: Path) -> list[str]:
    """List where the two results disagree, one sentence each.

    Compared are the number and the five impact sums of every exception code, the number and amount of lines
    by leg and disposition, and the number and amounts of keys by basis.

    Args:
        published: ``published/<msp_id>/<period>`` of the workspace.
        baseline: The folder that ``bench.baseline`` wrote.

    Returns:
        Nothing if both agree.

    Raises:
        duckdb.Error: A table is absent or lacks a column that contract §6 names.
    """
    found: list[str] = []
    for title, ours, theirs, by, names, query in _COMPARISONS:
        mbr = _figures(query, published / f"{ours}.parquet", len(by))
        hand = _figures(query, baseline / f"{theirs}.parquet", len(by))
        for group in sorted(mbr.keys() | hand.keys()):
            label = f"{title}, {' '.join(group)}"
            found += _compare(label, names, mbr.get(group), hand.get(group))
    return found


def _figures(query: str, path: Path, width: int) -> dict[tuple[str, ...], tuple[object, ...]]:
    with duckdb.connect() as connection:
        rows = connection.execute(query, [str(path)]).fetchall()
    return {tuple(str(value) for value in row[:width]): row[width:] for row in rows}


def _compare(
    label: str, names: tuple[str, ...], mbr: tuple[object, ...] | None, hand: tuple[object, ...] | None
) -> list[str]:
    if mbr is None:
        return [f"{label}: only the hand-written script has it ({_say(names, hand)})"]
    if hand is None:
        return [f"{label}: only mbr has it ({_say(names, mbr)})"]
    return [
        f"{label}: {name} is {one} from mbr, {other} from the hand-written script"
        for name, one, other in zip(names, mbr, hand, strict=True)
        if one != other
    ]


def _say(names: tuple[str, ...], values: tuple[object, ...] | None) -> str:
    return ", ".join(f"{name} {value}" for name, value in zip(names, values or (), strict=True))
