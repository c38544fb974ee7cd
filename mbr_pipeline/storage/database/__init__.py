"""The ledger's database: what must survive the warehouse, in SQLite by default, in PostgreSQL by URL
(contract §8.1).

What belongs here: opening it, its tables, and bringing them up to date. What does not: what the rows mean
(``mbr_pipeline.alerts``; decisions will stand beside them).
"""
