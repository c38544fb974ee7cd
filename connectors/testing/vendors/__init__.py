"""Fake vendors, one per system: each written from the vendor's documents, as the
counterpart of a declaration.
"""
