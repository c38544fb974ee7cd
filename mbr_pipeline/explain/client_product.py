"""One client and product in P: the lines that count for it, its basis, currency and prices (contract §1, §4).

What belongs here: choosing, and saying why. Adding up is the derivations' part.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from mbr_pipeline.explain.exact import days_between, half_up, plain, shared_days
from mbr_pipeline.explain.in_period import HeldCount, LineInPeriod, hold, place
from mbr_pipeline.explain.records import AgreementLine, Facts, InvoiceLine, PeriodFacts


@dataclass(frozen=True)
class InvoicedLine:
    """A client invoice line as the period sees it: the days it shares with P."""

    line: InvoiceLine
    period: PeriodFacts
    days: int

    @property
    def lies_in_period(self) -> bool:
        """Whether its service period lies in P."""
        start, end = self.line.service_period_start, self.line.service_period_end
        return self.period.start <= start < self.period.end and end <= self.period.end

    @property
    def covers_last_day(self) -> bool:
        """Whether its service period holds P's last day."""
        return self.line.service_period_start <= self.period.last_day < self.line.service_period_end

    @property
    def service_days(self) -> int:
        """Days of its own service period."""
        return days_between(self.line.service_period_start, self.line.service_period_end)

    @property
    def amount(self) -> Decimal:
        """Invoiced amount in P."""
        if self.lies_in_period:
            return self.line.amount
        if not self.days:
            return Decimal(0)
        return half_up(
            Fraction(self.line.amount) * self.days / self.service_days, self.period.places(self.line.currency)
        )


@dataclass(frozen=True)
class Price:
    """A unit price per full month, where it stands and why it is this one. ``valued_at`` is the contract's
    word.
    """

    valued_at: str
    unit_price: Decimal | None
    reason: str


