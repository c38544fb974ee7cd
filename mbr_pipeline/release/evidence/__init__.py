"""The evidence of a closed version: one file that an auditor can read and check alone (contract §13).

What belongs here: what is in a pack, how it is written, and its page. What does not: checking one
(``mbr_pipeline.release.verify``).
"""
