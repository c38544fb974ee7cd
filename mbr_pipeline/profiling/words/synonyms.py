"""What vendors call their columns, in English and six other languages.

What belongs here: headings as people write them, folded (lower case, no accents, words only), by canonical
column; ``>`` stands before names that give way to those in front of it. What does not: comparing them
(``headings``), numbers (``money_names``), texts of cells (``meanings``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from mbr_pipeline.profiling.words.concepts import words_of_concepts
from mbr_pipeline.profiling.words.periods import ENDS, STARTS

_INVOICE_ID = (
    "factuurnummer|factuurnr|factuur nr|factuur|numero fattura|n fattura|fattura|"
    "numero documento|documento|numero da fatura|fatura|faktura|fakturanummer|"
    "invoice id|invoice number|invoice no|invoice nr|invoice num|invoice|bill number|bill id|"
    "document number|"
    "rechnung|rechnungsnummer|rechnungsnr|rechnung nr|belegnummer|beleg nr|belegnr|"
    "n facture|no facture|numero facture|numero de facture|facture|"
    "factura|numero factura|numero de factura|n factura|no factura|"
    "n piece|no piece|numero de piece|numero piece>"
    "bill invoice id|bill invoice|num|doc number|docnumber"
)
_VENDOR_CUSTOMER_ID = (
    "owner account id|klantnummer|klantnr|klantcode|klant id|codice cliente|"
    "codigo do cliente|kundnr|kundenummer|"
    "customer id|customer number|customer no|end customer id|tenant uuid|customer uuid|"
    "end user id|end user identifier|"
    "managed company id|tenant id|customer tenant id|client id|"
    "kundennummer|kundennr|kunden nr|kunden id|debitor|debitorennummer|endkundennummer|"
    "n client|no client|numero client|numero de client|code client|id client|"
    "id cliente|codigo cliente|codigo de cliente|numero cliente|numero de cliente>"
    "company id|organization id|organisation id|org id|linked account id|line item usage account id|"
    "usage account id|sub account id|account id|account number|project id>"
    "tenant domain|customer domain|customer domain name>domain|domain name|primary domain"
)
_VENDOR_CUSTOMER_NAME = (
    "customer name|company name|client name|end customer name|end user name|tenant name|"
    "managed company name|kundenname|endkundenname|"
    "nom client|nom du client|raison sociale|nombre cliente|nombre del cliente|razon social>"
    "customer|company|client|end customer|end user|organization name|organisation name|organization|"
    "organisation|"
    "linked account name|sub account name|account name|project name|kunde|endkunde|firma|"
    "mandant|tenant|client final|societe|cliente|empresa|client company name|customer company name|"
    "klant|klantnaam|bedrijfsnaam|bedrijf|eindklant|ragione sociale|nome cliente|azienda|cliente finale"
)
_SKU_ID = (
    "artikelcode|productcode|codice articolo|codice prodotto|cod articolo|codice|"
    "codigo do produto|codigo do artigo|codigo principal|varenummer|"
    "sku|sku id|product sku|vendor sku|product id|product code|part number|item number|item code|"
    "article number|offer id|manufacturer part number|mpn|skuid|"
    "artikelnummer|artikelnr|artikel nr|produktnummer|produkt nr|bestellnummer|"
    "ref|ref article|ref produit|ref a|reference article|reference produit|code article|code produit|"
    "codigo articulo|codigo de articulo|codigo producto|codigo de producto|referencia>"
    "line item product code|service id|meter id|sku part number|license code|codice licenza"
)
_SKU_NAME = (
    "product name|sku name|service name|item name|product title|license|licence|license name|"
    "artikelbezeichnung|produktname|nom du produit|designation|nombre del producto>"
    "product|item|article|artikel|produkt|produit|producto|articulo|service|meter name|sku description>"
    "license type|licence type|subscription type|lizenztyp|type de licence|tipo de licencia|"
    "plan|plan name|package|edition|subscription plan|"
    "description|item description|line description|product description|service description|bezeichnung|"
    "beschreibung|leistung|libelle|intitule|descripcion|concepto|line item line item description|"
    "omschrijving|productnaam|descrizione|prodotto|servizio|nome prodotto|descricao|produto|servico|dienst|"
    "designacao|offering item|offering|offering name"
)
_CURRENCY = (
    "valuta|muntsoort|munt|moeda|valutakode|valutacode|"
    "currency|currency code|currency currency code|billing currency|billing currency code|"
    "invoice currency|line item currency code|account currency|customer currency|transaction currency|"
    "wahrung|waehrung|whrg|devise|monnaie|moneda|divisa>cost currency|pricing currency"
)
_CLIENT_ID = (
    "debitor|debitornummer|debitorennummer|debitorennr|card id|identificacion comprador|klantnummer|"
    "klantnr|klantcode|codice cliente|"
    "codigo do cliente|debiteurnummer|debiteur|"
    "client id|customer id|company id|account id|customer number|kundennummer|kundennr|kunden nr|kunden id|"
    "company identifier|company rec id|numero client|code client|id cliente|codigo cliente|"
    "codigo de cliente>contact id>"
    "client|customer|company|contact name|customer name|client name|company name|kunde|kundenname|firma|"
    "nom client|cliente|empresa|klant|klantnaam|bedrijfsnaam|relatie|ragione sociale|"
    "intestatario|nome cliente"
)
_PRODUCT_CODE = (
    "codigo principal|artikelcode|productcode|codice articolo|codice prodotto|cod articolo|codice|"
    "codigo do produto|codigo do artigo|"
    "product code|product id|item code|sku|item number|product identifier|item internal reference|"
    "artikelnummer|artikelnr|artikel nr|produktcode|produktnummer|inventory item code|code article|"
    "code produit|codigo articulo|codigo de articulo|codigo producto|codigo de producto|"
    "ref article|ref produit|ref a|reference article|reference produit|referencia articulo>"
    "service code|service id|service number>"
    "product service|product service name|item|product|service|artikel|produkt|produit|producto|"
    "item name|product name|service name|artikelname|produktname|nom du produit|nombre del producto|"
    "prodotto|articolo|servizio|produto|artigo|servico|productnaam"
)

_LINE_ID = (
    "line id|line number|line no|line|line item id|invoice line id|position|pos|pos nr|positionsnummer|"
    "positionsnr|zeile|zeilennummer|zeilennr|ligne|n ligne|no ligne|numero de ligne|linea|n linea|"
    "numero de linea|riga|n riga|nr riga|numero riga|regel|regelnummer|regelnr|linha|n linha|"
    "numero da linha"
)

METERS = "meter id|meter name|line item usage type|usage type|meter category|zahler|compteur|medidor"
"""Headings of what is metered: a row that has one is usage."""

AGREEMENTS = (
    "addition id|agreement|agreement id|agreement name|contract|contract id|effective date|cancelled date|"
    "bill customer|less included|billing cycle|recurring invoice id|contract name|vertrag|contrat|contrato|"
    "agreement type|agreement status|addition status|addition level|prorate price|recurring revenue|"
    "intervalo|fecha de alta|fecha de baja|precio mensual|monthly price|monatspreis|prix mensuel|"
    "vertragsbeginn|vertragsende|abrechnungsart|kundigungsfrist|maandprijs|prezzo mensile|canone mensile|"
    "preco mensal|mensalidade|cuota mensual|mensualite|redevance mensuelle|monatsgebuhr|monthly fee|"
    "prijs per maand|contratto|numero contratto|contractnummer|numero do contrato|data de cessacao|"
    "data disdetta|opzegdatum"
)
"""Headings that only agreements have."""


def _with_words(listed: str, *concepts: str) -> str:
    """Return names with the words for these concepts behind them, as far as they are not among them, nor
    names of a client's id.
    """
    known = re.split("[|>]", f"{listed}|{_CLIENT_ID.split('>')[0]}")
    return f"{listed}>{'|'.join(word for word in words_of_concepts(*concepts) if word not in known)}"


HEADINGS: Mapping[str, Mapping[str, str]] = {
    "clients": {
        "client_id": _CLIENT_ID.split(">")[0] + "|account number|kontonummer>id|identifier|rec id",
        "client_name": _with_words(
            "client name|customer name|company name|contact name|kundenname|nom client|nombre cliente|"
            "raison sociale|razon social|klantnaam|bedrijfsnaam|ragione sociale|nome cliente|"
            "denominazione>account name|nombre de cuenta|nom du compte|kontoname|name|naam|nome|"
            "company|customer|client|kunde|firma|nom|nombre|cliente|empresa|"
            "display name|customer full name>intitule|designation|libelle|bezeichnung|omschrijving",
            "company",
            "customer",
        ),
        "status": "status|active|aktiv|statut|actif|activo|company status|is active",
    },
    "products": {
        "product_code": _PRODUCT_CODE.split(">")[0] + ">identifier|service id|service code>id",
        "product_name": (
            "product name|item name|product service name|produktname|artikelbezeichnung|nom du produit>"
            "name|product|item|artikel|bezeichnung|designation|nom|nombre>"
            "description|item description|sales description|beschreibung|descripcion|omschrijving|"
            "descrizione|descricao|libelle|intitule|concepto>customer description"
        ),
        "vendor_backed": "vendor backed|resold",
        "default_unit_price": "",
        "currency": _CURRENCY,
    },
    "vendor_invoices": {
        "invoice_id": f"{_INVOICE_ID}>id",
        "invoice_date": (
            "invoice date|bill date|billing date|document date|rechnungsdatum|belegdatum|date facture|"
            "date de facture|date de facturation|date piece|date de piece|fecha factura|fecha de factura|"
            "fecha de emision|"
            "fecha emision|date d emission|issue date|issued on|invoiced on|factuurdatum|data fattura|"
            "data documento|data da fatura|data emissione>date|datum|fecha|data"
        ),
        "currency": _CURRENCY,
        "invoice_total": "",
    },
    "vendor_charges": {
        "line_id": f"{_LINE_ID}|charge id|detail line item id>item id",
        "invoice_id": _INVOICE_ID,
        "vendor_customer_id": _VENDOR_CUSTOMER_ID,
        "vendor_customer_name": _VENDOR_CUSTOMER_NAME,
        "sku_id": _SKU_ID,
        "sku_name": _SKU_NAME,
        "subscription_id": (
            "subscription id|subscription number|abonnement id|abo nr|abonnementnummer|n abonnement|"
            "id suscripcion|id de suscripcion>subscription|contract id|contract number|abonnement|"
            "vertragsnummer|vertrag|contrat|suscripcion|contrato|entitlement id"
        ),
        "charge_category": "charge category|category|kategorie|categorie|categoria",
        "charge_type": (
            "charge type|line type|transaction type|line item type|line item line item type|record type|"
            "cost type|credit type|item type|positionsart|vorgang|type de ligne|tipo de cargo|"
            "tipo de linea>"
            "type|art|typ|tipo"
        ),
        "term": (
            "term and billing cycle|commitment term|term|billing term|billing cycle|billing cycle type|"
            "billing frequency|commitment|laufzeit|vertragslaufzeit|abrechnungszyklus|engagement|duree|"
            "plazo"
        ),
        "quantity": "",
        "unit_cost": "",
        "amount": "",
        "currency": _CURRENCY,
        "charge_period_start": STARTS,
        "charge_period_end": ENDS,
        "detail": (
            "detail|details|resource|resource id|line item resource id|resource uri|resource name|"
            "instance id|operation|line item operation|user|user name|user principal name|username|"
            "benutzer|einzelheit|device|device name|utilisateur|usuario|region|resource location"
        ),
    },
    "license_counts": {
        "vendor_customer_id": _VENDOR_CUSTOMER_ID,
        "vendor_customer_name": _VENDOR_CUSTOMER_NAME,
        "sku_id": _SKU_ID,
        "sku_name": _SKU_NAME,
        "as_of_date": (
            "as of date|as of|snapshot date|report date|report refresh date|stichtag|stand|refreshed on|"
            "date du releve|fecha de corte>date|datum|fecha"
        ),
        "entitled_quantity": "",
        "assigned_quantity": "",
    },
    "agreements": {
        "agreement_line_id": (
            "agreement line id|addition id|contract service id|recurring invoice line id|vertragsposition>"
            f"{_LINE_ID}|id"
        ),
        "agreement_id": (
            "agreement id|contract id|contract number|vertragsnummer|vertragsnr|numero de contrat|"
            "numero de contrato|recurring invoice id>agreement|agreement name|contract|contract name|"
            "vertrag|"
            "contrat|contrato>abonnement|abonnementsnummer|abonnementnummer>number|numero|nummer|"
            "recurring invoice number|recurring invoice"
        ),
        "client_id": _CLIENT_ID,
        "product_code": _PRODUCT_CODE,
        "quantity": "",
        "unit_price": "",
        "currency": _CURRENCY,
        "effective_start": (
            f"effective start|effective date|effective|{STARTS}|billing start date|billing start|"
            "active from|valid from|contract start|"
            "vertragsbeginn|debut du contrat|inicio del contrato|fecha de alta|alta|activation date|"
            "activated|date d activation|mise en service"
        ),
        "effective_end": (
            f"effective end|cancelled date|canceled date|date cancelled|cancelled|canceled|{ENDS}|"
            "expiration date|expiry date|expires|valid until|valid to|contract end|vertragsende|"
            "gekundigt zum|kundigung zum|gekundigt per|vertrag bis|opgezegd per|"
            "data cessazione|data disdetta|data de cessacao|fin du contrat|date de resiliation|"
            "resilie le|fin del contrato|"
            "fecha de baja|baja|"
            "termination date|terminated|kundigungsdatum"
        ),
    },
    "invoice_lines": {
        "invoice_line_id": _LINE_ID,
        "invoice_id": f"{_INVOICE_ID}>number|nummer|numero|no",
        "client_id": _CLIENT_ID,
        "product_code": _PRODUCT_CODE,
        "quantity": "",
        "unit_price": "",
        "amount": "",
        "currency": _CURRENCY,
        "service_period_start": STARTS,
        "service_period_end": ENDS,
        "agreement_line_id": "agreement line id|addition id|vertragsposition",
        "charge_category": "charge category|category|kategorie|line type|item type|charge type",
        "description": (
            "description|line description|item description|memo description|memo|beschreibung|bezeichnung|"
            "libelle|designation|descripcion|concepto|omschrijving|descrizione|descricao|designacao"
        ),
        "invoice_date": (
            "invoice date|bill date|date piece|date de piece|rechnungsdatum|belegdatum|date facture|"
            "date de facture|fecha factura|"
            "fecha de factura|factuurdatum|data fattura|data documento|data da fatura"
        ),
        "due_date": (
            "due date|payment due|falligkeit|fallig am|falligkeitsdatum|zahlbar bis|date d echeance|"
            "echeance|"
            "fecha de vencimiento|vencimiento|vervaldatum|data scadenza|scadenza|data de vencimento"
        ),
    },
}
"""Headings by dataset and canonical column; numbers are told by what they add up to (``money``)."""
