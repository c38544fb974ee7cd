"""The accounting system's words for clients and products, from accounting.csv and contacts.csv.

What belongs here: finding them, and naming all that are missing. What does not: reading the files
(``mbr_pipeline.workspace.rules``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.workspace.rules import load_words
from mbr_pipeline.workspace.workspace import Workspace


@dataclass(frozen=True)
class Product:
    """What the accounting system calls a product; ``item`` may be left out."""

    account: str
    tax: str
    item: str | None


@dataclass(frozen=True)
class Words:
    """Names of clients and products."""

    contacts: Mapping[str, str]
    products: Mapping[str, Product]


def words_for(workspace: Workspace, msp_id: str, clients: Iterable[str], products: Iterable[str]) -> Words:
    """Return the words for these clients and products.

    Raises:
        ConfigError: Some are missing: all of them are named.
    """
    files = load_words(workspace.paths.root, msp_id)
    contacts = {row["client_id"]: row["contact_name"] for row in files["contacts"]}
    known = {
        row["product_code"]: Product(row["account_code"], row["tax_type"], row["item_name"])
        for row in files["accounting"]
    }
    missing = [
        f"rules/{msp_id}/{name}.csv has no {column} {', '.join(lacking)}"
        for name, column, lacking in (
            ("contacts", "client_id", sorted(set(clients) - contacts.keys())),
            ("accounting", "product_code", sorted(set(products) - known.keys())),
        )
        if lacking
    ]
    if missing:
        raise ConfigError(f"{'; '.join(missing)}: add them, nothing was written")
    return Words(contacts, known)
