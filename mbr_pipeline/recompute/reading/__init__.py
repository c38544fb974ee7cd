"""Reading the inputs of a month: rules, landed files and their typed records (contract §2, §3)."""
