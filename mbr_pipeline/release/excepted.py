"""What was left out when a month was closed: clients with what they are not billed (contract §9).

What belongs here: reading it from the newest closed version. What does not: naming clients when a month is
closed, and telling of them (``mbr_pipeline.alerts``).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal

from mbr_pipeline.decide.closed import Closing
from mbr_pipeline.errors import GateClosed
from mbr_pipeline.release.version import version_folder
from mbr_pipeline.storage.parquet import rows_of
from mbr_pipeline.workspace.paths import MonthPaths


def excepted(month: MonthPaths, closing: Closing) -> Mapping[str, Mapping[str, Decimal]]:
    """Return the clients that the newest closed version left out, each with the sum of its invoice lines by
    currency; they stay so until a later version is closed with them.

    A version whose table cannot be read gives the clients without amounts.
    """
    if not closing.versions:
        return {}
    found: dict[str, dict[str, Decimal]] = {
        name: {} for name in closing.versions[-1].body.get("except") or ()
    }
    file = version_folder(month, closing.version) / "fct_client_gate.parquet"
    if not found:
        return {}
    with suppress(GateClosed):
        for row in rows_of(file, columns=["client_id", "currency", "held_amount"]):
            if row["client_id"] in found and row["held_amount"]:
                found[row["client_id"]][row["currency"] or ""] = row["held_amount"]
    return found
