"""Fake vendors, one per system: each written from the vendor's document, as the other
side of a declaration.
"""
