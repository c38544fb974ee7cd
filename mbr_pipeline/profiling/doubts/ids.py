"""Ids that may be of something else: too fine or too coarse for the names beside them.

What belongs here: doubts about customers, invoices, and ids of either kind. What does not: codes and names of
products (``products``), choosing ids (``columns.identifiers``).
"""

from __future__ import annotations

import re
from typing import Any

from connectors.datasets import Dataset
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.by_rows.codes import is_at_several, is_told_by_name
from mbr_pipeline.profiling.by_rows.parties import NOT_OF_CUSTOMERS
from mbr_pipeline.profiling.by_rows.unused import (
    customer_of,
    go_together,
    is_of_ids,
    is_text,
    stands_with,
    unused,
)
from mbr_pipeline.profiling.doubts.look import doubt, is_open
from mbr_pipeline.profiling.headings import folded, score
from mbr_pipeline.profiling.proposal import Proposal, heading_of, headings_in
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.words.concepts import concept_of, is_known_word
from mbr_pipeline.profiling.words.meanings import MEANINGS
from mbr_pipeline.profiling.words.synonyms import HEADINGS

_FEW = 4
_SURELY = 97
_ROUNDED = re.compile(r"[0-9][.,][0-9]+E\+?[0-9]{2,}", re.IGNORECASE)
_IDS = ("_id", "_code")
_PARTIES = {"customer", "endcustomer", "company", "account"}
_LONG_ID = 4
_CUSTOMERS = ("vendor_customer_id", "client_id")
_PRODUCTS = ("sku_id", "product_code")
_NAMES = {
    "client_id": HEADINGS["clients"]["client_name"],
    "vendor_customer_id": HEADINGS["vendor_charges"]["vendor_customer_name"],
    "sku_id": HEADINGS["vendor_charges"]["sku_name"],
    "product_code": HEADINGS["vendor_charges"]["sku_name"],
}
_ID_WORDS = word_set("id number no nr numero nummer code codigo codice uuid identifier kennung")
_INVOICES = word_set(
    "invoice invoices bill rechnung rechnungsnummer rechnungsnr facture factura factuur factuurnummer fattura"
    " fatura beleg belegnummer belegnr"
)
_PARTS = word_set(
    "site location tenant customer client company end user enduser account organization organisation"
    " endkunde kunde standort client agence klant cliente mandant subaccount ship shipto"
)


def rounded_ids(proposal: Proposal, sample: Sample) -> None:
    """Ask where a spreadsheet has written an id as a rounded number: several ids look the same then."""
    for column, words in list(proposal.columns.items()):
        heading = heading_of(words)
        if not column.endswith(_IDS) or not heading:
            continue
        if rounded := next(filter(_ROUNDED.fullmatch, sample.values(heading)), None):
            why = (
                f"“{heading}” has {rounded}, which a spreadsheet has rounded: other ids may look the same;"
                " export it again as text"
            )
            doubt(proposal, column, why)


def one_name_of_several(proposal: Proposal, sample: Sample) -> None:
    """Ask where a customer is told by a name, and another column says that two of one name are two: it has a
    text in every row that stands with one name only, and one name stands with several of its texts.

    Where it is another in every row it may be of the lines: then it must be called an id of customers; else
    an id, or by no word that is known.
    """
    for column in _CUSTOMERS:
        heading = heading_of(proposal.columns.get(column))
        if not heading or is_open(proposal, column) or not score(heading, _NAMES[column])[0]:
            continue
        taken = {h for words in proposal.columns.values() for h in headings_in(words)}
        found = [h for h in sample.headings if h and h not in taken and _splits(sample, h, heading)]
        if found:
            both = " or ".join(f"“{h}”" for h in (*found, heading))
            why = f"{both}: one “{heading}” has several “{found[0]}”; which tells customers apart?"
            doubt(proposal, column, why, *found, first=True)


def _splits(sample: Sample, heading: str, named: str) -> bool:
    words = set(folded(heading).split())
    ids = sample.values(heading)
    if len(ids) < len(sample.rows) or not is_of_ids(sample, heading) or words & NOT_OF_CUSTOMERS:
        return False
    meant = {concept_of(word) for word in words} | ({"id"} if "#" in heading else set())
    is_known = meant <= {"id"} | _PARTIES
    is_of_lines = len(set(ids)) == len(ids)
    is_unknown = not is_of_lines and not any(map(is_known_word, words)) and max(map(len, ids)) >= _LONG_ID
    if not is_unknown and (not is_known or "id" not in meant or (is_of_lines and not meant & _PARTIES)):
        return False
    of_names = stands_with(sample, named, heading)
    of_ids = stands_with(sample, heading, named)
    return all(len(each) == 1 for each in of_ids.values()) and any(len(e) > 1 for e in of_names.values())


