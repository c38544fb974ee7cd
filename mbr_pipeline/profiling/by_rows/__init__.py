"""Columns under headings that no list names, told by how they stand in the rows.

What belongs here: ids, customers, products, days and whole amounts that the rows give away. What does not:
columns known by their headings (``columns``, which may ask here; here nothing is asked of them). Where two
columns could be meant, none is taken.
"""
