"""What leadership looks at over several months: margin, its change month on month, how months were closed.

What belongs here: measures over published months, as plain dataclasses with exact amounts. Everything that
one month's inputs say is a mart (``fct_margin``, ``fct_close_metrics``); what takes other months or the
ledger is computed here, where it is read, so that a month's tables never depend on what else is published.
What does not: drawing (``mbr_pipeline.report.pictures.charts``), pages, and opening the catalogue
(``mbr_pipeline.publish.catalogue``): every function takes an open connection on which the published tables
have their names.
"""
