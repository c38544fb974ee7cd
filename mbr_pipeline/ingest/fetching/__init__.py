"""Fetching from vendors' systems into ``landing/``, and days whose counts nobody fetched.

What belongs here: tasks and their wiring to connectors. What does not: the systems (``connectors``).
"""
