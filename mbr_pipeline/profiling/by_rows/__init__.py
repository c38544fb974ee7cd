"""Columns under headings that no list names, told by how they stand in the rows.

What belongs here: customers, products, days and whole amounts that the rows give away. What does not: columns
known by their headings (``columns``). Where two columns could be meant, none is taken.
"""
