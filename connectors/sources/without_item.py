"""The product of invoice lines that name no item: delivered among the products, so that such lines name one.

What belongs here: how it is called. What does not: which lines are without an item (each source).
"""

from __future__ import annotations

from connectors.mapping import Row

NO_ITEM = "no-item"
WITHOUT_ITEM: Row = {
    "product_code": NO_ITEM,
    "product_name": "Lines without an item",
    "vendor_backed": "false",
}
"""The record of it."""
