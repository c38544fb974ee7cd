"""Reads systems and files and hands on records of the canonical datasets.

What belongs here: how to get records out of a vendor's API or file, and which canonical column each value
goes to. What does not: typing and rejecting values (``mbr_pipeline.ingest.load``), storing them, and anything
that knows Dagster, DuckDB or dbt.
"""
