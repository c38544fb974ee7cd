"""File readers: CSV, JSON lines, XLSX, Parquet, FOCUS and files by a profile, all handing on the same
kind of record batches.

What belongs here: getting the text of every value out of a file, with the line it stands on, and refusing
what cannot be read safely. What does not: typing values or comparing them with the contract
(``mbr_pipeline.ingest.load``), and choosing the reader for a source (``connectors.registry``).
"""
