"""Closing a month and handing it over: what `mbr close`, `reopen`, `seal`, `restatement`, `export`,
`evidence` and `verify` do, and the close pack.

What belongs here: forms and what they show. What does not: every rule (``mbr_pipeline.release``).
"""
