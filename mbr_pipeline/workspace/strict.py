"""What all settings of ``mbr.yml`` have in common: unknown keys are errors, whole numbers are digits, and a
wrong value is shown, but not at any length.

What belongs here: kinds of values. What does not: which settings there are (``settings``,
``alert_settings``).
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

_WHOLE = re.compile(r"-?[0-9]{1,18}\Z")
_SHOWN_CHARACTERS = 60


class Strict(BaseModel):
    """A mapping of which every key is known; it does not change once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def shown(value: Any) -> str:
    """Return a value for a message: cut where it is long, lists and mappings by their kind."""
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a mapping"
    text = str(value)
    return repr(value) if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]!r}…"


def _digits(value: Any) -> int:
    # Python's int() accepts 1_0, and YAML reads 5.0 as a number: neither is surely what was meant
    if isinstance(value, list | dict) or not _WHOLE.match(str(value)):
        raise ValueError(f"{shown(value)} is not a whole number: write digits only, such as 5")
    return int(value)


Whole = Annotated[int, BeforeValidator(_digits)]