def too_fine(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Ask where an id is another in every row while the names beside it repeat: it may be of the line."""
    for column in (*_CUSTOMERS, *_PRODUCTS):
        heading = heading_of(proposal.columns.get(column))
        if dataset.name in ("clients", "products") or not heading or is_open(proposal, column):
            continue
        ids = sample.values(heading)
        is_named = column in _PRODUCTS and is_told_by_name(dataset, column, heading)
        few = len(ids) < _FEW and not (is_named and len(ids) > 2)
        if few or len(set(ids)) < len(ids) or len(ids) < len(sample.rows):
            continue
        customer = customer_of(proposal) or ""
        for named in filter(None, sample.headings):
            texts = sample.values(named)
            if named == heading or score(named, _NAMES[column])[0] < 99 or len(texts) < len(ids):
                continue
            if len(set(texts)) * 2 <= len(ids) or (is_named and is_at_several(sample, named, customer)):
                why = f"“{heading}” is another in every row, “{named}” is not: which tells them apart?"
                doubt(proposal, column, why, named)
                break


def not_of_one_client(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Ask where what is taken for the id of clients is empty in some rows, or the same in two."""
    heading = heading_of(proposal.columns.get("client_id"))
    if dataset.name != "clients" or not heading or is_open(proposal, "client_id"):
        return
    if len(set(sample.values(heading))) == len(sample.rows):
        return
    others = [
        h
        for h in sample.headings
        if h and len(set(sample.values(h))) == len(sample.rows) and _ID_WORDS & set(folded(h).split())
    ]
    why = f"“{heading}” is empty in some rows or the same in two: is it the id of a client?"
    doubt(proposal, "client_id", why, *others)


def status_by_its_texts(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Propose the only column as the status of which every text means active or inactive, both of them."""
    if dataset.name != "clients" or "status" in proposal.columns:
        return
    meant = {name: MEANINGS[name].split("|") for name in ("active", "inactive")}
    found = {}
    for heading in filter(None, sample.headings):
        texts = list(dict.fromkeys(sample.values(heading)))
        said = {t: [name for name, listed in meant.items() if folded(t) in listed] for t in texts}
        if all(said.values()) and {name for names in said.values() for name in names} == set(meant):
            found[heading] = {text: names[0] for text, names in said.items()}
    if len(found) == 1:
        ((heading, values),) = found.items()
        words: dict[str, Any] = {"heading": heading, "values": values}
        if len(sample.values(heading)) < len(sample.rows):
            words["values"] = {**values, "": "active"}
        proposal.put("status", words, "every text of it means active or inactive")


def invoice_of_one_line(proposal: Proposal, sample: Sample) -> None:
    """Ask where what is taken for the invoice is another in every row and is not called an invoice."""
    heading = heading_of(proposal.columns.get("invoice_id"))
    if not heading or is_open(proposal, "invoice_id"):
        return
    ids = sample.values(heading)
    if len(ids) < _FEW or len(set(ids)) < len(sample.rows) or _INVOICES & set(folded(heading).split()):
        return
    doubt(proposal, "invoice_id", f"“{heading}” is another in every row: is it the number of an invoice?")


def _parties(proposal: Proposal, sample: Sample, heading: str) -> list[str]:
    """Columns of texts that several rows share, each, and that no product decides, and their ids."""
    product = heading_of(proposal.columns.get("sku_id") or proposal.columns.get("product_code"))
    left = unused(proposal, sample)
    found = [
        h
        for h in left
        if h != heading
        and is_text(sample, h)
        and 1 < len(set(sample.values(h))) < len(sample.values(h))
        and not NOT_OF_CUSTOMERS & set(folded(h).split())
        and product
        and any(len(each) > 1 for each in stands_with(sample, product, h).values())
    ]
    ids = [h for h in left if h not in found and any(go_together(sample, h, named) for named in found)]
    return [*found, *(h for h in ids if is_of_ids(sample, h))]


def too_coarse(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Ask where a customer is the same in every row, or a product stands with twice as many names."""
    for column in _CUSTOMERS:
        heading = heading_of(proposal.columns.get(column))
        if not heading or is_open(proposal, column) or len(sample.rows) < _FEW:
            continue
        if len(set(sample.values(heading))) > 1 or dataset.name == "clients":
            continue
        used = {heading_of(words) for words in proposal.columns.values()}
        parts = [
            h
            for h in sample.headings
            if h and h not in used - {heading_of(proposal.columns.get("vendor_customer_name"))}
            if h != heading
            and _PARTS & set(folded(h).split())
            and len(set(sample.values(h))) > 1
            and len(sample.values(h)) * 2 > len(sample.rows)
        ]
        parts = parts or _parties(proposal, sample, heading)
        if parts:
            why = f"“{heading}” is the same in every row: is it the customer, or “{parts[0]}”?"
            doubt(proposal, column, why, *parts)
    for column in _PRODUCTS:
        heading = heading_of(proposal.columns.get(column))
        if not heading or is_open(proposal, column) or dataset.name == "products":
            continue
        for named in filter(None, sample.headings):
            if named == heading or score(named, _NAMES[column].split(">")[0])[0] < 99:
                continue
            ids, called = set(sample.values(heading)), set(sample.values(named))
            if len(called) >= max(2 * len(ids), 3):
                why = f"one “{heading}” stands with several of “{named}”: which tells products apart?"
                doubt(proposal, column, why, named)
                break
