"""One declaration per system that records are fetched from or that exports files."""
