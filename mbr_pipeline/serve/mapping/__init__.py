"""Mapping in a browser: what a month left unmapped, with suggestions, and taking rows that a person chose.

What belongs here: the page of `mbr map suggest` and `mbr map accept`. What does not: suggestions, checks and
rule files (``mbr_pipeline.mapping_help``).
"""
