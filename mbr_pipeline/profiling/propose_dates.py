"""Dates of a proposed profile: how they are written, whole months, and whether a period's end
is its last day.

What belongs here: what the file shows of dates. What does not: other columns (``propose``).
"""

from __future__ import annotations

from connectors.datasets import Dataset, Kind
from connectors.mapped.values import DateFormat
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.proposal import Proposal, columns_of, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.styles import date_forms, ends


def dates(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Propose how the columns of dates are written; where two forms fit, the question stays open."""
    headings = dict(columns_of(proposal, dataset, Kind.DATE))
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
        period_end(proposal, sample, dataset)
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
    months(proposal, dataset)
    period_end(proposal, sample, dataset)


def months(proposal: Proposal, dataset: Dataset) -> None:
    """Only a person knows which day a date without a day means, except at the start of a period."""
    for name, heading in columns_of(proposal, dataset, Kind.DATE):
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


def period_end(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Only whole months show whether the end of a period is its last day or the day after."""
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
    if not heading_of(own):
        return None
    return {
        "dates": proposal.words.get("dates", TODO),
        **(own if isinstance(own, dict) else {"heading": own}),
    }
