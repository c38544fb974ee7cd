"""The days of a line under headings that no list names: two dates in one cell, two columns that make whole
months, the moment at which something metered was used.

What belongs here: what rows show of periods. What does not: dates known by their headings
(``columns.dates``).
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from connectors.datasets import Dataset
from connectors.mapped.values import DateFormat, ranges_read
from connectors.mapped.words import TODO
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.by_rows.unused import stands_with, unused
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.styles import date_forms, ends, range_forms
from mbr_pipeline.profiling.words.roles import is_measure

_LONGEST_MONTH = 31
_TIME = re.compile(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?")
_OF_DOCUMENTS = word_set(
    "invoice invoiced due payment paid bill billed created updated modified changed entered order ordered"
    " issue issued posted sent signed renewal renew expiry expires commitment contract term rechnung"
    " rechnungsdatum faellig fallig falligkeit zahlung bestellung facture echeance paiement commande emision"
    " vencimiento pago factuur factuurdatum verval vervaldatum betaling scadenza fattura pagamento emissione"
)
"""Words of headings of dates that are not those of a line's service."""

_OF_OTHER_DAYS = word_set(
    "due payment paid order ordered ship shipped shipping delivery delivered created modified updated sent"
    " start end from to faellig fallig zahlung bezahlt bestellung lieferung lieferdatum echeance paiement"
    " commande livraison vencimiento pago pedido entrega verval vervaldatum betaling levering scadenza"
)
"""Words of headings of days of an invoice that are not the day it was written."""

_OF_INVOICES = word_set(
    "date datum data fecha day tag jour dia giorno dag issued issue invoiced billed invoice bill rechnung"
    " facture factura factuur fattura fatura document beleg emission emision emissione emissao dated written"
)
"""Words of headings of days that may be that of an invoice; of others one is left alone: renews, signed."""

_METERED = word_set(
    "seconds second sec secs minutes minute min mins sekunden sekunde minuten secondes segundos minutos"
    " seconden secondi minuti duration dauer duree duracion durata duur gespraechsdauer gesprachsdauer"
    " kwh bytes"
)


