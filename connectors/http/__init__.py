"""Transport: how records come out of a vendor's HTTP API, complete or not at all.

What belongs here: origins and authentication, paging, retry, rate limits, errors named by recovery,
redaction; one noun per file. What does not: which endpoints a system has (``connectors.spec`` and the
declarations), what a record means, where it is stored.
"""
