"""The derivation of every exception code: from records and rules to the cent, by the contract and not by the
SQL that found it.

What belongs here: one function per family of codes, all pure: a finding and its facts in, a derivation out.
What does not: reading facts (``explain.facts``) and printing (``explain.render``).
"""

from __future__ import annotations

from collections.abc import Callable

from mbr_pipeline.errors import MbrError
from mbr_pipeline.explain.derivation import Derivation
from mbr_pipeline.explain.derive.cost_plus import cost_plus
from mbr_pipeline.explain.derive.counted import counted
from mbr_pipeline.explain.derive.currency import currency_mismatch
from mbr_pipeline.explain.derive.late import late
from mbr_pipeline.explain.derive.line_price import line_price
from mbr_pipeline.explain.derive.margin import margin
from mbr_pipeline.explain.derive.unmapped import unmapped, unmetered
from mbr_pipeline.explain.derive.vendor_line import amount_mismatch, duplicate, price_change
from mbr_pipeline.explain.derive.volume import volume
from mbr_pipeline.explain.records import Facts, Finding

DERIVATIONS: dict[str, Callable[[Finding, Facts], Derivation]] = {
    "CURRENCY_MISMATCH": currency_mismatch,
    "COST_PLUS_UNDERBILLED": cost_plus,
    "COST_PLUS_OVERBILLED": cost_plus,
    "BILLED_NOT_PROVIDED": volume,
    "AGREEMENT_NOT_INVOICED": volume,
    "AGREEMENT_ENDED": volume,
    "UNBILLED_PRODUCT": volume,
    "MID_PERIOD_CHANGE_NOT_PRORATED": volume,
    "UNDERBILLED_QUANTITY": volume,
    "OVERBILLED_QUANTITY": volume,
    "INVOICE_PRICE_MISMATCH": line_price,
    "INVOICE_AMOUNT_MISMATCH": line_price,
    "ROUNDING": line_price,
    "SOLD_BELOW_COST": margin,
    "MARGIN_BELOW_FLOOR": margin,
    "DUPLICATE_VENDOR_CHARGE": duplicate,
    "UNMAPPED_CUSTOMER": unmapped,
    "UNMAPPED_SKU": unmapped,
    "USAGE_NOT_METERED": unmetered,
    "LATE_CHARGE": late,
    "VENDOR_AMOUNT_MISMATCH": amount_mismatch,
    "VENDOR_PRICE_CHANGE": price_change,
    "VENDOR_QUANTITY_OVER": counted,
    "VENDOR_QUANTITY_UNDER": counted,
    "UNUSED_LICENSES": counted,
}
"""Every code of contract §5 with its derivation."""


def derive(finding: Finding, facts: Facts) -> Derivation:
    """Derive a finding from its facts."""
    if finding.exception_code not in DERIVATIONS:
        raise MbrError(
            f"{finding.exception_code} cannot be explained by this version, which does not know the code"
        )
    return DERIVATIONS[finding.exception_code](finding, facts)
