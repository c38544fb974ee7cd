"""Counts of licences that may be others than those proposed: several counts, several days.

What belongs here: doubts about seats. What does not: choosing them by name (``columns.counts``).
"""

from __future__ import annotations

from connectors.counted import plural
from connectors.datasets import Dataset
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.columns.counts import uncalled_counts
from mbr_pipeline.profiling.doubts.look import doubt, is_open, used
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.numbers import Numbers
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.styles import date_forms
from mbr_pipeline.profiling.words.roles import COUNTED_OTHERWISE

_BOUGHT = word_set(
    "licensed purchased bought entitled entitlement prepaid subscribed contracted committed provisioned"
    " gekauft gebucht lizenziert achetees souscrites contratadas compradas acquistate aangeschaft gekocht"
)
"""Words of a heading that says that seats were bought, so that no other count is meant."""

_LICENCES = word_set("license licenses licence licences lizenzen licencias licenze licenties seats")
_OTHERWISE = word_set(
    "ecart precedent"
    " available free unused remaining verfugbar frei disponibles libres disponibili beschikbaar unassigned"
    " nicht detected threats alerts errors jobs incidents open online offline days age rank score level"
    " version year month limit max maximum minimum min quota gb mb tb storage"
)
"""Words of counts that are no seats bought, whatever else is."""

_OF_LIFE = word_set(
    "start started begin created creation added purchase purchased activated activation "
    "renewal renew renews"
    " expiry expiration expires expire end ends cancel cancelled canceled terminated commitment term trial"
    " valid until gultig valable valido signed install installed login seen sign active "
    "modified updated changed lastmodified contract"
    " vertragsbeginn vertragsende ablauf erstellt beginn ende kundigung laufzeit debut fin expiration"
    " inicio fin alta baja renovacion startdatum einddatum inizio fine scadenza verlangerung von bis"
    " ablaufdatum next letzte last enddatum"
)
"""Words of dates of a subscription or a person, of which several stand beside one SKU."""


def other_counts(proposal: Proposal, sample: Sample, numbers: Numbers) -> None:
    """Ask which of several counts is meant where the one proposed is not called one of seats bought."""
    entitled = heading_of(proposal.columns.get("entitled_quantity"))
    if not entitled or is_open(proposal, "entitled_quantity") or entitled not in numbers.columns:
        return
    if _BOUGHT & set(folded(entitled).split()):
        return
    taken = used(proposal)
    others = [
        heading
        for heading in numbers.columns
        if heading not in taken
        and heading in uncalled_counts(sample)
        and not (_OTHERWISE | COUNTED_OTHERWISE) & set(folded(heading).split())
        and not numbers.same(heading, entitled)
        and not numbers.counts_rows(heading)
    ]
    if not others or _is_the_sum(numbers, entitled, others):
        return
    licences = [h for h in (entitled, *others) if _LICENCES & set(folded(h).split())]
    if licences == [entitled] and heading_of(proposal.columns.get("assigned_quantity")):
        return  # licences, with those in use
    both = " or ".join(f"“{heading}”" for heading in (entitled, *others))
    doubt(proposal, "entitled_quantity", f"{both}: which are the seats bought?", *others, {"count": "rows"})


def _is_the_sum(numbers: Numbers, whole: str, parts: list[str]) -> bool:
    """Whether two or more of the others add up to the one in every row, so that it is all of them."""
    columns = [numbers.columns[part] for part in parts]
    rows = list(zip(numbers.columns[whole], zip(*columns, strict=True), strict=True))
    if len(parts) > 1 and all(total == sum(each or 0 for each in row) for total, row in rows):
        return True
    named = [h for h in numbers.columns if h != whole and h not in parts]
    return any(
        all(
            total == (one or 0) + (other or 0)
            for total, one, other in zip(
                numbers.columns[whole], numbers.columns[part], numbers.columns[h], strict=True
            )
        )
        for part in parts
        for h in named
    )


def several_days(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Ask for the day where rows of one customer and SKU differ in a date that is of no subscription."""
    if proposal.columns.get("as_of_date") != {"period": "last_day"}:
        return
    keys = [h for name in ("vendor_customer_id", "sku_id") if (h := heading_of(proposal.columns.get(name)))]
    for heading in filter(None, sample.headings):
        texts = sample.values(heading)
        if len(texts) < len(sample.rows) or set(folded(heading).split()) & _OF_LIFE:
            continue
        if len(set(texts)) < 2 or not [form for form in date_forms(texts) if form != "serial"]:
            continue
        rows = {tuple(row.get(key, "") for key in keys) for row in sample.rows}
        if len(rows) < len(sample.rows):
            why = f"“{heading}” has {plural(len(set(texts)), 'day')}: are the counts of these days?"
            doubt(proposal, "as_of_date", why, heading, first=True)
            return
