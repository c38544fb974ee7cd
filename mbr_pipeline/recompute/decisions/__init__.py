"""What people decided, applied to a month (contract §8.3, §8.4)."""
