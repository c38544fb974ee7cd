"""The ways of buying that every world contains, each a function from a client to its deals.

What belongs here: kinds of deals. What does not: how deals become rows (``deal_rows``). Every archetype has
products of its own, so a client has each at most once. They are assigned in turn, so even a world of one
client contains every one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random

from mbr_pipeline.scaffold.world.arithmetic import EXPONENTS, day_of, period_start, round_places
from mbr_pipeline.scaffold.world.catalogue import LONG_AGO, Catalogue, Timeline
from mbr_pipeline.scaffold.world.deals import Billing, Cohort, Deal, Steps, Subscription
from mbr_pipeline.scaffold.world.parties import Party


@dataclass
class Context:
    """What an archetype draws from."""

    rng: Random
    catalogue: Catalogue
    periods: list[str]
    serial: int = 0

    def number(self) -> int:
        """The next number for ids."""
        self.serial += 1
        return self.serial

    def day(self) -> date:
        """A day well inside some period."""
        return day_of(self.rng.choice(self.periods), self.rng.randint(6, 25))

    def steps(self, moves: int, start: date = LONG_AGO, least: int = 4) -> Steps:
        """A quantity history of positive quantities that changes at every step."""
        quantity = self.rng.randint(least, 40)
        steps = [(start, quantity)]
        for day in sorted({self.day() for _ in range(moves)}):
            if day > start:
                quantity = (
                    max(1, quantity + self.rng.choice((-3, -2, -1, 1, 2, 5)))
                    if quantity > 1
                    else quantity + 4
                )
                steps.append((day, quantity))
        return steps

    def price(self, keys: tuple[str, ...], currency: str) -> Decimal:
        """A price comfortably above the cost of all the SKUs, sometimes finer than the minor unit."""
        top = max(self.catalogue.unit_cost_ceiling(key, currency) for key in keys)
        places = EXPONENTS[currency] + self.rng.choice((0, 0, 0, 2, 4))
        return round_places(Fraction(top) * self.rng.randint(135, 190) / 100, places)

    def prices(self, keys: tuple[str, ...], currency: str, start: date, rise: date | None = None) -> Timeline:
        """A price history with at most one rise."""
        first = self.price(keys, currency)
        risen = round_places(Fraction(first) * 11 / 10, EXPONENTS[currency])
        return [(start, first), (rise, risen)] if rise else [(start, first)]

    def subscribe(self, party: Party, key: str, steps: Steps, billing: Billing = "recharge") -> Subscription:
        """A subscription of the client at the SKU's vendor, billed in the client's currency
        or in US dollars.
        """
        sku = self.catalogue.skus[key]
        cost_currency = party.currency if self.rng.random() < 0.7 else "USD"
        blank = self.rng.random() < 0.4
        tenant = party.tenants[sku.source]
        name = f"sub-{self.number():04d}"
        return Subscription(
            sku, tenant, party.name, name, cost_currency, steps, billing, blank_assigned=blank
        )

    def deal(self, party: Party, product: str, subs: list[Subscription], rise: date | None = None) -> Deal:
        """A deal of one cohort over some subscriptions, priced above their cost."""
        start = min(sub.steps[0][0] for sub in subs)
        prices = self.prices(tuple(sub.sku.key for sub in subs), party.currency, start, rise)
        cohort = Cohort(f"AG-{self.number():04d}", start, prices, subs)
        style = self.rng.random()
        return Deal(
            party.client_id, product, party.currency, [cohort], delta_invoice=style < 0.4, named=style > 0.6
        )


def seats(ctx: Context, party: Party) -> list[Deal]:
    """Two subscriptions of one product with mid-month changes, and a third that begins and
    ends within the history.
    """
    subs = [ctx.subscribe(party, "seats", ctx.steps(2)), ctx.subscribe(party, "seats", ctx.steps(1))]
    days = sorted((ctx.day(), ctx.day()))
    if days[0] < days[1]:
        subs.append(ctx.subscribe(party, "seats", [(days[0], 6), (days[1], 0)]))
    return [ctx.deal(party, "M365-E3", subs)]


def two_terms_blank(ctx: Context, party: Party) -> list[Deal]:
    """One SKU in two terms that are two products; the monthly one is mapped by a blank term.
    Seats are counted together.
    """
    month = ctx.subscribe(party, "bp_month", ctx.steps(1))
    year = ctx.subscribe(party, "bp_year", ctx.steps(0))
    return [ctx.deal(party, "BP-M", [month]), ctx.deal(party, "BP-Y", [year])]


def two_terms_exact(ctx: Context, party: Party) -> list[Deal]:
    """One SKU in two exact terms, the yearly one prepaid on both sides."""
    month = ctx.subscribe(party, "ex_month", ctx.steps(1))
    return [ctx.deal(party, "EX-M", [month]), _prepaid(ctx, party, "ex_year", "EX-Y")]


def prepaid(ctx: Context, party: Party) -> list[Deal]:
    """A prepaid year that began in the first period, with seats added later to the same end."""
    return [_prepaid(ctx, party, "prepaid", "TRAINING")]


def _prepaid(ctx: Context, party: Party, key: str, product: str) -> Deal:
    start = day_of(ctx.periods[0], ctx.rng.choice((1, 1, ctx.rng.randint(2, 5))))
    quantity = ctx.rng.randint(5, 30)
    # never in its twelfth month: a line that lies within one month is priced as a month's (contract §4)
    added = day_of(ctx.rng.choice(ctx.periods[:11]), ctx.rng.randint(6, 25))
    sub = ctx.subscribe(party, key, [(start, quantity), (added, quantity + ctx.rng.randint(1, 6))], "yearly")
    deal = ctx.deal(party, product, [sub])
    deal.yearly = True
    return deal


def packs(ctx: Context, party: Party) -> list[Deal]:
    """Packs of five at the vendor, single seats at the client."""
    return [ctx.deal(party, "BACKUP-SEAT", [ctx.subscribe(party, "pack", ctx.steps(2))])]


def minimum(ctx: Context, party: Party) -> list[Deal]:
    """A minimum of ten, with fewer or more than that provided."""
    quantity = ctx.rng.choice((3, 9, 10, 14))
    sub = ctx.subscribe(party, "minimum", [(LONG_AGO, quantity)])
    deal = ctx.deal(party, "EMAIL-SEC", [sub], rise=ctx.day())
    deal.minimum = 10
    return [deal]


def entitled(ctx: Context, party: Party) -> list[Deal]:
    """Billed by entitled counts, snapshots on every change."""
    return [ctx.deal(party, "SENTINEL", [ctx.subscribe(party, "entitled", ctx.steps(2))])]


def assigned(ctx: Context, party: Party) -> list[Deal]:
    """Billed by assigned seats, which catch up with the entitled ones in mid-month; half
    are counted elsewhere too.
    """
    day = ctx.day()
    quantity = ctx.rng.randint(12, 30)
    sub = ctx.subscribe(party, "assigned", [(LONG_AGO, quantity), (day, quantity + 2)], "delta")
    before = day.replace(day=1)
    sub.assigned = [(LONG_AGO, quantity), (before, quantity - 1), (day, quantity + 2)]
    sub.blank_assigned = False
    deal = ctx.deal(party, "EDR", [sub])
    if ctx.rng.random() < 0.5:
        other = ctx.subscribe(party, "second_count", [(LONG_AGO, quantity + 9)], "counted_only")
        deal.cohorts[0].subscriptions.append(other)
    return [deal]


def repriced(ctx: Context, party: Party) -> list[Deal]:
    """The vendor raises its price with the second period, the client's rises on a day of some month."""
    return [ctx.deal(party, "AV", [ctx.subscribe(party, "price", ctx.steps(1))], rise=ctx.day())]


