"""Reading nested settings word by word: every mistake is one line that names the key and says what to write.

What belongs here: shapes (mapping, text, list, number) and closed sets of words. What does not: what a
profile's words mean (``profile``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

TODO = "TODO"
"""How ``mbr profile`` marks what a person has to fill in."""


def text_of(value: Any, key: str) -> str:
    """Return a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key} is {_shown(value)}: write one text")
    return value


def one_of(value: Any, key: str, words: Collection[str]) -> str:
    """Return a text that is one of these words."""
    if value not in words:
        raise ValueError(f"{key} is {_shown(value)}: use one of {', '.join(words)}")
    return str(value)


def number_of(value: Any, key: str, most: int) -> int:
    """Return a whole number from 1 on."""
    if not isinstance(value, str) or not (
        value.isascii() and value.isdecimal() and len(value) < 9 and 1 <= int(value) <= most
    ):
        raise ValueError(f"{key} is {_shown(value)}: write a whole number from 1 to {most}")
    return int(value)


def texts_of(value: Any, key: str) -> tuple[str, ...]:
    """Return the texts of a list, or of one text."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not items or not all(isinstance(item, str) for item in items):
        raise ValueError(f"{key} is {_shown(value)}: write one text or a list of texts in [ ]")
    return tuple(items)


def mapping_of(value: Any, key: str, words: Collection[str] = ()) -> dict[str, Any]:
    """Return a mapping; where ``words`` are given, of these keys only."""
    if not isinstance(value, Mapping) or not value:
        raise ValueError(f"{key} is {_shown(value)}: write `name: value` below it or in {{ }}")
    for name in value:
        if words and name not in words:
            raise ValueError(f"{key}.{name} is unknown: use any of {', '.join(words)}")
    return dict(value)


def refuse_todo(value: Any, key: str) -> None:
    """Refuse settings in which a text still begins with TODO."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            refuse_todo(part, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for part in value:
            refuse_todo(part, key)
    elif isinstance(value, str) and value.startswith(TODO):
        raise ValueError(
            f"{key} still says TODO: write what the vendor's file has there, or remove an optional column"
        )


def _shown(value: Any) -> str:
    if not value:
        return "empty"
    return repr(value) if isinstance(value, str) else "a list" if isinstance(value, list) else "a mapping"
