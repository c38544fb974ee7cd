"""The names by which each vendor of the demo knows a client: stable, invented, and shaped as that vendor
shapes them.

What belongs here: making identifiers. What does not: which client has which service (the catalogues).
"""

from __future__ import annotations

import re
from uuid import NAMESPACE_DNS, uuid5

from mbr_pipeline.scaffold.demo.model import Client


def vendor_customer_id(source: str, client: Client, site: str = "") -> str:
    """Return the vendor's identifier of a client, or of one of its sites.

    Huntress numbers its organisations, Acronis names its tenants, the others use GUIDs.
    """
    name = f"{client.client_id}.{site}" if site else client.client_id
    guid = uuid5(NAMESPACE_DNS, f"{name}.{source}.example")
    if source == "huntress":
        return str(20000 + guid.int % 70000)
    if source == "acronis":
        return "-".join(re.findall("[a-z0-9]+", f"{client.name} {site}".lower())[:3])
    return str(guid)


def vendor_customer_name(client: Client, site: str = "") -> str:
    """Return the name a vendor prints for a client, or for one of its sites."""
    return f"{client.name} - {site}" if site else client.name


def subscription_id(source: str, client: Client, sku_id: str, term: str, site: str) -> str:
    """Return the vendor's identifier of one subscription."""
    guid = uuid5(NAMESPACE_DNS, f"{client.client_id}.{site}.{sku_id}.{term}.{source}.example")
    return str(guid) if source in ("pax8", "microsoft", "azure") else f"SUB-{guid.int % 10**8:08d}"
