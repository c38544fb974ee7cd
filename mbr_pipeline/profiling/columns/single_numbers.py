"""A quantity, a price or an amount that no product of two others proves, and the sign of a quantity.

What belongs here: what is proposed of single numbers. What does not: quantity × price = amount (``money``).
"""

from __future__ import annotations

from typing import Any

from connectors.counted import plural
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.by_rows import amounts as by_rows
from mbr_pipeline.profiling.columns.candidates import Candidates
from mbr_pipeline.profiling.headings import folded, score
from mbr_pipeline.profiling.numbers import Triple
from mbr_pipeline.profiling.proposal import heading_of
from mbr_pipeline.profiling.words import money_names as names

_SURELY = 97


class SingleNumbers(Candidates):
    """What is proposed of one file's candidates, one by one."""

    def own_beside(self, triples: list[Triple]) -> str | None:
        """Return the only price of a bill that is called the MSP's, if all money that multiplies is called
        its client's.
        """
        theirs = all(self.side(t.price, 0) < 0 and self.side(t.amount, 1) < 0 for t in triples)
        own = [p for p in self.prices if self.side(p, 0) > 0]
        others = [a for a in self.amounts if self.side(a, 1) > 0 and a not in own]
        if not (self.is_vendor and theirs and len(own) == 1 and not others):
            return None
        pairs = zip(self.numbers.columns[own[0]], self.numbers.columns[triples[0].price], strict=True)
        is_less = all(mine is not None and sold is not None and mine <= sold for mine, sold in pairs)
        return own[0] if is_less else None  # one that is more may be of all units

    def is_price_only(self, heading: str) -> bool:
        """Whether a heading can only be that of one unit."""
        return score(heading, names.OWN_AMOUNTS)[0] < _SURELY

    def quantity(self) -> None:
        """Propose the only number called a quantity, or ask."""
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
                f"“{candidates[0]}” is empty in {plural(empty, 'row')}; what does an empty cell stand for?",
                ({"heading": candidates[0], "default": "1"}, {"heading": candidates[0], "default": "0"}),
            )
        else:
            both = " or ".join(f"“{q}”" for q in candidates)
            equal = "; equal in every row" if len(same) == len(candidates) else ""
            self.proposal.put(
                "quantity", TODO, f"{both}: nothing in the rows decides{equal}", tuple(candidates)
            )

    def sign(self, is_seen: bool) -> None:
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
        invoice = heading_of(self.proposal.columns.get("invoice_id"))
        given_back = [at for at, (q, m) in enumerate(zip(many, money, strict=True)) if q and m and m < 0 < q]
        with_sign = {"heading": quantity, "sign_of": amount}
        if given_back and by_rows.are_credit_notes(self.sample, invoice, money):
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

    def decimals_of_a_row(self, money: str) -> None:
        """The only column of decimals is the money: of a row where each is one, or where it grows with the
        units.
        """
        many = self.quantities[0] if len(self.quantities) == 1 else ""
        quotient, why = {"made_of": "amount"}, f"“{money}” is the only column of decimals"
        is_called = bool(names.MONEY_WORDS & set(folded(money).split()))
        if is_called and (
            not self.quantities
            or (many and set(self.numbers.columns[many]) == {1})
            or (many and by_rows.grows_with(self.numbers, money, many))
        ):
            self.proposal.put("amount", money, f"{why}: it is of a row")
            self.proposal.put(self.price, quotient, f"{why}: amount ÷ quantity")
        else:
            why = f"{why}: is it of a row, or of one unit?"
            self.proposal.put(
                "amount", TODO, why, (money, {"product_of": [many, money]}) if many else (money,)
            )
            self.proposal.put(self.price, TODO, why, (quotient, money))
        self.sign(False)

    def of_a_row(self, money: str) -> None:
        """The only money of rows is of the row without a number that may be a quantity, or where it grows
        with that number; else it is asked.
        """
        quotient = {"made_of": "amount"}
        units = self.other_numbers(money)
        growing = [many for many in units if by_rows.grows_with(self.numbers, money, many)]
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

    def of_one_or_all(self) -> tuple[Any, ...]:
        """Answers where only an amount is named: it may be of one unit, or of all."""
        if self.has_amount or len(self.amounts) != 1 or len(self.quantities) != 1:
            return ()
        money = self.amounts[0]
        return money, {"heading": money, "divided_by": self.quantities[0]}

    def no_price(self) -> str:
        """Say what may stand for a price that no heading names."""
        if found := self.of_one_or_all():
            return f"“{found[0]}” is the only money: is it of one unit, or of all?"
        return (
            "no heading fits; name the vendor's column, or {heading: …, divided_by: …} of amount and quantity"
        )
