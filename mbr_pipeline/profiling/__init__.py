"""Proposing a profile for a vendor's file from a sample of it.

What belongs here: looking at the file (``sample``), comparing its headings with the canonical columns
(``headings``, ``synonyms``), detecting how it writes dates and numbers (``styles``), putting a profile
together (``propose``) and writing it as YAML (``as_yaml``). What does not: reading files by a profile
(``connectors.mapped.reader``). Nothing is decided that the file does not show: the rest is TODO.
"""
