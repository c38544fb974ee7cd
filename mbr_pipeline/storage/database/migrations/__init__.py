"""The steps that make the tables and bring older ones up to date, in order; Alembic runs them.

What belongs here: one module per step under ``versions``, never changed once released. What does not: when
they run (``mbr_pipeline.storage.database.opening``).
"""
