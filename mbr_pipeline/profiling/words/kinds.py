"""Headings that tell which dataset a file is: of bills, of invoices to clients, of seats, of people.

What belongs here: headings that speak for or against a whole dataset. What does not: what they are worth
(``which_dataset``), headings of single columns (``synonyms``).
"""

from __future__ import annotations

from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.words import money_names as names

COST = (
    f"{names.OWN_PRICES}|{names.OWN_AMOUNTS}|billed cost|unblended cost|pretax charges|"
    "cost in billing currency"
)
SEATS = "|".join(
    name
    for name in f"{names.ASSIGNED}|{names.ENTITLED}".split("|")
    if name not in ("total", "enabled", "gesamt", "insgesamt", "totale", "totaal", "active")
)
VENDORS_WORDS = (
    "subscription id|charge type|charge start date|charge end date|charge period start|meter id|sku id|"
    "vendor name|publisher name|tenant id|end customer id|end customer|order number|term and billing cycle|"
    "unblended cost|billed cost|effective unit price|usage start date|usage amount|reseller|reseller name|"
    "reseller code|reseller id|partner|partner id|partner name|distributor|tenant name|end customer name|"
    "instance id|usage start time|usage end time|billing mode|payer account id|"
    "owner account id|cloud account|"
    "seller cost|region|usage type|meter name|resource id|list price|msrp|availability zone"
)
PSA_WORDS = (
    "contact name|account code|tax type|due date|product service|terms|memo description|nominal code|"
    "tax code|"
    "item rate|item amount|service date|echeance|date d echeance|fecha de vencimiento|falligkeitsdatum|"
    "fallig am|customer po|ship via|sale status|salesperson|sales person|payment terms|job|po number|"
    "tax amount|vat amount|bill to|ship to|fecha de emision|forma de pago|account name|nominal account|"
    "vervaldatum|data scadenza|btw|iva|tva|tipo de iva|taux de tva|mwst|vat|gst"
)

INVOICES = word_set("invoice invoices rechnung rechnungs facture factura factuur fattura fatura")

ADDRESSES = (
    "email|phone|phone number|address|address line 1|city|zip|postal code|country|website|territory|"
    "strasse|plz|postleitzahl|ort|stadt|land|telefon|adresse|code postal|ville|pays|telephone|n siret|siret|"
    "direccion|codigo postal|ciudad|poblacion|provincia|pais|telefono|adres|straat|postcode|plaats|"
    "woonplaats|telefoon|indirizzo|cap|citta|comune|morada|cidade"
)
"""Headings of where companies are, which lists of clients have."""

IDS = word_set("id serial uuid guid hostname mac seriennummer")
"""Words of headings of what tells one device or user from another."""

PEOPLE = "user principal name|upn|licenses|licences|lizenzen|licencias|last sign in|primary email"
"""Headings of lists of users."""
