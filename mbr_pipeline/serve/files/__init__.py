"""Files in a browser: what is landed, dropping files, what MBR takes them for, landing them, rejected rows.

What belongs here: the pages of `mbr land`, `mbr setup` in a workspace that is there, and `mbr profile`. What
does not: recognising, checking and landing (``mbr_pipeline.setup``, ``mbr_pipeline.profiling``,
``mbr_pipeline.ingest``).
"""
