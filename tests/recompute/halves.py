"""Numbers of the worked examples.

Belongs here: what the tests share. Does not: expectations.
"""

from __future__ import annotations

HALF = {"charge_period_start": "2025-04-16"}
