"""Which months a file's rows are of, before it is landed.

What belongs here: counting the days of one file. What does not: which month it is landed for (``plan``,
``next_month``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from connectors.datasets import DATASETS
from mbr_pipeline.setup.reading import records_of

_DATED = ("invoice_lines", "vendor_charges", "license_counts")
_LOOKED_AT = 5_000
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def months_shown(
    path: Path, name: str, connector: str, dataset_name: str, settings: Mapping[str, Any]
) -> Counter[str]:
    """Count in which months a file's first rows lie, by the day that each begins on or is counted on; nothing
    where the file has no days, or they follow the landing folder.
    """
    if dataset_name not in _DATED:
        return Counter()
    dataset = DATASETS[dataset_name]
    column = dataset.interval[0] if dataset.interval else "as_of_date"
    days = (day for (day,) in records_of(path, name, connector, dataset_name, settings, column))
    return Counter(day[:7] for day in islice(days, _LOOKED_AT) if day and _DAY.fullmatch(day))
