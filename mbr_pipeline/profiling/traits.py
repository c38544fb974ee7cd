"""What a whole file shows: columns of money, quantities, periods and customers, and how invoices share them.

What belongs here: looks at a sample that several datasets are judged by. What does not: what they are worth
(``which_dataset``).
"""

from __future__ import annotations

import re

from connectors.mapped.values import DateFormat
from mbr_pipeline.profiling.columns.counts import counted_by_words
from mbr_pipeline.profiling.headings import folded, score
from mbr_pipeline.profiling.numbers import beside_units
from mbr_pipeline.profiling.sample import Sample, said_above
from mbr_pipeline.profiling.styles import date_forms, number_styles
from mbr_pipeline.profiling.words import kinds
from mbr_pipeline.profiling.words import money_names as names
from mbr_pipeline.profiling.words.periods import MONTHS
from mbr_pipeline.profiling.words.roles import is_measure, money_role
from mbr_pipeline.profiling.words.synonyms import HEADINGS

_MANY_MONTHS = 3
_SURELY = 97
_ADDRESS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
"""An address of a network is no money: 10.20.0.11."""

_DECIMAL = re.compile(r"\W{0,3}[0-9][0-9.,' \u00a0\u202f]*[.,][0-9]{2}\s?(?:€|\$|£|[A-Z]{3})?")


def headings_like(sample: Sample, listed: str, *, least: float = 99) -> list[str]:
    """Return the filled headings that are like one of the names."""
    return [h for h in sample.headings if h and sample.values(h) and score(h, listed)[0] >= least]


def numeric(sample: Sample, headings: list[str]) -> list[str]:
    """Return those of which every cell is a number."""
    return [h for h in headings if number_styles(sample.values(h)).styles]


def columns_of_money(sample: Sample) -> list[str]:
    """Return columns of money: by their names, or by cells with decimals, whatever they are called."""
    listed = f"{names.PRICES}|{names.OWN_PRICES}|{names.CLIENT_PRICES}|{names.AMOUNTS}|{names.OWN_AMOUNTS}"
    called = [h for h in headings_like(sample, listed) if any(c.isdigit() for c in sample.values(h)[0])]
    by_words = [h for h in numeric(sample, called_money(sample)) if h not in called]
    seats = totals_of_seats(sample)
    called = [h for h in called if h not in seats]
    decimals = [
        h
        for h in sample.headings
        if h
        and not is_measure(folded(h))
        and h not in (*called, *by_words)
        and sum(map(_is_decimal, texts := sample.values(h))) * 2 > len(texts)
    ]
    return [*called, *by_words, *decimals]


def totals_of_seats(sample: Sample) -> list[str]:
    """Return whole numbers under a heading that may be one of money as well (Total), if seats in use or free
    stand beside them and are never more.
    """
    parts = headings_like(sample, f"{names.ASSIGNED}|{names.AVAILABLE}")
    found = [h for h in headings_like(sample, names.ENTITLED) if h not in parts]

    def is_more(whole: str, part: str) -> bool:
        rows = [(row.get(whole, ""), row.get(part, "")) for row in sample.rows]
        return all(a.isdigit() and b.isdigit() and int(a) >= int(b) for a, b in rows)

    return [h for h in found if any(is_more(h, part) for part in parts)]


def called_money(sample: Sample) -> list[str]:
    """Return columns that are called money."""
    called = [h for h in sample.headings if h and sample.values(h) and money_role(folded(h))]
    return [h for h in called if not any("%" in text for text in sample.values(h))]


def _is_decimal(text: str) -> bool:
    return bool(_DECIMAL.fullmatch(text)) and not _ADDRESS.fullmatch(text)


def columns_of_quantities(sample: Sample) -> list[str]:
    """Return columns of quantities, by name or by the unit beside them."""
    called = numeric(sample, headings_like(sample, names.QUANTITIES))
    return called or counted_by_words(sample) or beside_units(sample)


def headings_of(sample: Sample, dataset: str, column: str) -> list[str]:
    """Return the headings that may be a column of a dataset."""
    return headings_like(sample, HEADINGS[dataset][column], least=98)


