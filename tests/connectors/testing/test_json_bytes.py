"""Numbers in the answers of the fake vendors.

Belongs here: how they are written. What the answers hold is each vendor's.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.testing.server import json_bytes
from connectors.testing.vendor import json_number


def test_a_number_has_its_own_digits() -> None:
    content = {"a": [json_number("0.1") * 3, json_number("1E-7"), Decimal("12345678901234567.890")], "b": "1"}
    assert json_bytes(content) == b'{"a": [0.3, 0.0000001, 12345678901234567.890], "b": "1"}'


def test_a_whole_number_has_no_point() -> None:
    assert json_bytes([json_number("2.00"), json_number(Decimal("-3"))]) == b"[2, -3]"


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError, match="no JSON"):
        json_bytes({"a": {1, 2}})
