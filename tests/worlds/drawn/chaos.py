"""Workspaces of random nonsense that loads: every field drawn from a few awkward values, so that rare
conditions meet each other.

Belongs here: drawing rows whose ids exist and whose dates stand in order. There is no answer key; what such a
month comes to is the second engine's to say. Realistic books with known faults are
``mbr_pipeline.scaffold.world``.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from tests.recompute.handmade import Handmade, P, Row

CLIENTS, PRODUCTS = 24, 14
SOURCES = ("dist", "rmm", "csp")
PSAS = ("psa", "halo")
PERIODS = ("2025-02", "2025-03", P)
_QUANTITIES = ("1", "2", "2", "3", "5", "0", "-1", "0.5", "1.333333", "-2.5")
_PRICES = ("10", "10", "7.5", "3.3333333333", "0", "12.345", "-1")
_COSTS = ("1", "2", "4.005", "0.3333333333", "0", "30", "-1")
_CURRENCIES = ("USD",) * 8 + ("EUR", "JPY", "KWD")
_HOME = ("USD", "USD", "EUR", "KWD")
_TERMS = ("", "", "P1M", "P1Y")
_BASES = ("vendor_billed", "vendor_billed", "entitled", "assigned", "agreement", "cost_plus")
_DAYS = tuple(
    date(2025, 4, 1) + timedelta(days=day)
    for day in (-120, -59, -31, -17, -1, 0, 0, 0, 9, 10, 15, 29, 30, 30, 30, 40, 61)
)
_PLACES = {"USD": 2, "EUR": 2, "JPY": 0, "KWD": 3}


class Chaos:
    """Draws one workspace from a seed."""

    def __init__(self, root: Path, seed: int) -> None:
        self.rng = Random(f"chaos/{seed}")
        # what came later is drawn from a stream of its own, so that the rest stays as it was
        self.late = Random(f"chaos/{seed}/late")
        self.world = Handmade(root)
        self.source = ""
        self.made: Counter[tuple[str, str]] = Counter()
        self.charges: dict[str, list[Row]] = {source: [] for source in SOURCES}

    def write(self) -> Path:
        """Write the workspace and give its folder."""
        self.world.policies = {
            "materiality": self.rng.choice(("0.00", "5.00")),
            "rounding_tolerance": self.rng.choice(("0", "1", "3")),
            "min_coverage_pct": self.rng.choice(("0", "0", "50")),
        }
        self._rules()
        for period in PERIODS:
            current = period == P
            for self.source in SOURCES:
                source = self.source
                self.world.land(
                    "vendor_charges",
                    *self._some(150 if current else 60, self._charge),
                    source=source,
                    period=period,
                )
                self.world.land("license_counts", *self._some(60, self._count), source=source, period=period)
            for self.source in PSAS:
                psa = self.source
                self.world.land(
                    "invoice_lines",
                    *self._some(130 if current else 40, self._invoice_line),
                    source=psa,
                    period=period,
                )
                self.world.land("agreements", *self._some(110, self._agreement), source=psa, period=period)
        self.world.land(
            "clients", *({"client_id": f"c{i}", "client_name": f"Client {i}"} for i in range(CLIENTS))
        )
        self.world.land("products", *(self._product(i) for i in range(PRODUCTS)))
        return self.world.finish()

    def _some(self, count: int, make: object) -> list[Row]:
        assert callable(make)
        rows = [make() for _ in range(count)]
        # now and then a record comes twice; license counts have no identity, there it means another seat
        return rows + [dict(row) for row in self.rng.sample(rows, 3)]

    def _next(self, kind: str) -> str:
        # per source: two PSAs number their lines alike
        self.made[kind, self.source] += 1
        return f"{kind}{self.made[kind, self.source]}"

    def _customer(self, number: int) -> str:
        """A vendor customer; every fifth has an id of hexadecimal digits, in one case or the other."""
        if number % 5:
            return f"v{number}"
        guid = f"{number:08x}-00aa-4bcd-8eef-0123456789ab"
        return self.late.choice((guid, guid.upper()))

    def _word(self, name: str, *words: str) -> str:
        """A client or product, or now and then a word for none."""
        return self.late.choice(words) if self.late.random() < 0.1 else name

    def _currency(self, number: int) -> str:
        return self.rng.choice(_CURRENCIES) if self.rng.random() < 0.1 else _HOME[number % len(_HOME)]

    def _span(self) -> tuple[str, str]:
        first, last = sorted(self.rng.choices(_DAYS, k=2))
        if self.rng.random() < 0.4:
            first, last = date(2025, 4, 1), date(2025, 5, 1)
        return first.isoformat(), last.isoformat()

    def _product(self, number: int) -> Row:
        price = self.rng.choice(("", "6", "8.88"))
        backed = self.rng.choice(("true", "true", "", "false"))
        row = {"product_code": f"p{number}", "product_name": f"Product {number}", "vendor_backed": backed}
        return row | {"default_unit_price": price, "currency": self.rng.choice(_CURRENCIES) if price else ""}

    def _rules(self) -> None:
        rng = self.rng
        clients = []
        for number in range(CLIENTS):
            for source in SOURCES:
                row = {"source": source, "vendor_customer_id": self._customer(number)}
                if rng.random() < 0.7:
                    client = self._word(f"c{number}", "!internal", "!ignore")
                    clients.append(row | {"client_id": client, "valid_from": "", "valid_to": ""})
                elif rng.random() < 0.7:
                    day = rng.choice(("2025-03-20", "2025-04-01", "2025-04-11", "2025-04-30"))
                    client = self._word(f"c{number}", "!internal", "!ignore")
                    clients.append(row | {"client_id": client, "valid_from": "", "valid_to": day})
                    clients.append(
                        row | {"client_id": f"c{rng.randrange(CLIENTS)}", "valid_from": day, "valid_to": ""}
                    )
        self.world.rule("client_map", *clients)
        skus, costs = [], []
        for number in range(PRODUCTS + 2):
            for source in SOURCES:
                for term in ("", "P1M", "P1Y"):
                    row = {"source": source, "sku_id": f"s{number}", "term": term}
                    if rng.random() < (0.5 if not term else 0.2):
                        product = f"p{rng.choice((number % PRODUCTS, rng.randrange(PRODUCTS)))}"
                        product = self._word(product, "!not_billed")
                        skus.append(
                            row | {"product_code": product, "units_per": rng.choice(("", "", "2", "0.25"))}
                        )
                    if rng.random() < 0.2:
                        costs.append(
                            row | {"unit_cost": rng.choice(_COSTS), "currency": rng.choice(_CURRENCIES)}
                        )
        self.world.rule("sku_map", *skus)
        self.world.rule("cost_list", *costs)
        self.world.rule("metering", *(self._metering(f"p{i}") for i in range(PRODUCTS) if rng.random() < 0.8))

    def _metering(self, product: str) -> Row:
        rng = self.rng
        row = {
            "product_code": product,
            "basis": rng.choice(_BASES),
            "minimum_quantity": rng.choice(("", "0", "4")),
        }
        row |= {
            "markup_pct": rng.choice(("", "17.25", "-50")),
            "margin_floor_pct": rng.choice(("", "0", "30")),
        }
        return row | {"count_source": rng.choice(("", *SOURCES))}

    def _charge(self) -> Row:
        rng = self.rng
        start, end = self._span()
        quantity, cost = rng.choice(_QUANTITIES), rng.choice(_COSTS)
        amount = Decimal(quantity) * Decimal(cost) + Decimal(
            rng.choice(("0", "0", "0", "0.004", "0.01", "1"))
        )
        number = rng.randrange(CLIENTS + 1)
        row = {
            "line_id": self._next("l"),
            "invoice_id": f"V-{rng.randrange(3)}",
            "vendor_customer_id": self._customer(number),
            "detail": self.late.choice(("", "", "ann", "bob")),
        }
        row |= {
            "sku_id": f"s{rng.randrange(PRODUCTS + 3)}",
            "term": rng.choice(_TERMS),
            "quantity": quantity,
            "unit_cost": cost,
        }
        row |= {
            "charge_category": rng.choice(
                ("recurring",) * 6 + ("usage",) * 3 + ("one_time", "credit", "tax", "adjustment")
            )
        }
        row |= {"amount": f"{amount.quantize(Decimal('1e-12')):f}", "currency": self._currency(number)}
        row |= {"charge_period_start": start, "charge_period_end": end}
        mine = self.charges[self.source]
        if mine and rng.random() < 0.05:
            row = rng.choice(mine) | {"line_id": row["line_id"], "invoice_id": row["invoice_id"]}
        mine.append(row)
        return row

    def _count(self) -> Row:
        rng = self.rng
        row = {
            "vendor_customer_id": self._customer(rng.randrange(CLIENTS + 1)),
            "sku_id": f"s{rng.randrange(PRODUCTS + 3)}",
        }
        row |= {
            "as_of_date": rng.choice(
                ("2025-03-31", "2025-04-01", "2025-04-10", "2025-04-10", "2025-04-30", "2025-05-01")
            )
        }
        return row | {
            "entitled_quantity": rng.choice(_QUANTITIES),
            "assigned_quantity": rng.choice(("", *_QUANTITIES * 3)),
        }

    def _agreement(self) -> Row:
        rng = self.rng
        start, end = self._span()
        number = rng.randrange(CLIENTS)
        row = {"agreement_line_id": self._next("a"), "agreement_id": "A", "client_id": f"c{number}"}
        row |= {
            "product_code": f"p{rng.randrange(PRODUCTS)}",
            "quantity": rng.choice(_QUANTITIES),
            "unit_price": rng.choice(_PRICES),
        }
        return row | {
            "currency": self._currency(number),
            "effective_start": start,
            "effective_end": rng.choice(("", end)),
        }

    def _invoice_line(self) -> Row:
        rng = self.rng
        start, end = self._span()
        number = rng.randrange(CLIENTS)
        quantity, price, currency = rng.choice(_QUANTITIES), rng.choice(_PRICES), self._currency(number)
        amount = Decimal(quantity) * Decimal(price) + Decimal(rng.choice(("0", "0", "0.01", "-1")))
        line_id, invoice_id = self._next("i"), "I"
        if self.late.random() < 0.1:
            # another invoice numbers its lines alike
            line_id, invoice_id = f"i{self.late.randrange(1, self.made['i', self.source] + 1)}", line_id
        row = {"invoice_line_id": line_id, "invoice_id": invoice_id, "client_id": f"c{number}"}
        row |= {
            "product_code": f"p{rng.randrange(PRODUCTS)}",
            "quantity": quantity,
            "unit_price": price,
            "currency": currency,
        }
        row |= {
            "amount": f"{round(amount, _PLACES[currency]):f}",
            "service_period_start": start,
            "service_period_end": end,
        }
        category = "one_time" if start == end else rng.choice(("", "recurring", "recurring", "one_time"))
        return row | {"agreement_line_id": f"a{rng.randrange(400)}", "charge_category": category}
