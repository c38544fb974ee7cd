"""Whether money is of one unit or of all, told by the rows of one product with different numbers of units.

What belongs here: what such rows show. What does not: quantity × price = amount (``money``).
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from connectors.datasets import Dataset
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.headings import folded, score
from mbr_pipeline.profiling.numbers import Numbers
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.words import money_names as names
from mbr_pipeline.profiling.words.meanings import CYCLE_HEADINGS
from mbr_pipeline.profiling.words.roles import is_measure, money_role

_LEAST_ROWS = 3
_SURELY = 99
_BOTH_WAYS = 2
_HALF_A_CENT = Fraction(1, 200)

Pairs = dict[str, list[tuple[Fraction, Fraction]]]


def price_of_all(proposal: Proposal, sample: Sample, numbers: Numbers) -> None:
    """An agreement's price that grows with the units of every product is of all of them; where it does so
    for some products only, a person is asked.
    """
    product, price, many = (
        heading_of(proposal.columns.get(name)) for name in ("product_code", "unit_price", "quantity")
    )
    if not product or not price or price not in numbers.columns or many not in numbers.columns:
        return
    if proposal.columns["unit_price"] == {"heading": price, "divided_by": many}:
        return  # told already
    found = _pairs(sample, numbers, product, price, many)
    if proposal.columns["unit_price"] == price and _is_of_all(found):
        why = f"“{price}” grows with “{many}” in the rows of every “{product}”: it is of all units"
        proposal.put("unit_price", {"heading": price, "divided_by": many}, why)
    elif any(_grows(rows) for rows in found.values()):
        why = f"“{price}” grows with “{many}” in the rows of one “{product}”: is it of all units?"
        proposal.put("unit_price", TODO, why, ({"heading": price, "divided_by": many}, price))


def price_of_one(proposal: Proposal, sample: Sample, numbers: Numbers) -> None:
    """The only money of agreements is of one unit where it is the same for one product, cycle and currency,
    whatever the units are, and of all where it grows with them.
    """
    product, many = (heading_of(proposal.columns.get(name)) for name in ("product_code", "quantity"))
    options = proposal.options.get(("columns", "unit_price"), ())
    money = heading_of(options[0]) if len(options) == _BOTH_WAYS else None
    if proposal.columns.get("unit_price") != TODO or not product or many not in numbers.columns:
        return
    if money not in numbers.columns or not many or not money:
        return
    cycles = [h for h in sample.headings if h and score(h, CYCLE_HEADINGS)[0] > 90]
    keys = [product, *cycles, *filter(None, [heading_of(proposal.columns.get("currency"))])]
    found: Pairs = {}
    for row, each, units in zip(sample.rows, numbers.columns[money], numbers.columns[many], strict=True):
        if each and units:
            key = "\t".join(row.get(heading, "") for heading in keys)
            found.setdefault(key, []).append((abs(Fraction(each)), abs(Fraction(units))))
    if _is_of_one(found):
        why = f"“{money}” is the same for one “{product}” whatever “{many}” is: it is of one unit"
        proposal.put("unit_price", money, why)
        proposal.options.pop(("columns", "unit_price"), None)
    elif _is_of_all(found):
        why = f"“{money}” grows with “{many}” in the rows of every “{product}”: it is of all units"
        proposal.put("unit_price", {"heading": money, "divided_by": many}, why)
        proposal.options.pop(("columns", "unit_price"), None)


def amount_of_all(proposal: Proposal, sample: Sample, numbers: Numbers) -> None:
    """A bill's only money that may be the MSP's own, and is called neither a price nor an amount, is the
    amount where it grows with one column of units in the rows of every SKU.
    """
    sku = heading_of(proposal.columns.get("sku_id"))
    if proposal.columns.get("amount") != TODO or not sku:
        return
    units = numbers.named(names.QUANTITIES) or [
        h for h in [heading_of(proposal.columns.get("quantity"))] if h
    ]
    money = [
        heading
        for heading in numbers.columns
        if heading not in units and _is_money(sample, heading) and not _is_the_clients(heading)
    ]
    if len(money) != 1:
        return
    fitting = [many for many in units if _is_of_all(_pairs(sample, numbers, sku, money[0], many))]
    if len(fitting) == 1 or (fitting and all(numbers.same(fitting[0], many) for many in fitting)):
        many = fitting[0]
        why = f"“{money[0]}” grows with “{many}” in the rows of every “{sku}”: it is of all units"
        proposal.put("amount", money[0], why)
        proposal.put("quantity", {"heading": many, "sign_of": money[0]}, f"{why}; a refund's is below zero")
        proposal.put("unit_cost", {"made_of": "amount"}, f"{why}: amount ÷ quantity")
        for name in ("amount", "quantity", "unit_cost"):
            proposal.options.pop(("columns", name), None)


def price_or_amount(proposal: Proposal, sample: Sample, numbers: Numbers, dataset: Dataset) -> None:
    """An amount that no product and no total proves and that is called as prices are, too (Price, Cost), is
    told by the rows of one product: it grows with the units, or it is the same whatever they are; else asked.
    One that is called an amount alone and is the same whatever the units are is asked.
    """
    amount, many = proposal.columns.get("amount"), heading_of(proposal.columns.get("quantity"))
    price = "unit_cost" if dataset.name == "vendor_charges" else "unit_price"
    called = f"{names.PRICES}|{names.OWN_PRICES}|{names.CLIENT_PRICES}"
    if not isinstance(amount, str) or amount not in numbers.columns:
        return
    proofs = ("the only number of a row", "it is of a row", " = ", "total of the file")
    if any(proof in proposal.column_why["amount"] for proof in proofs):
        return
    product = heading_of(proposal.columns.get("sku_id") or proposal.columns.get("product_code"))
    known = bool(product and many in numbers.columns)
    found = _pairs(sample, numbers, product, amount, many) if product and many and known else {}
    is_called_both = score(amount, called)[0] >= _SURELY
    if (found and _is_of_all(found)) or not (is_called_both or _is_of_one(found)):
        return
    whole = {"product_of": [many, amount]}
    factors = [h for h in numbers.named(names.FACTORS) if h != many]
    if is_called_both and found and _is_of_one(found):
        why = f"“{amount}” is the same whatever “{many}” is: it is of one unit"
        proposal.put(price, amount, why)
        if factors:
            asked = f"{why}; the amount is {many} × {amount}, but for “{factors[0]}”?"
            proposal.put("amount", TODO, asked, (whole,))
        else:
            proposal.put("amount", whole, f"{why}; no amount is named: quantity × price")
    else:
        shown = f"It is the same whatever “{many}” is" if _is_of_one(found) else "No rows tell"
        why = f"“{amount}”: is it of one unit, or of all? {shown}"
        proposal.put("amount", TODO, why, (amount, whole) if many else (amount,))
        proposal.put(price, TODO, why, (amount, {"made_of": "amount"}) if many else (amount,))
    if many:
        proposal.put("quantity", many, f"called “{many}”")


def _is_of_one(found: Pairs) -> bool:
    """Whether every product has one money whatever the units, and that of one product with three numbers of
    units, or of two with two, is no chance.
    """
    again = sum(len({units for _, units in rows}) - 1 for rows in found.values())
    return again >= _BOTH_WAYS and all(len({money for money, _ in rows}) == 1 for rows in found.values())


def _is_money(sample: Sample, heading: str) -> bool:
    texts = sample.values(heading)
    has_cents = sum("." in text or "," in text for text in texts) * 2 > len(texts)
    return has_cents and not is_measure(folded(heading))


def _is_the_clients(heading: str) -> bool:
    """Whether a heading says that it is not what the MSP pays."""
    role = money_role(folded(heading))
    others = f"{names.CLIENT_PRICES}|{names.CLIENT_AMOUNTS}|{names.MARGINS}|{names.TAXES}"
    listed = score(heading, others)[0] > 97
    return listed or (role is not None and role[1] < 0)


def _pairs(sample: Sample, numbers: Numbers, product: str, money: str, many: str) -> Pairs:
    """Money and units of the rows of each product, without those that have neither."""
    found: Pairs = {}
    for row, each, units in zip(sample.rows, numbers.columns[money], numbers.columns[many], strict=True):
        if each and units:
            found.setdefault(row.get(product, ""), []).append((abs(Fraction(each)), abs(Fraction(units))))
    return found


def _is_of_all(found: Pairs) -> bool:
    """Whether the rows of every product have one price for a unit, and those of one tell it for certain."""
    return all(map(has_one_price, found.values())) and any(
        len({units for _, units in rows}) >= _LEAST_ROWS and _grows(rows) for rows in found.values()
    )


def _grows(rows: list[tuple[Fraction, Fraction]]) -> bool:
    return len(rows) >= _LEAST_ROWS and len({money for money, _ in rows}) > 1 and has_one_price(rows)


def has_one_price(rows: Iterable[tuple[Fraction, Fraction]]) -> bool:
    """Whether one price of a unit makes the money of every row to the cent."""
    pairs = list(rows)
    least = max((money - _HALF_A_CENT) / units for money, units in pairs)
    most = min((money + _HALF_A_CENT) / units for money, units in pairs)
    return least <= most
