"""What a derivation is made of: parts of records and reasoning, and the resulting code and money.

What belongs here: the shape that derivations fill and renderers print, and the comparison with what
was published. Its texts may hold words from outside as they were landed: the renderers make them
fit for a terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from mbr_pipeline.errors import MbrError
from mbr_pipeline.explain.exact import money
from mbr_pipeline.explain.records import MONEY_COLUMNS, Finding
from mbr_pipeline.recompute.findings.finding import Condition
from mbr_pipeline.recompute.findings.finding import Finding as Found
from mbr_pipeline.recompute.money import half_up, places_of
from mbr_pipeline.safe_text import visible

_T = TypeVar("_T")


@dataclass(frozen=True)
class Part:
    """One step: a table of records with ``columns`` (none if there are no columns), and lines
    of reasoning below it.
    """

    title: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Derivation:
    """How a finding follows from its records.

    ``code`` is the code that the records themselves lead to (None: no finding at all), ``impacts`` its money
    by column, ``clears`` what would make the finding go away.
    """

    code: str | None
    currency: str | None
    places: int
    impacts: Mapping[str, Decimal]
    parts: tuple[Part, ...]
    clears: str


def disagreements(finding: Finding, derived: Derivation) -> list[str]:
    """List where the derivation differs from what was published; empty if they agree."""
    found = []
    if derived.code != finding.exception_code:
        found.append(
            f"the records lead to {derived.code or 'no finding'}, published is {finding.exception_code}"
        )
    if derived.currency != finding.currency:
        found.append(
            f"the records lead to currency {derived.currency or 'none'}, published is"
            f" {finding.currency or 'none'}"
        )
    for column in MONEY_COLUMNS:
        mine, published = derived.impacts.get(column, Decimal(0)), finding.money[column]
        if mine != published:
            texts = (money(amount, derived.places) for amount in (mine, published))
            found.append("{} is {} by this derivation, published is {}".format(column, *texts))
    return found


def concluded(found: Found | None, currency: str | None, parts: Iterable[Part], clears: str) -> Derivation:
    """Put the parts around what the second engine raises, or around nothing where it
    raises no such exception.

    Args:
        found: The engine's exception.
        currency: The currency of the money, even where the amount is zero.
        parts: The steps.
        clears: What would make the finding go away.
    """
    places = places_of(currency)
    impacts: dict[str, Decimal] = {}
    if found:
        amounts = {**dict(found.impacts), "priced_at_cost": found.priced_at_cost}
        impacts = {column: half_up(amount, places) for column, amount in amounts.items() if amount}
    return Derivation(found.code if found else None, currency, places, impacts, tuple(parts), clears)


def first_that_fits(conditions: Iterable[Condition], words: Mapping[str, str], *figures: str) -> Part:
    """Show every condition up to the first that holds, whose code is the one that is raised.

    Args:
        conditions: Codes in the page's order, each with whether its condition holds.
        words: What the condition is, by code.
        figures: What the conditions were compared with, one line each.
    """
    columns, rows = ("code", "when", "fits"), []
    for condition in conditions:
        rows.append((condition.code, words[condition.code], "yes" if condition.holds else "no"))
        if condition.holds:
            return Part("The code: the first that fits", columns, tuple(rows), figures)
    return Part("The code: none fits", columns, tuple(rows), figures)


def the_one(found: Iterable[_T], what: str) -> _T:
    """Return the only record of a kind; raises :class:`MbrError` if the raw tables do
    not have exactly one.
    """
    records = list(found)
    if len(records) != 1:
        raise MbrError(
            f"{visible(what)} is in the month's raw tables {len(records)} times, not once: run the month"
            " again"
        )
    return records[0]
