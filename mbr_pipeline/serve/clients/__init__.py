"""Clients of a month, and why one of them owes more or less than it is invoiced.

What belongs here: showing. What does not: the figures (``mbr_pipeline.report.clients``,
``mbr_pipeline.explain``).
"""
