"""Rows that are not rows of the bill: sums of other rows, what another row replaces, parts of a whole.

What belongs here: the question which rows are read, where a column or arithmetic says so. What does not: rows
that are called a draft or out of use (``columns.left_out``), answers of single columns (``doubts``).
"""
