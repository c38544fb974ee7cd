"""A row of a FOCUS file, and mapping it.

Belongs here: what the tests share. Does not: expectations.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

from connectors.files.records import RecordFile
from connectors.focus.reader import focus_records
from connectors.focus.rows import FOCUS_COLUMNS, FocusRow

OWN = Path(__file__).parents[1] / "fixtures" / "focus_1_0.csv"


BLANK = FocusRow(**dict.fromkeys(FOCUS_COLUMNS))

SEATS = BLANK._replace(
    BilledCost="62.50",
    BillingAccountId="payer-9",
    BillingCurrency="EUR",
    BillingPeriodStart="2026-03-01",
    ChargeCategory="Purchase",
    ChargeFrequency="Recurring",
    ChargePeriodStart="2026-03-01",
    ChargePeriodEnd="2026-04-01",
    PricingQuantity="5",
    SkuId="SEAT",
    SubAccountId="acc-1",
)


Row = dict[str, str]


Focus = Callable[..., Path]


def read_focus(path: Path) -> tuple[list[dict[str, Any]], RecordFile]:
    opened = focus_records(path)
    return [record for batch in opened.batches() for record in batch.to_pylist()], opened


def own_rows() -> list[Row]:
    with OWN.open(newline="") as stream:
        return list(csv.DictReader(stream))
