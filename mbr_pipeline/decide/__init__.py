"""People decide what automation found: the ledger of what was decided, and what is in force (contract §8)."""
