"""Filling in the places of a declaration: ``{name}``, ``{parent.field}`` and ``{day:%d/%m/%Y}``.

What belongs here: where a value comes from and how it is written. What does not: requests (``walk``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from connectors.http.errors import RequestRefused
from connectors.http.origins import segment

_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)(?::([^{}]+))?\}")


def filled(
    text: str, facts: Mapping[str, str], record: Mapping[str, str | bool | None], in_path: bool = False
) -> str:
    """Return a text with its places filled in: those with a dot from a record, the others from the facts.
    After a colon stands how a day is written, in the words of ``strftime``.

    Raises:
        RequestRefused: There is nothing to fill in, or no day where one is to be written.
    """

    def value(place: re.Match[str]) -> str:
        name, style = place[1], place[2]
        found = record.get(name) if "." in name else facts.get(name)
        if not isinstance(found, str) or not found:
            raise RequestRefused(f"an address needs {name}, and there is none")
        if style:
            try:
                found = date.fromisoformat(found[:10]).strftime(style)
            except ValueError:
                raise RequestRefused(f"an address needs {name} as a day, and it is none") from None
        is_address = in_path and place.start() == 0 and "." not in name
        return segment(found) if in_path and not is_address else found

    return _PLACE.sub(value, text)


def filled_in(body: Any, facts: Mapping[str, str], record: Mapping[str, str | bool | None]) -> Any:
    """Return a body whose texts are filled in, however deep they stand; everything else stays as it is."""
    if isinstance(body, str):
        return filled(body, facts, record)
    if isinstance(body, Mapping):
        return {name: filled_in(value, facts, record) for name, value in body.items()}
    return [filled_in(each, facts, record) for each in body] if isinstance(body, (list, tuple)) else body
