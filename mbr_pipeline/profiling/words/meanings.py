"""Texts of cells that mean a canonical value, and texts that are called a total, in seven languages.

What belongs here: words as people and vendors write them, folded. What does not: headings (``synonyms``).
A text that stands under two meanings would be a guess: it is under none.
"""

from __future__ import annotations

from collections.abc import Mapping

from mbr_pipeline.mapping_help.text_folding import word_set

MEANINGS: Mapping[str, str] = {
    "recurring": (
        "recurring|subscription|license|licence|lizenz|renewal|monthly|cycle fee|prorate|abo|abonnement|"
        "monatlich|wiederkehrend|miete|licences|lizenzen|licencia|licencias|suscripcion|recurrent|"
        "recurrente|"
        "mensuel|mensual|cycle charge|activation fee|cancel fee|renew fee|purchase fee|"
        "cycle instance prorate|"
        "cancel instance prorate|prorate fees when cancel|prorate fees when purchase|"
        "prorate fees when renew|"
        "prorate fees when activate|seat|seats|subscription fee|abbonamento|canone|canone mensile|"
        "ricorrente|assinatura|mensal|maandelijks|abonnementen|terugkerend|licentie|licenza"
    ),
    "usage": (
        "usage|consumption|overage|metered|verbrauch|nutzung|ubernutzung|consommation|consumo|uso|"
        "discounted usage|savings plan covered usage|assess usage fee for current cycle|"
        "assess usage fee when cancel|daily usage|pay as you go|pay per use|on demand|verbruik|"
        "a consumo|consumi"
    ),
    "one_time": (
        "1 time|onetime|setup|setup fee|hardware|einmalig|einrichtung|einmalkosten|ponctuel|"
        "frais de mise en service|unico|pago unico|project|labor|labour|eenmalig|una tantum|pontual"
    ),
    "credit": (
        "credit|refund|rebate|gutschrift|erstattung|avoir|remboursement|abono|reembolso|nota de credito|"
        "customer credit|credit memo|payment credit|service credit|invoice credit|"
        "offset a line item|credit note|creditnote|credit notes|creditnota|creditfactuur|"
        "nota di credito|rechnungskorrektur|stornorechnung|note de credit|accredito|credito"
    ),
    "tax": (
        "tax|sales tax|vat|gst|steuer|mwst|ust|umsatzsteuer|mehrwertsteuer|tva|taxe|iva|impuesto|btw|"
        "imposta|imposto"
    ),
    "adjustment": (
        "adjustment|correction|korrektur|anpassung|ajustement|ajuste|correctie|rettifica|rounding|"
        "rounding error"
    ),
    "active": "active|aktiv|actif|activo|enabled|actief|attivo|attiva|ativo|aktive|in use",
    "inactive": (
        "baja|inactive|inaktiv|closed|gesperrt|inactif|inactivo|disabled|deleted|inactief|non attivo|"
        "inattivo|disattivato|inativo|archived|archiviert|archive|archivado|former|geschlossen|"
        "deaktiviert|suspended|terminated"
    ),
    "true": "true|yes|ja|oui|si|y|1|sim|x|wahr|vrai|verdadero|vero",
    "false": "false|no|nein|non|n|0|nee|nao|falsch|faux|falso",
}
"""Texts by the canonical value that they mean."""

CREDIT_WORDS = word_set(
    "credit creditnote creditmemo refund refunded gutschrift erstattung avoir abono creditnota creditfactuur"
    " accredito storno rechnungskorrektur remboursement reembolso"
)
"""Words that say of a row or a document that it is given back."""

OF_LICENCES = "new|renew|cycle charge|add quantity|remove quantity|convert|cancel|cancel immediate"
"""Types of charge that Microsoft gives to licences and to others: recurring where a term stands beside."""

