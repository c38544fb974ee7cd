"""The customer of a line under a heading that no list names: companies by their legal forms, a heading whose
last word is a customer, or what every invoice has one of.

What belongs here: what rows show of customers. What does not: ids and names known by their headings
(``columns.identifiers``).
"""

from __future__ import annotations

import re

from connectors.datasets import Dataset
from connectors.mapped.words import TODO
from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.by_rows.twins import written_twice
from mbr_pipeline.profiling.by_rows.unused import go_together, is_of_ids, is_text, stands_with, unused
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.words.concepts import concept_of

_LEGAL_FORM = re.compile(
    r"(?i)(?:^|[\s,.&])(?:gmbh|mbh|ag|kg|ohg|gbr|ug|e\.?k|e\.?v|ltd|limited|llc|llp|lp|inc|corp|plc|pty|b\.?v|"
    r"n\.?v|v\.?o\.?f|s\.?a|s\.?l|s\.?l\.?u|s\.?l\.?p|s\.?a\.?s|s\.?a\.?r\.?l|sarl|sas|eurl|sasu|s\.?r\.?l|"
    r"s\.?p\.?a|s\.?n\.?c|lda|ltda|a/s|aps|ab|oy|oyj|as|sp\. ?z o\.? ?o|s\.?c)\.?$"
)
"""What a company's name ends with where it says what it is by law."""

_OTHER_PARTIES = word_set(
    "vendor supplier publisher manufacturer brand maker provider partner reseller distributor parent holding"
    " seller issuer issued billed bill biller billing payer paying payee insurance bank referral referred"
    " referrer previous former sold lieferant hersteller anbieter fournisseur editeur fabricant revendeur"
    " proveedor fabricante editor distribuidor leverancier fornitore produttore fornecedor matriz mere own"
    " ship shipping invoiced gefactureerde product item service software license"
)
"""Words of headings of companies that are not the customer of a line."""

NOT_OF_CUSTOMERS = word_set(
    "order orders po purchase bestellung commande pedido bestelling ordine project projekt projet proyecto"
    " subject betreff objet asunto title memo note notes comment reference ref referenz reference referencia"
    " salesperson sales rep manager owner agent seller verkaufer vendeur vendedor employee user created by"
    " approved terms payment zahlung paiement pago bank iban method shipping ship delivery tracking currency"
    " tax vat status state type typ art template language branch department region territory country city"
    " address street zip email phone contact date day month period due total amount balance number source"
    " campaign link url file document invoice line quote contract agreement subscription job ticket"
    " opportunity stage series journal book brand warehouse store location"
)
"""Words of headings that stand once in every invoice and name no customer."""

_ID_ENDS = ("id", "nummer", "nr", "number", "code", "numero", "codigo", "codice", "ref", "no")
_OTHER_NUMBERS = (
    "phone", "telef", "fax", "mobil", "handy", "vat", "btw", "tax", "ust", "iva", "tva", "iban", "konto",
    "bank", "kvk", "siret", "siren", "nif", "cif", "regist", "post", "zip", "plz", "cap", "partita", "duns",
)  # fmt: skip
"""What stands in headings of numbers of companies that are no ids of clients."""

_PARTY = {"customer", "endcustomer", "company"}
_FEWEST = 2
_LONG = 6
_FEWEST_INVOICES = 4


