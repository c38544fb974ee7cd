"""Months that are being run: started from the page, and how far they are.

What belongs here: the processes and what they say. What does not: what a run does (``mbr run``).
"""
