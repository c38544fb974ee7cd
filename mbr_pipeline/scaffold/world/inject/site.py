"""Where one injection goes: a fresh client, product, SKU and customer, healthy until broken.

What belongs here: the means for injections to land rows and to state answers. What does not: what goes wrong
(``client``, ``vendor``, ``control``). A subject is one such key with its vendor side. Because it shares no
key, customer or SKU with anything else, its impact follows from its own numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random

from mbr_pipeline.scaffold.world.arithmetic import (
    FX,
    Number,
    days_in,
    period_end,
    period_start,
    round_money,
    round_places,
)
from mbr_pipeline.scaffold.world.clean_books import add_invoice_line, add_vendor_line
from mbr_pipeline.scaffold.world.model import (
    AGREEMENTS,
    CLIENTS,
    LICENSE_COUNTS,
    PRODUCTS,
    PSA,
    Answer,
    Book,
    Row,
    Value,
    Workspace,
)
from mbr_pipeline.scaffold.world.parties import map_row

BEGAN = date(2020, 5, 1)
PRICE_FACTOR = 3
"""A subject's price is three times its cost, so that quantity faults up to 60 % stay above cost."""


@dataclass(frozen=True)
class Subject:
    """One key and its vendor side: ids, currency, cost and price per unit and full month, quantity."""

    client_id: str
    product_code: str
    customer_id: str
    sku_id: str
    currency: str
    cost: Decimal
    price: Decimal
    quantity: int
    source: str


