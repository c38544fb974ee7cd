"""Explanations as text for a terminal or a pipe.

What belongs here: layout, and making text from outside harmless: it is printed as plain text, hidden
characters as their numbers. Long tables show their first rows and how many more there are. The same content
as data is ``as_json``'s.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from fractions import Fraction

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from connectors.counted import plural
from mbr_pipeline.explain import Explanation
from mbr_pipeline.explain.bridge import ClientBridge, CurrencyBridge, signed_money
from mbr_pipeline.explain.derivation import Derivation, Part
from mbr_pipeline.explain.exact import money
from mbr_pipeline.explain.records import MONEY_COLUMNS, Finding
from mbr_pipeline.safe_text import visible
from mbr_pipeline.values import minor_units
from mbr_pipeline.workspace.paths import MonthPaths

SHOWN_ROWS = 20
"""Rows of a table that are shown unless all are asked for."""


class Page:
    """Prints to standard output. Nothing is ever cut: a table too wide for the terminal is
    printed record by record.
    """

    def __init__(self, everything: bool) -> None:
        """Print all rows of every table if ``everything``."""
        self._console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
        self._limit = None if everything else SHOWN_ROWS

    def line(self, text: str = "", style: str = "") -> None:
        """Print one line."""
        self._console.print(Text(_shown(text), style))

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a table, numbers to the right."""
        shown = [[_shown(cell) for cell in row] for row in rows[: self._limit]]
        widths = [max(map(cell_len, texts)) for texts in zip(columns, *shown, strict=True)]
        if self._console.is_terminal and sum(widths) + 2 * len(widths) > self._console.width:
            self._records(columns, shown)
        else:
            to_right = [all(_is_number(row[at]) for row in shown) for at in range(len(columns))]
            self.line(_aligned(columns, widths, to_right), "bold")
            for row in shown:
                self.line(_aligned(row, widths, to_right))
        if len(shown) < len(rows):
            self.line(f"  … and {len(rows) - len(shown)} more, --all shows them")

    def _records(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        for first, *others in rows:
            self.line(f"  {first}", "bold")
            self.line(
                "    "
                + ", ".join(
                    f"{column} {cell}" for column, cell in zip(columns[1:], others, strict=True) if cell
                )
            )


def print_explanation(explanation: Explanation, everything: bool) -> None:
    """Print the derivation of an exception; the last line says what it comes to."""
    page, found, derived = Page(everything), explanation.found, explanation.derived
    _print_head(page, explanation)
    for number, part in enumerate(derived.parts, start=1):
        page.line()
        page.line(f"{number}. {part.title}", "bold")
        if part.rows:
            page.table(part.columns, part.rows)
        for text in part.lines:
            page.line(f"  {text}")
    rest = records_without_step(found.finding, derived.parts)
    if rest:
        page.line()
        page.line(f"{plural(len(rest), 'further record')} in evidence, in no step above", "bold")
        page.table(("record",), [(record,) for record in rest])
    page.line()
    page.line(f"What would clear it: {derived.clears}.")
    if explanation.problems:
        page.line("THE DERIVATION DOES NOT AGREE with what was published:", "bold red")
        for problem in explanation.problems:
            page.line(f"≠ {problem}", "bold red")
    else:
        page.line(result(derived), "bold green")


def print_bridge(bridge: ClientBridge, mbr: str, everything: bool) -> None:
    """Print a client's bridge, its gate, and the commands that dig deeper; ``mbr`` is the name the command
    was called by.
    """
    page, month = Page(everything), bridge.month
    name = f"{bridge.client_name} ({bridge.client_id})" if bridge.client_name else bridge.client_id
    page.line(f"{name}, {month.msp_id} {month.period.text}: {bridge.verdict or 'nothing to invoice'}", "bold")
    _print_blocked(page, bridge.month, bridge.blocked_by)
    for currency in bridge.bridges:
        page.line()
        _print_currency(page, bridge, currency)
    if not bridge.bridges:
        page.line("Nothing of the client is invoiced or expected in this month.")
    if bridge.beside:
        page.line()
        page.line(
            "Lookup the bridge: findings that change nothing in what this month's invoice should be", "bold"
        )
        page.table(("exception", "product", "money", "id"), [_beside(bridge, f) for f in bridge.beside])
    page.line()
    _print_gate(page, bridge)
    if bridge.findings:
        page.line(f"To follow one to its records: {mbr} explain ID --workspace {month.workspace.root}")
    if bridge.problems:
        page.line("THE BRIDGE DOES NOT ADD UP:", "bold red")
        for problem in bridge.problems:
            page.line(f"≠ {problem}", "bold red")


def records_without_step(finding: Finding, parts: Iterable[Part]) -> list[str]:
    """List the records of the published evidence that no table of the derivation shows."""
    shown = {cell for part in parts for row in part.rows for cell in row}
    return [record for record in finding.evidence if record not in shown]


def result(derived: Derivation) -> str:
    """State a derivation's result and that it equals what was published; a finding has money in
    one column at most.
    """
    columns = [column for column in MONEY_COLUMNS if derived.impacts.get(column)]
    amount = sum((Fraction(derived.impacts[column]) for column in columns), Fraction(0))
    what = f" ({', '.join(columns)})" if columns else ""
    return (
        f"= {money(amount, derived.places)} {derived.currency or '(no currency)'}, equal to the published"
        f" impact{what}"
    )


def _print_head(page: Page, explanation: Explanation) -> None:
    finding, case = explanation.found.finding, explanation.case
    page.line(f"{finding.exception_code} {finding.exception_id}", "bold")
    client = f"{case.client_name} ({finding.client_id})" if case.client_name else finding.client_id
    product = (
        f"{case.product.product_name} ({finding.product_code})" if case.product else finding.product_code
    )
    vendor = [
        f"{name} {value}"
        for name, value in (
            ("customer", finding.vendor_customer_id),
            ("SKU", finding.sku_id),
            ("invoice" if finding.vendor_customer_id is None else "bill", finding.invoice_id),
            ("line", finding.line_id),
        )
        if value is not None
    ]
    about = [f"{finding.msp_id} {finding.period}", client, product, finding.source, *vendor]
    page.line(", ".join(text for text in about if text))
    holds = "holds the client" if finding.blocking else "holds nobody"
    page.line(f"{finding.severity}, {finding.status}, {holds}")
    _print_blocked(page, explanation.found.month, explanation.found.blocked_by)
    page.line(
        f"As published: {finding.explanation}"
        if explanation.found.blocked_by is None
        else f"As found: {finding.explanation}"
    )


def _print_blocked(page: Page, month: MonthPaths, reasons: tuple[str, ...] | None) -> None:
    if reasons is not None:
        stands = "the earlier publication stands" if month.published.exists() else "nothing is published"
        page.line(
            f"BLOCKED by {', '.join(reasons)}: {stands}; what follows is what the blocked run found",
            "bold red",
        )


def _print_currency(page: Page, bridge: ClientBridge, currency: CurrencyBridge) -> None:
    code, places = currency.currency or "no currency", currency.places
    amount = money(abs(currency.difference), places)
    more = "more" if currency.difference > 0 else "less"
    told = (
        f"{amount} {more} is expected than invoiced"
        if currency.difference
        else "what is expected is invoiced"
    )
    unknown = (
        f", but {plural(len(bridge.not_compared), 'product')} could not be compared"
        if bridge.not_compared
        else ""
    )
    page.line(f"{code}: {told}{unknown}", "bold")
    steps = [
        (
            f.exception_code,
            _product(bridge, f),
            money(signed_money(f), places, signed=True),
            "holds the client" if f.blocking else f.status,
            f.exception_id,
        )
        for f in currency.steps
    ]
    first = ("invoiced", "", money(currency.invoiced, places), "", "")
    last = ("= expected", "", money(currency.expected, places), "", "")
    if steps:
        page.table(("from invoiced to expected", "product", "amount", "", "id"), [first, *steps, last])
    else:
        page.table(("from invoiced to expected", "amount"), [(first[0], first[2]), (last[0], last[2])])
    sums = (
        f"{money(currency.expected, places)} − {money(currency.invoiced, places)} ="
        f" {money(currency.difference, places)}"
    )
    explained = f"{plural(len(steps), 'finding')}: {money(currency.explained, places)}"
    published = (
        f"classified variance {money(currency.classified, places)}, residual"
        f" {money(currency.residual, places)}"
    )
    page.line(f"  {sums}; {explained}; {published}")


def _print_gate(page: Page, bridge: ClientBridge) -> None:
    if bridge.verdict is None:
        return
    held = ", ".join(
        f"{money(amount, minor_units().get(currency or '', 2))} {currency}"
        for currency, amount in bridge.held
    )
    page.line(f"Gate: {bridge.verdict}" + (f", {held} held" if held else ""), "bold")
    for finding in bridge.holders:
        page.line(f"  held by {finding.exception_code} {_product(bridge, finding)} {finding.exception_id}")
    for product in bridge.not_compared:
        name = _name(bridge, product.product_code)
        page.line(
            f"  {'held by' if product.holds else 'not held by'} {name}: {product.verdict}, so its invoice"
            " says nothing either way"
        )


def _beside(bridge: ClientBridge, finding: Finding) -> tuple[str, str, str, str]:
    places = minor_units().get(finding.currency or "", 2)
    amounts = [
        f"{money(finding.money[c], places)} {finding.currency} {c}" for c in MONEY_COLUMNS if finding.money[c]
    ]
    return (
        finding.exception_code,
        _product(bridge, finding),
        ", ".join(amounts) or "none",
        finding.exception_id,
    )


def _product(bridge: ClientBridge, finding: Finding) -> str:
    line = f", line {finding.line_id}" if finding.line_id else ""
    return _name(bridge, finding.product_code) + line


def _name(bridge: ClientBridge, product_code: str | None) -> str:
    if product_code is None:
        return ""
    name = bridge.product_names.get(product_code)
    return f"{name} ({product_code})" if name else product_code


def _shown(text: str) -> str:
    """Hidden and control characters as their numbers; the page's own indents stay."""
    return visible(text, longest=max(len(text), 1))


def _aligned(cells: Sequence[str], widths: Sequence[int], to_right: Sequence[bool]) -> str:
    gaps = [" " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True)]
    texts = [
        gap + cell if right else cell + gap for cell, gap, right in zip(cells, gaps, to_right, strict=True)
    ]
    return "  " + "  ".join(texts).rstrip()


def _is_number(text: str) -> bool:
    digits = text.lstrip("+-").rstrip("…").replace(".", "", 1)
    return digits.isdecimal() or not text
