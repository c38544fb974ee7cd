"""Holding what a run made of a month against what this engine makes of it, row by row and column by column.

What belongs here: which tables and columns are compared (``tables``), finding the rows
that differ (``compare``), and doing it for a month (``month``). What does not: working
the month out (``mbr_pipeline.recompute.month``), and where a month's tables lie and
what is printed (``mbr_pipeline.cli.verify``).
"""

from __future__ import annotations

from mbr_pipeline.recompute.verify.compare import RowDifference, TableCheck, differing_rows
from mbr_pipeline.recompute.verify.month import MonthCheck, verify_month
from mbr_pipeline.recompute.verify.tables import TABLES, Compared

__all__ = [
    "TABLES",
    "Compared",
    "MonthCheck",
    "RowDifference",
    "TableCheck",
    "differing_rows",
    "verify_month",
]
