"""Accounting systems: the client invoices as they stand in the books. One declaration per system."""
