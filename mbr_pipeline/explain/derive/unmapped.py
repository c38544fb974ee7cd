"""What no rule bills to any client: unmapped customers and SKUs, and usage without metering, priced at cost
(contract §5.3, vendor side).
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.counted import plural
from mbr_pipeline.explain.case import Case
from mbr_pipeline.explain.derivation import Derivation, Part, concluded, first_that_fits
from mbr_pipeline.explain.derive.cost_plus import costs
from mbr_pipeline.explain.derive.quantities import mapping
from mbr_pipeline.explain.derive.rules_of_key import basis
from mbr_pipeline.explain.exact import money, plain
from mbr_pipeline.explain.records import Finding
from mbr_pipeline.recompute.findings.finding import Condition, Subject
from mbr_pipeline.recompute.findings.vendor import is_not_metered, unmapped_records
from mbr_pipeline.recompute.keys import ZERO
from mbr_pipeline.recompute.money import places_of, rounded
from mbr_pipeline.recompute.vendor import Snapshot, VendorLine


def unmapped(finding: Finding, case: Case) -> Derivation:
    """List what a customer or SKU without a rule brings in, of the finding's currency, and add
    up its effective cost.
    """
    by_customer = finding.vendor_customer_id is not None
    about = f"customer {finding.vendor_customer_id}" if by_customer else f"SKU {finding.sku_id}"
    code, rule_file = ("UNMAPPED_CUSTOMER", "client_map") if by_customer else ("UNMAPPED_SKU", "sku_map")
    lines, counts = _records(code, finding, case)
    when = f"recurring or usage lines landed in P, or seat counts, on whose days no {rule_file} row holds"
    found = case.found(finding, (code,))
    parts = [costs(lines, "Vendor lines landed in P without the rule")] if lines else []
    if counts:
        parts.append(_counts(counts))
    parts += [
        _priced(lines, finding.currency),
        first_that_fits(
            [Condition(code, found is not None)],
            {code: when},
            f"{plural(len(lines), 'vendor line')}, {plural(len(counts), 'seat count')}",
        ),
    ]
    clears = (
        f"a row in rules/{finding.msp_id}/{rule_file}.csv for {finding.source}, {about}, then run the"
        " month again"
    )
    return concluded(found, finding.currency, parts, clears)


def unmetered(finding: Finding, case: Case) -> Derivation:
    """List the usage lines of a key that no basis counts, of the finding's currency, and add
    up their effective cost.
    """
    key = case.key(finding)
    lines = [
        line
        for line in case.workings.lines
        if line.key == (key.client_id, key.product_code)
        and line.charge.currency == finding.currency
        and is_not_metered(case.book, line)
    ]
    found = case.found(finding, ("USAGE_NOT_METERED",))
    when = {"USAGE_NOT_METERED": "usage lines count in P on a product whose basis is not cost_plus"}
    figures = f"{len(lines)} usage lines; basis {key.basis}"
    parts = (
        Part("Rules", lines=(basis(case, key),)),
        mapping(case, lines),
        costs(lines, "Usage lines that count in P"),
        _priced(lines, finding.currency),
        first_that_fits([Condition("USAGE_NOT_METERED", found is not None)], when, figures),
    )
    clears = (
        f"basis cost_plus for {key.product_code} in rules/{finding.msp_id}/metering.csv, or its SKUs"
        " mapped to such a product"
    )
    return concluded(found, finding.currency, parts, clears)


def _records(code: str, finding: Finding, case: Case) -> tuple[list[VendorLine], list[Snapshot]]:
    """The finding's own: lines of its currency, or the counts where it has none."""
    about = Subject(
        source=finding.source, vendor_customer_id=finding.vendor_customer_id, sku_id=finding.sku_id
    )
    workings = case.workings
    lines, counts = unmapped_records(workings.lines, workings.snapshots).get((code, about), ([], []))
    own = [line for line in lines if line.charge.currency == finding.currency]
    return own, counts if finding.currency is None else []


def _counts(counts: Sequence[Snapshot]) -> Part:
    rows = tuple(
        (
            row.count.record_id,
            row.count.vendor_customer_id,
            row.count.sku_id,
            str(row.count.as_of_date),
            plain(row.count.entitled_quantity),
        )
        for row in counts
    )
    return Part(
        "Seat counts dated in P without the rule",
        ("record", "customer", "SKU", "as of", "entitled"),
        rows,
        ("they have no cost",),
    )


def _priced(lines: Sequence[VendorLine], currency: str | None) -> Part:
    cost, places = sum((line.effective_cost for line in lines), ZERO), places_of(currency)
    amount = money(rounded(cost, currency), places)
    told = f"{plain(cost)} rounded half-up to {places} places: {amount} {currency or ''}".rstrip()
    return Part("Priced at cost", lines=(told,))
