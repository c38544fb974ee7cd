"""Seats, totals of invoices, list prices and prices per cycle of a proposed profile.

What belongs here: single numbers, which no product proves. What does not: quantity × price (``money``).
Two columns that may be meant are a question, unless they are equal but for what a third column explains.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from connectors.datasets import Dataset
from connectors.mapped.words import TODO
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.by_rows.price_of_all import (
    amount_of_all,
    price_of_all,
    price_of_one,
    price_or_amount,
)
from mbr_pipeline.profiling.by_rows.unused import is_running
from mbr_pipeline.profiling.columns.money import Money
from mbr_pipeline.profiling.headings import folded, score
from mbr_pipeline.profiling.numbers import Numbers
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.styles import are_whole
from mbr_pipeline.profiling.words import money_names as names
from mbr_pipeline.profiling.words.meanings import (
    BILLED,
    BILLED_HEADINGS,
    CYCLE_HEADINGS,
    CYCLES,
    NOT_BILLED,
)
from mbr_pipeline.profiling.words.roles import is_count, is_in_use, is_people
from mbr_pipeline.profiling.words.synonyms import HEADINGS

_SURELY = 97
_LONG = 7
"""Whole numbers of so many digits are ids or telephones."""
_NO = ("no", "false", "nein", "non", "n")
_DISCOUNTS = word_set("discount rabatt nachlass remise descuento dto")


def propose_numbers(proposal: Proposal, sample: Sample, dataset: Dataset, numbers: Numbers) -> None:
    """Propose every column of numbers of a dataset, or ask."""
    if "quantity" in dataset.column_names:
        Money(proposal, sample, dataset, numbers).propose()
    if "amount" in dataset.column_names:
        price_or_amount(proposal, sample, numbers, dataset)
    if dataset.name == "vendor_charges":
        amount_of_all(proposal, sample, numbers)
    elif dataset.name == "agreements":
        price_of_one(proposal, sample, numbers)
        _price_of_a_month(proposal, sample)
        price_of_all(proposal, sample, numbers)
    elif dataset.name == "license_counts":
        _seats(proposal, sample, numbers)
    elif dataset.name == "vendor_invoices":
        _invoice_total(proposal, sample, numbers)
    elif dataset.name == "products":
        _list_price(proposal, numbers)


def _seats(proposal: Proposal, sample: Sample, numbers: Numbers) -> None:
    assigned = numbers.named(names.ASSIGNED) or _of_zeros(sample, names.ASSIGNED)
    if len(assigned) > 1:
        assigned = [h for h in assigned if folded(h) != "active"] or assigned
    entitled = [h for h in numbers.named(names.ENTITLED) if h not in assigned]
    called = [h for h in numbers.named(names.QUANTITIES) if score(h, names.QUANTITIES)[0] > _SURELY]
    entitled = entitled or [h for h in called if h not in assigned] or counted_by_words(sample)
    if len(entitled) == 1:
        proposal.put("entitled_quantity", entitled[0], f"what was bought, called “{entitled[0]}”")
    elif entitled:
        both = " or ".join(f"“{heading}”" for heading in entitled)
        proposal.put("entitled_quantity", TODO, f"{both}: which are the seats bought?", tuple(entitled))
    else:
        users = [h for h in numbers.columns if is_people(folded(h)) and are_whole(sample.values(h))]
        more = _no_less(sample, numbers, assigned)
        options: tuple[object, ...] = (
            *more,
            *assigned,
            *(h for h in users if h not in more),
            {"count": "rows"},
        )
        why = (
            f"only “{assigned[0]}” is named, which are seats in use"
            if assigned
            else "no heading fits; {count: rows} if each row is a seat, {count: distinct, heading: …} if each"
            " user is"
        )
        proposal.put("entitled_quantity", TODO, why, options)
    if len(entitled) == 1:
        assigned = assigned or _in_use(sample, numbers, entitled[0])
    if len(assigned) == 1:
        proposal.put("assigned_quantity", assigned[0], f"seats in use, called “{assigned[0]}”")
    elif assigned:
        both = " or ".join(f"“{heading}”" for heading in assigned)
        proposal.put("assigned_quantity", TODO, f"{both}: which are the seats in use?", tuple(assigned))


def _no_less(sample: Sample, numbers: Numbers, assigned: list[str]) -> list[str]:
    """Columns of whole numbers that are no less than the seats in use in any row, and not free ones."""
    if len(assigned) != 1:
        return []
    used = numbers.columns[assigned[0]]
    return [
        h
        for h in uncalled_counts(sample)
        if h in numbers.columns
        and h != assigned[0]
        and not score(h, names.AVAILABLE)[0]
        and all((all_ or 0) >= (one or 0) for one, all_ in zip(used, numbers.columns[h], strict=True))
    ]


def _in_use(sample: Sample, numbers: Numbers, entitled: str) -> list[str]:
    """Columns that are called seats in use and are no more than those bought in any row."""
    bought = numbers.columns[entitled]
    return [
        h
        for h, used in numbers.columns.items()
        if h != entitled
        and is_in_use(folded(h))
        and are_whole(sample.values(h))
        and all(one is None or all_ is None or one <= all_ for one, all_ in zip(used, bought, strict=True))
    ]


def counted_by_words(sample: Sample) -> list[str]:
    """Return columns of whole numbers whose words say that seats are counted; not one that is the same in
    every row, such as the number of rows.
    """
    return [
        heading
        for heading in sample.headings
        if heading
        and is_count(folded(heading))
        and (texts := sample.values(heading))
        and are_whole(texts)
        and (len(set(texts)) > 1 or len(texts) == 1)
    ]


def uncalled_counts(sample: Sample) -> list[str]:
    """Return columns of whole numbers that no list names, which several rows share and which are no ids."""
    known = "id|number|no|nr|code|zip|postal code|plz|phone|fax|year|rank|order|index|version"
    return [
        heading
        for heading in sample.headings
        if heading
        and (texts := sample.values(heading))
        and are_whole(texts)
        and max(map(len, texts)) < _LONG
        and not is_running(sample, heading)
        and not set(known.split("|")) & set(folded(heading).replace("number of", "").split())
        and not any(score(heading, listed)[0] > 97 for listed in HEADINGS["clients"].values())
    ]


def _of_zeros(sample: Sample, listed: str) -> list[str]:
    return [
        heading
        for heading in sample.headings
        if score(heading, listed)[0] > 99 and set(sample.values(heading)) == {"0"}
    ]


def _invoice_total(proposal: Proposal, sample: Sample, numbers: Numbers) -> None:
    candidates = numbers.named(names.INVOICE_TOTALS)
    distinct = [h for at, h in enumerate(candidates) if not any(numbers.same(h, o) for o in candidates[:at])]
    taxes = numbers.named(names.TAXES)
    texts = [text for heading in candidates for text in sample.values(heading)]
    if len(distinct) == 1 and sample.settings.get("delimiter") and all(text.isdigit() for text in texts):
        proposal.put(
            "invoice_total",
            TODO,
            f"“{distinct[0]}”: all are whole numbers; are they cents (implied_decimals)?",
            (distinct[0], {"heading": distinct[0], "implied_decimals": "2"}),
        )
    elif len(distinct) == 1 and not taxes:
        proposal.put("invoice_total", distinct[0], f"the only total, called “{distinct[0]}”")
    elif candidates:
        both = " or ".join(f"“{heading}”" for heading in candidates)
        tax = f" (“{taxes[0]}” stands beside)" if taxes else ""
        proposal.put(
            "invoice_total", TODO, f"{both}{tax}: with tax only if the lines have it too", tuple(candidates)
        )
    else:
        proposal.put(
            "invoice_total", TODO, "no heading fits; name the vendor's column, or {sum_of: …} of the lines"
        )


def _list_price(proposal: Proposal, numbers: Numbers) -> None:
    prices = numbers.named(names.CLIENT_PRICES, names.PRICES)
    if len(prices) == 1:
        proposal.put("default_unit_price", prices[0], f"the only price, called “{prices[0]}”")
    elif prices:
        both = " or ".join(f"“{heading}”" for heading in prices)
        proposal.put("default_unit_price", TODO, f"{both}: which does a client pay?", tuple(prices))


def _price_of_a_month(proposal: Proposal, sample: Sample) -> None:
    """A price for another cycle than a month is divided, and one that the client is not billed is zero; what
    the texts of these columns do not say is asked.
    """
    price = heading_of(proposal.columns.get("unit_price"))
    if not price:
        return
    words: dict[str, Any] = {"heading": price}
    why, asked = [proposal.column_why["unit_price"]], []
    cycles = [h for h in sample.headings if score(h, CYCLE_HEADINGS)[0] > 90 and sample.values(h)]
    cycles = cycles or _says_by_texts(sample, "|".join(CYCLES[n] for n in CYCLES if n != "1"), CYCLES["1"])
    if cycles:
        texts = Counter(row.get(cycles[0], "") for row in sample.rows)
        months = {
            text: next((n for n, listed in CYCLES.items() if folded(text) in listed.split("|")), TODO)
            for text in texts
        }
        words["per"] = {cycles[0]: months}
        why.append(f"“{cycles[0]}” says {', '.join(texts)}")
        if set(months.values()) != {"1"}:
            asked.append(f"is “{price}” for the cycle (per) or for a month?")
    billed = [h for h in sample.headings if score(h, BILLED_HEADINGS)[0] > 90 and sample.values(h)]
    billed = billed or _says_by_texts(sample, NOT_BILLED, BILLED)
    if billed:
        texts = Counter(row.get(billed[0], "") for row in sample.rows)
        free = [t for t in texts if folded(t) in NOT_BILLED.split("|") or folded(t) in _NO]
        paid = [t for t in texts if folded(t) in BILLED.split("|")]
        unknown = [t for t in texts if t not in free and t not in paid]
        usual = ["No"] if {folded(text) for text in paid} == {"yes"} else ["NoCharge", "DoNotBill"]
        words["zero_if"] = {billed[0]: [*(free or usual), *unknown]}
        words["as_written_if"] = {billed[0]: paid or ["Billable"]}
        why.append(f"“{billed[0]}” says {', '.join(texts)}")
        if unknown:
            asked.append(
                f"“{billed[0]}”: is the client billed for {', '.join(unknown)}? zero_if, as_written_if"
            )
    if discount := _discount(proposal, sample):
        asked.append(f"is “{price}” before “{discount}”?")
    if asked:
        without = {name: value for name, value in words.items() if name != "per"}
        proposal.put("unit_price", TODO, "; ".join([*why, *asked]), (words, without))
    elif len(words) > 1:
        proposal.put("unit_price", words, "; ".join(why))


def _says_by_texts(sample: Sample, telling: str, others: str) -> list[str]:
    """Return columns, whatever they are called, all of whose texts are of these, and some are telling."""
    found, both = [], {*telling.split("|"), *others.split("|")}
    for heading in filter(None, sample.headings):
        texts = {folded(text) for text in sample.values(heading)}
        if texts and texts <= both and texts & set(telling.split("|")):
            found.append(heading)
    return found


def _discount(proposal: Proposal, sample: Sample) -> str | None:
    """Return a column of discounts that no product with an amount explains."""
    if " × " in proposal.column_why["unit_price"]:
        return None
    return next(
        (
            heading
            for heading in sample.headings
            if _DISCOUNTS & set(folded(heading).split())
            and any(text.strip("0.,% ") for text in sample.values(heading))
        ),
        None,
    )
