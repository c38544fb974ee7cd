"""From vendors' systems and landed files to the month's raw tables."""
