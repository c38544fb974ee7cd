"""Releasing a month: closing it, exporting it, the evidence of it, and verifying (contract §9, §10, §13)."""
