"""Lists inside native records, which come as JSON text.

What belongs here: reading one. What does not: what it means (the declarations).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from connectors.mapping import MappingError, Native


def objects(native: Native, name: str, rename: Callable[[str], str] = str) -> list[Native]:
    """Return the objects of a list as records of their own, with nested objects made flat; none where the
    field is missing.

    Raises:
        MappingError: It holds something else.
    """
    text = native.text(name)
    try:
        found = json.loads(text or "[]", parse_float=str, parse_int=str, parse_constant=str)
        if isinstance(found, list) and all(isinstance(each, dict) for each in found):
            return [Native(_flat("", each, rename), native.settings) for each in found]
    except (ValueError, RecursionError):
        pass
    raise MappingError(name, text, "is no list of objects; fetch again")


def _flat(prefix: str, item: Mapping[str, Any], rename: Callable[[str], str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in item.items():
        path = f"{prefix}{rename(name)}"
        if isinstance(value, Mapping):
            fields |= _flat(f"{path}.", value, rename)
        elif value is not None:
            fields[path] = value if isinstance(value, str) else json.dumps(value)
    return fields
