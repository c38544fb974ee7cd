"""The decisions of a month: what waits for a second person, and what stands."""
