"""The mutants that nobody can notice, each with its reason, as ``equivalents.toml`` lists them.

What belongs here: reading the list. Whether a reason still fits is for ``verdicts`` to say.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

EQUIVALENTS = Path(__file__).with_name("equivalents.toml")

Key = tuple[str, str, str]


def entries() -> list[dict[str, Any]]:
    """Return the explanations as they are written down, by model."""
    listed = tomllib.loads(EQUIVALENTS.read_text(encoding="utf-8"))["equivalent"]
    return sorted(listed, key=lambda entry: str(entry["model"]))


def equivalents() -> dict[Key, str]:
    """Return why each of the mutants that cannot be killed cannot."""
    found: dict[Key, str] = {}
    for entry in entries():
        for change in entry["changes"]:
            key = (entry["model"], entry["operator"], change)
            assert key not in found, f"explained twice: {key}"
            found[key] = " ".join(entry["reason"].split())
    return found
