"""A profile put together from what a sample shows; what it does not show is TODO.

What belongs here: one proposal per word of the profile, each with its reason. What does not: looking at the file (``sample``, ``styles``,
``headings``) and writing YAML (``as_yaml``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.datasets import Column, Dataset, Kind
from connectors.files.profile_cells import NUMBERS
from connectors.files.profile_values import DateFormat
from connectors.files.profile_words import TODO
from mbr_pipeline.profiling.headings import Match, folded, match
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.styles import date_forms, ends, number_styles
from mbr_pipeline.profiling.synonyms import HEADINGS, MEANINGS, MONTHS

_MOST_VALUES = 30
_TOTALS = ("total", "grand total", "subtotal", "sum", "summe", "gesamt", "gesamtsumme", "gesamtbetrag", "zwischensumme")
_MADE = ("line_id", "agreement_line_id", "invoice_line_id")
_CODE = re.compile(r"\b(?:EUR|USD|GBP|CHF|CAD|AUD)\b")
_SIGNS = {"$": "a dollar sign does not say which dollar", "€": "its numbers have €: EUR", "£": "its numbers have £: GBP"}


@dataclass
class Proposal:
    """Words of a profile in the order they are written, with the reason of each; reasons of translated values by (column, text)."""

    words: dict[str, Any] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    columns: dict[str, Any] = field(default_factory=dict)
    column_why: dict[str, str] = field(default_factory=dict)
    value_why: dict[tuple[str, str], str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, Any]:
        """The profile as ``mbr.yml`` would have it, with its TODOs."""
        return {**self.words, "columns": self.columns}


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
    _dates(proposal, sample, dataset)
    _numbers(proposal, sample, dataset)
    _gaps(proposal, sample, dataset)
    used = {_heading(words) for words in proposal.columns.values()}
    unused = [heading for heading in sample.headings if heading and heading not in used]
    if unused:
        proposal.notes.append(f"not used: {', '.join(unused)}")
    return proposal


def _heading(words: Any) -> str | None:
    found = words.get("heading") if isinstance(words, Mapping) else words
    return None if found is None or found.startswith(TODO) else str(found)


def _columns_of(proposal: Proposal, dataset: Dataset, *kinds: Kind) -> Iterator[tuple[str, str]]:
    """Give the canonical columns of these kinds that have a heading, with it."""
    for column in dataset.columns:
        heading = _heading(proposal.columns.get(column.name))
        if column.kind in kinds and heading:
            yield column.name, heading


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
        signs = {sign for sign in _SIGNS for heading in sample.headings for text in (heading, *sample.values(heading)[:50]) if sign in text}
        named = {heading: code[0] for heading in sample.headings if (code := _CODE.search(heading))}
        told = "; ".join([*(_SIGNS[sign] for sign in sorted(signs)), *(f"“{heading}” says {code}" for heading, code in named.items())])
        return f"no heading fits; write {{constant: EUR}} or the like{f' ({told})' if told else ''}"
    if name == "as_of_date":
        return "no heading fits; the day that the seats were counted, or {constant: YYYY-MM-DD}"
    if name == "entitled_quantity":
        return "no heading fits; {count: rows} if each row is a seat, {count: distinct, heading: …} if each user is"
    if name in ("unit_cost", "unit_price"):
        return "no heading fits; name the vendor's column, or {heading: …, divided_by: …} of amount and quantity"
    return "no heading fits; name the vendor's column, or {constant: …}"


def _translated(proposal: Proposal, sample: Sample, column: Column, heading: str, why: str) -> None:
    texts = Counter(sample.values(heading))
    choices = column.choices or ("true", "false")
    if set(texts) <= set(choices):
        return
    if len(texts) > _MOST_VALUES:
        proposal.columns[column.name] = TODO
        proposal.column_why[column.name] = f"“{heading}” has {len(texts)} different values; use another, or {{constant: …}}"
        return
    table: dict[str, str] = {}
    for text, times in texts.most_common():
        meaning = next((choice for choice in choices if folded(text) in (MEANINGS.get(choice) or choice).split("|")), None)
        table[text] = meaning or TODO
        rows = f"{times} row{'s' if times > 1 else ''}"
        proposal.value_why[column.name, text] = f"{rows}; means it by name" if meaning else f"{rows}; one of {', '.join(choices)}"
    proposal.columns[column.name] = {"heading": heading, "values": table}
    proposal.column_why[column.name] = f"{why}; what its texts mean"


def _translations(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Texts of columns with a closed set of values; a category is told by the type of charge where no column of its own tells it."""
    for column in dataset.columns:
        words, by_type = proposal.columns.get(column.name), _heading(proposal.columns.get("charge_type"))
        if column.name == "charge_category" and words == TODO and by_type:
            proposal.columns[column.name], proposal.column_why[column.name] = by_type, "told by the type of charge"
        heading = _heading(proposal.columns.get(column.name))
        if heading and (column.choices or column.kind is Kind.BOOLEAN):
            _translated(proposal, sample, column, heading, proposal.column_why[column.name])


