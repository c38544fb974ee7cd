"""One client and product in P: its records, its currency, and the figures computed from
them (contract §1, §4).

What belongs here: gathering a key's records and naming its currency. What does not: its figures
(``reconcile``), the codes that follow from them (``findings.client``), tables (``outputs``).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

from mbr_pipeline.recompute.controls import Controls
from mbr_pipeline.recompute.money import rounded
from mbr_pipeline.recompute.periods import Period
from mbr_pipeline.recompute.prices import Price, last_in_force
from mbr_pipeline.recompute.reading.inputs import Inputs
from mbr_pipeline.recompute.reading.records import Agreement, InvoiceLine, Product
from mbr_pipeline.recompute.reading.rules import Metering, Rules
from mbr_pipeline.recompute.vendor import Snapshot, VendorLine

ZERO = Fraction(0)
KeyId = tuple[str, str]


@dataclass(frozen=True, slots=True)
class LinePrice:
    """What an invoice line within P should amount to: ``pp_line``, its value, the value rounded (``due``),
    and how far the amount is from it.
    """

    price: Price
    value: Fraction
    due: Fraction
    variance: Fraction


@dataclass
class Key:
    """All records of one client and product, and the figures of §4 computed from them.

    ``expected_*`` are what the basis counts after the minimum and the floor of zero, ``counted_*`` before.
    ``volume_value`` is the volume variance before it is rounded, ``price`` the one that values it (pp*).
    """

    client_id: str
    product_code: str
    basis: str
    meter: Metering
    product: Product | None
    invoice_lines: list[InvoiceLine] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    vendor_lines: list[VendorLine] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    mapped_lines: list[VendorLine] = field(default_factory=list)
    currency: str | None = None
    currency_from: str = ""
    mismatch: bool = False
    verdict: str = "matched"
    map_first: str | None = None
    """The rule file of which a row must be written before anything can be compared, if any must."""
    expected_unit_days: Fraction | None = None
    expected_quantity: Fraction | None = None
    counted_unit_days: Fraction = ZERO
    counted_quantity: Fraction = ZERO
    volume_value: Fraction = ZERO
    volume_variance: Fraction = ZERO
    price: Price | None = None
    valued_at: str | None = None
    line_prices: dict[tuple[str, str, str], LinePrice] = field(default_factory=dict)
    """Per invoice line within P, by its id."""

    @property
    def compared(self) -> bool:
        """Say whether the key is reconciled at all."""
        return self.verdict not in ("unreconciled", "unreconcilable") and not self.mismatch

    @property
    def vendor_backed(self) -> bool:
        """The product's flag; true, its default, for a product that is not landed."""
        return self.product is None or self.product.vendor_backed

    @property
    def effective_cost(self) -> Fraction | None:
        """Sum of the counted lines' effective cost; ``None`` where one carries another
        currency than the key.
        """
        if any(line.charge.currency != self.currency for line in self.vendor_lines):
            return None
        return self.cost

    @property
    def cost(self) -> Fraction:
        """Sum of the counted lines' effective cost, whatever their currencies."""
        return sum((line.effective_cost for line in self.vendor_lines), ZERO)

    @property
    def recurring(self) -> list[VendorLine]:
        """The vendor lines whose quantity counts."""
        return [line for line in self.vendor_lines if line.category == "recurring"]

    def price_variance(self) -> Fraction:
        """Sum of the price variances of its invoice lines."""
        return sum(
            (
                self.line_prices[line.id].variance
                for line in self.invoice_lines
                if line.id in self.line_prices
            ),
            ZERO,
        )

    def invoiced_amount(self, period: Period) -> Fraction:
        """Sum of the invoiced amounts in P."""
        return sum((invoiced_in_period(line, period) for line in self.invoice_lines), ZERO)

    def invoiced_unit_days(self, period: Period) -> Fraction:
        """``U_inv``."""
        return sum((Fraction(line.quantity) * overlap_of(line, period) for line in self.invoice_lines), ZERO)

    def invoiced_quantity(self, period: Period) -> Fraction:
        """Quantity of the invoice lines that cover P's last day."""
        day = period.last_day
        lines = (
            row for row in self.invoice_lines if row.service_period_start <= day < row.service_period_end
        )
        return sum((Fraction(row.quantity) for row in lines), ZERO)

    def agreement_quantity(self, period: Period) -> Fraction:
        """Quantity of the agreement lines in force on P's last day."""
        return sum(
            (Fraction(row.quantity) for row in self.agreements if row.active_on(period.last_day)), ZERO
        )

    def vendor_unit_days(self) -> Fraction:
        """Unit-days of the recurring vendor lines, whatever the basis."""
        return sum((line.units * line.overlap for line in self.recurring), ZERO)

    def counting_snapshots(self) -> list[Snapshot]:
        """The key's snapshots of the named count source, or all where none is named."""
        source = self.meter.count_source
        return [row for row in self.snapshots if source is None or row.count.source == source]


def overlap_of(line: InvoiceLine, period: Period) -> int:
    """Days of an invoice line in P."""
    return period.overlap(line.service_period_start, line.service_period_end)


def invoiced_in_period(line: InvoiceLine, period: Period) -> Fraction:
    """A line's invoiced amount in P: all of it if the line is within P, else its share by days, rounded."""
    overlap = overlap_of(line, period)
    if overlap == line.days:
        return Fraction(line.amount)
    return rounded(Fraction(line.amount) * overlap / line.days, line.currency)