def customer(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Propose the only column that can be the customer, where no heading is known as one."""
    column = next((c for c in ("vendor_customer_id", "client_id") if c in dataset.column_names), "")
    if not column or dataset.name == "clients" or column in proposal.columns:
        return
    left = [h for h in unused(proposal, sample) if len(set(sample.values(h))) >= _FEWEST]
    left = [h for h in left if len(set(sample.values(h))) < len(sample.rows)]
    twins = written_twice(sample)
    ways = (
        ([twins[1]] if twins else [], f"it names one of each two in “{twins and twins[0]}”"),
        (_companies(sample, left), "its texts are names of companies"),
        (_called_a_customer(sample, left), "the only heading that ends with a customer"),
        (_one_of_each_invoice(proposal, sample, dataset, left), "every invoice has one"),
    )
    for found, why in ways:
        if len(found) == 1 and (twins or not _is_of_products(proposal, sample, found[0])):
            _put(proposal, sample, column, found[0], why, left)
            return
        if found:
            both = " or ".join(f"“{heading}”" for heading in found)
            proposal.put(column, TODO, f"{both}: which is the customer?", tuple(found))
            return


def client_id(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Propose the only column of a list of clients that is called an id and is another in every row."""
    if dataset.name != "clients" or "client_id" in proposal.columns:
        return
    found = [
        h
        for h in unused(proposal, sample)
        if is_of_ids(sample, h)
        and len(set(sample.values(h))) == len(sample.rows)
        and folded(h).replace(" ", "").endswith(_ID_ENDS)
        and not any(word in folded(h).replace(" ", "") for word in _OTHER_NUMBERS)
    ]
    if len(found) == 1:
        proposal.put("client_id", found[0], "the only id that is another in every row")
    elif found:
        both = " or ".join(f"“{heading}”" for heading in found)
        proposal.put("client_id", TODO, f"{both}: which tells your clients apart?", tuple(found))


def _put(proposal: Proposal, sample: Sample, column: str, heading: str, why: str, left: list[str]) -> None:
    """Propose a column, or ask where an id of unknown meaning goes together with it."""
    ids = [h for h in left if h != heading and is_of_ids(sample, h) and go_together(sample, h, heading)]
    if is_of_ids(sample, heading) or not ids:
        proposal.put(column, heading, f"{why}, in several rows each")
    else:
        both = " or ".join(f"“{h}”" for h in (*ids, heading))
        proposal.put(column, TODO, f"{both}: which tells your customers apart?", (*ids, heading))


def _companies(sample: Sample, headings: list[str]) -> list[str]:
    """Columns of which a third of the texts, and at least two, end with a legal form."""
    found = []
    for heading in headings:
        texts = set(sample.values(heading))
        legal = sum(bool(_LEGAL_FORM.search(text)) for text in texts)
        if legal >= _FEWEST and legal * 3 >= len(texts) and not _is_of_others(heading):
            found.append(heading)
    return found


def _is_of_others(heading: str) -> bool:
    """Whether a heading has a word for another party, also at the front of a longer one: Herstellername."""
    words = folded(heading).split()
    long = tuple(party for party in _OTHER_PARTIES if len(party) >= _LONG)
    return bool(_OTHER_PARTIES & set(words)) or any(word.startswith(long) for word in words)


def _is_of_products(proposal: Proposal, sample: Sample, heading: str) -> bool:
    """Whether each product has one of a column's texts, some in several rows: as one has who makes it."""
    product = heading_of(proposal.columns.get("sku_id") or proposal.columns.get("product_code"))
    texts = sample.values(product) if product else []
    if len(set(texts)) < _FEWEST or len(set(texts)) == len(texts):
        return False
    return all(len(each) == 1 for each in stands_with(sample, product or "", heading).values())


def _called_a_customer(sample: Sample, headings: list[str]) -> list[str]:
    """Columns of texts whose heading has a customer for its last word, but for one of a name or an id."""
    found = []
    for heading in headings:
        words = folded(heading).split()
        if len(words) > 1 and concept_of(words[-1]) in ("name", "id"):
            words = words[:-1]
        is_party = len(words) > 1 and concept_of(words[-1]) in _PARTY
        if (
            is_party
            and not _is_of_others(heading)
            and (is_text(sample, heading) or is_of_ids(sample, heading))
        ):
            found.append(heading)
    return found


def _one_of_each_invoice(
    proposal: Proposal, sample: Sample, dataset: Dataset, headings: list[str]
) -> list[str]:
    """Columns that have one text in each of a client's invoices, about as many as there are invoices, and the
    same one in several.
    """
    either = proposal.options.get(("columns", "invoice_id"), ("",))
    number = heading_of(proposal.columns.get("invoice_id")) or heading_of(either[0])
    if dataset.name != "invoice_lines" or not number:
        return []
    found = []
    for heading in headings:
        invoices, texts = stands_with(sample, number, heading), stands_with(sample, heading, number)
        if (
            len(invoices) >= _FEWEST_INVOICES
            and all(len(each) == 1 and "" not in each for each in invoices.values())
            and len(invoices) <= 2 * len(texts)
            and any(len(each) > 1 for each in texts.values())
            and not NOT_OF_CUSTOMERS & set(folded(heading).split())
            and (is_text(sample, heading) or is_of_ids(sample, heading))
        ):
            found.append(heading)
    return found
