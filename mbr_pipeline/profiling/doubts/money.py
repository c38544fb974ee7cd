"""Money that may be other than the money proposed: another amount, a discount, cents, tax.

What belongs here: doubts about amounts and prices. What does not: choosing them (``columns.money``), signs
(``credits``).
"""

from __future__ import annotations

import re
from decimal import Decimal

from connectors.datasets import Dataset
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.columns.candidates import Candidates
from mbr_pipeline.profiling.doubts.look import doubt, is_open, used
from mbr_pipeline.profiling.headings import folded, score
from mbr_pipeline.profiling.numbers import Column, Numbers
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.words import money_names as names
from mbr_pipeline.profiling.words.roles import CLIENTS, CODES, OWN, is_discount, is_measure, money_role

_SURELY = 97
_A_PRODUCT = 2
_CENTS = re.compile(r"-?\W{0,3}[0-9][0-9.,' \u00a0\u202f]*[.,][0-9]{2,4}\W{0,3}(?:[A-Z]{3})?")
_NO_MONEY_OF_LINES = word_set(
    "paid due balance open outstanding bezahlt offen paye reste pagado pendiente betaald openstaand pagato"
    " exchange fx kurs cambio wechselkurs latitude longitude percent pct percentage prozent rate"
    " tax vat gst mwst ust tva iva btw steuer margin marge margine profit gewinn commission provision"
    " shipping running cumulative previous prior last budget weight prorate prorated setup deposit"
)
"""Words of headings of money that is none of a line's: of documents, taxes, margins, rates."""

_TAX = word_set("tax taxes vat gst mwst ust steuer tva iva btw impuesto impuestos imposta")
_WITH_TAX = word_set("ttc brutto bruttobetrag gross ivato incl inclusive including lordo")


def other_money(proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers) -> None:
    """Ask where a column of money that nothing explains stands beside the amount or the price proposed."""
    column = _column_of_money(dataset)
    chosen = heading_of(proposal.columns.get(column))
    if not chosen or is_open(proposal, column) or chosen not in numbers.columns:
        return
    candidates = Candidates(proposal, sample, dataset, numbers)
    if column == "amount" and (
        candidates.is_total(chosen) or "and the tax are another" in proposal.column_why["amount"]
    ):
        return
    place = 1 if column == "amount" else 0
    is_ours = column != "invoice_total" and candidates.side(chosen, place) > 0
    taken, amounts = used(proposal), numbers.columns[chosen]
    for heading, other in numbers.columns.items():
        if heading in taken or heading == chosen or not _may_be_money(sample, heading):
            continue
        sides = _sides(candidates, heading)
        is_explained = (
            min(sides, default=0) < 0
            or bool((CLIENTS if candidates.is_vendor else OWN) & set(folded(heading).split()))
            or _is_a_price(heading)
            or f" × {heading} " in proposal.column_why[column]
            or score(heading, names.FACTORS)[0] > 97
            or _is_all_of(candidates, chosen, heading, column)
            or _is_in_another_currency(proposal, heading, chosen)
            or (is_ours and bool(sides) and max(sides) <= 0)
            or score(heading, names.TAXES)[0] > 97
            or numbers.same(heading, chosen)
            or _is_before_a_discount(numbers, heading, chosen)
            or _is_with_tax(amounts, other, sample, numbers)
            or _is_of_documents(proposal, sample, other)
            or _is_a_product(heading, numbers, candidates)
        )
        if not is_explained:
            both = f"“{chosen}” or “{heading}”"
            doubt(proposal, column, f"{both}: nothing in the rows says what the other is", heading)
            return


def amount_beside_a_product(proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers) -> None:
    """Ask where an amount is made of quantity × price though an unused column may be it: it has the product
    in most rows, or it is money that no word says to be other money.
    """
    words = proposal.columns.get("amount")
    factors = words.get("product_of", []) if isinstance(words, dict) else []
    if len(factors) != _A_PRODUCT or not set(factors) <= set(numbers.columns):
        return
    pairs = list(zip(*(numbers.columns[h] for h in factors), strict=True))
    made = [None if many is None or each is None else many * each for many, each in pairs]
    candidates = Candidates(proposal, sample, dataset, numbers)
    for heading, other in numbers.columns.items():
        if heading in used(proposal):
            continue
        is_other = (
            min(_sides(candidates, heading), default=0) < 0
            or _is_a_price(heading)
            or score(heading, names.TAXES)[0] > _SURELY
            or not _may_be_money(sample, heading)
            or _is_of_documents(proposal, sample, other)
        )
        if _is_in_most_rows(made, other) or not is_other:
            why = f"“{heading}” or {' × '.join(factors)}: which is the amount of a row?"
            doubt(proposal, "amount", why, heading, first=True)
            price = "unit_cost" if dataset.name == "vendor_charges" else "unit_price"
            doubt(proposal, price, why, {"made_of": "amount"}, first=True)
            return


