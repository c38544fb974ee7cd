"""Number literals as plain decimal text, exactly: no exponent, nothing rounded.

What belongs here: the spelling of numbers. What does not: how many digits a
column may have (``mbr_pipeline.ingest.load``).
"""

from __future__ import annotations

import re
from decimal import Decimal

MAX_EXPONENT = 60
"""Larger exponents are refused: no price or quantity has one, and ``1e999999999`` would be
a gigabyte of zeros.
"""

_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_LITERAL = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,4}))?")


def plain_decimal(text: str) -> str | None:
    """Gives ``-?digits[.digits]`` of exactly the same value, or None if the text is no finite number.

    Plain text is returned as it is, trailing zeros included. A leading ``+`` is no number: JSON
    and FOCUS forbid it.
    """
    if _PLAIN.fullmatch(text):
        return text
    match = _LITERAL.fullmatch(text)
    if match is None or abs(int(match[1] or 0)) > MAX_EXPONENT:
        return None
    return format(Decimal(text), "f")
