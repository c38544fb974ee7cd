"""What columns of quantities, prices and amounts are called, and whose money it is.

What belongs here: names, folded, in English and six other languages. What does not: what the rows say of
them, which decides (``money``).
"""

from __future__ import annotations

QUANTITIES = (
    "quantity|qty|seats|licenses|licences|units|count|seat count|license count|item quantity|"
    "usage quantity|"
    "consumed quantity|billable quantity|billed quantity|usage amount|line item usage amount|"
    "pricing quantity|"
    "menge|anzahl|stuck|stuckzahl|lizenzen|quantite|qte|nombre de licences|cantidad|cant|"
    "unidades|licencias|"
    "quantity billed|qty billed|qty order|number of seats|number of licenses|overage quantity|user count|"
    "aantal|hoeveelheid|quantita|q ta|qta|quantidade|qtd|qtde|ilosc|antal|units billed|"
    "billed units|licensed quantity"
)

OWN_PRICES = (
    "unit cost|cost|cost price|partner cost|partner price|partner unit price|partner unit cost|your price|"
    "your cost|reseller price|reseller cost|reseller unit price|wholesale price|buy price|buy rate|"
    "dealer price|purchase price|purchases unit price|purchase unit price|purchase cost|ek|ek preis|"
    "einkaufspreis|prix d achat|prix dachat|prix achat|pa ht|cout unitaire|"
    "precio de compra|precio compra|costo unitario|coste unitario|costo|coste|cost per unit|"
    "inkoopprijs|prezzo di acquisto|prezzo acquisto|costo unitario|preco de custo|custo unitario"
)
"""Prices that the MSP pays."""

PRICES = (
    "unit price|price|rate|unit amount|item rate|unit rate|price per unit|net price|net unit price|"
    "effective unit price|effective price|effective rate|net price prorated|prorated price|"
    "einzelpreis|preis|stuckpreis|e preis|nettopreis|stueckpreis|pu|pu ht|prix unitaire|"
    "prix unitaire ht|prix|"
    "prix ht|precio|precio unitario|precio unidad|tarifa|unblended rate|line item unblended rate|"
    "pretax effective rate|monthly price|charge rate|"
    "prijs|stukprijs|eenheidsprijs|prijs per stuk|prezzo|prezzo unitario|prezzo netto|preco|"
    "preco unitario|valor unitario|unit net price|price unit|"
    "pv|pv ht|prix de vente ht|jahrespreis|jaarprijs|quartalspreis|kwartaalprijs|maandprijs|"
    "prijs per maand|maandtarief|canone unitario|prezzo mensile|preco mensal|monatspreis|"
    "preis pro monat|prix mensuel|prix par mois|tarif mensuel|precio mensual|precio al mes|monthly rate"
)

CLIENT_PRICES = (
    "retail price|retail|msrp|list price|listenpreis|customer price|sell price|sales price|"
    "selling price|rrp|"
    "srp|uvp|vk|vk preis|verkaufspreis|prix public|prix de vente|pvp|precio de venta|resale price|"
    "end customer price|sales unit price|sales price rate|retail unit price|pay g price|list unit price|"
    "standard price|"
    "verkoopprijs|prezzo di vendita|prezzo di listino|preco de venda|adviesprijs"
)
"""Prices that somebody else pays, or nobody."""

OWN_AMOUNTS = (
    "cost total|total cost|extended cost|ext cost|partner total|partner amount|line cost|cost amount|"
    "your total|reseller total|total partner price|wholesale total|ek gesamt|ek summe|einkaufsbetrag|"
    "montant achat|total achat|cout total|total compra|coste total|costo total|cost|"
    "inkoopbedrag|totale costo|custo total"
)

FEES = (
    "monthly fee|monthly charge|canone|canone mensile|cuota mensual|mensualite|mensualidad|mensalidade|"
    "valor mensal|redevance mensuelle|maandbedrag|monatsbetrag|monatsgebuhr|monatliche gebuhr"
)
"""Money of a month that is of one unit or of all, as the rows show."""

AMOUNTS = (
    "amount|total|line total|net amount|line amount|item amount|extended price|ext price|"
    "subtotal|sub total|"
    "total price|net price|net total|pretax charges|pretax total|billing pre tax total|"
    "charge amount|charges|"
    "billed cost|effective cost|cost in billing currency|unblended cost|line item unblended cost|"
    "unrounded cost|charge|net charge|price|pre tax total|total net|"
    "betrag|gesamt|gesamtpreis|summe|netto|nettobetrag|nettosumme|positionsbetrag|gesamtnetto|"
    "montant|montant ht|total ht|prix total|prix total ht|importe|importe neto|base imponible|total neto|"
    "bedrag|totaal|regeltotaal|nettobedrag|bedrag excl btw|totaal excl btw|regelbedrag|importo|"
    "totale|totale riga|imponibile|importo netto|totale netto|valor|valor total|total liquido|"
    f"net|nett|tot|zeilensumme|gesamtsumme netto|{FEES}"
)

CLIENT_AMOUNTS = (
    "retail total|customer total|customer amount|sell total|extended retail|total retail|msrp total|"
    "vk gesamt|vk summe|total vente|total venta|list total|extended list price"
)

GROSS = (
    "total incl tax|total including tax|gross amount|gross|gross total|total ttc|montant ttc|brutto|"
    "bruttobetrag|total con iva|importe total|post tax total|total with tax|total|amount due|gesamtbetrag|"
    "total amount|invoice total|rechnungsbetrag|"
    "bedrag incl btw|totaal incl btw|totale ivato|importo totale|totale documento|"
    "importo lordo|valor com iva|valor total com iva|total com iva"
)
"""Amounts that may have tax in them, which a column of tax shows."""

