"""Releasing a month: closing it, exporting it, and the evidence of it (contract §9, §10, §13)."""
