"""A published month written by hand, as a browser needs it, and hostile texts in it.

Belongs here: the month's ``gate.json``, and names that nobody should have. Does not: expectations.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.release.months import Month
from tests.serve.browsing import Visitor
from tests.support.small import PERIOD, write

HERE = f"/m/acme/{PERIOD}"
LEFT_OUT = {"except": "C-2", "reason": "its count is asked for"}

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "\"'><script>alert(1)</script>",
    "\u202eevil\u202c name",
    "=HYPERLINK(1)",
    "a/b?c=d#e&f",
    "..",
)

GATE: dict[str, Any] = {
    "msp_id": "acme", "msp_name": "acme", "period": PERIOD, "gate": "passed", "reasons": [],
    "evaluated_at": "2026-11-02T08:00:00+00:00", "input_hash": "0" * 64, "controls": [], "suites": [],
    "rejected_count": 0, "rejected_rows": [], "residual": "0.00", "inputs": [], "warnings": [],
    "coverage": [{"currency": "USD", "mapped": "50.00", "total": "100.00", "pct": "50"}],
    "clients": {"pass": 1, "pass_with_waiver": 0, "hold": 1}, "exceptions": {}, "money": [],
}  # fmt: skip
"""What an audit says of the month, as far as pages read it."""


def gate_json(root: Path, **changes: Any) -> None:
    """Write the month's gate.json."""
    write(root / f"reports/acme/{PERIOD}/gate.json", json.dumps(GATE | changes))


def published(root: Path, more: str = "", msp_ids: Sequence[str] = ("acme",)) -> Month:
    """Return the month, published, with its gate.json."""
    month = Month(root, more, tuple(msp_ids))
    gate_json(root)
    return month


def copied(month: Month, root: Path) -> Month:
    """Return a copy of a month, which takes a fraction of the time that making one does."""
    shutil.copytree(month.root, root, dirs_exist_ok=True)
    copy = object.__new__(Month)
    copy.root = root
    return copy


def close(visitor: Visitor, **fields: str) -> int:
    """Open the page and close the month by its form; returns the answer's status."""
    visitor.get(f"{HERE}/close")
    return visitor.post(f"{HERE}/close", {"mark": mark_of(visitor), **fields}).status_code


def mark_of(visitor: Visitor) -> str:
    """What the form says was seen."""
    return hidden(visitor, "mark")


def hidden(visitor: Visitor, name: str) -> str:
    """A hidden field of the last page."""
    _, found, after = visitor.page.partition(f'name="{name}" value="')
    assert found, visitor.page
    return after.partition('"')[0]
