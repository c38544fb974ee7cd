"""Signing in to the page: who somebody is, and that they stay it (contract §12).

What belongs here: passwords, the one-time link, sessions and the page of it. What does not: what somebody may
do (``mbr_pipeline.decide.who``).
"""
