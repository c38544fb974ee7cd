"""Verifying: whether a workspace or a pack still holds what was entered, closed and exported (contract §13).

What belongs here: checks, each of which names the place of what it finds. What does not: whether the figures
are right (``mbr_pipeline.recompute``).
"""
