"""The currency, and what the lines above the headings say.

What belongs here: facts that stand beside the rows. What does not: columns of the rows.
"""

from __future__ import annotations

import re
from typing import Any

from connectors.datasets import Column, Dataset
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.headings import score
from mbr_pipeline.profiling.proposal import Proposal, heading_of, headings_in
from mbr_pipeline.profiling.sample import Sample, said_above
from mbr_pipeline.profiling.words.synonyms import HEADINGS
from mbr_pipeline.values import minor_units

_MONEY = ("amount", "unit_cost", "unit_price", "invoice_total", "default_unit_price")
_CODE = re.compile(r"(?<![A-Za-z])(?:EUR|USD|GBP|CHF|CAD|AUD|NZD|SEK|NOK|DKK|PLN)(?![A-Za-z])")

_SIGNS = {"€": "EUR", "£": "GBP"}


def currency(proposal: Proposal, sample: Sample, column: Column) -> None:
    """A currency that no column names may be above the headings, in a heading, or in the numbers."""
    heading = heading_of(proposal.columns.get("currency"))
    if heading:
        texts = list(dict.fromkeys(sample.values(heading)))
        if wrong := [text for text in texts if text.upper() not in minor_units()]:
            told = f"“{heading}” has other texts than codes like EUR, such as “{wrong[0]}”"
            proposal.put("currency", TODO, told)
        elif other := _named_otherwise(proposal, sample, heading):
            code = _CODE.findall(other)[0]
            why = f"“{other}” is called {code}, and “{heading}” says otherwise: in which currency is it?"
            proposal.put("currency", TODO, why, ({"constant": code}, heading))
        elif any(text != text.upper() for text in texts):
            proposal.put(
                "currency",
                {"heading": heading, "values": {text: text.upper() for text in texts}},
                "codes of currencies are capitals",
            )
        return
    if proposal.columns.get("currency") == TODO and len(_named_currencies(sample)) > 1:
        return
    if by_texts := _of_codes(sample):
        proposal.put("currency", by_texts, "every text of it is the code of a currency")
        return
    for label, text in said_above(sample):
        is_currency = score(label, HEADINGS["vendor_charges"]["currency"])[0] > 97
        if is_currency and _CODE.fullmatch(text):
            proposal.put("currency", {"above": label}, f"the lines above say {text}")
            return
    money = [h for name in _MONEY if (h := heading_of(proposal.columns.get(name)))]
    texts = [text for heading in money for text in (heading, *sample.values(heading))]
    headed = {found_code[0] for heading in money if (found_code := _CODE.search(heading))}
    codes = {found_code[0] for text in texts if (found_code := _CODE.search(text))}
    signs = {sign for sign in (*_SIGNS, "$") if any(sign in text for text in texts)}
    codes |= {_SIGNS[sign] for sign in signs if sign in _SIGNS}
    is_dollar = len(headed) == 1 and codes == headed and next(iter(headed)).endswith("D")
    if len(codes) == 1 and ("$" not in signs or is_dollar):
        (only,) = codes
        proposal.put("currency", {"constant": only}, f"no heading fits; headings or numbers say {only}")
    elif column.required:
        told = " (a dollar sign does not say which dollar)" if "$" in signs else ""
        seen = f" ({' and '.join(sorted(codes))} are named)" if codes else ""
        options: tuple[Any, ...] = tuple(
            {"constant": code} for code in sorted(codes) or ("EUR", "USD", "GBP")
        )
        proposal.put(
            "currency", TODO, f"no heading fits; write {{constant: EUR}} or the like{told}{seen}", options
        )


def _named_otherwise(proposal: Proposal, sample: Sample, heading: str) -> str | None:
    """Return the heading of a money column that names another currency than every row's."""
    said = {text.upper() for text in sample.values(heading)}
    money = [words for name in _MONEY for words in headings_in(proposal.columns.get(name))]
    return next((h for h in money if len(codes := _CODE.findall(h)) == 1 and {codes[0]} != said), None)


def from_above(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """The number and the day of an invoice may stand in the lines above the headings."""
    for column in ("invoice_id",):
        if column not in dataset.column_names or column in proposal.columns:
            continue
        for label, text in said_above(sample):
            if score(label, HEADINGS["vendor_charges"][column].split(">")[0])[0] > 97:
                proposal.put(column, {"above": label}, f"the lines above say {text}")
                break


def _of_codes(sample: Sample) -> str | None:
    """Return a column of nothing but codes of currencies, if all such columns say the same in every row."""
    found = [
        h
        for h in sample.headings
        if h and len(texts := sample.values(h)) == len(sample.rows) and all(map(_CODE.fullmatch, texts))
    ]
    same = all(row.get(h) == row.get(found[0]) for h in found for row in sample.rows)
    return found[0] if found and same else None


def _named_currencies(sample: Sample) -> list[str]:
    return [h for h in sample.headings if score(h, HEADINGS["vendor_charges"]["currency"])[0] > 97]
