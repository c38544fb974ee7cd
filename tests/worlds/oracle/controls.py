"""The control codes over a period's landing (contract §5.5, "Control codes") and what their failure
blocks.

Belongs here: pass or fail per code, source and dataset. Conservation is judged in ``outputs``, after
everything else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from tests.worlds.oracle.inputs import Inputs
from tests.worlds.oracle.money import rounded
from tests.worlds.oracle.records import Agreement, InvoiceLine, VendorCharge
from tests.worlds.oracle.rules import Rules
from tests.worlds.oracle.schema import PSA_DATASETS

Coverage = dict[str, tuple[Fraction, Fraction]]


@dataclass
class Controls:
    """Which controls were evaluated, and which failed on which dataset."""

    declared: dict[str, list[str]]
    results: dict[tuple[str, str | None, str | None], bool] = field(default_factory=dict)

    def note(self, code: str, source: str | None, dataset: str | None, passed: bool) -> None:
        """Record a control's outcome; one failure of several stands."""
        self.results[code, source, dataset] = passed and self.results.get((code, source, dataset), True)

    def failed(self, source: str, dataset: str) -> bool:
        """Say whether any control failed on a source's dataset."""
        return any(not passed and key[1:] == (source, dataset) for key, passed in self.results.items())

    def usable(self, dataset: str) -> bool:
        """Say whether some source declares a dataset and none of those that do has a failure on it."""
        sources = self.declared.get(dataset, [])
        return bool(sources) and not any(self.failed(source, dataset) for source in sources)

    def psa_failed(self) -> bool:
        """Say whether any control failed on a PSA dataset, which leaves every key unreconciled."""
        return any(not passed and key[2] in PSA_DATASETS for key, passed in self.results.items())

    def reasons(self) -> list[str]:
        """List the failed codes, each once, alphabetically."""
        return sorted({key[0] for key, passed in self.results.items() if not passed})

    def by_source(self) -> dict[tuple[str, str | None], bool]:
        """Give the outcome per code and source, all datasets taken together."""
        outcome: dict[tuple[str, str | None], bool] = {}
        for (code, source, _), passed in self.results.items():
            outcome[code, source] = passed and outcome.get((code, source), True)
        return outcome


def evaluate(inputs: Inputs, rules: Rules) -> Controls:
    """Evaluate the loading controls, then references and control totals on what loaded without a fault."""
    datasets = {name for names in rules.sources.values() for name in names}
    controls = Controls({name: rules.declares(name) for name in datasets})
    for (code, source, dataset), passed in inputs.loading.items():
        controls.note(code, source, dataset, passed)
    # Collected before any is noted: a reference that fails must not make the next one look unevaluable.
    found = [*_references(inputs, rules, controls), *_totals(inputs, rules, controls)]
    for code, source, dataset, passed in found:
        controls.note(code, source, dataset, passed)
    return controls


def _references(inputs: Inputs, rules: Rules, controls: Controls) -> Iterable[tuple[str, str, str, bool]]:
    clients = {row.client_id for row in inputs.clients}
    products = {row.product_code for row in inputs.products}
    landed: dict[str, list[Agreement] | list[InvoiceLine]] = {
        "agreements": inputs.agreements,
        "invoice_lines": inputs.lines_landed(),
    }
    for dataset, rows in landed.items():
        for source in rules.declares(dataset):
            if controls.failed(source, dataset):
                continue
            own = [row for row in rows if row.source == source]
            # A register nobody declares is a missing dataset: nothing to compare with, so nothing is
            # evaluated.
            if controls.usable("clients"):
                yield "REFERENCE_MISSING", source, dataset, all(row.client_id in clients for row in own)
            if controls.usable("products"):
                yield "REFERENCE_MISSING", source, dataset, all(row.product_code in products for row in own)


def _totals(inputs: Inputs, rules: Rules, controls: Controls) -> Iterable[tuple[str, str, str, bool]]:
    for source in rules.declares("vendor_invoices"):
        needed = ("vendor_invoices", "vendor_charges")
        if any(source not in rules.declares(name) or controls.failed(source, name) for name in needed):
            continue
        yield "CONTROL_TOTAL_MISMATCH", source, "vendor_charges", _invoices_tie(inputs, source)


def _invoices_tie(inputs: Inputs, source: str) -> bool:
    # Literal: invoices and lines that belong to P's folder; what an earlier folder already holds is not P's.
    invoices = {
        row.invoice_id: row
        for row in inputs.vendor_invoices
        if row.source == source and row.landed == inputs.period.text
    }
    lines: dict[str, list[VendorCharge]] = defaultdict(list)
    for charge in inputs.charges_landed():
        if charge.source == source:
            lines[charge.invoice_id].append(charge)
    if set(lines) != set(invoices):
        return False
    for invoice_id, invoice in invoices.items():
        # Literal: "a line in another currency" is any line; only the sum leaves tax out.
        if any(line.currency != invoice.currency for line in lines[invoice_id]):
            return False
        total = sum(
            (Fraction(row.amount) for row in lines[invoice_id] if row.charge_category != "tax"), Fraction(0)
        )
        if rounded(total, invoice.currency) != rounded(Fraction(invoice.invoice_total), invoice.currency):
            return False
    return True


def evaluate_coverage(controls: Controls, coverage: Coverage, minimum: Fraction) -> None:
    """Note COVERAGE_TOO_LOW: the lowest currency's mapped share, in per cent, is under the minimum.

    Literal: the control needs vendor_charges, so a failure of any control on them leaves it unevaluated.
    A currency whose lines sum to zero has no share and is left out.
    """
    if not controls.usable("vendor_charges"):
        return
    shares = [mapped / total * 100 for mapped, total in coverage.values() if total]
    controls.note("COVERAGE_TOO_LOW", None, None, not shares or min(shares) >= minimum)
