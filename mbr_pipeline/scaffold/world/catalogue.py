"""What vendors sell and the PSA resells: SKUs, products, and the rules that tie them.

Fixed facts of every world, with costs drawn per seed. Ids are chosen to be mistaken for numbers, formulas or
nulls. Who buys what is in ``archetypes``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random

from mbr_pipeline.scaffold.world.arithmetic import EXPONENTS, FX, period_start, round_money
from mbr_pipeline.scaffold.world.model import Row

Timeline = list[tuple[date, Decimal]]
LONG_AGO = date(2019, 7, 1)


@dataclass(frozen=True)
class SkuFact:
    """One vendor SKU under one commitment term, and the product it is resold as.

    ``map_term`` is the term in sku_map (empty matches any); ``counted`` says that its source counts
    seats of it; ``listed`` that cost_list has its price; ``rises`` that the vendor raises its price
    in the second period.
    """

    key: str
    source: str
    sku_id: str
    name: str
    product_code: str
    term: str | None = None
    map_term: str | None = None
    units_per: int = 1
    counted: bool = False
    listed: bool = False
    rises: bool = False
    cost_factor: Decimal = Decimal(1)


SKUS = (
    SkuFact(
        "seats",
        "microsoft",
        "CFQ7TTC0LF8R:0001",
        "Office, grand édition",
        "M365-E3",
        "P1M",
        None,
        1,
        True,
        True,
    ),
    SkuFact("bp_month", "microsoft", "1E5", "Business Premium", "BP-M", "P1M", None, 1, True, True),
    SkuFact(
        "bp_year",
        "microsoft",
        "1E5",
        "Business Premium",
        "BP-Y",
        "P1Y",
        "P1Y",
        1,
        True,
        True,
        cost_factor=Decimal("0.85"),
    ),
    SkuFact("ex_month", "pax8", "007", "Exchange Online", "EX-M", "P1M", "P1M", listed=True),
    SkuFact("ex_year", "pax8", "007", "Exchange Online", "EX-Y", "P1Y", "P1Y", cost_factor=Decimal("0.8")),
    SkuFact("pack", "pax8", "PACK-5", "Backup, five seats", "BACKUP-SEAT", units_per=5, counted=True),
    SkuFact("minimum", "pax8", "00012", "Mail filter", "EMAIL-SEC", counted=True, listed=True),
    SkuFact("entitled", "pax8", "SN-1", 'Sentinel "EDR", agents', "SENTINEL", counted=True),
    SkuFact("assigned", "huntress", "edr", "Managed EDR", "EDR", counted=True),
    SkuFact("second_count", "pax8", "HUN-EDR", "Managed EDR via distributor", "EDR", counted=True),
    SkuFact("price", "pax8", "Ünïcode-1", "Ångström Antivirus", "AV", "P1M", None, 1, True, True, True),
    SkuFact("advance", "pax8", "7", "DNS filter", "DNS", counted=True),
    SkuFact("reassigned", "pax8", "=VPN", "Private network", "VPN"),
    SkuFact("cohorts", "pax8", "1.0", "Phone seat", "PHONE", counted=True),
    SkuFact("prepaid", "pax8", "SAT-1", "Awareness training, yearly", "TRAINING", "P1Y", "P1Y"),
    SkuFact("usage", "microsoft", "AZURE", "Cloud consumption", "CLOUD"),
    SkuFact("reserve", "microsoft", "AZURE-RI", "Reserved instance", "CLOUD", "P1Y", None),
)

ELSEWHERE = (
    SkuFact("mdr_bill", "pax8", "MDR-5", "Managed detection, five seats", "MDR", units_per=5),
    SkuFact("mdr_count", "huntress", "mdr", "Managed detection", "MDR", counted=True),
)
"""One product that a distributor bills in packs and its maker counts by seats."""
FREE = ("TRIAL-25", "007")
"""SKUs at Pax8 that are billed at 0 for a while: one of its own, and a trial term of one that is sold."""
FREE_TERM = "TRIAL"

_PRODUCTS: tuple[tuple[str, str, bool | None], ...] = (
    ("M365-E3", "Office seat", True),
    ("BP-M", "Business Premium monthly", None),
    ("BP-Y", "Business Premium yearly", True),
    ("EX-M", "Mailbox monthly", True),
    ("EX-Y", "Mailbox yearly", True),
    ("BACKUP-SEAT", "Backup seat", True),
    ("EMAIL-SEC", "Mail security", None),
    ("SENTINEL", "Endpoint agent", True),
    ("EDR", "Managed EDR", True),
    ("AV", "Antivirus", True),
    ("DNS", "DNS filter", True),
    ("VPN", "Private network", True),
    ("PHONE", "Phone", True),
    ("TRAINING", "Training", True),
    ("CLOUD", "Cloud at cost plus", True),
    ("HELPDESK", "Helpdesk, per user", False),
    ("NOC", "Monitoring, counted by contract", True),
    ("LABOUR", "Labour; hours", False),
    ("HW", 'Hardware, "misc"', False),
    ("MDR", "Managed detection", True),
)

_METERING: tuple[Row, ...] = (
    {"product_code": "M365-E3", "basis": "vendor_billed", "margin_floor_pct": Decimal(5)},
    {"product_code": "EMAIL-SEC", "basis": "vendor_billed", "minimum_quantity": Decimal(10)},
    {"product_code": "SENTINEL", "basis": "entitled"},
    {"product_code": "EDR", "basis": "assigned", "count_source": "huntress"},
    {
        "product_code": "CLOUD",
        "basis": "cost_plus",
        "markup_pct": Decimal("17.25"),
        "margin_floor_pct": Decimal("7.5"),
    },
    {"product_code": "NOC", "basis": "agreement"},
)


@dataclass
class Catalogue:
    """The SKUs with their costs in this world: per full month and SKU unit, by (SKU key, currency)."""

    skus: dict[str, SkuFact]
    costs: dict[tuple[str, str], Timeline] = field(default_factory=dict)

    def cost(self, key: str, currency: str, day: date) -> Decimal:
        """Cost of one SKU unit per full month in force on a day."""
        return [cost for start, cost in self.costs[key, currency] if start <= day][-1]

    def unit_cost_ceiling(self, key: str, currency: str) -> Decimal:
        """The highest cost that one client unit ever has, from which prices are derived."""
        top = max(cost for _, cost in self.costs[key, currency])
        return top / self.skus[key].units_per


def make_catalogue(rng: Random, periods: list[str]) -> Catalogue:
    """Draw the costs of every SKU in every currency."""
    catalogue = Catalogue({sku.key: sku for sku in SKUS})
    for sku in SKUS:
        base = Decimal(rng.randint(250, 6000)) / 100 * sku.cost_factor * sku.units_per
        for currency in EXPONENTS:
            timeline = [(LONG_AGO, round_money(base * FX[currency], currency))]
            if sku.rises and len(periods) > 1:
                timeline.append(
                    (period_start(periods[1]), round_money(base * FX[currency] * Decimal("1.08"), currency))
                )
            catalogue.costs[sku.key, currency] = timeline
    return catalogue


def add_elsewhere(catalogue: Catalogue, rng: Random) -> None:
    """Draw the costs of what one source bills and another counts."""
    for sku in ELSEWHERE:
        catalogue.skus[sku.key] = sku
        base = Decimal(rng.randint(250, 2000)) / 100 * sku.units_per
        for currency in EXPONENTS:
            catalogue.costs[sku.key, currency] = [(LONG_AGO, round_money(base * FX[currency], currency))]


def product_rows() -> list[Row]:
    """The PSA's product list; prices in the list are in US dollars or absent."""
    rows: list[Row] = []
    for index, (code, name, vendor_backed) in enumerate(_PRODUCTS):
        listed = index % 3 != 2
        rows.append(
            {
                "product_code": code,
                "product_name": name,
                "vendor_backed": vendor_backed,
                "default_unit_price": Decimal(f"{19 + index}.95") if listed else None,
                "currency": "USD" if listed else None,
            }
        )
    return rows


