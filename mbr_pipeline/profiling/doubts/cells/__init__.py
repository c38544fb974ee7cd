"""Cells that a proposal does not read: words among days and numbers, and what stands above the headings.

What belongs here: doubts that the texts of single cells raise. What does not: what other columns say.
"""