CYCLES: Mapping[str, str] = {
    "1": (
        "monthly|month|monatlich|mensuel|mensual|per month|1 month|p1m|maandelijks|maand|mensile|"
        "mensal|mtl|mensuelle|mois|mes|mese|monat"
    ),
    "3": (
        "quarterly|quarter|vierteljahrlich|quartalsweise|trimestriel|trimestral|3 months|p3m|"
        "per kwartaal|kwartaal|quartalspreis|kwartaalprijs|trimestrale|trimestrielle|quartal"
    ),
    "6": (
        "semi annual|semi annually|half yearly|halbjahrlich|semestriel|semestral|6 months|p6m|"
        "halfjaarlijks|semestrale|semestrielle"
    ),
    "12": (
        "annual|annually|yearly|year|jahrlich|annuel|anual|per year|1 year|12 months|p1y|jaarlijks|"
        "jahrespreis|jaarprijs|jaar|per jaar|annuale|anno|annuelle|an|ano|jahr|1 yr|yr"
    ),
}
"""Billing cycles by the months that they have."""

CYCLE_HEADINGS = (
    "billing cycle|bill cycle|cycle|billing frequency|frequency|billing period type|abrechnungszyklus|"
    "intervall|turnus|frequence|periodicite|periodicidad|frecuencia|billing term|period type|interval|"
    "intervalo|recurrence|recurrencia|billing interval|payment frequency|zahlungsweise|abrechnungsart|"
    "abrechnungsintervall|zahlungsrhythmus|rhythmus|frequence de facturation"
)

STATUSES = (
    "status|capability status|subscription status|license status|agreement status|addition status|zustand|"
    "statut|etat|estado|stato|lifecycle state|lifecycle status|service status|line status|"
    "account status|stav|tila|"
    "license state|vertragsstatus|kundenstatus|situacao"
)
"""Headings of a status that says whether a row counts."""

NOT_BILLED = (
    "no charge|nocharge|do not bill|donotbill|non billable|not billable|kostenlos|gratuit|sin cargo|free|"
    "gratis|gratuito|inbegrepen|incluso|included"
)
"""Texts of a column that says whether the client is billed, of rows that are given for nothing."""

BILLED = "billable|bill|yes|true|invoice|berechnen|facturable|ja|oui|si|y"
BILLED_HEADINGS = (
    "bill customer|bill|billable|billable option|bill option|invoice option|abrechenbar|facturable"
)

TOTALS = (
    "total|totals|grand total|subtotal|sub total|sum|summe|gesamt|gesamtsumme|gesamtbetrag|zwischensumme|"
    "total general|sous total|total ht|total ttc|total facture|suma|total factura|total amount|total due|"
    "invoice total|total amount due|amount due|totaal|subtotaal|totaalbedrag|totale|"
    "totale generale|subtotale|"
    "eindtotaal|gesamtergebnis|summen|teilsumme|total geral|totales|totaux|nettosumme|"
    "nettobetrag|bruttosumme|rechnungsbetrag|ubertrag|carried forward|brought forward|carry forward|"
    "a reporter|riporto|suma y sigue|suma anterior|transporte"
)
"""Texts of the first cell of a row that adds up others."""


NOTHING = (
    "n a|na|none|null|nil|nan|not applicable|not available|not set|kein|keine|keiner|keine angabe|k a|"
    "entfallt|aucun|aucune|neant|sans objet|s o|ninguno|ninguna|nulo|no aplica|n d|nessuno|nessuna|nullo|"
    "non applicabile|geen|n v t|nvt|nihil|nenhum|nenhuma|nao aplicavel"
)
"""Texts of cells that have nothing to say."""

NO_END = (
    "open|open end|open ended|ongoing|unlimited|indefinite|indefinitely|never|never expires|"
    "does not expire|no end|no end date|no expiry|no expiration|perpetual|evergreen|until cancelled|"
    "until canceled|till cancelled|unbefristet|unbegrenzt|offen|ohne ende|laufend|fortlaufend|unlimitiert|"
    "nie|bis auf weiteres|bis auf widerruf|illimite|illimitee|indetermine|indeterminee|duree indeterminee|"
    "sans fin|jamais|en cours|indefinido|indefinida|ilimitado|sin fin|sin fecha de fin|sin vencimiento|"
    "nunca|en curso|onbepaald|onbepaalde tijd|doorlopend|onbeperkt|nooit|geen einddatum|indeterminato|"
    "tempo indeterminato|illimitato|senza scadenza|mai|in corso|indeterminado|sem fim|sem termo"
)
"""Texts of ends that say that there is none."""