def sku_map_rows() -> list[Row]:
    """The rule rows that map SKUs (with terms) to products, and trials to nobody's bill."""
    sold: list[Row] = [
        {
            "source": sku.source,
            "sku_id": sku.sku_id,
            "term": sku.map_term,
            "product_code": sku.product_code,
            "units_per": Decimal(sku.units_per) if sku.units_per != 1 else None,
            "valid_from": None,
            "valid_to": None,
        }
        for sku in (*SKUS, *ELSEWHERE)
    ]
    free: list[Row] = [
        {
            "source": "pax8",
            "sku_id": sku,
            "term": term,
            "product_code": "!not_billed",
            "note": "a trial, free",
        }
        for sku, term in zip(FREE, (None, FREE_TERM), strict=True)
    ]
    return sold + free


def metering_rows() -> list[Row]:
    """The rule rows that choose bases, minimums, markups and floors."""
    return [dict(row) for row in _METERING]


def cost_list_rows(catalogue: Catalogue) -> list[Row]:
    """The agreed cost per full month, with validity where the vendor raises the price."""
    rows: list[Row] = []
    for (key, currency), timeline in catalogue.costs.items():
        sku = catalogue.skus[key]
        if not sku.listed:
            continue
        for index, (start, cost) in enumerate(timeline):
            following = timeline[index + 1][0] if index + 1 < len(timeline) else None
            rows.append(
                {
                    "source": sku.source,
                    "sku_id": sku.sku_id,
                    "term": sku.map_term,
                    "unit_cost": cost,
                    "currency": currency,
                    "valid_from": start if index else None,
                    "valid_to": following,
                }
            )
    return rows
