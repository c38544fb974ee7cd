"""The ledger: what people and policies did, one chain of entries per MSP (contract §8.1).

What belongs here: entries and their hashes, appending, reading, checking. What does not: what the entries
mean for an exception.
"""