TAXES = (
    "tax|tax total|tax amount|sales tax|vat|vat amount|gst|total tax|mwst|steuer|ust|mehrwertsteuer|"
    "steuerbetrag|tva|montant tva|iva|impuestos|impuesto|"
    "btw|btw bedrag|importo iva|imposta|imposto|valor iva|gst amount|tax value|quota iva|cuota iva"
)

INVOICE_TOTALS = (
    "imponibile|base imponible|invoice total|total|total amount|amount|invoice amount|"
    "bill total|gesamtbetrag|rechnungsbetrag|"
    "rechnungssumme|betrag|summe|gesamt|netto|nettobetrag|total ht|montant total|montant ht|montant|"
    "importe|importe total|subtotal|total charges|"
    "bedrag|totaal|totaalbedrag|factuurbedrag|importo|totale|totale fattura|totale documento|"
    "valor total|total da fatura|nett|net total|net amount|gross|gross total|gross amount|total excl tax|"
    "total incl tax|total excl vat|total incl vat|nettosumme|bruttosumme|brutto|bruttobetrag|total ttc|"
    "montant ttc|total net|total sin iva|total con iva|totaal excl btw|totaal incl btw|totale netto|"
    "totale ivato|totale lordo|total liquido|total com iva"
)

ENTITLED = (
    "entitled quantity|entitled|total licenses|total licences|purchased|purchased licenses|gekauft|"
    "licenses purchased|prepaid units enabled|enabled|active units|total units|provisioned|total seats|"
    "gesamtlizenzen|lizenzen gesamt|total de licences|licences achetees|licencias totales|total|"
    "licenties totaal|totaal licenties|licenze totali|licenze acquistate|licencas totais|"
    "licensed seats|seats licensed|seats purchased|purchased seats|licensed|bought|contracted|subscribed|"
    "gebucht|lizenziert|gekocht|acquistate|compradas|contratadas|souscrites|gesamt|insgesamt|totale|totaal|"
    "acquired|owned|licenses owned|licenses bought|purchased quantity|licensed instances|total slots|"
    "erworbene lizenzen|gekaufte lizenzen|gebuchte lizenzen|licences souscrites|licencias compradas|"
    "licencias adquiridas|licencias contratadas|licencas adquiridas|licencas contratadas|"
    "aangekochte licenties|gekochte licenties|licenze totali acquistate"
)

ASSIGNED = (
    "active seats|active seats number|assigned quantity|assigned|assigned licenses|"
    "assigned licences|used|consumed|in use|consumed units|"
    "count used|active licenses|active licences|"
    "used licenses|licenses used|licenses assigned|zugewiesen|genutzt|vergeben|"
    "zugewiesene lizenzen|attribuees|licences attribuees|utilisees|asignadas|licencias asignadas|usadas|"
    "toegewezen|in gebruik|gebruikt|assegnate|licenze assegnate|in uso|atribuidas|utilizadas|"
    "seats used|used seats|assigned seats|seats assigned|active|used instances|used slots|belegt|"
    "davon vergeben|davon zugewiesen|davon genutzt|davon belegt|davon in nutzung|belegte lizenzen|"
    "vergebene lizenzen|genutzte lizenzen|verwendet|verwendete lizenzen|in verwendung|"
    "in benutzung|verbraucht|licencias usadas|licencias en uso|en uso|licences utilisees|"
    "licences consommees|consommees|licenze in uso|licenze utilizzate|licenze usate|licencas utilizadas|"
    "licencas atribuidas|licencas em uso|em uso|gebruikte licenties|toegewezen licenties"
)

AVAILABLE = (
    "available|free|unassigned|unused|remaining|available licenses|available licences|available seats|"
    "available units|free licenses|unassigned licenses|unused licenses|verfugbar|frei|verfugbare lizenzen|"
    "freie lizenzen|disponibles|libres|licences disponibles|licencias disponibles|disponibili|"
    "licenze disponibili|disponiveis|licencas disponiveis|beschikbaar|beschikbare licenties|vrij"
)
"""Seats that nobody has, which are never more than those bought."""

MARGINS = (
    "margin|margin percent|markup|mark up|marge|aufschlag|handelsspanne|margen|partner margin|margin pct|"
    "margine|ricarico|margem"
)
"""Columns that show that money of the MSP and of its client is in one file."""

FACTORS = (
    "duration|proration|prorate|proration factor|pro rata|prorata|ratio|factor|months|billed months|"
    "number of months|days|billed days|period|laufzeit|dauer|faktor|monate|duree|mois|duracion|meses|"
    "discount|discount percent|discount rate|rabatt|remise|descuento|exchange rate|pc to bc exchange rate|"
    "term months|multiplier|hours|"
    "korting|kortingspercentage|sconto|percentuale sconto|desconto|durata|looptijd|maanden|mesi"
)
"""Columns that a product of quantity and price may have to be multiplied by."""

_MONEY = (
    "price|rate|cost|costs|amount|total|subtotal|charge|charges|fee|net|gross|revenue|retail|"
    "msrp|preis|betrag|"
    "summe|gesamt|kosten|netto|montant|prix|cout|importe|precio|coste|costo|value|extended|"
    "prijs|bedrag|totaal|"
    "prezzo|importo|totale|imponibile|preco|valor|custo|wert|zeilenwert|sum"
)
MONEY_WORDS = frozenset(_MONEY.split("|"))
"""Words of a heading that may be of money."""
