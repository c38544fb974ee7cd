"""Closing a month, what changed between its versions, and where it stands (contract §9)."""
