"""A profile put together from what a sample shows; what it does not show is TODO.

What belongs here: one proposal per word of the profile, each with its reason. What does not: looking at the
file (``sample``, ``styles``, ``headings``) and writing YAML (``as_yaml``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from connectors.datasets import Column, Dataset, Kind
from connectors.mapped.cells import NUMBERS
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.headings import Match, folded, match
from mbr_pipeline.profiling.proposal import Proposal, columns_of, heading_of
from mbr_pipeline.profiling.propose_dates import dates
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.styles import date_forms, number_styles
from mbr_pipeline.profiling.synonyms import HEADINGS, MEANINGS, MONTHS

_MOST_VALUES = 30
_MOST_NAMED = 30
_TOTALS = (
    "total",
    "grand total",
    "subtotal",
    "sum",
    "summe",
    "gesamt",
    "gesamtsumme",
    "gesamtbetrag",
    "zwischensumme",
)
_MADE = ("line_id", "agreement_line_id", "invoice_line_id")
_CODE = re.compile(r"\b(?:EUR|USD|GBP|CHF|CAD|AUD)\b")
_SIGNS = {
    "$": "a dollar sign does not say which dollar",
    "€": "its numbers have €: EUR",
    "£": "its numbers have £: GBP",
}


def propose(sample: Sample, dataset: Dataset) -> Proposal:
    """Propose a profile that reads files like the sample as this dataset."""
    proposal = Proposal(dict(sample.settings), dict(sample.why), notes=list(sample.notes))
    matches = match(sample.headings, HEADINGS[dataset.name])
    for column in dataset.columns:
        _column(proposal, sample, column, matches.get(column.name))
    _whole_period(proposal, sample, dataset)
    sample = _without_totals(proposal, sample)
    _translations(proposal, sample, dataset)
    _identifier(proposal, sample, dataset, matches)
    dates(proposal, sample, dataset)
    _numbers(proposal, sample, dataset)
    _gaps(proposal, sample, dataset)
    used = {heading_of(words) for words in proposal.columns.values()}
    unused = [heading for heading in sample.headings if heading and heading not in used]
    if unused:
        more = f" and {len(unused) - _MOST_NAMED} more" if len(unused) > _MOST_NAMED else ""
        proposal.notes.append(f"not used: {', '.join(unused[:_MOST_NAMED])}{more}")
    return proposal


def _column(proposal: Proposal, sample: Sample, column: Column, found: Match | None) -> None:
    name = column.name
    if found and found.heading:
        proposal.columns[name], proposal.column_why[name] = found.heading, found.why
    elif found:
        proposal.columns[name], proposal.column_why[name] = TODO, found.why
    elif column.required:
        proposal.columns[name], proposal.column_why[name] = TODO, _hint(proposal, sample, name)


def _hint(proposal: Proposal, sample: Sample, name: str) -> str:
    """Say what may stand in for a required column that no heading fits."""
    if name == "currency":
        signs = {
            sign
            for sign in _SIGNS
            for heading in sample.headings
            for text in (heading, *sample.values(heading)[:50])
            if sign in text
        }
        named = {heading: code[0] for heading in sample.headings if (code := _CODE.search(heading))}
        told = "; ".join(
            [
                *(_SIGNS[sign] for sign in sorted(signs)),
                *(f"“{heading}” says {code}" for heading, code in named.items()),
            ]
        )
        return f"no heading fits; write {{constant: EUR}} or the like{f' ({told})' if told else ''}"
    if name == "as_of_date":
        return "no heading fits; the day that the seats were counted, or {constant: YYYY-MM-DD}"
    if name == "entitled_quantity":
        return (
            "no heading fits; {count: rows} if each row is a seat, {count: distinct, heading: …} if each"
            " user is"
        )
    if name in ("unit_cost", "unit_price"):
        return (
            "no heading fits; name the vendor's column, or {heading: …, divided_by: …} of amount and quantity"
        )
    return "no heading fits; name the vendor's column, or {constant: …}"


def _translated(proposal: Proposal, sample: Sample, column: Column, heading: str, why: str) -> None:
    texts = Counter(sample.values(heading))
    choices = column.choices or ("true", "false")
    if set(texts) <= set(choices):
        return
    if len(texts) > _MOST_VALUES:
        proposal.columns[column.name] = TODO
        proposal.column_why[column.name] = (
            f"“{heading}” has {len(texts)} different values; use another, or {{constant: …}}"
        )
        return
    table: dict[str, str] = {}
    for text, times in texts.most_common():
        meaning = next(
            (choice for choice in choices if folded(text) in (MEANINGS.get(choice) or choice).split("|")),
            None,
        )
        table[text] = meaning or TODO
        rows = f"{times} row{'s' if times > 1 else ''}"
        proposal.value_why[column.name, text] = (
            f"{rows}; means it by name" if meaning else f"{rows}; one of {', '.join(choices)}"
        )
    proposal.columns[column.name] = {"heading": heading, "values": table}
    proposal.column_why[column.name] = f"{why}; what its texts mean"


def _translations(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Texts of columns with a closed set of values; a category is derived from the type of charge where it
    has no column of its own.
    """
    for column in dataset.columns:
        words, by_type = proposal.columns.get(column.name), heading_of(proposal.columns.get("charge_type"))
        if column.name == "charge_category" and words == TODO and by_type:
            proposal.columns[column.name], proposal.column_why[column.name] = (
                by_type,
                "told by the type of charge",
            )
        heading = heading_of(proposal.columns.get(column.name))
        if heading and (column.choices or column.kind is Kind.BOOLEAN):
            _translated(proposal, sample, column, heading, proposal.column_why[column.name])


