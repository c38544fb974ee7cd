"""The month's audit: candidate tables, suites on them, the gate and its certificate."""
