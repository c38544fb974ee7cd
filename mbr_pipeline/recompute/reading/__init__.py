"""Reading what a month is worked out from: rules, landed files and their typed records (contract §2, §3)."""
