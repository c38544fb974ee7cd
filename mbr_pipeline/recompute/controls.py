"""The control codes over a period's landing, each with what was compared, and what their failure blocks
(contract §5.5, control codes).

What belongs here: every row of the control totals, and which datasets may be used. What does not: faults of
single files (``reading.inputs`` finds them).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from mbr_pipeline.recompute.money import half_up, rounded
from mbr_pipeline.recompute.reading.inputs import Control, Inputs
from mbr_pipeline.recompute.reading.records import Agreement, InvoiceLine, VendorCharge
from mbr_pipeline.recompute.reading.rules import Rules
from mbr_pipeline.recompute.reading.schema import PSA_DATASETS

Coverage = dict[str, tuple[Fraction, Fraction]]
"""Mapped and total money by currency."""
_SHOWN_PLACES = 4
_MOST_SHOWN = Fraction(10**13)


@dataclass
class Controls:
    """Which controls were evaluated, and which failed on which dataset."""

    declared: dict[str, list[str]]
    results: list[Control] = field(default_factory=list)
    _failed: set[tuple[str | None, str | None]] = field(default_factory=set)

    def note(self, control: Control) -> None:
        """Record a control's outcome."""
        self.results.append(control)
        if not control.passed:
            self._failed.add((control.source, control.dataset))

    def failed(self, source: str, dataset: str) -> bool:
        """Say whether any control failed on a source's dataset."""
        return (source, dataset) in self._failed

    def usable(self, dataset: str) -> bool:
        """Say whether at least one source declares a dataset, and no declared one failed a control."""
        sources = self.declared.get(dataset, [])
        return bool(sources) and not any(self.failed(source, dataset) for source in sources)

    def psa_failed(self) -> bool:
        """Say whether any control failed on a PSA dataset, which leaves every key unreconciled."""
        return any(dataset in PSA_DATASETS for _, dataset in self._failed)

    def reasons(self) -> list[str]:
        """List the failed codes, each once, alphabetically."""
        return sorted({control.code for control in self.results if not control.passed})

    def by_source(self) -> dict[tuple[str, str | None], bool]:
        """Return the outcome per code and source, over all datasets together."""
        outcome: dict[tuple[str, str | None], bool] = {}
        for control in self.results:
            key = control.code, control.source
            outcome[key] = control.passed and outcome.get(key, True)
        return outcome


def evaluate(inputs: Inputs, rules: Rules) -> Controls:
    """Evaluate the loading controls, then references and control totals on what loaded without a fault."""
    datasets = {name for names in rules.sources.values() for name in names}
    controls = Controls({name: rules.declares(name) for name in datasets})
    for control in inputs.loading:
        controls.note(control)
    # Collected before any is recorded: a reference that fails must not make the next one look unevaluable.
    for control in [*_references(inputs, rules, controls), *_totals(inputs, rules, controls)]:
        controls.note(control)
    return controls


def _references(inputs: Inputs, rules: Rules, controls: Controls) -> Iterable[Control]:
    known = {
        "clients": {row.client_id for row in inputs.clients},
        "products": {row.product_code for row in inputs.products},
    }
    landed: dict[str, list[Agreement] | list[InvoiceLine]] = {
        "agreements": inputs.agreements,
        "invoice_lines": inputs.lines_landed(),
    }
    for dataset, rows in landed.items():
        for source in rules.declares(dataset):
            if controls.failed(source, dataset):
                continue
            own = [row for row in rows if row.source == source]
            named = {"clients": [row.client_id for row in own], "products": [row.product_code for row in own]}
            for register, ids in named.items():
                # A register nobody declares is a missing dataset: nothing to compare with,
                # so nothing is evaluated.
                if controls.usable(register):
                    missing = sum(item not in known[register] for item in ids)
                    yield Control(
                        "REFERENCE_MISSING",
                        source,
                        dataset,
                        register,
                        Fraction(0),
                        Fraction(missing),
                        not missing,
                    )


def _totals(inputs: Inputs, rules: Rules, controls: Controls) -> Iterable[Control]:
    for source in rules.declares("vendor_invoices"):
        needed = ("vendor_invoices", "vendor_charges")
        if not any(source not in rules.declares(name) or controls.failed(source, name) for name in needed):
            yield from _bills(inputs, source)


def _bills(inputs: Inputs, source: str) -> Iterable[Control]:
    """Compare every bill with its lines; lines in a currency that their bill does not have
    are compared with nothing.
    """
    # Literal: bills and lines that belong to P's folder; what an earlier folder already holds is not P's.
    totals = {
        (row.invoice_id, row.currency): Fraction(row.invoice_total)
        for row in inputs.vendor_invoices
        if row.source == source and row.landed == inputs.period.text
    }
    lines: dict[tuple[str, str], list[VendorCharge]] = defaultdict(list)
    for charge in inputs.charges_landed():
        if charge.source == source:
            lines[charge.invoice_id, charge.currency].append(charge)
    for bill in sorted({*totals, *lines}):
        invoice_id, currency = bill
        # Only the sum leaves tax out; a line of tax alone is a line all the same.
        summed = sum(
            (Fraction(row.amount) for row in lines.get(bill, []) if row.charge_category != "tax"), Fraction(0)
        )
        expected, actual = rounded(totals.get(bill, Fraction(0)), currency), rounded(summed, currency)
        passed = bill in totals and bill in lines and expected == actual
        scope = f"{invoice_id} {currency}"
        yield Control("CONTROL_TOTAL_MISMATCH", source, "vendor_charges", scope, expected, actual, passed)


def evaluate_coverage(controls: Controls, coverage: Coverage, minimum: Fraction) -> None:
    """Note COVERAGE_TOO_LOW: a currency's mapped share, in per cent, is under the minimum.

    Literal: the control needs vendor_charges, so a failure of any control on them leaves it unevaluated.
    A currency whose lines sum to zero has no share and passes.
    """
    if not controls.usable("vendor_charges"):
        return
    for currency, (mapped, total) in sorted(coverage.items()):
        share = mapped / total * 100 if total else None
        passed = share is None or share >= minimum
        # Shown with four places; a share that is too low must not be rounded to one that is enough.
        shown = Fraction(0) if share is None else max(-_MOST_SHOWN, min(_MOST_SHOWN, _four_places(share)))
        actual = shown if passed else min(shown, minimum - Fraction(1, 10**_SHOWN_PLACES))
        controls.note(Control("COVERAGE_TOO_LOW", None, None, currency, minimum, actual, passed))


def note_conservation(controls: Controls, violations: dict[str, int]) -> None:
    """Note CONSERVATION_BROKEN: landed lines without exactly one disposition, and residuals,
    by where they are.
    """
    for scope, count in violations.items():
        controls.note(
            Control("CONSERVATION_BROKEN", None, None, scope, Fraction(0), Fraction(count), count == 0)
        )


def _four_places(share: Fraction) -> Fraction:
    return Fraction(half_up(share, _SHOWN_PLACES))


def rows(controls: Controls) -> list[dict[str, str | Decimal | Fraction | bool | None]]:
    """Give the controls as rows of ``fct_control_totals`` without their message."""
    return [
        {
            "source": control.source,
            "control": control.code,
            "dataset": control.dataset,
            "scope": control.scope,
            "expected": control.expected,
            "actual": control.actual,
            "difference": control.actual - control.expected,
            "passed": control.passed,
        }
        for control in controls.results
    ]
