"""What vendors call things: headings and charge types by what they mean.

What belongs here: words as people write them, folded (lower case, no accents). What does
not: comparing them (``headings``).
"""

from __future__ import annotations

from collections.abc import Mapping

_INVOICE_ID = (
    "invoice id|invoice number|invoice no|invoice nr|invoice|bill number|document number|rechnung|"
    "rechnungsnummer|rechnungsnr|rechnung nr|belegnummer|beleg nr|belegnr"
)
_VENDOR_CUSTOMER_ID = (
    "customer id|customer number|customer no|company id|tenant id|account id|account number|client id|"
    "end customer id|organization id|kundennummer|kundennr|kunden nr|kunden id|debitor|debitorennummer"
)
_SKU_ID = (
    "sku|sku id|product id|product sku|product code|part number|item number|item code|article number|"
    "offer id|artikelnummer|artikelnr|artikel nr|produktnummer|produkt nr"
)
_VENDOR_CUSTOMER_NAME = (
    "customer name|customer|company name|company|account name|client name|client|end customer|"
    "tenant name|organization|kunde|kundenname|endkunde|firma"
)
_SKU_NAME = (
    "product name|product|item name|item|description|sku name|article|artikel|artikelbezeichnung|"
    "bezeichnung|produkt|beschreibung"
)
_QUANTITY = "quantity|qty|seats|licenses|units|menge|anzahl|stuck|stuckzahl|lizenzen"
_CURRENCY = "currency|currency code|wahrung|waehrung|whrg"
_START = (
    "period start|start date|start|charge start date|billing period start|service start|"
    "service period start|usage start|from|von|beginn|leistungsbeginn|startdatum|leistung von|"
    "zeitraum von|leistungszeitraum von|gultig ab"
)
_END = (
    "period end|end date|end|charge end date|billing period end|service end|service period end|usage end|"
    "to|until|bis|ende|leistungsende|enddatum|leistung bis|zeitraum bis|leistungszeitraum bis|gultig bis"
)
_CLIENT_ID = (
    "client id|customer id|company id|account id|client|customer number|kundennummer|kundennr|kunden nr"
)
_PRODUCT_CODE = (
    "product code|product id|item code|item|sku|product|artikelnummer|artikelnr|artikel nr|produktcode"
)
_UNIT_PRICE = "unit price|price|rate|unit amount|einzelpreis|preis|stuckpreis|e preis"

MONTHS = (
    "month|billing month|service month|monat|leistungsmonat|abrechnungsmonat|billing period|period|"
    "zeitraum|leistungszeitraum"
)
"""Headings of one column that holds the whole period."""

