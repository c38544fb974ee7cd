"""The lines of a Singer tap: one JSON object each, of a type that the Singer specification names.

What belongs here: reading one line, exactly. What does not: which records of a file stand (``stream``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connectors.plain_numbers import plain_decimal
from connectors.safe_text import text_problem

_TYPES = ("SCHEMA", "RECORD", "STATE", "ACTIVATE_VERSION")
_MOST_DIGITS = 10_000


class NoMessage(ValueError):
    """A line that is no message of a tap; the text says why."""


def message(line: bytes) -> Mapping[str, Any]:
    """Return the message of a line; numbers in it are the text of their digits.

    Raises:
        NoMessage: It is none.
    """
    try:
        found = json.loads(
            line.decode("utf-8"),
            parse_float=_exact,
            parse_int=_exact,
            parse_constant=_refused,
            object_pairs_hook=_object,
        )
    except NoMessage:
        raise
    except (ValueError, RecursionError) as error:
        reason = "nested too deep" if isinstance(error, RecursionError) else str(error).split(": line", 1)[0]
        raise NoMessage(f"is not JSON ({reason})") from None
    kind = found.get("type") if isinstance(found, dict) else None
    if kind not in _TYPES:
        raise NoMessage(f"is no message of a tap: its type is none of {', '.join(_TYPES)}")
    wanted = {"SCHEMA": "schema", "RECORD": "record", "STATE": "value"}.get(str(kind))
    if wanted and not isinstance(found.get(wanted), dict):
        raise NoMessage(f"is a {kind} without its {wanted}")
    if kind != "STATE" and not isinstance(found.get("stream"), str):
        raise NoMessage(f"is a {kind} without its stream")
    if kind == "ACTIVATE_VERSION" and not isinstance(found.get("version"), str):
        raise NoMessage("is an ACTIVATE_VERSION without its version")
    return dict(found)


def flat(record: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return a record's values as text by dotted name, without those that are null; a list is its JSON text.

    Raises:
        NoMessage: A name stands twice, or a text cannot be written.
    """
    fields: dict[str, str] = {}
    for name, value in record.items():
        path = f"{prefix}{name}"
        inner = flat(value, f"{path}.") if isinstance(value, Mapping) else {path: _text(value)}
        if repeated := fields.keys() & inner.keys():
            raise NoMessage(f"has the field {min(repeated)} twice")
        fields |= {each: text for each, text in inner.items() if text is not None}
    for name, text in fields.items() if not prefix else ():
        if problem := text_problem(name) or text_problem(text):
            raise NoMessage(f"has a field that {problem}")
    return fields


def _text(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _exact(literal: str) -> str:
    plain = plain_decimal(literal) if len(literal) <= _MOST_DIGITS else None
    if plain is None:
        raise NoMessage("holds a number out of all bounds")
    return plain


def _refused(literal: str) -> str:
    raise NoMessage(f"holds {literal}, which is no number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NoMessage("has a key twice in one object")
    return found
