"""Rows of files as the scaffold makes them: values by column."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

Value = str | Decimal | date | bool | None


Row = dict[str, Value]
