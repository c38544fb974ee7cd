"""How a file writes its numbers: by the cells that are used, else by other numbers of the file.

What belongs here: which decimal mark is proposed, or asked. What does not: every style that reads a column
(``styles``), what numbers add up to (``numbers``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from connectors.datasets import Dataset
from connectors.mapped.parts import NUMBERS
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.decided.held import AS_ANSWERED
from mbr_pipeline.profiling.headings import folded, score
from mbr_pipeline.profiling.numbers import Numbers
from mbr_pipeline.profiling.proposal import Proposal, headings_in
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.styles import date_forms, mark_of_thousands, number_styles
from mbr_pipeline.profiling.words import money_names
from mbr_pipeline.profiling.words.roles import is_number

_OF_NUMBERS = word_set(
    "percent pct percentage prozent pourcentage porcentaje percentuale weight gewicht poids peso hours"
    " stunden heures horas uren ore gb tb mb gib tib kwh kurs wechselkurs taux cambio koers rabatt remise"
    " descuento korting sconto desconto discount factor faktor facteur"
)
"""Words of headings of numbers, beside those of money and of seats."""

_SIGN = re.compile(r"%|[$€£]")
_OF_THOUSANDS = re.compile(r"-?[0-9]{1,3}(?:([.,])[0-9]{3})+")
_OTHER_MARK = {".": ",", ",": "."}


@dataclass(frozen=True)
class Told:
    """The decimal mark of a file, and by which cells it is told."""

    point: str
    why: str


def told_by_the_file(sample: Sample) -> Told | None:
    """Return the decimal mark that columns of numbers show, whether or not they are used, if all that show
    one show the same.
    """
    found: dict[str, str] = {}
    for heading in filter(None, sample.headings):
        texts = sample.values(heading)
        if not texts or date_forms(texts) or not _is_of_numbers(heading, texts):
            continue
        numbers = number_styles(texts)
        if numbers.styles and not numbers.is_plain and numbers.is_decided:
            found.setdefault(numbers.styles[0].point, f"“{heading}” of the file shows it")
        elif mark := _thousands(texts):
            found.setdefault(_OTHER_MARK[mark], f"“{heading}” has “{mark}” between thousands")
    return Told(*found.popitem()) if len(found) == 1 else None


def _is_of_numbers(heading: str, texts: Sequence[str]) -> bool:
    """Whether a column is called money, a count, a part or a measure, or has signs of these: a code such as
    10.15 is no number.
    """
    words = set(folded(heading).split())
    lists = (value for name, value in vars(money_names).items() if name.isupper() and isinstance(value, str))
    return (
        bool(words & (_OF_NUMBERS | money_names.MONEY_WORDS))
        or is_number(folded(heading))
        or all(map(_SIGN.search, texts))
        or any(score(heading, listed)[0] > 97 for listed in lists)
    )


def _thousands(texts: Sequence[str]) -> str | None:
    """Return the mark that stands between thousands for certain: whoever writes 5 for five would not write
    1,200 for one and a fifth, as decimals are either written in every cell or without zeros at their end.
    """
    marked = [found for text in texts if (found := _OF_THOUSANDS.fullmatch(text))]
    plain = [text for text in texts if text.lstrip("-").isdigit() and text.strip("-0")]
    marks = {found[1] for found in marked}
    is_all = len(marked) + sum(text.lstrip("-").isdigit() for text in texts) == len(texts)
    if not (is_all and plain and len(marks) == 1 and any(found[0].endswith("0") for found in marked)):
        return None
    return marks.pop()


def form_of_numbers(
    proposal: Proposal, sample: Sample, dataset: Dataset, readings: list[Numbers], told: Told | None
) -> None:
    """Propose how the numbers that are used are written; what neither they nor others of the file show is
    asked.
    """
    headings: list[str] = []
    for column in dataset.columns:
        if column.kind in NUMBERS:
            headings += [h for h in headings_in(proposal.columns.get(column.name)) if h not in headings]
    options = {
        h
        for key, found in proposal.options.items()
        if key[0] == "columns"
        for o in found
        for h in headings_in(o)
        if h in readings[0].columns
    }
    headings += sorted(options - set(headings))
    values = [text for heading in headings for text in sample.values(heading)]
    found = number_styles(values)
    all_of = f"all of {', '.join(headings)}"
    if not headings:
        return
    if not values:
        proposal.ask("decimals", f"no row has a number under {' or '.join(headings)}")
        return
    if not found.styles:
        proposal.ask("decimals", f"no known style reads {all_of}")
        return
    said = tuple(s for s in found.styles if s.point == proposal.held.text("decimals"))
    found = replace(found, styles=said or found.styles)
    is_open = not said and (found.is_plain or not found.is_decided)
    if (
        is_open
        and told
        and dataset.name != "license_counts"
        and any(s.point == told.point for s in found.styles)
    ):
        found = replace(found, styles=tuple(s for s in found.styles if s.point == told.point))
    style = found.styles[0]
    if said:
        proposal.why["decimals"] = AS_ANSWERED
    elif is_open and found.is_decided and told:
        proposal.words["decimals"], proposal.why["decimals"] = style.point, told.why
    elif found.is_plain and proposal.words.get("delimiter") in (",", "tab", None):
        proposal.words["decimals"] = "."
        proposal.why["decimals"] = f"{all_of} are whole numbers here, and cells are not parted by ';'"
    elif found.is_plain and dataset.name == "license_counts":
        proposal.words["decimals"] = ","
        proposal.why["decimals"] = "seats are whole; a '.' between thousands would be refused"
    elif found.is_plain:
        proposal.ask("decimals", f"'.' or ',': {all_of} are whole numbers here", (".", ","))
    elif not found.is_decided and dataset.name == "license_counts" and (mark := mark_of_thousands(values)):
        other = "," if mark == "." else "."
        proposal.words["decimals"], proposal.words["thousands"] = other, mark
        proposal.why["decimals"] = proposal.why["thousands"] = "seats are whole"
    elif not found.is_decided:
        example = next((text for text in values if any(mark in text for mark in ".,")), values[0])
        proposal.ask("decimals", f"'.' or ',': no row decides, such as {example}", (".", ","))
    else:
        proposal.words["decimals"], proposal.why["decimals"] = style.point, f"it reads {all_of}"
    if style.group and (found.is_decided or {each.group for each in found.styles} == {style.group}):
        proposal.words["thousands"], proposal.why["thousands"] = style.group, "stands between thousands"
    if style.negatives != "leading":
        proposal.words["negatives"] = style.negatives
        proposal.why["negatives"] = "how numbers below zero are written"
    if style.signs:
        proposal.words["currency_signs"] = list(style.signs)
        proposal.why["currency_signs"] = "beside numbers"
