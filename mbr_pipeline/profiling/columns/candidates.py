"""Candidates for quantity, price and amount, and whose money they are.

What belongs here: what speaks for and against candidates. What does not: which is proposed (``money``),
testing rows (``numbers``), names (``words.money_names``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from connectors.datasets import Dataset
from mbr_pipeline.profiling.headings import folded, score
from mbr_pipeline.profiling.numbers import Numbers, Triple, beside_units
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.styles import are_whole
from mbr_pipeline.profiling.words import money_names as names
from mbr_pipeline.profiling.words.roles import (
    is_code_of_currency,
    is_count,
    is_discount,
    is_measure,
    is_quantity,
    money_role,
)
from mbr_pipeline.profiling.words.synonyms import HEADINGS

_CHARGED = frozenset(["effective", "billable", "billed", "prorated", "net"])
"""Words of the one of two equal columns that a line is charged by, where the vendor's documents say so."""

_SURELY = 97
_LONGEST_COUNT = 10
_IDS = ("id", "number", "no", "nr", "nummer", "rufnummer", "code", "numero", "phone", "account", "zip")

_MICROSOFT = {"effective unit price", "billable quantity", "term and billing cycle"}


@dataclass(frozen=True)
class _Sides:
    """Names of the money that is meant, of money that may be, and of the other side's."""

    own: tuple[str, str]
    either: tuple[str, str]
    other: tuple[str, str]


_VENDOR = _Sides(
    (names.OWN_PRICES, names.OWN_AMOUNTS),
    (names.PRICES, f"{names.AMOUNTS}|{names.GROSS}"),
    (names.CLIENT_PRICES, names.CLIENT_AMOUNTS),
)
_CLIENT = _Sides(
    (names.CLIENT_PRICES, names.CLIENT_AMOUNTS),
    (names.PRICES, f"{names.AMOUNTS}|{names.GROSS}"),
    (names.OWN_PRICES, names.OWN_AMOUNTS),
)

_LISTED = "|".join(value for name, value in vars(names).items() if name.isupper() and isinstance(value, str))


