"""Dates of a proposed profile: how they are written, and which are of a line's months or period.

What belongs here: what the file shows of dates. What does not: what ends a period (``by_rows.period_ends``),
other columns (``propose``).
"""

from __future__ import annotations

from datetime import date

from connectors.counted import plural
from connectors.datasets import Dataset, Kind
from connectors.mapped.values import DateFormat
from connectors.mapped.words import TODO
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.as_yaml import flow
from mbr_pipeline.profiling.by_rows.period_ends import form_of, period_end, periods, words_of
from mbr_pipeline.profiling.columns.categories import is_metered
from mbr_pipeline.profiling.headings import folded, match
from mbr_pipeline.profiling.number_form import told_by_the_file
from mbr_pipeline.profiling.proposal import Proposal, columns_of, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.styles import date_forms, told_apart
from mbr_pipeline.profiling.words.periods import DAYS, MONTHS
from mbr_pipeline.profiling.words.roles import is_end

_LONGEST_MONTH = 31
_NO_ENDS = word_set(
    "invoice invoiced billed billing created updated modified changed entered next last first due order"
    " signed rechnung rechnungsdatum angelegt erstellt geandert nachste letzte facture creation prochaine"
    " derniere factura creacion proxima ultima start begin"
)
"""Words of headings of dates that end nothing."""


