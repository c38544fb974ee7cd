"""Reading an answer's JSON: exactly, within bounds, and refusing what two
readers could understand differently.

What belongs here: bytes to values. A number becomes the text of its digits, so that money never
passes through floating point.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from connectors.http.errors import Malformed
from connectors.http.redaction import safe_url
from connectors.plain_numbers import plain_decimal

Json = Any
"""None, bool, text, list or mapping; numbers are text."""


_MOST_DIGITS = 10_000
"""A longer number is there to do harm."""


@dataclass(frozen=True)
class Answer:
    """A successful answer: where it came from, its headers (case-insensitive) and its body."""

    url: str
    headers: Mapping[str, str]
    body: Json


_MOST_VALUES = 2_000_000
"""Of a page of some megabytes, two million `{}` take half a gigabyte."""


def decoded(body: bytes, url: str) -> Json:
    """Return the JSON of a body.

    Raises:
        Malformed: It is not JSON, holds NaN or Infinity or a key twice in one object, nests too deep, or is a
            page of more objects and lists than memory should hold.
    """
    if body.count(b"{") + body.count(b"[") > _MOST_VALUES:
        raise Malformed(f"{safe_url(url)} sent more than {_MOST_VALUES} objects and lists in one page")
    try:
        return json.loads(
            body.decode("utf-8-sig"),
            parse_float=_exact,
            parse_int=_exact,
            parse_constant=_refuse,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError) as error:
        reason = "nested too deep" if isinstance(error, RecursionError) else str(error).split(": line", 1)[0]
        raise Malformed(f"{safe_url(url)} sent {len(body)} bytes that are not JSON ({reason})") from None


def _exact(literal: str) -> str:
    plain = plain_decimal(literal) if len(literal) <= _MOST_DIGITS else None
    if plain is None:
        raise ValueError("a number out of all bounds")
    return plain


def _refuse(literal: str) -> NoReturn:
    raise ValueError(f"{literal} is no number")


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def at(body: Json, path: str) -> Json:
    """Return the value at a dotted path, the body itself for the empty path, None where there is none."""
    for name in path.split(".") if path else ():
        body = body.get(name) if isinstance(body, Mapping) else None
    return body


_MESSAGES = ("error", "message", "detail", "Message", "Detail", "code")
_AROUND = ("fault", "error", "errors")


def said(body: Json) -> str:
    """Return the message of an answer that is an error, in quotes; nothing if it has none."""
    told = next(_messages(body, 3), None)
    return f': "{told[:200]}"' if told else ""


def _messages(body: Json, deeper: int) -> Iterator[str]:
    """Yield the messages of an error, the outermost first: some vendors put it inside ``{"Fault": {"Error":
    [...]}}``.
    """
    if not isinstance(body, Mapping):
        return
    yield from (body[name] for name in _MESSAGES if isinstance(body.get(name), str))
    for name, inner in body.items() if deeper else ():
        if name.lower() in _AROUND:
            yield from _messages(inner[0] if isinstance(inner, list) and inner else inner, deeper - 1)