HEADINGS: Mapping[str, Mapping[str, str]] = {
    "clients": {
        "client_id": _CLIENT_ID,
        "client_name": "client name|name|customer name|company name|company|customer|kunde|kundenname|firma",
        "status": "status|state|active|aktiv",
    },
    "products": {
        "product_code": _PRODUCT_CODE,
        "product_name": "product name|name|description|bezeichnung|artikelbezeichnung|produktname|artikel",
        "vendor_backed": "vendor backed|resold",
        "default_unit_price": f"default unit price|list price|listenpreis|{_UNIT_PRICE}",
        "currency": _CURRENCY,
    },
    "vendor_invoices": {
        "invoice_id": _INVOICE_ID,
        "invoice_date": "invoice date|date|bill date|document date|rechnungsdatum|belegdatum|datum",
        "currency": _CURRENCY,
        "invoice_total": (
            "invoice total|total|total"
            " amount|amount|gesamtbetrag|rechnungsbetrag|rechnungssumme|betrag|summe|gesamt|netto|nettobetrag"
        ),
    },
    "vendor_charges": {
        "line_id": (
            "line id|line number|line no|line|line item id|invoice line id|charge id|item id|position|pos|pos"
            " nr|positionsnummer|zeile|zeilennummer"
        ),
        "invoice_id": _INVOICE_ID,
        "vendor_customer_id": _VENDOR_CUSTOMER_ID,
        "vendor_customer_name": _VENDOR_CUSTOMER_NAME,
        "sku_id": _SKU_ID,
        "sku_name": _SKU_NAME,
        "subscription_id": (
            "subscription id|subscription|subscription number|contract id|contract number|abonnement|abo nr|"
            "vertragsnummer|vertrag"
        ),
        "charge_category": "charge category|category|kategorie",
        "charge_type": "charge type|type|line type|transaction type|art|typ|positionsart|vorgang",
        "term": "term|billing cycle|billing frequency|commitment|laufzeit|vertragslaufzeit|abrechnungszyklus",
        "quantity": _QUANTITY,
        "unit_cost": f"unit cost|cost|partner price|ek|ek preis|{_UNIT_PRICE}",
        "amount": (
            "amount|total|line total|net amount|extended cost|extended price|total"
            " cost|subtotal|betrag|gesamt|gesamtpreis|gesamtbetrag|summe|netto|nettobetrag|positionsbetrag"
        ),
        "currency": _CURRENCY,
        "charge_period_start": _START,
        "charge_period_end": _END,
        "detail": "detail|details|resource|resource id|user|user name|benutzer|einzelheit",
    },
    "license_counts": {
        "vendor_customer_id": _VENDOR_CUSTOMER_ID,
        "vendor_customer_name": _VENDOR_CUSTOMER_NAME,
        "sku_id": _SKU_ID,
        "sku_name": _SKU_NAME,
        "as_of_date": "as of date|as of|date|snapshot date|report date|stichtag|stand|datum",
        "entitled_quantity": f"entitled quantity|entitled|total licenses|purchased|gekauft|{_QUANTITY}",
        "assigned_quantity": (
            "assigned quantity|assigned|assigned licenses|used|consumed|in use|zugewiesen|genutzt|vergeben"
        ),
    },
    "agreements": {
        "agreement_line_id": "agreement line id|addition id|line id|position|pos|pos nr|vertragsposition",
        "agreement_id": (
            "agreement id|agreement|contract id|contract|contract number|vertrag|vertragsnummer|vertragsnr"
        ),
        "client_id": _CLIENT_ID,
        "product_code": _PRODUCT_CODE,
        "quantity": _QUANTITY,
        "unit_price": _UNIT_PRICE,
        "currency": _CURRENCY,
        "effective_start": f"effective start|effective date|{_START}",
        "effective_end": f"effective end|cancelled date|{_END}",
    },
    "invoice_lines": {
        "invoice_line_id": "invoice line id|line id|line number|position|pos|pos nr",
        "invoice_id": _INVOICE_ID,
        "client_id": _CLIENT_ID,
        "product_code": _PRODUCT_CODE,
        "quantity": _QUANTITY,
        "unit_price": _UNIT_PRICE,
        "amount": (
            "amount|total|line total|net amount|line amount|betrag|gesamt|gesamtpreis|netto|nettobetrag|summe"
        ),
        "currency": _CURRENCY,
        "service_period_start": _START,
        "service_period_end": _END,
        "agreement_line_id": "agreement line id|addition id|vertragsposition",
        "charge_category": "charge category|category|kategorie",
        "description": "description|line description|memo|beschreibung|bezeichnung",
        "invoice_date": "invoice date|bill date|rechnungsdatum|belegdatum",
        "due_date": "due date|payment due|falligkeit|fallig am|zahlbar bis",
    },
}
"""Headings by dataset and canonical column."""

MEANINGS: Mapping[str, str] = {
    "recurring": (
        "recurring|subscription|license|licence|renewal|monthly|cycle fee|prorate|lizenz|abo|abonnement|"
        "monatlich|wiederkehrend|miete"
    ),
    "usage": "usage|consumption|overage|metered|verbrauch|nutzung|ubernutzung",
    "one_time": "one time|onetime|setup|setup fee|hardware|einmalig|einrichtung|einmalkosten",
    "credit": "credit|refund|rebate|gutschrift|erstattung",
    "tax": "tax|sales tax|vat|gst|steuer|mwst|ust|umsatzsteuer|mehrwertsteuer",
    "adjustment": "adjustment|correction|korrektur|anpassung",
    "active": "active|aktiv",
    "inactive": "inactive|inaktiv|closed|gesperrt",
    "true": "true|yes|ja",
    "false": "false|no|nein",
}
"""Texts by the canonical value that they mean."""