def _is_in_most_rows(made: Column, other: Column) -> bool:
    """Whether one column is the other to the cent, but for its sign, in most rows."""
    cent = Decimal("0.01")
    rows = [(a, b) for a, b in zip(made, other, strict=True) if a and b]
    equal = [a for a, b in rows if abs(abs(a) - abs(b)) <= cent]
    return len(rows) * 2 > len(made) and len(equal) * 2 > len(rows)


def other_total(proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers) -> None:
    """Ask where the only row of totals says another sum than that of the amount proposed."""
    amount = heading_of(proposal.columns.get("amount"))
    if not amount or is_open(proposal, "amount") or amount not in numbers.columns:
        return
    said = [row[amount] for row in sample.totals if row.get(amount)]
    total = numbers.total(amount) - 2 * _given_back(proposal, sample, numbers.columns[amount])
    if len(said) == 1 and numbers.style.read(said[0]) != total:
        doubt(proposal, "amount", f"“{amount}”: the total says {said[0]}, the rows add up to {total}")


def _given_back(proposal: Proposal, sample: Sample, amounts: Column) -> Decimal:
    """The money of rows that the amount's words make negative."""
    words = proposal.columns["amount"]
    tests = words.get("negative_if", {}) if isinstance(words, dict) else {}
    rows = zip(sample.rows, amounts, strict=True)
    return sum(
        (money for row, money in rows if money and any(row.get(h, "") in tests[h] for h in tests)), Decimal(0)
    )


def _column_of_money(dataset: Dataset) -> str:
    listed = ("amount", "invoice_total", "unit_price", "default_unit_price")
    return next((name for name in listed if name in dataset.column_names), "")


def _may_be_money(sample: Sample, heading: str) -> bool:
    words, texts = set(folded(heading).split()), sample.values(heading)
    called = folded(heading)
    if words & _NO_MONEY_OF_LINES or is_discount(called) or is_measure(called):
        return False
    if any("%" in text for text in texts) or "%" in heading:
        return False
    has_cents = sum(bool(_CENTS.fullmatch(text)) for text in texts) * 2 > len(texts)
    return has_cents or (bool(words & names.MONEY_WORDS) and money_role(folded(heading)) is not None)


def _sides(candidates: Candidates, heading: str) -> list[int]:
    """Whose money a heading may be, as a price and as an amount; nothing where no word says so."""
    every = (candidates.sides.own, candidates.sides.either, candidates.sides.other)
    if role := money_role(folded(heading)):
        return [role[1] * (1 if candidates.is_vendor else -1)]
    places = [place for place in (0, 1) if any(score(heading, side[place])[0] for side in every)]
    return [candidates.side(heading, place) for place in places]


def _is_all_of(candidates: Candidates, price: str, heading: str, column: str) -> bool:
    """Whether money is that of all units at the price that is proposed."""
    is_price = column in ("unit_price", "default_unit_price")
    return is_price and bool(candidates.numbers.triples(candidates.quantities, [price], [heading]))


def _is_a_price(heading: str) -> bool:
    """Whether a heading can only be of one unit."""
    return score(heading, names.PRICES)[0] > 97 and score(heading, names.AMOUNTS)[0] < 97


def _is_in_another_currency(proposal: Proposal, heading: str, chosen: str) -> bool:
    """Whether a heading names a currency, beside an amount whose currency a column names."""
    codes = {code.lower() for code in CODES}
    named, mine = (codes & set(folded(text).split()) for text in (heading, chosen))
    return bool(named and not mine and heading_of(proposal.columns.get("currency")))


def _is_with_tax(net: Column, other: Column, sample: Sample, numbers: Numbers) -> bool:
    """Whether one is the other and a column of tax in every row, or at most two rates of tax, or none."""
    pairs = [(a, b) for a, b in zip(net, other, strict=True) if a and b]
    taxes = [numbers.columns[h] for h in numbers.columns if _TAX & set(folded(h).split())]
    for tax in taxes:
        rows = list(zip(net, tax, other, strict=True))
        if all((a or 0) + (t or 0) == (b or 0) for a, t, b in rows):
            return True
    is_taxed = bool(taxes) or any(_WITH_TAX & set(folded(h).split()) for h in sample.headings if h)
    rates = {(b / a).quantize(Decimal("0.001")) for a, b in pairs}
    usual = all(1 <= rate <= Decimal("1.28") for rate in rates)
    return bool(pairs) and is_taxed and usual and 0 < len({r.quantize(Decimal("0.01")) for r in rates}) <= 3


