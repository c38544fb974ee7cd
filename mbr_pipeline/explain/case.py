"""What one finding can be derived from: the records and rules around it, and what the second engine
works out of them.

What belongs here: handing records to ``mbr_pipeline.recompute`` and finding its answer. What
does not: reading them (``read_case``), and any rule: what counts, what is expected and what is raised
is the engine's to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from mbr_pipeline.explain.records import Finding
from mbr_pipeline.recompute.controls import Controls
from mbr_pipeline.recompute.findings.finding import Finding as Found
from mbr_pipeline.recompute.keys import Book, Key
from mbr_pipeline.recompute.month import Workings, work_out
from mbr_pipeline.recompute.periods import Period
from mbr_pipeline.recompute.reading.inputs import Inputs
from mbr_pipeline.recompute.reading.policies import Policies
from mbr_pipeline.recompute.reading.records import Agreement, InvoiceLine, LicenseCount, Product, VendorCharge
from mbr_pipeline.recompute.reading.rules import CostRule, CustomerRule, Metering, Rules, SkuRule


@dataclass(frozen=True)
class Case:
    """The raw records and rules around a finding; records that turn out not to count may be among them.

    ``declared`` are the datasets by source, ``metering`` the rows of metering.csv by product.
    """

    msp_id: str
    period: Period
    policies: Policies
    declared: Mapping[str, Sequence[str]]
    vendor_lines: tuple[VendorCharge, ...] = ()
    invoice_lines: tuple[InvoiceLine, ...] = ()
    agreement_lines: tuple[Agreement, ...] = ()
    seat_counts: tuple[LicenseCount, ...] = ()
    product: Product | None = None
    client_name: str | None = None
    client_rules: tuple[CustomerRule, ...] = ()
    sku_rules: tuple[SkuRule, ...] = ()
    cost_rules: tuple[CostRule, ...] = ()
    metering: Mapping[str, Metering] = field(default_factory=dict)

    @cached_property
    def workings(self) -> Workings:
        """The engine's result for them. The exception exists, so the controls of its datasets passed."""
        sources = {source: list(datasets) for source, datasets in self.declared.items()}
        rules = Rules(sources, self.policies)
        rules.customers += self.client_rules
        rules.skus += self.sku_rules
        rules.costs += self.cost_rules
        rules.metering.update(self.metering)
        rules.index()
        inputs = Inputs(
            self.period,
            products=[self.product] if self.product else [],
            vendor_charges=list(self.vendor_lines),
            license_counts=list(self.seat_counts),
            agreements=list(self.agreement_lines),
            invoice_lines=list(self.invoice_lines),
        )
        datasets = {name for names in sources.values() for name in names}
        return work_out(inputs, rules, Controls({name: rules.declares(name) for name in datasets}))

    @property
    def book(self) -> Book:
        """The records by key."""
        return self.workings.book

    def key(self, finding: Finding) -> Key:
        """Return the client and product that a finding is about, with its figures."""
        return self.workings.key(finding.client_id or "", finding.product_code or "")

    def found(self, finding: Finding, codes: Sequence[str]) -> Found | None:
        """Return the exception of one of these codes that the engine raises about the same thing."""
        for raised in (*self.workings.client_side, *self.workings.vendor_side):
            if raised.code in codes and _is_about(raised, finding):
                return raised
        return None

    def rule(self, name: str, line: int | None) -> str:
        """Say in which file and line a rule is."""
        return f"rules/{self.msp_id}/{name}.csv line {line}"


def _is_about(raised: Found, finding: Finding) -> bool:
    """Whether an exception is about what a finding names.

    Client, product and currency follow from a record that is named, so they are compared only where none is
    (a source alone names none), or where one thing can have several findings.
    """
    about = raised.subject
    pairs = [
        (about.source, finding.source),
        (about.vendor_customer_id, finding.vendor_customer_id),
        (about.sku_id, finding.sku_id),
        (about.line_id, finding.line_id),
        (about.invoice_id, finding.invoice_id),
    ]
    if finding.source is None or finding.vendor_customer_id is finding.sku_id is finding.line_id is None:
        pairs += [(about.client_id, finding.client_id), (about.product_code, finding.product_code)]
    if raised.code in _BY_CURRENCY:
        pairs.append((raised.currency, finding.currency))
    return all(mine == published for mine, published in pairs)


_BY_CURRENCY = ("UNMAPPED_CUSTOMER", "UNMAPPED_SKU", "USAGE_NOT_METERED")
"""Codes of which one thing can have several, one per currency."""