def periods(sample: Sample) -> list[str]:
    """Return columns of the days that lines are for."""
    listed = [HEADINGS["vendor_charges"][c] for c in ("charge_period_start", "charge_period_end")]
    listed.append(f"{MONTHS}|billing cycle")
    return [
        h for text in listed for h in headings_like(sample, text, least=98) if date_forms(sample.values(h))
    ]


def customers(sample: Sample) -> list[str]:
    """Columns of customers, those that tell several apart first."""
    ids = headings_of(sample, "vendor_charges", "vendor_customer_id")
    both = [*ids, *headings_of(sample, "vendor_charges", "vendor_customer_name")]
    return sorted(both, key=lambda heading: len(set(sample.values(heading))) < 2)


def customers_per_invoice(sample: Sample, dataset: str) -> tuple[int, int, int] | None:
    """Return the number of invoices, the most customers that one has, and the number of all."""
    invoices = headings_of(sample, dataset, "invoice_id")
    who = customers(sample)
    if who and not invoices and is_of_one_invoice(sample):
        own = set(sample.values(who[0]))
        return 1, len(own), len(own)
    if not invoices or not who:
        return None
    found: dict[str, set[str]] = {}
    for row in sample.rows:
        if row.get(invoices[0]) and row.get(who[0]):
            found.setdefault(row[invoices[0]], set()).add(row[who[0]])
    every = {customer for each in found.values() for customer in each}
    return (len(found), max(map(len, found.values())), len(every)) if found else None


def is_of_one_invoice(sample: Sample) -> bool:
    """Whether the lines above the headings name an invoice."""
    listed = HEADINGS["vendor_charges"]["invoice_id"].split(">")[0]
    return any(score(label, listed)[0] > _SURELY for label, _ in said_above(sample))


def dates_of_invoices(sample: Sample) -> list[str]:
    """Return columns of days on which invoices are written or due."""
    listed = (HEADINGS["invoice_lines"]["invoice_date"], HEADINGS["invoice_lines"]["due_date"])
    return [h for names_of in listed for h in headings_like(sample, names_of, least=98)]


def things(sample: Sample) -> str | None:
    """Return the id of what every row has another of, such as a device, where customers have several."""
    several = [h for h in customers(sample) if 1 < len(set(sample.values(h))) * 2 <= len(sample.rows)]
    ids = [
        h
        for h in sample.headings
        if h and kinds.IDS & set(folded(h).split()) and len(set(sample.values(h))) == len(sample.rows)
    ]
    return ids[0] if several and ids and not periods(sample) else None


def begun_in_many_months(sample: Sample) -> str | None:
    """Return a column of starts, one in every row, of at least three months, where another column has days in
    some rows, as ends of agreements are, or no other has any and no invoice is named: a bill's periods are of
    one or two months, and all of them end.
    """
    dated = [h for h in sample.headings if h and date_forms(sample.values(h)) not in ([], ["serial"])]
    is_alone = len(dated) == 1 and not headings_of(sample, "vendor_charges", "invoice_id")
    if not is_alone and not any(len(sample.values(h)) < len(sample.rows) for h in dated):
        return None
    for heading in headings_like(sample, HEADINGS["agreements"]["effective_start"], least=97):
        texts = sample.values(heading)
        forms = [DateFormat(form) for form in date_forms(texts) if form != "serial"]
        months = {day.replace(day=1) for text in texts if forms and (day := forms[0].read(text))}
        if len(texts) == len(sample.rows) and len(months) >= _MANY_MONTHS:
            return heading
    return None


def open_ended(sample: Sample) -> str | None:
    """Return a column of ends that at least half the rows leave empty beside a start in every row: agreements
    go on, and a bill's periods all end.
    """
    starts = headings_like(sample, HEADINGS["agreements"]["effective_start"], least=97)
    begun = [h for h in starts if len(sample.values(h)) == len(sample.rows) and date_forms(sample.values(h))]
    if not begun:
        return None
    listed = HEADINGS["agreements"]["effective_end"]
    return next(
        (
            h
            for h in filter(None, sample.headings)
            if h not in begun
            and score(h, listed)[0] >= _SURELY
            and len(sample.values(h)) * 2 <= len(sample.rows)
            and (not sample.values(h) or date_forms(sample.values(h)))
        ),
        None,
    )
