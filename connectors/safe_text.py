"""Text as it can be stored: valid UTF-8, no NUL, cut to what a message can show.

What belongs here: making a text safe to keep and to quote in a fault. What does not: what a value means.
"""

from __future__ import annotations

MAX_FAULT_VALUE = 200


def clip(text: str) -> str:
    """Shortens a value for a fault to 200 characters and makes it safe to store as UTF-8."""
    return printable(text[:MAX_FAULT_VALUE])[:MAX_FAULT_VALUE]


def printable(text: str) -> str:
    r"""Replaces what no UTF-8 text can hold: undecodable bytes show as ``\xNN``, NUL as ``\x00``."""
    return "".join(_visible(c) for c in text) if not text.isascii() or "\0" in text else text


def _visible(character: str) -> str:
    code = ord(character)
    if code == 0:
        return "\\x00"
    if 0xDC80 <= code <= 0xDCFF:  # how "surrogateescape" carries a byte that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if 0xD800 <= code <= 0xDFFF else character


def text_problem(text: str) -> str | None:
    """Says why a text cannot be handed on as UTF-8, or None if it can."""
    if "\0" in text:
        return "contains a NUL character; export the file again as plain UTF-8 text"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "is not valid UTF-8; save the file with encoding UTF-8"
    return None
