"""What is decided about a file before it is proposed how to read it: answers, and the profile of a source.

What belongs here: keeping it, and what a file shows against it. What does not: proposing, reading settings.
"""
