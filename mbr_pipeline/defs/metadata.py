"""What assets have in common: owners, metadata of money, failures, and which of an op's
assets a run materialises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from mbr_pipeline.errors import MbrError

OWNERS = ["team:data"]


def money_metadata(totals: Mapping[str, str]) -> dict[str, Any]:
    """Return metadata of money totals: text by currency, never a number that a chart would
    turn into floating point.
    """
    return {
        f"total_{currency}": dg.MetadataValue.text(_plain(amount))
        for currency, amount in sorted(totals.items())
    }


def _plain(amount: str) -> str:
    return amount.rstrip("0").rstrip(".") if "." in amount else amount


def failing(error: MbrError, allow_retries: bool = False) -> dg.Failure:
    """Return the Dagster failure of an error that already says what to do."""
    return dg.Failure(description=str(error), allow_retries=allow_retries)


def selected(context: dg.AssetExecutionContext, specs: Sequence[dg.AssetSpec]) -> list[dg.AssetSpec]:
    """Return the specs that this run materialises, in order."""
    return [spec for spec in specs if spec.key in context.selected_asset_keys]
