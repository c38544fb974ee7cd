"""Quantity, price and amount of a proposed profile: decided by what the rows add up to, or asked.

What belongs here: which candidate is proposed, and what is asked. What does not: what speaks for candidates
(``candidates``), numbers without a product (``single_numbers``), seats and totals of invoices (``counts``).
A name alone decides only where nothing else in the file could be meant.
"""

from __future__ import annotations

from typing import Any

from connectors.mapped.words import TODO
from mbr_pipeline.profiling.by_rows import amounts as by_rows
from mbr_pipeline.profiling.columns.single_numbers import SingleNumbers
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.numbers import Triple, products
from mbr_pipeline.profiling.words import money_names as names
from mbr_pipeline.profiling.words.roles import is_discount


class Money(SingleNumbers):
    """The choice among one file's candidates for quantity, price and amount."""

    def propose(self) -> None:
        """Propose the three columns, or ask."""
        triples = self.numbers.triples(self.quantities, self.prices, self.amounts)
        if discounted := self.discounted():
            self._with_factor(*discounted)
        elif triples and (own := self.own_beside(triples)):
            self._of_ours(triples[0], own)
        elif triples:
            self._proved(self.of_one_side(triples))
        elif self.quantities and [p for p in self.prices if self.is_beside(p)]:
            self._unproved()
        elif self.amounts and self.has_amount and (len(self.amounts) > 1 or self.amounts != self.prices):
            self._without_price()
        else:
            self._without_amount()

    def _proved(self, triples: list[Triple]) -> None:
        amounts = self.before_tax(list(dict.fromkeys(t.amount for t in triples)))
        triples = [t for t in triples if t.amount in amounts]
        for role in ("quantity", "price", "amount"):
            triples = self.charged_by(triples, role)
        chosen = triples[0]
        open_roles = [
            role for role in ("quantity", "price", "amount") if len({getattr(t, role) for t in triples}) > 1
        ]
        rival, left_out = self.rival(chosen), self.left_out(chosen)
        why = f"{chosen.quantity} × {chosen.price} = {chosen.amount} in every row"
        for role, column in (("quantity", "quantity"), ("price", self.price), ("amount", "amount")):
            headings = list(dict.fromkeys(getattr(t, role) for t in triples))
            if column == "amount" and not self.has_amount:
                continue
            if role in open_roles:
                both = " and ".join(f"“{heading}”" for heading in headings)
                self.proposal.put(column, TODO, f"{both}: the rows are right with each", tuple(headings))
            elif left_out and role != "quantity":
                mine = getattr(chosen, role)
                why_not = f"“{left_out}” stands beside “{mine}”: is that what you pay?"
                made: Any = {"made_of": "amount"}
                if column == "amount":
                    made = {"product_of": [chosen.quantity, left_out]}
                self.proposal.put(column, TODO, why_not, (mine, left_out, made))
            elif rival and role != "quantity":
                mine = getattr(chosen, role)
                other = getattr(rival, role)
                self.proposal.put(
                    column,
                    TODO,
                    f"“{mine}” or “{other}”: both are quantity × price; which is"
                    f" {'what you pay' if self.is_vendor else 'what the client pays'}?",
                    (mine, other),
                )
            else:
                self.proposal.put(column, getattr(chosen, role), why)
        self.sign(any(t.is_unsigned for t in triples))

    def _of_ours(self, theirs: Triple, own: str) -> None:
        """What the MSP pays for one unit, beside a price and an amount that are its client's."""
        why = f"“{theirs.price}” and “{theirs.amount}” are the client's, “{own}” is what you pay"
        self.proposal.put(
            "quantity", theirs.quantity, f"{theirs.quantity} × {theirs.price} = {theirs.amount}"
        )
        self.proposal.put(self.price, own, why)
        if self.is_price_only(own):
            self.proposal.put("amount", {"product_of": [theirs.quantity, own]}, f"{why}: quantity × price")
        else:
            self.proposal.put("amount", own, why)  # of one unit or of all: the rows may tell

    def _unproved(self) -> None:
        amounts = [a for a in self.amounts if self.side(a, 1) >= 0 and a not in self.quantities]
        mine = [p for p in self.prices if self.side(p, 0) >= 0] or self.prices
        for quantity in self.quantities:
            for price in mine:
                for amount in amounts:
                    if price == amount or not (
                        factors := list(self.numbers.factors(quantity, price, amount))
                    ):
                        continue
                    self._with_factor(quantity, price, amount, factors[0])
                    return
        self.quantity()
        quantity, price = self.quantities[0], self.prices[0]
        most = max((self.side(a, 1) for a in amounts), default=0)
        sure = [a for a in amounts if a != price and by_rows.is_before_tax(self.numbers, a)]
        if sure and self.side(sure[0], 1) == most:
            why = f"“{sure[0]}” and the tax are another column in every row"
            self._less_something(quantity, price, sure, why)
            return
        if self.is_vendor and (proved := self._of_the_bill(amounts, price, most)):
            self._less_something(quantity, price, [proved], self.sum_why(proved))
            return
        amount = next((a for a in amounts if a != price), amounts[0] if amounts else price)
        wrong = self.numbers.misses(quantity, price, amount)
        seen = (
            f"{quantity} × {price} is not {amount} in {len(wrong)} of {len(self.sample.rows)} rows, first"
            f" {self.cells(wrong[0], quantity, price, amount)}"
            if wrong
            else "nothing multiplies"
        )
        options: tuple[Any, ...] = tuple(self.prices)
        if self.is_vendor:
            options += ({"made_of": "amount"},)
        self.proposal.put(self.price, TODO, f"{seen}; made_of: amount is the quotient", options)
        if self.has_amount:
            self.proposal.put("amount", TODO, seen, tuple(amounts))
        self.sign(False)

    def _of_the_bill(self, amounts: list[str], price: str, most: int) -> str | None:
        """The only amount of the MSP's own, or the only one of these that the bill's total adds up, if it is
        quantity × price in most rows: the others are of a part of a month, or have a discount, and no tax.
        """
        own = [a for a in self.before_tax(amounts) if a != price and self.side(a, 1) == most]
        own = own if len(own) == 1 else [a for a in own if self.is_total(a)]
        if len(own) != 1:
            return None
        ways = [self.numbers.misses(q, p, own[0]) for q in self.quantities for p in self.prices]
        wrong = min(ways, key=len)
        is_taxed = any(tax[at] for tax in self._taxes() for at in wrong)
        return own[0] if len(wrong) * 2 < len(self.sample.rows) and not is_taxed else None

    def _less_something(self, quantity: str, price: str, sure: list[str], why: str) -> None:
        """An amount that is another without its tax, or the bill's, is the amount, whatever the price is:
        what one unit costs the MSP is the quotient, and what it costs a client is so where only discounts are
        between.
        """
        if len(sure) > 1 or not self.has_amount:
            self.proposal.put("amount", TODO, why, tuple(sure))
        else:
            self.proposal.put("amount", sure[0], why)
        quotient, off = (
            {"made_of": "amount"},
            by_rows.is_less_percents(self.numbers, quantity, price, sure[0]),
        )
        if self.is_vendor or off:
            why = f"{quantity} × {price} is not “{sure[0]}” in every row: amount ÷ quantity"
            self.proposal.put(self.price, quotient, why)
        else:
            self.proposal.put(self.price, TODO, f"{quantity} × {price} is not “{sure[0]}”", (price, quotient))
        self.sign(False)

    def _with_factor(self, quantity: str, price: str, amount: str, factor: str) -> None:
        why = f"{quantity} × {price} with {factor} = {amount} in every row"
        self.proposal.put("quantity", quantity, why)
        if self.has_amount:
            self.proposal.put("amount", amount, why)
        if self.is_vendor or (self.has_amount and is_discount(folded(factor))):
            self.proposal.put(
                self.price, {"made_of": "amount"}, f"{why}: what one unit costs is the quotient"
            )
            self.sign(self.is_vendor)
        else:
            self.proposal.put(self.price, TODO, f"{why}; is “{price}” for a full month?", (price,))
            self.sign(False)

    def _without_price(self) -> None:
        amounts = [a for a in self.amounts if self.side(a, 1) >= 0] or self.amounts
        before = self.before_tax(self.of_lines(amounts))
        others = [a for a in amounts if a not in before]
        amounts = self.of_total_rows(before)
        own = [a for a in amounts if self.side(a, 1) > 0]
        amounts = own or amounts
        if len(amounts) == 1 and self.side(amounts[0], 1) >= 0:
            rivals = [h for h in self.unnamed_money(amounts[0]) if h not in others]
            texts = self.sample.values(amounts[0])
            if "delimiter" in self.sample.settings and all(t.strip("-").isdigit() for t in texts):
                whole = amounts[0]
                cents = {"heading": whole, "implied_decimals": "2"}
                why = f"“{whole}”: all are whole numbers; are they cents (implied_decimals)?"
                self.proposal.put("amount", TODO, why, (whole, cents))
            elif rivals:
                self.proposal.put(
                    "amount",
                    TODO,
                    f"“{amounts[0]}” or “{rivals[0]}”: nothing in the rows decides",
                    (amounts[0], rivals[0]),
                )
            else:
                self.proposal.put("amount", amounts[0], self.sum_why(amounts[0]))
        else:
            both = " or ".join(f"“{a}”" for a in amounts)
            self.proposal.put("amount", TODO, f"{both}: nothing in the rows decides", tuple(amounts))
        self.quantity()
        if self.is_vendor:
            self.proposal.put(self.price, {"made_of": "amount"}, "no price is named: amount ÷ quantity")
            self.sign(False)
        else:
            self.proposal.put(
                self.price,
                TODO,
                "no price of a full month is named; {heading: …, divided_by: …} is a quotient",
            )
            self.sign(False)

    def _without_amount(self) -> None:
        self.quantity()
        if self.has_amount and not self.prices and (money := self.only_decimals()):
            self.decimals_of_a_row(money)
            return
        prices = [p for p in self.prices if self.side(p, 0) > 0] or [
            p for p in self.prices if self.side(p, 0) == 0
        ]
        factors = [h for h in self.numbers.named(names.FACTORS) if h not in self.quantities]
        if len(prices) != 1:
            both = " or ".join(f"“{p}”" for p in (prices or self.prices))
            why = f"{both}: nothing in the rows decides" if both else self.no_price()
            self.proposal.put(self.price, TODO, why, tuple(prices or self.prices) or self.of_one_or_all())
        elif self.has_amount and not self.quantities:
            self.of_a_row(prices[0])
            return
        else:
            self.proposal.put(self.price, prices[0], f"the only price, called “{prices[0]}”")
        if not self.has_amount:
            return
        quantity = self.proposal.columns.get("quantity")
        text = quantity if isinstance(quantity, str) else (quantity or {}).get("heading", TODO)
        unknown = [h for h in self.unnamed_money("") if h not in prices] if len(prices) == 1 else []
        if unknown and text != TODO:
            triples = self.numbers.triples([text], prices, unknown)
            if len(triples) == 1:
                why = f"{text} × {prices[0]} = {triples[0].amount} in every row"
                self.proposal.put("amount", triples[0].amount, why)
            else:
                product = {"product_of": [text, prices[0]]}
                why = f"“{unknown[0]}” is not {text} × {prices[0]} in every row, or another is too"
                self.proposal.put("amount", TODO, why, (*unknown, product))
        elif len(prices) == 1 and text != TODO and not factors:
            self.proposal.put(
                "amount", {"product_of": [text, prices[0]]}, "no amount is named: quantity × price"
            )
        elif len(prices) == 1 and text != TODO:
            self.proposal.put(
                "amount",
                TODO,
                f"no amount is named; quantity × price, but for “{factors[0]}”?",
                products([text, prices[0]], factors[0]),
            )
        else:
            self.proposal.put(
                "amount", TODO, "no amount is named; {product_of: [quantity, price]}, or a heading"
            )
