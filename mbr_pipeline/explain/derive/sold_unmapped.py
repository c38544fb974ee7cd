"""What is sold while no SKU is mapped to it: nothing of it can be compared before it is mapped (contract
§4.9, map first).
"""

from __future__ import annotations

from datetime import date

from connectors.counted import plural
from mbr_pipeline.explain.case import Case
from mbr_pipeline.explain.derivation import Derivation, Part, concluded, first_that_fits
from mbr_pipeline.explain.derive.quantities import span
from mbr_pipeline.explain.exact import plain
from mbr_pipeline.explain.records import Finding
from mbr_pipeline.recompute.findings.finding import Condition


def sold_unmapped(finding: Finding, case: Case) -> Derivation:
    """Show the lines that sell a product, and the rows of sku_map that name it on some other days or of
    sources that deliver nothing it could be compared with.
    """
    code = "UNMAPPED_PRODUCT"
    found = case.found(finding, (code,))
    sold, rules = _sold(finding, case), _rules(finding, case)
    when = "sold in P, not counted by agreement, and no sku_map row valid on a day of P names it"
    figures = f"{plural(len(sold.rows), 'line')}, {plural(len(rules.rows), 'row')} of sku_map"
    parts = (sold, rules, first_that_fits([Condition(code, found is not None)], {code: when}, figures))
    product, folder = finding.product_code, f"rules/{finding.msp_id}"
    clears = (
        f"a row in {folder}/sku_map.csv for a SKU of {product}; or, if it is your own, vendor_backed = false"
        f" in the PSA's products, or basis agreement for it in {folder}/metering.csv; then run the month"
        " again"
    )
    return concluded(found, None, parts, clears)


def _sold(finding: Finding, case: Case) -> Part:
    known = set(finding.evidence)
    rows = [
        (
            line.record_id,
            line.client_id,
            "invoice line",
            plain(line.quantity),
            span(line.service_period_start, line.service_period_end),
        )
        for line in case.invoice_lines
        if line.record_id in known
    ]
    rows += [
        (
            line.record_id,
            line.client_id,
            "agreement line",
            plain(line.quantity),
            span(line.effective_start, line.effective_end),
        )
        for line in case.agreement_lines
        if line.record_id in known
    ]
    columns = ("record", "client", "kind", "quantity", "days")
    return Part("Lines that sell it in P and are compared with nothing", columns, tuple(rows))


def _rules(finding: Finding, case: Case) -> Part:
    rows = tuple(
        (
            source,
            sku,
            _open(rule.valid_from, date.min),
            _open(rule.valid_to, date.max),
            ", ".join(case.declared.get(source, ())) or "nothing",
            case.rule("sku_map", rule.line),
        )
        for rule in case.sku_rules
        for source, sku in [(str(rule.scope[0]), str(rule.scope[1]))]
        if rule.product_code == finding.product_code
    )
    columns = ("source", "SKU", "valid from", "valid to", "source delivers", "rule")
    return Part("Rows of sku_map that name it", columns, rows, () if rows else ("none",))


def _open(day: date, end_of_time: date) -> str:
    return "" if day == end_of_time else str(day)
