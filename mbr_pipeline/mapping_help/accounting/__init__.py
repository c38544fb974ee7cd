"""Help with the accounting system's words: what accounting.csv and contacts.csv lack for a month, and adding
the rows that a person chose (contract §10).

What belongs here: the list (``lacking``), the list as a table (``table``), adding rows (``accept``). What
does not: comparing names (``mbr_pipeline.mapping_help``), and exports. A proposal is never a row until a
person accepts it.
"""
