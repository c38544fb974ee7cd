"""ConnectWise records: clients and products as canonical ones, and what an invoice's product
says of its agreement.
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.exact_numbers import double, exact_text
from connectors.http.endpoint import Record
from connectors.mapping import Native, Row
from connectors.sources.connectwise_agreements import BILLABLE
from connectors.sources.connectwise_lines import CONSOLIDATED, CREDIT_MEMO, OF_AGREEMENT


def client(native: Native) -> Iterator[Row]:
    """Yield the client that a company is."""
    is_gone = native.text("deletedFlag") == "true" or (native.text("status.name") or "").lower() == "inactive"
    status = "inactive" if is_gone else "active"
    yield {"client_id": native.needed("identifier"), "client_name": native.needed("name"), "status": status}


def product(native: Native) -> Iterator[Row]:
    """Yield the product that a catalogue item is."""
    own = (native.text("productClass") or "NonInventory") in native.settings["own_classes"].split()
    yield {
        "product_code": native.needed("identifier"),
        "product_name": native.needed("description"),
        "vendor_backed": "false" if own else "true",
        "default_unit_price": exact_text(double(native, "price"), 60) if native.text("price") else None,
        "currency": native.settings["catalog_currency"],
    }


def billed(line: Record) -> str | bool | None:
    """Return what an invoice's product adds to the sum of its invoice."""
    return (
        line.get("extPrice")
        if line.get("billableOption") == BILLABLE and line.get("cancelledFlag") is not True
        else None
    )


def is_of_agreement(invoice: Record) -> bool:
    """Tell whether an invoice bills an agreement."""
    return invoice.get("type") == OF_AGREEMENT and invoice.get("agreement.id") is not None


def names_agreement(line: Record) -> bool:
    """Tell whether an invoice's product names an agreement."""
    is_told = line.get("document.type") in (OF_AGREEMENT, CREDIT_MEMO, CONSOLIDATED)
    return is_told and line.get("agreement.id") is not None


def names_none(line: Record) -> bool:
    """Tell whether an invoice's product names no agreement though its invoice does."""
    return line.get("agreement.id") is None and line.get("parent.id") is not None


def names_another(line: Record) -> bool:
    """Tell whether an invoice's product names another agreement than its invoice."""
    return names_agreement(line) and line["agreement.id"] != line.get("parent.id")
