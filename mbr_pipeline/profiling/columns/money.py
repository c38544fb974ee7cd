"""Quantity, price and amount of a proposed profile: decided by what the rows add up to, or asked.

What belongs here: which candidate is proposed, and what is asked. What does not: what speaks for candidates
(``candidates``), seats and totals of invoices (``counts``).
A name alone decides only where nothing else in the file could be meant.
"""

from __future__ import annotations

from typing import Any

from connectors.mapped.words import TODO
from mbr_pipeline.profiling.columns.candidates import Candidates
from mbr_pipeline.profiling.columns.numbers import Column, Triple, products
from mbr_pipeline.profiling.columns.price_of_all import grows_with
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.proposal import heading_of
from mbr_pipeline.profiling.words import money_names as names
from mbr_pipeline.profiling.words.roles import is_discount


class Money(Candidates):
    """The choice among one file's candidates for quantity, price and amount."""

    def propose(self) -> None:
        """Propose the three columns, or ask."""
        triples = self.numbers.triples(self.quantities, self.prices, self.amounts)
        if discounted := self.discounted():
            self._with_factor(*discounted)
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
                self.proposal.put(column, TODO, why_not, (mine, left_out))
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
        self._sign(any(t.is_unsigned for t in triples))

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
        amount_options = tuple(amounts)
        quantity, price = self.quantities[0], next(p for p in self.prices)
        amount = next((a for a in amounts if a != price), amounts[0] if amounts else price)
        wrong = self.numbers.misses(quantity, price, amount)
        seen = (
            f"{quantity} × {price} is not {amount} in {len(wrong)} of {len(self.sample.rows)} rows, first"
            f" {self.cells(wrong[0], quantity, price, amount)}"
            if wrong
            else "nothing multiplies"
        )
        self._quantity()
        options: tuple[Any, ...] = tuple(self.prices)
        if self.is_vendor:
            options += ({"made_of": "amount"},)
        self.proposal.put(self.price, TODO, f"{seen}; made_of: amount is the quotient", options)
        if self.has_amount:
            self.proposal.put("amount", TODO, seen, amount_options)
        self._sign(False)

    def _with_factor(self, quantity: str, price: str, amount: str, factor: str) -> None:
        why = f"{quantity} × {price} with {factor} = {amount} in every row"
        self.proposal.put("quantity", quantity, why)
        if self.has_amount:
            self.proposal.put("amount", amount, why)
        if self.is_vendor or (self.has_amount and is_discount(folded(factor))):
            self.proposal.put(
                self.price, {"made_of": "amount"}, f"{why}: what one unit costs is the quotient"
            )
            self._sign(self.is_vendor)
        else:
            self.proposal.put(self.price, TODO, f"{why}; is “{price}” for a full month?", (price,))
            self._sign(False)

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
        self._quantity()
        if self.is_vendor:
            self.proposal.put(self.price, {"made_of": "amount"}, "no price is named: amount ÷ quantity")
            self._sign(False)
        else:
            self.proposal.put(
                self.price,
                TODO,
                "no price of a full month is named; {heading: …, divided_by: …} is a quotient",
            )
            self._sign(False)

    def _without_amount(self) -> None:
        self._quantity()
        prices = [p for p in self.prices if self.side(p, 0) > 0] or [
            p for p in self.prices if self.side(p, 0) == 0
        ]
        factors = [h for h in self.numbers.named(names.FACTORS) if h not in self.quantities]
        if len(prices) != 1:
            both = " or ".join(f"“{p}”" for p in (prices or self.prices))
            why = f"{both}: nothing in the rows decides" if both else self._no_price()
            self.proposal.put(self.price, TODO, why, tuple(prices or self.prices) or self._of_one_or_all())
        elif self.has_amount and not self.quantities:
            self._of_a_row(prices[0])
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

    def _of_a_row(self, money: str) -> None:
        """The only money of rows is of the row without a number that may be a quantity, or where it grows
        with that number; else it is asked.
        """
        quotient = {"made_of": "amount"}
        units = self.other_numbers(money)
        growing = [many for many in units if grows_with(self.numbers, money, many)]
        if units and not growing:
            why = f"“{money}” is the only money: is it of a row, or of one “{units[0]}”?"
            self.proposal.put("amount", TODO, why, (money, {"product_of": [units[0], money]}))
            self.proposal.put(self.price, TODO, why, (quotient, money))
        else:
            why = f"“{money}” is the only number of a row"
            if growing:
                why = f"“{money}” grows with “{growing[0]}”: it is of a row"
            self.proposal.put("amount", money, why)
            self.proposal.put(self.price, quotient, f"{why}: amount ÷ quantity")
        asked = 'no number is called a quantity; {constant: "1"} if each row is one'
        self.proposal.put("quantity", TODO, asked, ({"constant": "1"}, *units))

    def _of_one_or_all(self) -> tuple[Any, ...]:
        """Answers where only an amount is named: it may be of one unit, or of all."""
        if self.has_amount or len(self.amounts) != 1 or len(self.quantities) != 1:
            return ()
        money = self.amounts[0]
        return money, {"heading": money, "divided_by": self.quantities[0]}

    def _no_price(self) -> str:
        return (
            "no heading fits; name the vendor's column, or {heading: …, divided_by: …} of amount and quantity"
        )

    def _quantity(self) -> None:
        candidates = self.quantities
        same = [q for q in candidates if self.numbers.same(q, candidates[0])]
        if not candidates:
            self.proposal.put("quantity", TODO, "no heading fits; name the vendor's column, or {constant: …}")
        elif len(candidates) == 1 and self.numbers.is_complete(candidates[0]):
            self.proposal.put(
                "quantity", candidates[0], f"the only number called a quantity: “{candidates[0]}”"
            )
        elif len(candidates) == 1:
            empty = sum(number is None for number in self.numbers.columns[candidates[0]])
            self.proposal.put(
                "quantity",
                TODO,
                f"“{candidates[0]}” is empty in {empty} rows; what does an empty cell stand for?",
                ({"heading": candidates[0], "default": "1"}, {"heading": candidates[0], "default": "0"}),
            )
        else:
            both = " or ".join(f"“{q}”" for q in candidates)
            equal = "; equal in every row" if len(same) == len(candidates) else ""
            self.proposal.put(
                "quantity", TODO, f"{both}: nothing in the rows decides{equal}", tuple(candidates)
            )

    def _sign(self, is_seen: bool) -> None:
        """A refund with a plain quantity takes units away: the quantity has the sign of the money."""
        quantity, amount = self.proposal.columns.get("quantity"), self.proposal.columns.get("amount")
        if amount == TODO and self.is_vendor:
            options = self.proposal.options.get(("columns", "amount"), ())
            amount = self.common_sign([o for o in options if isinstance(o, str)]) or TODO
        if not isinstance(quantity, str) or not isinstance(amount, str) or TODO in (quantity, amount):
            return
        if self.is_vendor:
            self.proposal.columns["quantity"] = {"heading": quantity, "sign_of": amount}
            self.proposal.column_why["quantity"] += "; a refund's is below zero"
            return
        many, money = self.numbers.columns[quantity], self.numbers.columns[amount]
        given_back = [at for at, (q, m) in enumerate(zip(many, money, strict=True)) if q and m and m < 0 < q]
        with_sign = {"heading": quantity, "sign_of": amount}
        if given_back and self._are_credit_notes(money):
            why = (
                f"{self.proposal.column_why['quantity']}; invoices below zero are credit notes, also of seats"
            )
            self.proposal.put("quantity", with_sign, why)
        elif given_back:
            shown = self.cells(given_back[0], quantity, amount)
            self.proposal.put(
                "quantity",
                TODO,
                f"{shown}: does such a row give back seats (sign_of) or only money?",
                (with_sign, quantity),
            )
        elif is_seen:
            self.proposal.put(
                "quantity", TODO, f"“{quantity}” has another sign than “{amount}” in some rows", (quantity,)
            )

    def _are_credit_notes(self, money: Column) -> bool:
        """Whether no invoice has money of both signs: what is below zero is then a whole document."""
        invoice = heading_of(self.proposal.columns.get("invoice_id"))
        signs: dict[str, set[bool]] = {}
        for row, amount in zip(self.sample.rows, money, strict=True):
            if amount:
                signs.setdefault(row.get(invoice or "", ""), set()).add(amount < 0)
        return bool(invoice) and all(len(found) == 1 for found in signs.values())
