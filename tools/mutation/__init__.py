"""Mutation testing: introduce faults, one at a time, and see whether a test notices.

What belongs here: the two campaigns, on the SQL of the models (``sql``, our own) and on the Python that
decides about money and the gate (``python``, which is mutmut with a configuration). What does not: the tests
that should notice.
"""