def dates(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Propose how the columns of dates are written; where two forms fit, the question stays open."""
    headings = {
        name: heading
        for name, heading in columns_of(proposal, dataset, Kind.DATE)
        if "range" not in words_of(proposal.columns[name])
    }
    filled = {name: heading for name, heading in headings.items() if sample.values(heading)}
    if not headings:
        return
    if not filled:
        proposal.ask("dates", f"no row has a date under {' or '.join(headings.values())}")
        period_end(proposal, sample, dataset)
        return
    apart = {name: told_apart(sample.values(heading)) for name, heading in filled.items()}
    texts = {name: values for name, (values, _) in apart.items()}
    more = list(dict.fromkeys(form for _, forms in apart.values() for form in forms))
    together = [text for values in texts.values() for text in values]
    common = _possible(proposal, sample, dataset, date_forms(together))
    forms = {name: date_forms(values) for name, values in texts.items()}
    decided = [found for found in forms.values() if len(found) == 1]
    if len(common) > 1:
        common = _as_other_columns(sample, common)
    if len(common) > 1:
        common = _beside_a_comma(proposal, sample, common)
    if len(common) == 2 and common[1] == common[0].replace("MMM", "MMMM"):
        common, more = common[:1], [common[1], *more]  # May is both: other months will show which
    if len(common) == 1:
        proposal.words["dates"] = common[0]
        proposal.why["dates"] = (
            f"the only form that reads all of {', '.join(dict.fromkeys(headings.values()))}"
        )
    elif common:
        proposal.ask("dates", f"{' or '.join(common)}: no row decides, such as {together[0]}", tuple(common))
    elif len(decided) == len(forms):
        proposal.words["dates"] = decided[0][0]
        proposal.why["dates"] = "the form of the first column of dates; others have their own"
        for name, (form,) in zip(forms, decided, strict=True):
            if form != decided[0][0]:
                proposal.columns[name] = {**words_of(proposal.columns[name]), "dates": form}
    else:
        wrong = next((name for name, found in forms.items() if not found), None)
        proposal.ask(
            "dates",
            f"no known form reads “{headings[wrong]}”"
            if wrong
            else "columns differ; give each its own `dates`",
        )
    months(proposal, dataset)
    if more and proposal.words["dates"] != TODO:
        proposal.words["dates"] = [proposal.words["dates"], *more]
        proposal.why["dates"] += f"; others are {' and '.join(more)}"
    elif more and common:
        proposal.options[("dates",)] = tuple([form, *more] for form in common)
    period_end(proposal, sample, dataset)
    _long_periods(proposal, sample, dataset, common)
    _swapped(proposal, sample, [headings[name] for name, (_, forms) in apart.items() if forms])


def _swapped(proposal: Proposal, sample: Sample, mixed: list[str]) -> None:
    """Ask where a column has dates in two forms, of which one can be read the other way round: a spreadsheet
    that took 10/1 for the 10th of January has left 10/17 as it was. Where all are of the same months, nothing
    was taken so.
    """
    forms = proposal.words["dates"]
    if not mixed or not isinstance(forms, list) or not _is_ambiguous(forms[0]):
        return
    texts = [text for heading in mixed for text in sample.values(heading)]
    plain, others = (
        {day.replace(day=1) for text in texts for form in some if (day := DateFormat(form).read(text))}
        for some in (forms[:1], forms[1:])
    )
    if others <= plain:
        return
    turned = [{"YYYY-MM-DD": "YYYY-DD-MM"}.get(form, form) for form in forms]
    ways = (forms, turned) if turned != forms else (forms,)
    named = " and ".join(f"“{heading}”" for heading in mixed)
    why = f"{named}: some dates are {forms[0]}, others {' or '.join(forms[1:])}, as where a spreadsheet took"
    why += f" the month for the day: compare with the vendor's own bill; perhaps {flow(list(ways[-1]))}"
    proposal.ask("dates", why, ways)


def _is_ambiguous(form: str) -> bool:
    """Whether a form of digits has the year last and no dots, which stand behind a day everywhere."""
    return "MMM" not in form and "." not in form and "Y" in form[-1:]


def _possible(proposal: Proposal, sample: Sample, dataset: Dataset, forms: list[str]) -> list[str]:
    """Only forms by which no period ends before it starts."""
    if len(forms) < 2 or not dataset.interval:
        return forms
    start, end = (heading_of(proposal.columns.get(name)) for name in dataset.interval)
    if not start or not end:
        return forms

    def is_possible(form: str) -> bool:
        days = DateFormat(form)
        pairs = [(days.read(row.get(start, "")), days.read(row.get(end, ""))) for row in sample.rows]
        return all(first <= last for first, last in pairs if first and last)

    return [form for form in forms if is_possible(form)] or forms


def _as_other_columns(sample: Sample, forms: list[str]) -> list[str]:
    """Other dates of the file are written the same way, and may show which it is."""
    for heading in sample.headings:
        found = date_forms(sample.values(heading)) if heading else []
        loose = [form for form in forms if any(_same_order(form, other) for other in found)]
        if found and len(loose) == 1:
            return loose
    return forms


def _beside_a_comma(proposal: Proposal, sample: Sample, forms: list[str]) -> list[str]:
    """Whoever writes a decimal comma writes the day first: of the 393 locales of the Unicode CLDR that have
    one (as Babel 2.18 lists them), the short date begins with the month in Anii's of Benin alone.
    """
    told = told_by_the_file(sample)
    point = proposal.words.get("decimals")
    if point != "," or told is None or told.point != ",":
        return forms
    return [form for form in forms if not form.startswith("M") or "MMM" in form] or forms


def _same_order(form: str, other: str) -> bool:
    squeezed = (text.replace("DD", "D").replace("MM", "M") for text in (form, other))
    one, two = squeezed
    return one == two


def months(proposal: Proposal, dataset: Dataset) -> None:
    """Only a person knows which day a date without a day means, except at the start of a period."""
    for name, heading in columns_of(proposal, dataset, Kind.DATE):
        own = proposal.columns[name]
        words = own if isinstance(own, dict) else {"heading": heading}
        form = words.get("dates", proposal.words["dates"])
        form = form[0] if isinstance(form, list) else form
        if form == TODO or "take" in words or DateFormat(form).has_day:
            continue
        is_start = dataset.interval is not None and name == dataset.interval[0]
        proposal.columns[name] = {**words, "take": "month_start" if is_start else TODO}
        proposal.column_why[name] += "; a month without a day" + (
            "" if is_start else ": month_start, or next_month_start"
        )


def _long_periods(proposal: Proposal, sample: Sample, dataset: Dataset, forms: list[str]) -> None:
    """A period of more than a month may be that of a commitment and not of the charge; where it is not known
    how dates are written, in any of the ways.
    """
    if dataset.name not in ("vendor_charges", "invoice_lines") or not dataset.interval:
        return
    start, end = (form_of(proposal, name) for name in dataset.interval)
    if start is None or end is None:
        return
    ways = forms if proposal.words["dates"] == TODO else [""]
    for form in ways:
        first, last = ({**own, "dates": form} if own["dates"] == TODO else own for own in (start, end))
        long = [pair for pair in periods(sample, first, last) if (pair[1] - pair[0]).days > _LONGEST_MONTH]
        if long:
            _ask_long(proposal, dataset.interval, (start["heading"], end["heading"]), long, form)
            return


def _ask_long(
    proposal: Proposal,
    interval: tuple[str, str],
    headings: tuple[str, str],
    long: list[tuple[date, date]],
    form: str,
) -> None:
    seen = f"{long[0][0]} to {long[0][1]}" + (f", read as {form}" if form else "")
    for name, heading, word in zip(interval, headings, ("month_start", "next_month_start"), strict=True):
        proposal.put(
            name,
            TODO,
            f"“{heading}”: {plural(len(long), 'row is', 'rows are')} longer than a month, such as {seen}: is"
            " this what the amount is for, or how long the commitment runs?",
            (proposal.columns[name], {"period": word}),
        )


def unnamed_end(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Agreements without an end are open, so a column of dates that may be their end is never passed over."""
    if dataset.name != "agreements" or "effective_end" in proposal.columns:
        return
    start = heading_of(proposal.columns.get("effective_start"))
    found = [
        heading
        for heading in filter(None, sample.headings)
        if heading != start
        and not _NO_ENDS & set(folded(heading).split())
        and any(DateFormat(form).has_day for form in date_forms(sample.values(heading)))
    ]
    found = [h for h in found if "trial" not in folded(h).split()] or found
    found.sort(key=lambda heading: len(sample.values(heading)))  # most lines go on: their end is empty
    if found:
        first, told = found[0], " or ".join(f"“{heading}”" for heading in found)
        rows = plural(len(sample.values(first)), "row")
        why = f"{told} has dates, “{first}” in {rows}: do the lines end then?"
        ways = [({"heading": heading, "take": "day_after"}, {"heading": heading}) for heading in found]
        proposal.put("effective_end", TODO, why, tuple(way for both in ways for way in both))


def other_end(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Ask where an agreement's end has another beside it: that of a term that renews itself, or that of what
    was cancelled.
    """
    words = proposal.columns.get("effective_end")
    heading = heading_of(words)
    if dataset.name != "agreements" or not heading:
        return
    others = [
        h
        for h in filter(None, sample.headings)
        if h not in (heading, heading_of(proposal.columns.get("effective_start")))
        and is_end(folded(h))
        and any(DateFormat(form).has_day for form in date_forms(sample.values(h)))
    ]
    if others:
        both = " or ".join(f"“{h}”" for h in (heading, *others))
        ways = (words, *({**words_of(words), "heading": h} for h in others))
        proposal.put("effective_end", TODO, f"{both}: when does a line end?", ways)


def whole_period(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """One column may hold the month that a line is for, or its only day; else the period is asked."""
    if not dataset.interval:
        return
    day = match(sample.headings, {"day": DAYS}).get("day")
    is_day = (
        dataset.name == "vendor_charges"
        and day is not None
        and day.heading is not None
        and len(set(sample.values(day.heading))) > 1
        and bool(date_forms(sample.values(day.heading)))
    )
    given = [heading for name in dataset.interval if (heading := heading_of(proposal.columns.get(name)))]
    is_period = any(len(set(sample.values(heading))) > 1 for heading in given)
    if given and not (is_day and is_metered(sample) and not is_period):
        return
    found = match(sample.headings, {"month": f"{MONTHS}|billing cycle"}).get("month")
    if not given and found and found.heading and date_forms(sample.values(found.heading)):
        for name, take in zip(dataset.interval, ("month_start", "next_month_start"), strict=True):
            proposal.put(name, {"heading": found.heading, "take": take}, f"the month, {found.why}")
        if heading_of(proposal.columns.get("term")) == found.heading:
            del proposal.columns["term"], proposal.column_why["term"]
        return
    if is_day and day and day.heading:
        start, end = dataset.interval
        proposal.put(start, day.heading, f"the day of the charge, {day.why}")
        proposal.put(end, {"heading": day.heading, "take": "day_after"}, f"the day of the charge, {day.why}")
        return
    required = {column.name for column in dataset.columns if column.required}
    for name, word in zip(dataset.interval, ("month_start", "next_month_start"), strict=True):
        if name in required and name not in proposal.columns:
            proposal.put(
                name,
                TODO,
                f"no heading fits; {{period: {word}}} is the month of the folder",
                ({"period": word},),
            )
