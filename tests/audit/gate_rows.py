"""Rows of marts that the tests of gate.json share.

Belongs here: rows written by hand. Does not: expectations.
"""

from __future__ import annotations

from typing import Any


def control_row(
    control: str, source: str = "a", dataset: str = "d", scope: str = "s", message: str = "m", **more: Any
) -> dict[str, Any]:
    figures = {"expected": "10.5", "actual": "100", "difference": "-89.5"}
    return (
        {
            "control": control,
            "source": source,
            "dataset": dataset,
            "scope": scope,
            "message": message,
            "passed": False,
        }
        | figures
        | more
    )