class Candidates:
    """One file's candidates for quantity, price and amount."""

    def __init__(self, proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers) -> None:
        """Collects the candidates by name."""
        self.proposal, self.sample, self.numbers = proposal, sample, numbers
        self.is_vendor = dataset.name == "vendor_charges"
        self._own = 1 if self.is_vendor else -1
        self.sides = _VENDOR if self.is_vendor else _CLIENT
        self.price = "unit_cost" if self.is_vendor else "unit_price"
        self.has_amount = "amount" in dataset.column_names
        self.quantities = numbers.named(names.QUANTITIES) or [
            h for h in numbers.columns if is_count(folded(h)) and are_whole(sample.values(h))
        ]
        self.quantities = self.quantities or [h for h in beside_units(sample) if h in numbers.columns]
        self.quantities += [h for h in numbers.columns if h not in self.quantities and is_quantity(folded(h))]
        ways = (self.sides.own, self.sides.either, self.sides.other)
        fees = (names.FEES,) if self.has_amount else ()
        self.prices = numbers.named(*(side[0] for side in ways), *fees)
        self.amounts = numbers.named(*(side[1] for side in ways))
        for heading in numbers.columns:
            found = self._role(heading)
            if found:
                listed = self.prices if found[0] == "price" else self.amounts
                listed.insert(0 if found[1] * self._own > 0 else len(listed), heading)
        self.amounts += [h for h in numbers.columns if is_code_of_currency(h) and h not in self.amounts]
        summed = [heading for heading in self.prices if self.is_total(heading)]
        self.prices = [heading for heading in self.prices if heading not in summed]
        self.amounts += [heading for heading in summed if heading not in self.amounts]
        taxes = numbers.named(names.TAXES)
        self.amounts = [heading for heading in self.amounts if heading not in taxes]
        self.taxes = taxes
        self._hold()

    def _hold(self) -> None:
        """Where a person decided what is the quantity, the price or the amount, nothing else may be it."""
        for column in ("quantity", self.price, "amount"):
            heading = heading_of(self.proposal.held.columns.get(column))
            if heading not in self.numbers.columns or heading is None:
                continue
            if column == "quantity":
                self.quantities = [heading]
            elif column == "amount":
                self.amounts = [heading]
            else:
                self.prices = [heading]

    def side(self, heading: str, place: int) -> int:
        """Whose money a heading names: 1 what is meant, 0 either, -1 the other side's."""
        if found := self._role(heading):
            return found[1] * self._own
        points = [(score(heading, side[place])[0], rank) for side, rank in self._ranked()]
        return max(points)[1]

    def _role(self, heading: str) -> tuple[str, int] | None:
        """What a heading's words say, if no list names it."""
        if score(heading, _LISTED)[0] or any("%" in text for text in self.sample.values(heading)):
            return None
        return money_role(folded(heading))

    def _ranked(self) -> tuple[tuple[tuple[str, str], int], ...]:
        return ((self.sides.other, -1), (self.sides.either, 0), (self.sides.own, 1))

    def is_beside(self, price: str) -> bool:
        """Whether a price is called one and no amount, and an amount stands beside it."""
        return price not in self.amounts and any(a != price for a in self.amounts)

    def of_one_side(self, triples: list[Triple]) -> list[Triple]:
        """Return those that are most surely the money of the dataset's side."""
        ranks = {t: self.side(t.price, 0) + self.side(t.amount, 1) for t in triples}
        if self.is_vendor or any(rank < 0 for rank in ranks.values()):
            return [t for t in triples if ranks[t] == max(ranks.values())]
        return triples

    def before_tax(self, amounts: list[str]) -> list[str]:
        """Of amounts of which one is the other and tax, only the one before tax."""
        columns = self.numbers.columns
        for tax in self._taxes():
            for net in amounts:
                for gross in amounts:
                    if (
                        net != gross
                        and all(
                            n is None or g is None or n + (t or 0) == g
                            for n, t, g in zip(columns[net], tax, columns[gross], strict=True)
                        )
                        and ("total" in folded(gross).split() or any(tax))
                        and score(net, names.GROSS)[0] < 99
                    ):
                        return [heading for heading in amounts if heading != gross]
        return amounts

    def _taxes(self) -> list[list[Any]]:
        """Columns of tax; those that are zero in every row as well."""
        found: list[list[Any]] = [self.numbers.columns[heading] for heading in self.taxes]
        for heading in self.sample.headings:
            if score(heading, names.TAXES)[0] and heading not in self.taxes:
                texts = [row.get(heading, "").strip("0.,") for row in self.sample.rows]
                if not any(texts):
                    found.append([0] * len(texts))
        return found

    def charged_by(self, triples: list[Triple], role: str) -> list[Triple]:
        """Of equal columns of Microsoft's bills, those that its documents reconcile by."""
        if not {folded(heading) for heading in self.sample.headings} >= _MICROSOFT:
            return triples
        kept = [t for t in triples if _CHARGED & set(folded(getattr(t, role)).split())]
        return kept or triples

    def left_out(self, chosen: Triple) -> str | None:
        """Return a column that is called what is meant, or a margin, beside a choice that is neither."""
        if not self.is_vendor or self.side(chosen.price, 0) + self.side(chosen.amount, 1) > 0:
            return None
        own = self.numbers.named(*self.sides.own, names.MARGINS)
        return next((h for h in own if h not in (chosen.quantity, chosen.price, chosen.amount)), None)

    def rival(self, chosen: Triple) -> Triple | None:
        """Another price and amount that also multiply, of the side that is not told by its name."""
        if self.side(chosen.price, 0) + self.side(chosen.amount, 1) > 0:
            return None
        known = {chosen.quantity, *self.taxes, *self.quantities}
        known |= {h for name, words in self.proposal.columns.items() if (h := heading_of(words))}
        others = [h for h in self.numbers.columns if h not in known]
        for found in self.numbers.triples([chosen.quantity], others, others):
            is_other = self.side(found.price, 0) + self.side(found.amount, 1) < 0
            if (
                not is_other
                and not self.numbers.same(found.amount, chosen.amount)
                and not self.numbers.same(found.price, chosen.price)
                and found.amount != chosen.amount
            ):
                return found
        return None

    def discounted(self) -> tuple[str, str, str, str] | None:
        """Quantity, price, amount and the discount that makes the amount of their product in every row."""
        amounts = [a for a in self.amounts if self.side(a, 1) >= 0 and a not in self.quantities]
        prices = [p for p in self.prices if self.side(p, 0) >= 0 and p not in self.quantities]
        discounts = [h for h in self.numbers.columns if is_discount(folded(h))]
        for discount in discounts:
            for quantity in self.quantities:
                for price in prices:
                    for amount in amounts:
                        if len({quantity, price, amount, discount}) == 4 and self.numbers.takes_off(
                            quantity, price, amount, discount
                        ):
                            return quantity, price, amount, discount
        return None

    def of_total_rows(self, amounts: list[str]) -> list[str]:
        """Only those whose sum is what a row of totals says, where any is."""
        fitting = [a for a in amounts if self.is_total(a)]
        return fitting or amounts

    def is_total(self, heading: str) -> bool:
        """Whether a row of totals says what the rows of a column add up to."""
        said = [self.numbers.style.read(row[heading]) for row in self.sample.totals if row.get(heading)]
        return bool(said) and said[-1] == self.numbers.total(heading)

    def other_numbers(self, money: str) -> list[str]:
        """Columns of numbers that may be a quantity of an unknown name: no ids, no measures of time."""
        known = {money, *self.prices, *self.amounts, *self.taxes}
        return [
            h
            for h in self.numbers.columns
            if h not in known
            and not is_measure(folded(h))
            and folded(h).split()[-1] not in _IDS
            and len(max(self.sample.values(h), key=len)) < _LONGEST_COUNT
        ]

    def only_decimals(self) -> str | None:
        """Return the only column of numbers with decimals, if it measures nothing and is no tax."""
        found = [
            h
            for h in self.numbers.columns
            if h not in (*self.quantities, *self.taxes)
            and not is_measure(folded(h))
            and sum("." in text or "," in text for text in self.sample.values(h)) * 2
            > len(self.sample.values(h))
        ]
        return found[0] if len(found) == 1 else None

    def of_lines(self, amounts: list[str]) -> list[str]:
        """Without amounts that all lines of a document repeat, where another differs between them."""
        listed = HEADINGS["invoice_lines"]["invoice_id"].split(">")[0]
        documents = [h for h in self.sample.headings if h and score(h, listed)[0] > _SURELY]
        if not documents:
            return amounts

        def is_repeated(amount: str) -> bool:
            found: dict[str, set[Any]] = {}
            for row, money in zip(self.sample.rows, self.numbers.columns[amount], strict=True):
                found.setdefault(row.get(documents[0], ""), set()).add(money)
            return len(found) < len(self.sample.rows) and all(len(each) == 1 for each in found.values())

        own = [amount for amount in amounts if not is_repeated(amount)]
        return own or amounts

    def sum_why(self, heading: str) -> str:
        """Why an amount is taken that no price proves."""
        return (
            "its rows add up to the total of the file"
            if self.is_total(heading)
            else f"the only column of money, called “{heading}”"
        )

    def unnamed_money(self, chosen: str) -> list[str]:
        """Return other columns that may be the money, unless a total decides."""
        known = {chosen, *self.quantities, *self.taxes, *self.prices}
        return [
            heading
            for heading in self.numbers.columns
            if heading not in known
            and names.MONEY_WORDS & set(folded(heading).split())
            and not (chosen and self.numbers.same(heading, chosen))
            and self._side_is_open(heading)
            and not (chosen and self.is_total(chosen))
        ]

    def common_sign(self, amounts: list[str]) -> str | None:
        """Return one of several amounts if all of them are below zero in the same rows, and some row is."""
        signs = [
            [number is not None and number < 0 for number in self.numbers.columns[a]]
            for a in amounts
            if a in self.numbers.columns
        ]
        return amounts[0] if signs and any(signs[0]) and all(s == signs[0] for s in signs) else None

    def _side_is_open(self, heading: str) -> bool:
        return max(score(heading, self.sides.other[0])[0], score(heading, self.sides.other[1])[0]) == 0

    def cells(self, row: int, *headings: str) -> str:
        """Show a product and an amount of a row."""
        return " × ".join(
            self.sample.rows[row].get(heading, "") or "(empty)" for heading in headings[:-1]
        ) + (f" against {self.sample.rows[row].get(headings[-1], '') or '(empty)'}")
