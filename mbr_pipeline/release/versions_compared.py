"""Which versions of a month can be compared, and comparing two (contract §9).

What belongs here: choosing. What does not: what a difference is (``mbr_pipeline.publish.restatement``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.counted import plural
from mbr_pipeline.decide.closed import Closing
from mbr_pipeline.decide.in_force import closing
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.publish.restatement import restated
from mbr_pipeline.release.version import closed_version, publication_hash
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.workspace import Workspace


def compared(
    workspace: Workspace, msp_id: str, period: str, before: int | None = None, after: int | None = None
) -> tuple[tuple[int, int], list[dict[str, Any]]]:
    """Return two versions' numbers, by default the newest two, and the rows of ``fct_restatement`` for them.

    The publication of a month that was opened again counts as its next version before it is closed.

    Raises:
        ConfigError: There are no such two versions.
        GateClosed: A closed version's folder is not what was closed.
    """
    month = workspace.month(msp_id, period)
    found = closing(month)
    is_begun = found.state == "open" and _is_newer(month, found)
    newest = found.version + is_begun
    last = newest if after is None else after
    first = last - 1 if before is None else before
    name = f"{msp_id} {month.period.text}"
    if newest < 2:
        has = "it has one version, the next is there once it was opened again and run"
        raise ConfigError(
            f"{name} has no two versions to compare: {has if newest else 'it was never closed'}"
        )
    if not 1 <= first < last <= newest:
        raise ConfigError(
            f"{name} has no versions {first} and {last} to compare: its newest version is {newest}"
        )

    def folder(number: int) -> Path:
        if number > found.version:
            return month.published
        return closed_version(workspace, msp_id, month.period.text, number).folder

    return (first, last), restated(month, (first, folder(first)), (last, folder(last)))


def in_words(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return how many rows changed between two versions, and the money of what may be invoiced."""
    if not rows:
        return "nothing changed"
    keys = {(row["table_name"], row["row_key"]) for row in rows}
    money: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if (row["table_name"], row["column_name"]) == ("fct_invoice_lines_ready", "amount"):
            money[row["currency"]] += row["amount_change"]
    told = ", ".join(f"{amount:+f} {currency}" for currency, amount in sorted(money.items()))
    return f"{plural(len(keys), 'row')} changed" + (f"; ready to invoice: {told}" if told else "")


def _is_newer(month: MonthPaths, found: Closing) -> bool:
    """Whether a month that was opened again was published since: until then its closed version is."""
    if not found.versions:
        return False
    hashes = {path.stem: sha256_of(path) for path in month.published.glob("*.parquet")}
    return bool(hashes) and publication_hash(hashes) != found.versions[-1].body["publication"]
