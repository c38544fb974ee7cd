"""Atomic files, folders, locks and the month's DuckDB file."""
