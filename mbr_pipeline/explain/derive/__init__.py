"""The derivation of every exception code: from records and rules to the cent, as the second
engine works it out.

What belongs here: one function per family of codes, all pure: a finding and its case in, a derivation out,
which is words over the engine's figures. What does not: any decision or sum of money
(``mbr_pipeline.recompute``), reading (``explain.read_case``) and printing (``explain.render``).
"""

from __future__ import annotations

from collections.abc import Callable

from mbr_pipeline.errors import MbrError
from mbr_pipeline.explain.case import Case
from mbr_pipeline.explain.derivation import Derivation
from mbr_pipeline.explain.derive.cost_plus import cost_plus
from mbr_pipeline.explain.derive.counted import counted
from mbr_pipeline.explain.derive.late import late
from mbr_pipeline.explain.derive.line_price import line_price
from mbr_pipeline.explain.derive.margin import margin
from mbr_pipeline.explain.derive.sold_unmapped import sold_unmapped
from mbr_pipeline.explain.derive.unmapped import unmapped, unmetered
from mbr_pipeline.explain.derive.vendor_line import amount_mismatch, duplicate, price_change
from mbr_pipeline.explain.derive.volume import currency_mismatch, volume
from mbr_pipeline.explain.records import Finding

DERIVATIONS: dict[str, Callable[[Finding, Case], Derivation]] = {
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
    "UNMAPPED_PRODUCT": sold_unmapped,
    "USAGE_NOT_METERED": unmetered,
    "LATE_CHARGE": late,
    "VENDOR_AMOUNT_MISMATCH": amount_mismatch,
    "VENDOR_PRICE_CHANGE": price_change,
    "VENDOR_QUANTITY_OVER": counted,
    "VENDOR_QUANTITY_UNDER": counted,
    "UNUSED_LICENSES": counted,
}
"""Every code of contract §5 with its derivation."""


def derive(finding: Finding, case: Case) -> Derivation:
    """Derive a finding from its case."""
    if finding.exception_code not in DERIVATIONS:
        raise MbrError(
            f"{finding.exception_code} cannot be explained by this version: it does not know the code"
        )
    return DERIVATIONS[finding.exception_code](finding, case)