def active_in(agreement: Agreement, period: Period) -> bool:
    """Say whether an agreement line is active on some day of P."""
    return period.overlap(agreement.effective_start, agreement.end) > 0


def currencies(key: Key, period: Period) -> list[str]:
    """Currencies of a key's invoice lines and active agreement lines, those of invoice lines first."""
    invoiced = {row.currency for row in key.invoice_lines}
    agreed = {row.currency for row in key.agreements if active_in(row, period)}
    return [*sorted(invoiced), *sorted(agreed - invoiced)]


def _with_unmapped_customers(
    lines: list[VendorLine], snapshots: list[Snapshot], controls: Controls
) -> set[str]:
    rows = [line.charge.source for line in lines if line.worklist and line.unmapped == "UNMAPPED_CUSTOMER"]
    counted = {row.count.source for row in snapshots if row.unmapped == "UNMAPPED_CUSTOMER"}
    # Findings of counts that failed a control are not raised.
    return {*rows, *(source for source in counted if not controls.failed(source, "license_counts"))}


class Book:
    """The records of a period by key, with the rules that need more than one key:
    currency, price, currency shared.
    """

    def __init__(
        self,
        inputs: Inputs,
        rules: Rules,
        controls: Controls,
        lines: list[VendorLine],
        snapshots: list[Snapshot],
    ) -> None:
        """Arrange the records by key."""
        self.period = inputs.period
        self.rules = rules
        self.controls = controls
        self.products = {row.product_code: row for row in inputs.products}
        self.snapshot_customers = {row.owner for row in snapshots if not row.excluded}
        self.unmapped_customers_of = _with_unmapped_customers(lines, snapshots, controls)
        """Sources with UNMAPPED_CUSTOMER findings."""
        self._invoiced: dict[KeyId, list[InvoiceLine]] = defaultdict(list)
        self._agreed: dict[KeyId, list[Agreement]] = defaultdict(list)
        self._charged: dict[KeyId, list[VendorLine]] = defaultdict(list)
        self._mapped: dict[KeyId, list[VendorLine]] = defaultdict(list)
        self._counted: dict[KeyId, list[Snapshot]] = defaultdict(list)
        for line in inputs.invoice_lines:
            if line.charge_category == "recurring" and overlap_of(line, self.period):
                self._invoiced[line.client_id, line.product_code].append(line)
        for agreement in inputs.agreements:
            self._agreed[agreement.client_id, agreement.product_code].append(agreement)
        for charge in lines:
            if charge.key:
                if charge.worklist:
                    self._mapped[charge.key].append(charge)
                if charge.counts:
                    self._charged[charge.key].append(charge)
        for row in snapshots:
            if row.key:
                self._counted[row.key].append(row)

        # Literal: "all the client's invoice lines ... in P", so one_time ones too, an empty
        # period by its day.
        self._clients_currencies: dict[str, set[str]] = defaultdict(set)
        for line in inputs.invoice_lines:
            if overlap_of(line, self.period) or (
                line.days == 0 and self.period.holds(line.service_period_start)
            ):
                self._clients_currencies[line.client_id].add(line.currency)
        for agreement in inputs.agreements:
            if active_in(agreement, self.period):
                self._clients_currencies[agreement.client_id].add(agreement.currency)

    def key_ids(self) -> list[KeyId]:
        """List the keys that exist in P."""
        agreed = {
            key for key, rows in self._agreed.items() if any(active_in(row, self.period) for row in rows)
        }
        return sorted({*self._invoiced, *self._charged, *self._counted, *agreed})

    def basis_of(self, product_code: str) -> str:
        """The product's basis: from metering.csv, otherwise by whether a vendor supplies it."""
        stated = self._meter(product_code).basis
        product = self.products.get(product_code)
        return stated or ("vendor_billed" if product is None or product.vendor_backed else "agreement")

    def _meter(self, product_code: str) -> Metering:
        return self.rules.metering.get(product_code, Metering())

    def open_key(self, key: KeyId) -> Key:
        """Collect the records of a key and name its currency; the key need not exist in P."""
        found = Key(
            client_id=key[0],
            product_code=key[1],
            basis=self.basis_of(key[1]),
            meter=self._meter(key[1]),
            product=self.products.get(key[1]),
            invoice_lines=self._invoiced.get(key, []),
            agreements=self._agreed.get(key, []),
            vendor_lines=self._charged.get(key, []),
            snapshots=self._counted.get(key, []),
            mapped_lines=self._mapped.get(key, []),
        )
        billed = currencies(found, self.period)
        found.currency, found.currency_from = self._currency(found, billed)
        found.mismatch = len(set(billed)) > 1 or (
            found.basis == "cost_plus"
            and any(row.charge.currency != found.currency for row in found.vendor_lines)
        )
        return found

    def _currency(self, key: Key, billed: list[str]) -> tuple[str | None, str]:
        """The key's currency (contract §1), and which of the page's sources it comes from."""
        # A key with several currencies takes the first invoiced one, else the first agreed one.
        if billed:
            return billed[0], "invoice" if key.invoice_lines else "agreement"
        last = last_in_force(key.agreements, self.period.start)
        if last:
            return last[1].currency, "ended agreement"
        shared = self._clients_currencies.get(key.client_id, set())
        if len(shared) == 1:
            return next(iter(shared)), "client"
        if key.product and key.product.currency:
            return key.product.currency, "product"
        # A key that only a late charge names takes that charge's currency; tax, credits
        # and repeats give none.
        charged = min((row.charge.currency for row in key.vendor_lines or key.mapped_lines), default=None)
        return charged, "vendor" if charged else "none"