def period(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Propose the period that the rows show, where no heading is known as one of its days."""
    if not dataset.interval or dataset.name == "agreements":
        return
    if any(heading_of(proposal.columns.get(name)) for name in dataset.interval):
        return
    if not (_in_one_cell(proposal, sample, dataset) or _of_whole_months(proposal, sample, dataset)):
        _metered(proposal, sample, dataset)


def _in_one_cell(proposal: Proposal, sample: Sample, dataset: Dataset) -> bool:
    """Two dates in each cell of one column, first to last, are the period if none is longer than a month."""
    found = {h: forms for h in sample.headings if h and (forms := range_forms(sample.values(h)))}
    full = {h: forms for h, forms in found.items() if len(sample.values(h)) == len(sample.rows)}
    if not full or not dataset.interval:
        return False
    heading, forms = next(iter(full.items()))
    days = [_ranges(sample, h, full[h][0]) for h in full]
    start, end = dataset.interval
    words = {"heading": heading, "dates": forms[0]}
    whole = ends(days[0])
    take = {} if whole == {"day"} else {"take": "day_after" if whole == {"day_after"} else TODO}
    both = ({**words, "range": "start"}, {**words, "range": "end", **take})
    is_long = any((last - first).days > _LONGEST_MONTH for first, last in days[0])
    if len(forms) > 1 or is_long or any(other != days[0] for other in days):
        why = f"“{heading}” has two dates in a cell: is this what the amount is for?"
        for name, way in zip(dataset.interval, both, strict=True):
            proposal.put(name, TODO, why, (way,))
        return True
    proposal.put(start, both[0], f"“{heading}” has two dates in each cell")
    proposal.put(end, both[1], f"“{heading}” has two dates in each cell, the last day of whole months")
    return True


def _ranges(sample: Sample, heading: str, form: str) -> list[tuple[date, date]]:
    return [pair for text in sample.values(heading) for pair in ranges_read([DateFormat(form)], text)]


def _of_whole_months(proposal: Proposal, sample: Sample, dataset: Dataset) -> bool:
    """The only two columns of dates that make a whole month in some rows and a part of one in others."""
    columns = {h: days for h in unused(proposal, sample) if (days := _dates(sample, h))}
    pairs = [
        (one, other)
        for one in columns
        for other in columns
        if one != other and _is_period(columns[one], columns[other])
    ]
    if len(pairs) != 1 or not dataset.interval:
        return False
    why = "whole months in some rows and parts of one in others"
    for name, heading in zip(dataset.interval, pairs[0], strict=True):
        proposal.put(name, heading, why)
    return True


def _dates(sample: Sample, heading: str) -> list[date]:
    """The days of a column of which every row has one, unless its heading says that it is of a document."""
    texts = sample.values(heading)
    if _OF_DOCUMENTS & set(folded(heading).split()) or len(texts) < len(sample.rows):
        return []
    forms = [form for form in date_forms(texts) if DateFormat(form).has_day and form != "serial"]
    if len(forms) != 1:
        return []
    return [day for text in texts if (day := DateFormat(forms[0]).read(text))]


def _is_period(first: list[date], last: list[date]) -> bool:
    """Whether days are the first and the last of a month, or of the next, in some rows, and one of them only
    in others, as where something begins or ends within a month.
    """
    rows = list(zip(first, last, strict=True))
    if any(not 0 <= (b - a).days <= _LONGEST_MONTH for a, b in rows):
        return False
    for days in (0, 1):
        bounds = [(a.day == 1, (b + timedelta(days=days)).day == 1) for a, b in rows if b > a]
        if (True, True) in bounds and {(True, False), (False, True)} & set(bounds):
            return True
    return False


def invoice_day(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """The only days that no column has and of which every invoice has one are those of the invoices."""
    number = heading_of(proposal.columns.get("invoice_id"))
    if dataset.name != "invoice_lines" or "invoice_date" in proposal.columns or not number:
        return
    found = [
        h
        for h in unused(proposal, sample)
        if len(sample.values(h)) == len(sample.rows)
        and any(DateFormat(form).has_day for form in date_forms(sample.values(h)) if form != "serial")
        and not _OF_OTHER_DAYS & set(folded(h).split())
        and _OF_INVOICES & set(folded(h).split())
        and all(len(each) == 1 for each in stands_with(sample, number, h).values())
    ]
    if len(found) == 1 and len(set(sample.values(number))) < len(sample.rows):
        proposal.put("invoice_date", found[0], "the only day of which every invoice has one")


def _metered(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """The only moments of a bill on which something is measured are the days of its lines."""
    moment = moments(sample)
    if dataset.name != "vendor_charges" or not moment or not dataset.interval:
        return
    start, end = dataset.interval
    why = "the moment at which the row was measured"
    proposal.put(start, moment, why)
    proposal.put(end, {"heading": moment, "take": "day_after"}, why)


def moments(sample: Sample) -> str | None:
    """Return the only column of dates if they have times of day, several days of one month, and a column of
    what was measured stands beside.
    """
    dated = [h for h in sample.headings if h and date_forms(sample.values(h)) not in ([], ["serial"])]
    if len(dated) != 1 or _OF_DOCUMENTS & set(folded(dated[0]).split()):
        return None
    texts = sample.values(dated[0])
    days = _dates(sample, dated[0])
    is_measured = any(
        _METERED & set(folded(h).split()) or is_measure(folded(h)) for h in sample.headings if h
    )
    times = [found[0] for text in texts if (found := _TIME.search(text))]
    is_timed = len(times) == len(texts) and len(set(times)) > 1
    one_month = len({(day.year, day.month) for day in days}) == 1
    return dated[0] if is_measured and is_timed and one_month and len(set(days)) > 1 else None