def _is_of_documents(proposal: Proposal, sample: Sample, other: Column) -> bool:
    """Whether money is that of a whole document: one for all lines of each, and some have several lines."""
    number = heading_of(proposal.columns.get("invoice_id"))
    if not number:
        return False
    found: dict[str, set[Decimal | None]] = {}
    for row, money in zip(sample.rows, other, strict=True):
        found.setdefault(row.get(number, ""), set()).add(money)
    is_one = all(len(several - {None}) <= 1 for several in found.values())
    return is_one and len(found) < len(sample.rows)


def _is_a_product(heading: str, numbers: Numbers, candidates: Candidates) -> bool:
    """Whether the money of a client or a list explains a column: quantity × it, or it × quantity, is that."""
    if not candidates.is_vendor:
        return False
    theirs = [
        h for h in numbers.columns if min(candidates.side(h, 0), candidates.side(h, 1)) < 0 and h != heading
    ]
    return bool(
        numbers.triples(candidates.quantities, [heading], theirs)
        or numbers.triples(candidates.quantities, theirs, [heading])
    )


def discounts(proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers) -> None:
    """Ask where a column of discounts explains none of the money that is proposed."""
    column = _column_of_money(dataset)
    words = proposal.columns.get(column)
    chosen = heading_of(words)
    if is_open(proposal, column) or words is None or column == "invoice_total":
        return
    found = [
        h
        for h in numbers.columns
        if is_discount(folded(h)) and any(numbers.columns[h]) and h not in used(proposal)
    ]
    if not found or (chosen and Candidates(proposal, sample, dataset, numbers).is_total(chosen)):
        return
    if any(f"with {h} =" in proposal.column_why.get(column, "") for h in found):
        return
    prices = [h for h in numbers.columns if h not in found]
    money = [h for h in (chosen, heading_of(proposal.columns.get("unit_cost"))) if h]
    money += [h for h in (heading_of(proposal.columns.get("unit_price")),) if h]
    for discount in found:
        if any(
            _takes_off(numbers, one, discount, other) for one in prices for other in money if one != other
        ):
            return
    doubt(proposal, column, f"“{found[0]}”: is it in “{chosen or column}” already?")


def _is_before_a_discount(numbers: Numbers, heading: str, chosen: str) -> bool:
    """Whether a column less one of discounts is the money that is proposed."""
    return any(_takes_off(numbers, heading, h, chosen) for h in numbers.columns if is_discount(folded(h)))


def _takes_off(numbers: Numbers, before: str, discount: str, after: str) -> bool:
    """Whether one column less a discount, in money or of a hundred, is the other in every row."""
    rows = list(zip(numbers.columns[before], numbers.columns[discount], numbers.columns[after], strict=True))
    cent, none = Decimal("0.01"), Decimal(0)
    return any(
        all(a is not None and c is not None and abs(_less(a, d or none)[way] - c) <= cent for a, d, c in rows)
        for way in range(3)
    )


def _less(money: Decimal, discount: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """Money less a discount that is money, percent, or a part of one."""
    off = abs(discount)
    return money - off, money * (100 - off) / 100, money * (1 - off)


def whole_numbers(proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers) -> None:
    """Ask whether money without a decimal mark in any row is in cents."""
    column = _column_of_money(dataset)
    chosen = heading_of(proposal.columns.get(column))
    if not chosen or is_open(proposal, column) or "delimiter" not in sample.settings:
        return
    texts = [t for t in sample.values(chosen) if t.strip("0-")]
    price = heading_of(proposal.columns.get("unit_cost") or proposal.columns.get("unit_price"))
    texts += [t for t in sample.values(price or "") if t.strip("0-")]
    if texts and all(t.lstrip("-").isdigit() and len(t.lstrip("-")) > 2 for t in texts):
        cents = {"heading": chosen, "implied_decimals": "2"}
        why = f"“{chosen}”: all are whole numbers of three digits or more; are they cents?"
        doubt(proposal, column, why, cents)
        for name in ("unit_cost", "unit_price"):
            if (own := heading_of(proposal.columns.get(name))) and not is_open(proposal, name):
                doubt(proposal, name, why, {"heading": own, "implied_decimals": "2"})
