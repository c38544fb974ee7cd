"""The gate's result of a month, as the last run wrote it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mbr_pipeline.workspace.paths import MonthPaths


def gate_of(month: MonthPaths) -> Mapping[str, Any] | None:
    """Return the content of ``gate.json``; None where the month was never audited."""
    try:
        found: Mapping[str, Any] = json.loads((month.report / "gate.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found