class InjectionSite:
    """Lands rows of one injection's subjects and collects its answers."""

    def __init__(self, workspace: Workspace, index: int, rng: Random) -> None:
        """Inject into the last period of the workspace's first MSP; ``index`` makes ids unique."""
        self.workspace, self.index, self.rng = workspace, index, rng
        self.book: Book = workspace.books[0]
        self.period = workspace.periods[-1]
        self.first, self.end, self.days = (
            period_start(self.period),
            period_end(self.period),
            days_in(self.period),
        )
        self.currency = rng.choice(("EUR", "USD", "JPY", "KWD"))
        self.made = 0
        self.is_other = Random(f"{workspace.seed}/kind/{index}").random() < 0.5
        """Whether a fault that has two kinds is of the second; of a stream of its own."""

    def subject(
        self, source: str = "pax8", client_id: str | None = None, currency: str | None = None
    ) -> Subject:
        """Make a mapped client, product and SKU, without any line; a given client gets a further product."""
        self.made += 1
        tag = f"{self.index}-{self.made}"
        currency = currency or self.currency
        cost = round_money(Decimal(self.rng.randint(300, 4000)) / 100 * FX[currency], currency)
        if client_id is None:
            client_id = f"V-{tag}"
            for period in self.workspace.periods:
                self.book.rows(period, PSA, CLIENTS).append(
                    {"client_id": client_id, "client_name": f"Client {tag} é"}
                )
        made = Subject(
            client_id,
            f"VP-{tag}",
            f"vc-{tag}",
            f"VS-{tag}",
            currency,
            cost,
            cost * PRICE_FACTOR,
            self.rng.randint(10, 40),
            source,
        )
        for period in self.workspace.periods:
            self.book.rows(period, PSA, PRODUCTS).append(
                {"product_code": made.product_code, "product_name": f"Product {tag}", "vendor_backed": True}
            )
        self.book.rules["client_map"].append(map_row(source, made.customer_id, client_id))
        self.book.rules["sku_map"].append(
            {"source": source, "sku_id": made.sku_id, "product_code": made.product_code}
        )
        return made

    def healthy(self, source: str = "pax8") -> Subject:
        """Make a subject whose vendor line, agreement and client invoice line agree."""
        made = self.subject(source)
        self.vendor(made)
        self.agreement(made)
        self.invoice(made)
        return made

    def product(self, subject: Subject) -> Row:
        """The subject's product row in the last period, to edit."""
        return next(
            row
            for row in self.book.rows(self.period, PSA, PRODUCTS)
            if row["product_code"] == subject.product_code
        )

    def metering(self, subject: Subject, basis: str, **values: Value) -> None:
        """Add a metering rule for the subject's product."""
        self.book.rules["metering"].append({"product_code": subject.product_code, "basis": basis, **values})

    def cost_list(self, subject: Subject, cost: Decimal, term: str | None = None) -> None:
        """Agree a cost per full month for the subject's SKU, for any term or for one."""
        self.book.rules["cost_list"].append(
            {
                "source": subject.source,
                "sku_id": subject.sku_id,
                "term": term,
                "unit_cost": cost,
                "currency": subject.currency,
            }
        )

    def vendor(
        self,
        subject: Subject,
        quantity: int | None = None,
        start: date | None = None,
        end: date | None = None,
        batch: str = "",
        period: str | None = None,
        **values: Value,
    ) -> tuple[str, Decimal]:
        """Land a vendor line (by default: recurring, all of the period, at cost) and return
        its id and amount.

        The cost is prorated to the charge period where that is part of the subject's month.
        """
        start, end = start or self.first, end or self.end
        count = subject.quantity if quantity is None else quantity
        share = (
            Fraction((end - start).days, self.days) if start != self.first or end != self.end else Fraction(1)
        )
        unit_cost = values.get(
            "unit_cost", round_places(Fraction(subject.cost) * share, 10) if share != 1 else subject.cost
        )
        assert isinstance(unit_cost, Decimal)
        row: Row = {
            "vendor_customer_id": subject.customer_id,
            "sku_id": subject.sku_id,
            "subscription_id": f"s-{subject.sku_id}",
            "charge_category": "recurring",
            "charge_type": "cycleCharge",
            "term": None,
            "quantity": Decimal(count),
            "unit_cost": unit_cost,
            "amount": round_money(count * unit_cost, subject.currency),
            "currency": subject.currency,
            "charge_period_start": start,
            "charge_period_end": end,
        }
        row.update(values)
        amount = row["amount"]
        assert isinstance(amount, Decimal)
        return add_vendor_line(self.book, period or self.period, subject.source, row, batch), amount

    def agreement(
        self, subject: Subject, period: str | None = None, suffix: str = "", **values: Value
    ) -> str:
        """Land an agreement line that began long ago and return its id."""
        line_id = f"va-{subject.product_code}{suffix}"
        self.book.rows(period or self.period, PSA, AGREEMENTS).append(
            {
                "agreement_line_id": line_id,
                "agreement_id": f"va-{subject.client_id}",
                "client_id": subject.client_id,
                "product_code": subject.product_code,
                "quantity": Decimal(subject.quantity),
                "unit_price": subject.price,
                "currency": subject.currency,
                "effective_start": BEGAN,
                "effective_end": None,
                **values,
            }
        )
        return line_id

    def invoice(
        self, subject: Subject, quantity: int | None = None, period: str | None = None, **values: Value
    ) -> str:
        """Land a client invoice line (by default: all of the period, at the price) and return its id."""
        count = subject.quantity if quantity is None else quantity
        price = values.get("unit_price", subject.price)
        assert isinstance(price, Decimal)
        row: Row = {
            "client_id": subject.client_id,
            "product_code": subject.product_code,
            "quantity": Decimal(count),
            "unit_price": price,
            "amount": round_money(price * count, subject.currency),
            "currency": subject.currency,
            "service_period_start": self.first,
            "service_period_end": self.end,
            "agreement_line_id": None,
            "charge_category": "recurring",
            **values,
        }
        return add_invoice_line(self.book, period or self.period, row)

    def snapshot(self, subject: Subject, day: date, entitled: int, assigned: int | None = None) -> None:
        """Land a licence snapshot of the subject's SKU."""
        self.book.rows(self.period, subject.source, LICENSE_COUNTS).append(
            {
                "vendor_customer_id": subject.customer_id,
                "sku_id": subject.sku_id,
                "as_of_date": day,
                "entitled_quantity": Decimal(entitled),
                "assigned_quantity": None if assigned is None else Decimal(assigned),
            }
        )

    def money(self, value: Number) -> Decimal:
        """Round to the currency of the injection."""
        return round_money(value, self.currency)

    def answer(self, code: str, impact: tuple[str, Decimal] | None = None, **where: str | None) -> None:
        """State a finding; if it has an impact, its currency is that of the injection."""
        column, amount = impact or (None, None)
        currency = self.currency if impact else None
        self.workspace.answers.append(
            Answer(
                self.book.msp_id,
                self.period,
                code,
                impact_column=column,
                impact=amount,
                **{"currency": currency, **where},
            )
        )

    def key_answer(
        self, code: str, subject: Subject, impact: tuple[str, Decimal] | None = None, **more: str
    ) -> None:
        """State a finding of the subject's key."""
        self.answer(code, impact, client_id=subject.client_id, product_code=subject.product_code, **more)

    def line_answer(
        self, code: str, subject: Subject, line_id: str, impact: tuple[str, Decimal], **more: str
    ) -> None:
        """State a finding on one vendor line of the subject."""
        ids = {"vendor_customer_id": subject.customer_id, "sku_id": subject.sku_id, "source": subject.source}
        self.key_answer(code, subject, impact, line_id=line_id, **ids, **more)

    def below_cost(self, subject: Subject, invoiced: Number, cost: Number) -> None:
        """State SOLD_BELOW_COST as well where the fault takes the invoiced amount under the
        rounded cost (contract §5).
        """
        if 0 < invoiced < self.money(cost):
            self.answer("SOLD_BELOW_COST", client_id=subject.client_id, product_code=subject.product_code)

    def block(self, code: str) -> None:
        """Expect the gate of the period to block with a control code."""
        self.workspace.blocked.setdefault((self.book.msp_id, self.period), set()).add(code)


def by_sign(value: Decimal, positive: str, negative: str) -> tuple[str, Decimal]:
    """The impact column for a signed variance, and the impact, which is never negative (contract §5)."""
    return (positive, value) if value > 0 else (negative, -value)
