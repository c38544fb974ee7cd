"""The board of all months and the front page of one: where it stands and what is next.

What belongs here: showing `mbr status` and why a month is blocked. What does not: the facts
(``mbr_pipeline.release.status``).
"""
