"""Lists inside native records, and objects, which come as JSON text.

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
    found = _read(text or "[]")
    if isinstance(found, list) and all(isinstance(each, dict) for each in found):
        return [Native(_flat("", each, rename), native.settings) for each in found]
    raise MappingError(name, text, "is no list of objects; fetch again")


def object_in(native: Native, name: str) -> dict[str, str]:
    """Return the values of an object by the whole of their dotted names, whether it came as an object or as
    the text of one; none where the field is missing.

    Raises:
        MappingError: It holds something else.
    """
    text = native.text(name)
    if text is None:
        return {field: value for field, value in native.fields.items() if field.startswith(f"{name}.")}
    found = _read(text)
    if not isinstance(found, dict):
        raise MappingError(name, text, "is neither an object nor the text of one; ask the vendor")
    return _flat(f"{name}.", found, str)


def _read(text: str) -> Any:
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None


def _flat(prefix: str, item: Mapping[str, Any], rename: Callable[[str], str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in item.items():
        path = f"{prefix}{rename(name)}"
        if isinstance(value, Mapping):
            fields |= _flat(f"{path}.", value, rename)
        elif value is not None:
            fields[path] = value if isinstance(value, str) else json.dumps(value)
    return fields