def _whole_period(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """One column may hold the month that a line is for."""
    if not dataset.interval or any(heading_of(proposal.columns.get(name)) for name in dataset.interval):
        return
    found = match(sample.headings, {"month": MONTHS}).get("month")
    if found and found.heading and date_forms(sample.values(found.heading)):
        for name, take in zip(dataset.interval, ("month_start", "next_month_start"), strict=True):
            proposal.columns[name] = {"heading": found.heading, "take": take}
            proposal.column_why[name] = f"the month, {found.why}"


def _identifier(proposal: Proposal, sample: Sample, dataset: Dataset, matches: Mapping[str, Match]) -> None:
    """An identifier must be different in every row; where none does, it is made of the content."""
    name = next((name for name in dataset.identity if name in _MADE), None)
    if name is None:
        return
    headings = [heading_of(proposal.columns.get(column)) for column in dataset.identity]
    reason = "no heading fits"
    if proposal.columns[name] != TODO:
        rows = Counter(tuple(row.get(heading or "", "") for heading in headings) for row in sample.rows)
        if not [times for times in rows.values() if times > 1]:
            return
        reason = f"“{headings[dataset.identity.index(name)]}” is not another in every row"
    elif name in matches:
        return  # several headings fit: a person decides
    proposal.columns[name] = {"made_of": "content"}
    proposal.column_why[name] = f"{reason}: equal rows of a file are counted"


def _numbers(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    headings = list(dict.fromkeys(heading for _, heading in columns_of(proposal, dataset, *NUMBERS)))
    values = [text for heading in headings for text in sample.values(heading)]
    if not headings:
        return
    found = number_styles(values)
    all_of = f"all of {', '.join(headings)}"
    if not values:
        proposal.words["decimals"], proposal.why["decimals"] = (
            TODO,
            f"no row has a number under {' or '.join(headings)}",
        )
    elif found.is_plain:
        proposal.words["decimals"], proposal.why["decimals"] = (
            TODO,
            f"'.' or ',': {all_of} are whole numbers here",
        )
    elif not found.styles:
        proposal.words["decimals"], proposal.why["decimals"] = TODO, f"no known style reads {all_of}"
    elif not found.is_decided:
        example = next(text for text in values if any(mark in text for mark in ".,"))
        proposal.words["decimals"], proposal.why["decimals"] = (
            TODO,
            f"'.' or ',': no row decides, such as {example}",
        )
    else:
        proposal.words["decimals"], proposal.why["decimals"] = found.styles[0].point, f"it reads {all_of}"
    if not found.styles:
        return
    style = found.styles[0]
    if style.group and found.is_decided:
        proposal.words["thousands"], proposal.why["thousands"] = style.group, "stands between thousands"
    if style.negatives != "leading":
        proposal.words["negatives"], proposal.why["negatives"] = (
            style.negatives,
            "how numbers below zero are written",
        )
    if style.signs:
        proposal.words["currency_signs"], proposal.why["currency_signs"] = list(style.signs), "beside numbers"


def _without_totals(proposal: Proposal, sample: Sample) -> Sample:
    """Rows that are labelled a total and otherwise empty are not lines."""
    skip: dict[str, list[str]] = {}
    rows = []
    needed = {heading for words in proposal.columns.values() if (heading := heading_of(words))}
    for row in sample.rows:
        heading, text = next(((name, row[name]) for name in sample.headings if row.get(name)), ("", ""))
        if sum(not row.get(name) for name in needed) * 2 < len(needed) or folded(text) not in _TOTALS:
            rows.append(row)
        elif text not in skip.setdefault(heading, []):
            skip[heading].append(text)
    if skip:
        proposal.words["where"], proposal.why["where"] = {"skip": skip}, "rows that are called a total"
    return replace(sample, rows=rows)


def _gaps(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Required columns that are empty in some rows may be filled only on the first row of a group."""
    for column in dataset.columns:
        heading = heading_of(proposal.columns.get(column.name))
        empty = sum(not row.get(heading) for row in sample.rows) if heading and column.required else 0
        if empty:
            is_filled = bool(sample.rows[0].get(heading or ""))
            what = "fill_down: list it if the value above holds" if is_filled else "such rows are rejected"
            proposal.notes.append(
                f"“{heading}” is empty in {empty} of {len(sample.rows)} rows ({what}; where: skip passes them"
                " over)"
            )
