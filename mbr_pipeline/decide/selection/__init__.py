"""Which exceptions a command is about: ids, conditions on a month, rows of a file (contract §8.3).

What belongs here: finding them. What does not: whether a decision fits them (``mbr_pipeline.decide.making``).
"""
