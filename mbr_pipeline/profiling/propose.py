"""A profile put together from what a sample shows; what it does not show is TODO.

What belongs here: one proposal per word of the profile, each with its reason. What does not: looking at the
file (``sample``, ``styles``, ``headings``) and writing YAML (``as_yaml``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.datasets import Column, Dataset, Kind
from connectors.mapped.cells import NUMBERS
from connectors.mapped.values import DateFormat
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.headings import Match, folded, match
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.styles import date_forms, ends, number_styles
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


@dataclass
class Proposal:
    """Words of a profile in the order they are written, with the reason of each; reasons of translated values
    by (column, text).
    """

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
        more = f" and {len(unused) - _MOST_NAMED} more" if len(unused) > _MOST_NAMED else ""
        proposal.notes.append(f"not used: {', '.join(unused[:_MOST_NAMED])}{more}")
    return proposal


def _heading(words: Any) -> str | None:
    """Return the vendor's column that a canonical one is proposed to come from, if any is."""
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
    """Texts of columns with a closed set of values; a category is told by the type of charge where no column
    of its own tells it.
    """
    for column in dataset.columns:
        words, by_type = proposal.columns.get(column.name), _heading(proposal.columns.get("charge_type"))
        if column.name == "charge_category" and words == TODO and by_type:
            proposal.columns[column.name], proposal.column_why[column.name] = (
                by_type,
                "told by the type of charge",
            )
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
    forms = {
        name: date_forms(sample.values(heading))
        for name, heading in headings.items()
        if sample.values(heading)
    }
    if not headings:
        return
    if not forms:
        proposal.words["dates"], proposal.why["dates"] = (
            TODO,
            f"no row has a date under {' or '.join(headings.values())}",
        )
        _period_end(proposal, sample, dataset)
        return
    common = [form for form in next(iter(forms.values())) if all(form in others for others in forms.values())]
    decided = [found for found in forms.values() if len(found) == 1]
    if len(common) == 1:
        proposal.words["dates"] = common[0]
        proposal.why["dates"] = (
            f"the only form that reads all of {', '.join(dict.fromkeys(headings.values()))}"
        )
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
                proposal.columns[name] = {
                    **(own if isinstance(own, dict) else {"heading": own}),
                    "dates": form,
                }
    else:
        wrong = next((name for name, found in forms.items() if not found), None)
        proposal.words["dates"] = TODO
        proposal.why["dates"] = (
            f"no known form reads “{headings[wrong]}”"
            if wrong
            else "columns differ; give each its own `dates`"
        )
    _months(proposal, dataset)
    _period_end(proposal, sample, dataset)


def _months(proposal: Proposal, dataset: Dataset) -> None:
    """A date without a day stands for a day that only a person knows, but for the start of a period."""
    for name, heading in _columns_of(proposal, dataset, Kind.DATE):
        own = proposal.columns[name]
        words = own if isinstance(own, dict) else {"heading": heading}
        form = words.get("dates", proposal.words["dates"])
        if form == TODO or "take" in words or DateFormat(form).has_day:
            continue
        is_start = dataset.interval is not None and name == dataset.interval[0]
        proposal.columns[name] = {**words, "take": "month_start" if is_start else TODO}
        proposal.column_why[name] += "; a month without a day" + (
            "" if is_start else ": month_start, or next_month_start"
        )


def _period_end(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Whether the end of a period is its last day or the day after is told by whole months only."""
    start, end = (_form_of(proposal, name) for name in dataset.interval or ("", ""))
    if end is None or "take" in end:
        return
    found: set[str] = set()
    if start and TODO not in (start["dates"], end["dates"]):
        first, last = DateFormat(start["dates"]), DateFormat(end["dates"])
        days = [
            (first.read(row.get(start["heading"], "")), last.read(row.get(end["heading"], "")))
            for row in sample.rows
        ]
        found = ends((day, other) for day, other in days if day and other)
    name = dataset.interval[1] if dataset.interval else ""
    if found == {"day"}:
        proposal.column_why[name] += "; whole months end on the day the next begins"
        return
    own = proposal.columns[name]
    take = "day_after" if found == {"day_after"} else TODO
    proposal.columns[name] = {**(own if isinstance(own, dict) else {"heading": own}), "take": take}
    unknown = "day_after if it is the period's last day, day if it is the day behind that"
    proposal.column_why[name] += f"; {unknown}" if take == TODO else "; whole months end on their last day"


def _form_of(proposal: Proposal, name: str) -> dict[str, str] | None:
    """Return the words of a column of dates with the form that holds for it, None if it has no heading."""
    own = proposal.columns.get(name)
    if not _heading(own):
        return None
    return {
        "dates": proposal.words.get("dates", TODO),
        **(own if isinstance(own, dict) else {"heading": own}),
    }


def _numbers(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    headings = list(dict.fromkeys(heading for _, heading in _columns_of(proposal, dataset, *NUMBERS)))
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
            proposal.notes.append(
                f"“{heading}” is empty in {empty} of {len(sample.rows)} rows ({what}; where: skip passes them"
                " over)"
            )
