"""The gating audit: Great Expectations suites at the three boundaries of a month (contract §6.1).

What belongs here: what must hold at each boundary, as data, and the one module that runs it with Great
Expectations (``runner``). What does not: computing the facts (dbt, ``mbr_pipeline.audit.gate``) and deciding
what a failure means (``mbr_pipeline.audit.gate``). Frames hold integers and enumerations only: never money,
which Great Expectations would turn into floating point, and never vendor text.
"""