class Key:
    """A client's product in P. Everything is worked out from the facts; ``in_force`` are agreement lines that
    are ever in force.
    """

    def __init__(self, facts: Facts, client_id: str, product_code: str) -> None:
        """Choose what belongs to the key."""
        self.facts = facts
        self.period = facts.period
        self.client_id = client_id
        self.product_code = product_code
        ours = [p for p in place(facts) if p.is_key(client_id, product_code)]
        self.placed = ours
        self.counted = [p for p in ours if p.counts]
        self.held = [h for h in hold(facts) if h.is_key(client_id, product_code)]
        self.in_force = [a for a in self._ever_in_force() if a.product_code == product_code]
        self.invoiced = [
            placed
            for placed in map(self._invoiced, self._client_lines())
            if placed.line.product_code == product_code
            and placed.line.charge_category == "recurring"
            and placed.days
        ]

    @property
    def is_vendor_backed(self) -> bool:
        """Whether a vendor supplies the product; the default where it is not landed."""
        return self.facts.product.vendor_backed if self.facts.product else True

    @property
    def basis(self) -> str:
        """How the product is counted."""
        if self.facts.metering:
            return self.facts.metering.basis
        return "vendor_billed" if self.is_vendor_backed else "agreement"

    @property
    def basis_reason(self) -> str:
        """Where the basis stands."""
        if self.facts.metering:
            return self.period.rule("metering", self.facts.metering.line)
        return (
            "the default: no row in metering.csv, the product is"
            f" {'' if self.is_vendor_backed else 'not '}vendor-backed"
        )

    @property
    def recurring(self) -> list[LineInPeriod]:
        """The vendor lines whose quantity counts."""
        return [p for p in self.counted if p.line.charge_category == "recurring"]

    @property
    def counts(self) -> list[HeldCount]:
        """The seat counts that are used: those of count_source, or of the only source that counts."""
        source = self.facts.metering.count_source if self.facts.metering else None
        return [h for h in self.held if source is None or h.count.source == source]

    @property
    def active(self) -> list[AgreementLine]:
        """Agreement lines in force on some day of P."""
        return [a for a in self.in_force if self.agreement_days(a)]

    @property
    def ended(self) -> list[AgreementLine]:
        """Agreement lines that ended on or before P's start."""
        return [
            a for a in self.in_force if a.effective_end is not None and a.effective_end <= self.period.start
        ]

    def agreement_days(self, line: AgreementLine) -> int:
        """Days of an agreement line in P."""
        return shared_days(line.effective_start, line.effective_end, self.period.start, self.period.end)

    @property
    def invoiced_amount(self) -> Fraction:
        """Σ invoiced amounts in P."""
        return sum((Fraction(i.amount) for i in self.invoiced), Fraction(0))

    @property
    def cost(self) -> Fraction:
        """Σ effective cost."""
        return sum((p.cost for p in self.counted), Fraction(0))

    @property
    def own_currencies(self) -> set[str]:
        """Currencies of the key's invoice lines in P and agreement lines active in P: more than one is a
        mismatch.
        """
        return {i.line.currency for i in self.invoiced} | {a.currency for a in self.active}

    @property
    def currency(self) -> str | None:
        """The key's currency (contract §1)."""
        return self._currency[0]

    @property
    def currency_reason(self) -> str:
        """Why the key has this currency."""
        return self._currency[1]

    @property
    def places(self) -> int:
        """Decimal places of the key's currency."""
        return self.period.places(self.currency)

    @property
    def is_mismatched(self) -> bool:
        """Whether its currencies forbid any comparison."""
        vendors = {p.line.currency for p in self.counted}
        return len(self.own_currencies) > 1 or (self.basis == "cost_plus" and bool(vendors - {self.currency}))

    def price_on(self, day: date, currency: str | None) -> AgreementLine | None:
        """Return the agreement line whose price is in force on a day."""
        active = [
            a
            for a in self.in_force
            if a.currency == currency
            and a.effective_start <= day
            and (a.effective_end is None or day < a.effective_end)
        ]
        return max(active, key=lambda a: (a.effective_start, a.agreement_line_id, a.source), default=None)

    def volume_price(self) -> Price | None:
        """Return pp* and valued_at, or None where the key has no price."""
        last = self.period.last_day
        started = [a for a in self.in_force if a.currency == self.currency and a.effective_start <= last]
        if started:
            line = max(
                started,
                key=lambda a: (_last_in_force(a, last), a.effective_start, a.agreement_line_id, a.source),
            )
            until = _last_in_force(line, last)
            rivals = sum(_last_in_force(a, last) == until for a in started) - 1
            latest = f", the latest of {rivals + 1} by start and id" if rivals else ""
            when = f"in force on {last}" if until == last else f"last in force on {until}, none later"
            return Price(
                "agreement",
                line.unit_price,
                f"agreement line {line.agreement_line_id} ({line.record_id}), {when}{latest}",
            )
        product = self.facts.product
        if product and product.default_unit_price is not None and product.currency == self.currency:
            reason = f"no agreement line was ever in force; list price of the product ({product.record_id})"
            return Price("list", product.default_unit_price, reason)
        if self.invoiced:
            latest_line = max(
                (i.line for i in self.invoiced),
                key=lambda x: (x.service_period_start, x.invoice_line_id, x.source),
            )
            reason = (
                f"neither agreement nor list price; invoice line {latest_line.invoice_line_id}"
                f" ({latest_line.record_id})"
            )
            return Price("invoice", latest_line.unit_price, f"{reason} starts latest")
        return None

    def line_price(self, line: InvoiceLine) -> Price:
        """Return pp_line: the price that an invoice line should carry."""
        day = line.service_period_start
        named = [
            a
            for a in self.in_force
            if a.agreement_line_id == line.agreement_line_id
            and a.effective_start <= day
            and (a.effective_end is None or day < a.effective_end)
        ]
        if named:
            # ids are the PSA's own: where two use one id, the invoice line's own PSA speaks
            best = max(named, key=lambda a: (a.source == line.source, a.source))
            return Price(
                "agreement",
                best.unit_price,
                f"the agreement line it names, {best.agreement_line_id} ({best.record_id})",
            )
        named_id = line.agreement_line_id
        why = (
            f"agreement line {named_id} is not the key's or not active on {day}"
            if named_id
            else "it names no agreement line"
        )
        in_force = self.price_on(day, line.currency)
        if in_force:
            reason = (
                f"{why}; agreement line {in_force.agreement_line_id} ({in_force.record_id}) is in force on"
                f" {day}"
            )
            return Price("agreement", in_force.unit_price, reason)
        product = self.facts.product
        if product and product.default_unit_price is not None and product.currency == line.currency:
            return Price(
                "list",
                product.default_unit_price,
                f"{why}, none is in force; list price of the product ({product.record_id})",
            )
        return Price(
            "invoice",
            line.unit_price,
            f"{why}, none is in force, no list price in {line.currency}; its own price stands",
        )

    def describe(self) -> tuple[str, ...]:
        """Say which rules make the key what it is."""
        period, metering = self.period, self.facts.metering
        return (
            f"P is {period.period}: {period.start} to before {period.end}, D = {period.days} days",
            f"basis {self.basis}: {self.basis_reason}",
            *(
                (f"minimum_quantity {plain(metering.minimum_quantity)}",)
                if metering and metering.minimum_quantity
                else ()
            ),
            *((f"count_source {metering.count_source}",) if metering and metering.count_source else ()),
            (
                f"currency {self.currency or 'none'}: {self.currency_reason}; amounts round half-up to"
                f" {self.places} places"
            ),
        )

    def _ever_in_force(self) -> list[AgreementLine]:
        lines = (a for a in self.facts.agreement_lines if a.client_id == self.client_id)
        return [a for a in lines if a.effective_end is None or a.effective_end > a.effective_start]

    def _client_lines(self) -> list[InvoiceLine]:
        return [line for line in self.facts.invoice_lines if line.client_id == self.client_id]

    def _invoiced(self, line: InvoiceLine) -> InvoicedLine:
        period = self.period
        return InvoicedLine(
            line,
            period,
            shared_days(line.service_period_start, line.service_period_end, period.start, period.end),
        )

    @cached_property
    def _currency(self) -> tuple[str | None, str]:
        if self.invoiced:
            return min(i.line.currency for i in self.invoiced), "that of its invoice lines"
        if self.active:
            return min(a.currency for a in self.active), "that of its active agreement lines"
        if self.ended:
            last = max(
                self.ended,
                key=lambda a: (a.effective_end or date.max, a.effective_start, a.agreement_line_id, a.source),
            )
            return last.currency, "that of the agreement line last in force before P"
        charged = self._client_currencies()
        if len(charged) == 1:
            return charged.pop(), "the only one that the client's invoice and agreement lines have in P"
        if self.facts.product and self.facts.product.currency:
            return self.facts.product.currency, "that of the product"
        vendors = {p.line.currency for p in self.counted} or {
            p.line.currency for p in self.placed if _is_late(p)
        }
        return min(vendors, default=None), (
            "that of its vendor lines" if vendors else "nothing of the key has any"
        )

    def _client_currencies(self) -> set[str]:
        placed = map(self._invoiced, self._client_lines())
        found = {i.line.currency for i in placed if i.days or i.lies_in_period}
        return found | {a.currency for a in self._ever_in_force() if self.agreement_days(a)}


def _last_in_force(line: AgreementLine, last_day: date) -> date:
    return last_day if line.effective_end is None else min(line.effective_end - timedelta(days=1), last_day)


def _is_late(placed: LineInPeriod) -> bool:
    reconciled = placed.line.charge_category in ("recurring", "usage") and placed.repeats is None
    return reconciled and placed.is_landed_here and not placed.is_future
