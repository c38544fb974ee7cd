"""The Dagster wiring: one module per step of the pipeline, thin.

What belongs here: assets, checks, jobs and schedules that call one function of ``mbr_pipeline.monthly_close``
each and tell Dagster about it. What does not: doing the work. The modules do without ``from __future__ import
annotations``: Dagster reads the context annotation as a type and refuses text. Nothing imports this package
but ``mbr_pipeline.definitions`` and tests.
"""
