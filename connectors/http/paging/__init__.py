"""How vendors page: one paginator per way."""