def _whole_period(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """One column may hold the month that a line is for."""
    if not dataset.interval or any(_heading(proposal.columns.get(name)) for name in dataset.interval):
        return
    found = match(sample.headings, {"month": MONTHS}).get("month")
    if found and found.heading and date_forms(sample.values(found.heading)):
        for name, take in zip(dataset.interval, ("month_start", "next_month_start"), strict=True):
            proposal.columns[name] = {"heading": found.heading, "take": take}
            proposal.column_why[name] = f"the month, {found.why}"


def _identifier(proposal: Proposal, sample: Sample, dataset: Dataset, matches: Mapping[str, Match]) -> None:
    """An identifier must tell every row from the others; where none does, it is made of the content."""
    name = next((name for name in dataset.identity if name in _MADE), None)
    if name is None:
        return
    headings = [_heading(proposal.columns.get(column)) for column in dataset.identity]
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


def _dates(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    headings = dict(_columns_of(proposal, dataset, Kind.DATE))
    forms = {name: date_forms(sample.values(heading)) for name, heading in headings.items() if sample.values(heading)}
    if not forms:
        return
    common = [form for form in next(iter(forms.values())) if all(form in others for others in forms.values())]
    decided = [found for found in forms.values() if len(found) == 1]
    if len(common) == 1:
        proposal.words["dates"] = common[0]
        proposal.why["dates"] = f"the only form that reads all of {', '.join(dict.fromkeys(headings.values()))}"
    elif common:
        example = next(text for heading in headings.values() for text in sample.values(heading))
        proposal.words["dates"] = TODO
        proposal.why["dates"] = f"{' or '.join(common)}: no row decides, such as {example}"
    elif len(decided) == len(forms):
        proposal.words["dates"] = decided[0][0]
        proposal.why["dates"] = "the form of the first column of dates; others have their own"
        for name, (form,) in zip(forms, decided, strict=True):
            if form != decided[0][0]:
                own = proposal.columns[name]
                proposal.columns[name] = {**(own if isinstance(own, dict) else {"heading": own}), "dates": form}
    else:
        wrong = next((name for name, found in forms.items() if not found), None)
        proposal.words["dates"] = TODO
        proposal.why["dates"] = f"no known form reads “{headings[wrong]}”" if wrong else "columns differ; give each its own `dates`"
    _period_end(proposal, sample, dataset)


def _period_end(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Whether the end of a period is its last day or the day after is told by whole months only."""
    if not dataset.interval or not all(isinstance(proposal.columns.get(name), str) for name in dataset.interval):
        return
    start, end = (_heading(proposal.columns[name]) for name in dataset.interval)
    if not start or not end:
        return
    found: set[str] = set()
    if proposal.words["dates"] != TODO:
        form = DateFormat(proposal.words["dates"])
        days = [(form.read(row.get(start, "")), form.read(row.get(end, ""))) for row in sample.rows]
        found = ends((first, last) for first, last in days if first and last)
    name = dataset.interval[1]
    if found == {"day"}:
        proposal.column_why[name] += "; whole months end on the day the next begins"
        return
    proposal.columns[name] = {"heading": end, "take": "day_after" if found == {"day_after"} else TODO}
    unknown = "day_after if it is the period's last day, day if it is the day behind that"
    proposal.column_why[name] += "; whole months end on their last day" if found == {"day_after"} else f"; {unknown}"


def _numbers(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    headings = list(dict.fromkeys(heading for _, heading in _columns_of(proposal, dataset, *NUMBERS)))
    values = [text for heading in headings for text in sample.values(heading)]
    if not values:
        return
    found = number_styles(values)
    all_of = f"all of {', '.join(headings)}"
    if found.is_plain:
        proposal.words["decimals"], proposal.why["decimals"] = TODO, f"'.' or ',': {all_of} are whole numbers here"
    elif not found.styles:
        proposal.words["decimals"], proposal.why["decimals"] = TODO, f"no known style reads {all_of}"
    elif not found.is_decided:
        example = next(text for text in values if any(mark in text for mark in ".,"))
        proposal.words["decimals"], proposal.why["decimals"] = TODO, f"'.' or ',': no row decides, such as {example}"
    else:
        proposal.words["decimals"], proposal.why["decimals"] = found.styles[0].point, f"it reads {all_of}"
    if not found.styles:
        return
    style = found.styles[0]
    if style.group and found.is_decided:
        proposal.words["thousands"], proposal.why["thousands"] = style.group, "stands between thousands"
    if style.negatives != "leading":
        proposal.words["negatives"], proposal.why["negatives"] = style.negatives, "how numbers below zero are written"
    if style.signs:
        proposal.words["currency_signs"], proposal.why["currency_signs"] = list(style.signs), "beside numbers"


def _without_totals(proposal: Proposal, sample: Sample) -> Sample:
    """Rows that are called a total and are empty otherwise are no lines."""
    skip: dict[str, list[str]] = {}
    rows = []
    needed = {heading for words in proposal.columns.values() if (heading := _heading(words))}
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
    """Required columns that are empty in some rows may stand on the first row of a group only."""
    for column in dataset.columns:
        heading = _heading(proposal.columns.get(column.name))
        empty = sum(not row.get(heading) for row in sample.rows) if heading and column.required else 0
        if empty:
            is_filled = bool(sample.rows[0].get(heading or ""))
            what = "fill_down: list it if the value above holds" if is_filled else "such rows are rejected"
            proposal.notes.append(f"“{heading}” is empty in {empty} of {len(sample.rows)} rows ({what}; where: skip passes them over)")