def advance(ctx: Context, party: Party) -> list[Deal]:
    """Billed by the vendor a month ahead: landed in one period, counting in the next."""
    return [ctx.deal(party, "DNS", [ctx.subscribe(party, "advance", ctx.steps(0), "advance")])]


def cohorts(ctx: Context, party: Party) -> list[Deal]:
    """One product at two prices in force at once, each client line naming its agreement line."""
    deal = ctx.deal(party, "PHONE", [ctx.subscribe(party, "cohorts", ctx.steps(1))])
    sub = ctx.subscribe(party, "cohorts", ctx.steps(1))
    second = Cohort(
        f"AG-{ctx.number():04d}", LONG_AGO, ctx.prices(("cohorts",), party.currency, LONG_AGO), [sub]
    )
    deal.cohorts.append(second)
    return [deal]


def services(ctx: Context, party: Party) -> list[Deal]:
    """Services without a vendor, billed by effective-dated agreement lines; one of them ends."""
    deals = []
    for product, rise in (("HELPDESK", ctx.day()), ("NOC", None)):
        price = Decimal(ctx.rng.randint(900, 9900)) / 100
        first = round_places(price, EXPONENTS[party.currency])
        prices = [(LONG_AGO, first), *([(rise, first + 1)] if rise else [])]
        cohort = Cohort(f"AG-{ctx.number():04d}", LONG_AGO, prices, services=ctx.steps(2))
        if product == "NOC":
            cohort.end = day_of(ctx.periods[-1], 20)
            cohort.services = [step for step in cohort.services if step[0] < cohort.end] + [(cohort.end, 0)]
        deals.append(
            Deal(party.client_id, product, party.currency, [cohort], quantity_agreed=True, named=True)
        )
    return deals


def reassigned(ctx: Context, old: Party, new: Party) -> tuple[list[Deal], str, date]:
    """A vendor customer that passes from one client to another in mid history: deals, customer id, day."""
    middle = ctx.periods[len(ctx.periods) // 2]
    day = ctx.rng.choice((period_start(middle), day_of(middle, ctx.rng.randint(8, 20))))
    customer = f"moved-{ctx.number()}"
    deals = []
    for party, steps in ((old, [(LONG_AGO, 12), (day, 0)]), (new, [(day, 12)])):
        sub = ctx.subscribe(party, "reassigned", steps, "split")
        sub.customer_id = customer
        deal = ctx.deal(party, "VPN", [sub])
        deal.cohorts[0].end = day if party is old else None
        deals.append(deal)
    return deals, customer, day


def counted_elsewhere(ctx: Context, party: Party) -> tuple[Deal, str]:
    """Packs that a distributor bills and seats that their maker counts, who do not know each other; and the
    vendor customer's id at both.
    """
    customer = f"mdr-{ctx.number()}"
    packs = ctx.subscribe(party, "mdr_bill", ctx.steps(2))
    counted = ctx.subscribe(
        party, "mdr_count", [(day, 5 * quantity) for day, quantity in packs.steps], "counted_only"
    )
    packs.customer_id = counted.customer_id = customer
    return ctx.deal(party, "MDR", [packs, counted]), customer


ARCHETYPES: tuple[Callable[[Context, Party], list[Deal]], ...] = (
    seats,
    two_terms_blank,
    two_terms_exact,
    prepaid,
    packs,
    minimum,
    entitled,
    assigned,
    repriced,
    advance,
    cohorts,
    services,
)
"""The archetypes that are assigned in turn; ``reassigned`` needs two clients and comes once, and
``counted_elsewhere`` comes beside them.
"""
