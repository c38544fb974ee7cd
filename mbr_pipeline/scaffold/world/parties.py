"""The MSP's clients: ids, names, currencies, and their customer ids at each vendor.

Ids are of the kinds that careless readers damage: numbers with leading zeros, exponents, nulls, booleans,
dates, formulas. Names carry markup and quotes. What the clients buy is in ``archetypes``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from random import Random

from mbr_pipeline.scaffold.world.model import SOURCES, VENDOR_CHARGES, Row

_IDS = (
    "1E5",
    "007",
    "7",
    "Ünïcode-1",
    "00012",
    "12",
    "100000",
    "NULL",
    "=1+1",
    "true",
    "2024-01-01",
    "1.0",
    "NaN",
)
_NAMES = (
    "Ærø Færge A/S",
    "東京ベーカリー",
    "O'Brien & Söhne, GmbH",
    "<script>alert(1)</script> Ltd",
    '=HYPERLINK("x")',
    'Kuwait "Pearl" Co.',
    "Zażółć sp. z o.o.",
    "Café, Crème; Cie",
    "#N/A Partners",
    "-5 Degrees",
    "İstanbul A.Ş.",
)
_CURRENCIES = ("EUR", "USD", "JPY", "KWD")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Party:
    """One client, and the customer ids under which the vendors know it (by source)."""

    client_id: str
    name: str
    currency: str
    tenants: dict[str, str]


def vendor_sources() -> list[str]:
    """The sources that charge the MSP."""
    return [source for source, datasets in SOURCES.items() if VENDOR_CHARGES in datasets]


def make_parties(rng: Random, count: int) -> list[Party]:
    """Draw the clients; currencies rotate so that four clients cover all of them."""
    shift = rng.randrange(len(_CURRENCIES))
    parties = []
    for index in range(count):
        client_id = _IDS[index] if index < len(_IDS) else f"C-{index:04d}"
        name = _NAMES[index % len(_NAMES)] + (f" {index}" if index >= len(_NAMES) else "")
        tenants = {source: _tenant(rng, source, index, client_id) for source in vendor_sources()}
        parties.append(Party(client_id, name, _CURRENCIES[(index + shift) % len(_CURRENCIES)], tenants))
    return parties


def _tenant(rng: Random, source: str, index: int, client_id: str) -> str:
    """A customer id: a GUID at Microsoft, a number with zeros at Pax8, the client's own id at Huntress."""
    if source == "microsoft":
        digits = f"{rng.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    return f"{index:05d}" if source == "pax8" else client_id


def in_capitals(row: Row) -> Row:
    """A row as another system writes it: ids that are hexadecimal digits in groups in capital letters, which
    makes them no other ids (contract §2).
    """
    return {name: v.upper() if isinstance(v, str) and _GUID.fullmatch(v) else v for name, v in row.items()}


def client_rows(parties: list[Party]) -> list[Row]:
    """The PSA's client list, with one inactive client that buys nothing."""
    rows: list[Row] = [
        {"client_id": p.client_id, "client_name": p.name, "status": "active" if i % 2 else None}
        for i, p in enumerate(parties)
    ]
    rows.append({"client_id": "OLD-1", "client_name": "Gone & Sons", "status": "inactive"})
    return rows


def map_row(
    source: str, customer: str, client: str, since: date | None = None, until: date | None = None
) -> Row:
    """One client_map rule, valid from a day until before another."""
    return {
        "source": source,
        "vendor_customer_id": customer,
        "client_id": client,
        "valid_from": since,
        "valid_to": until,
    }


def client_map_rows(parties: list[Party]) -> list[Row]:
    """The rules that map every vendor customer to its client; some with an open start, some
    with a dated one.
    """
    return [
        map_row(source, customer, party.client_id, date(2018, 1, 1) if index % 2 else None)
        for index, party in enumerate(parties)
        for source, customer in party.tenants.items()
    ]
