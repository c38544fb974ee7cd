"""Required columns that are empty in some rows: filled only once for several rows, or a question.

What belongs here: what the rows show of gaps. What does not: rows that are totals or sections (``sample``).
"""

from __future__ import annotations

from dataclasses import replace

from connectors.counted import plural
from connectors.datasets import Dataset
from connectors.mapped.parts import NUMBERS
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.by_rows.unused import is_of_ids, stands_with, unused
from mbr_pipeline.profiling.proposal import Proposal, heading_of, headings_in
from mbr_pipeline.profiling.sample import Sample


def gaps(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Required columns that are empty in some rows: the first row of a group may stand for all of it, and
    else a person knows what is meant.
    """
    rows = sample.rows
    empty: dict[str, list[int]] = {}
    for column in dataset.columns:
        words = proposal.columns.get(column.name)
        heading = heading_of(words)
        has_other = isinstance(words, dict) and ("values" in words or "default" in words)
        if heading and column.required and column.kind not in NUMBERS and not has_other:
            missing = [at for at, row in enumerate(rows) if not row.get(heading)]
            if missing:
                empty[heading] = missing
    together = groups(proposal, sample)
    if together:
        proposal.words["fill_down"] = together
        proposal.why["fill_down"] = "filled only in the first row of each group, all of them together"
        empty = {h: gaps for h, gaps in empty.items() if h not in together}
    elif inside := _of_invoices(proposal, rows, empty):
        proposal.words["fill_down"] = inside
        proposal.why["fill_down"] = (
            "filled only in the first row of each invoice, whose number all its rows have"
        )
        empty = {h: gaps for h, gaps in empty.items() if h not in inside}
    _periods(proposal, sample, dataset, empty)
    _customers(proposal, sample, empty)
    if empty and proposal.words.get("where") != TODO:
        heading, gaps = next(iter(empty.items()))
        others = "".join(f", “{h}” in {len(g)}" for h, g in list(empty.items())[1:])
        row = rows[gaps[0]]
        seen = " | ".join(text for text in row.values() if text)[:80]
        proposal.ask_rows(
            f"“{heading}” is empty in {len(gaps)} of {len(rows)} rows{others}, such as {seen}:"
            f' fill_down if the value above holds, {{skip: {{{heading}: [""]}}}} if they are no lines, or a'
            " default of the column",
            ({"fill_down": list(empty)}, {"skip": {heading: [""]}}),
        )


def _periods(proposal: Proposal, sample: Sample, dataset: Dataset, empty: dict[str, list[int]]) -> None:
    """Ask for the period of rows that have none, where others have; these are no gaps of rows then."""
    if dataset.name == "agreements":
        return
    for name, word in zip(dataset.interval or (), ("month_start", "next_month_start"), strict=False):
        words = proposal.columns.get(name)
        heading = heading_of(words)
        if heading in empty and sample.values(heading):
            own = words if isinstance(words, dict) else {"heading": heading}
            option = {**own, "default": {"period": word}}
            why = (
                f"“{heading}” is empty in {plural(len(empty[heading]), 'row')}: is the folder's month theirs?"
            )
            proposal.put(name, TODO, why, (option,))
            del empty[heading]


def _customers(proposal: Proposal, sample: Sample, empty: dict[str, list[int]]) -> None:
    """Ask who the customer of rows without one is, where another id that stands with each is in every row."""
    for name in ("vendor_customer_id", "client_id"):
        heading = heading_of(proposal.columns.get(name))
        if heading not in empty or not heading:
            continue
        wider = [
            h
            for h in unused(proposal, sample)
            if len(sample.values(h)) == len(sample.rows)
            and is_of_ids(sample, h)
            and 1 < len(set(sample.values(h))) < len(sample.rows)
            and all(len(each) == 1 for each in stands_with(sample, heading, h).values())
        ]
        if wider:
            hollow = plural(len(empty[heading]), "row")
            why = f"“{heading}” is empty in {hollow}, “{wider[0]}” in none: which is it?"
            both = {"heading": heading, "default": {"heading": wider[0]}}
            proposal.put(name, TODO, why, (both, *wider))
            del empty[heading]


_OF_GROUPS = ("invoice_id", "client_id", "vendor_customer_id", "currency", "invoice_date", "due_date")


def groups(proposal: Proposal, sample: Sample) -> list[str]:
    """Return the columns of whole invoices that are empty together in rows that are lines otherwise, none if
    there are not two; last those that also the first row of a group may lack, which another group's value is
    not for.
    """
    rows = sample.rows
    empty = {h: [at for at, row in enumerate(rows) if not row.get(h)] for h in sample.headings if h}
    named = {h for name in _OF_GROUPS if (h := heading_of(proposal.columns.get(name)))}
    found = [h for h in sample.headings if h in named and empty.get(h) and empty[h][0] != 0]
    quantity = next(iter(headings_in(proposal.columns.get("quantity"))), "")
    number = heading_of(proposal.columns.get("invoice_id"))
    if number and not empty.get(number):
        return []  # every row names its invoice, which decides (_of_invoices)
    for gaps in sorted((empty[h] for h in found), key=len):
        same = [h for h in found if empty[h] == gaps]
        if len(same) > 1 and all(rows[at].get(quantity) for at in gaps):
            more = [h for h in found if h not in same and set(gaps) < set(empty[h])]
            beside = [h for h, others in empty.items() if others == gaps and h not in same]
            return [*same, *(h for h in beside if not _are_numbers(sample.values(h))), *more]
    return []


def filled_down(sample: Sample, headings: list[str]) -> Sample:
    """Return the sample as it is once the values above hold for the rows below."""
    above: dict[str, str] = {}
    rows = []
    for row in sample.rows:
        for at, heading in enumerate(headings):
            if row.get(heading):
                for inner in headings[at:]:
                    above.pop(inner, None)
                above[heading] = row[heading]
        rows.append({**row, **above})
    settings = {**sample.settings, "fill_down": headings}
    why = {**sample.why, "fill_down": "filled only in the first row of each group, all of them together"}
    return replace(sample, rows=rows, settings=settings, why=why)


def _are_numbers(texts: list[str]) -> bool:
    return all(any(c.isdigit() for c in text) and not any(c.isalpha() for c in text) for text in texts)


def _of_invoices(proposal: Proposal, rows: list[dict[str, str]], empty: dict[str, list[int]]) -> list[str]:
    """The columns of a whole invoice that are filled in its first row and empty in its others; none unless
    all that are required and have gaps are such.
    """
    number = heading_of(proposal.columns.get("invoice_id"))
    if not number or number in empty or not empty:
        return []
    firsts = [at for at, row in enumerate(rows) if at == 0 or row.get(number) != rows[at - 1].get(number)]
    if len({rows[at].get(number) for at in firsts}) < len(firsts) or len(firsts) == len(rows):
        return []  # the rows of an invoice do not stand together
    others = sorted(set(range(len(rows))) - set(firsts))
    named = {h for name in _OF_GROUPS if (h := heading_of(proposal.columns.get(name)))}
    inside = [
        h
        for h in named - {number}
        if all(rows[at].get(h) for at in firsts) and not any(rows[at].get(h) for at in others)
    ]
    return sorted(inside) if set(empty) <= set(inside) else []
