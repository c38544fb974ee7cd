"""CURRENCY_MISMATCH: a key whose lines are in several currencies, so that nothing of it is compared (contract
§5).
"""

from __future__ import annotations

from mbr_pipeline.explain.client_product import Key
from mbr_pipeline.explain.derivation import Derivation, Part, first_that_fits
from mbr_pipeline.explain.derive.cost_plus import costs
from mbr_pipeline.explain.derive.sides import agreement_lines, invoiced
from mbr_pipeline.explain.records import Facts, Finding


def currency_mismatch(finding: Finding, facts: Facts) -> Derivation:
    """Show the currencies of all lines that speak for the key's."""
    key = Key(facts, finding.client_id or "", finding.product_code or "")
    vendors = {p.line.currency for p in key.counted} if key.basis == "cost_plus" else set()
    own = ", ".join(sorted(key.own_currencies)) or "none"
    told = f"currencies of invoice lines and active agreement lines: {own}"
    if vendors:
        told += f"; vendor lines at cost_plus: {', '.join(sorted(vendors))} against the key's {key.currency}"
    when = "more than one currency, or at cost_plus another than the vendor lines'"
    code, why = first_that_fits([("CURRENCY_MISMATCH", when, key.is_mismatched)], told)
    return Derivation(
        code=code,
        currency=key.currency,
        places=key.places,
        impacts={},
        parts=(
            Part("Rules", lines=key.describe()),
            *invoiced(key).parts,
            agreement_lines(key),
            *((costs(key.counted),) if vendors else ()),
            why,
        ),
        clears=(
            f"one currency, {key.currency} or another, on all of these lines in the PSA (at cost_plus also on"
            " the vendor's)"
        ),
    )
