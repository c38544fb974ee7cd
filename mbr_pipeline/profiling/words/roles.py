"""What a heading of money or of seats is by its words, where no list names it.

What belongs here: words of headings and what they say. What does not: whole names (``money_names``), which
come first, and what the rows say, which decides (``columns.money``, ``columns.counts``).
"""

from __future__ import annotations

import re
from functools import lru_cache

from mbr_pipeline.mapping_help.text_folding import word_set

OWN = word_set(
    "cost costs buy buying purchase purchased partner reseller wholesale dealer ek einkauf einkaufs "
    "achat dachat compra coste costo cout kosten"
)
CLIENTS = word_set(
    "sales sale sell selling retail list msrp srp rrp customer client end vk verkauf verkaufs vente "
    "venta pvp uvp public publico resale recommended recomendado suggested conseille"
)
PRICE = word_set(
    "price preis prix precio rate tarif tarifa unit unitaire unitario einzel einzelpreis stuckpreis each"
)
AMOUNT = word_set(
    "total amount extended ext sum subtotal betrag gesamt gesamtpreis summe montant importe nettobetrag "
    "zeilensumme"
)
_OTHERWISE = word_set(
    "margin marge margen markup discount rabatt remise descuento tax vat gst steuer mwst ust tva iva "
    "percent pct currency paid due balance open outstanding date type code id number no nr last "
    "previous next exchange pricing credit month months days prorate storage gb name description gross "
    "brutto ttc incl including"
)
COUNTED = word_set(
    "seats seat count licenses licences license licence users user devices device units quantity qty "
    "anzahl menge lizenzen benutzer gerate platze nombre quantite licencias usuarios dispositivos "
    "cantidad unidades postes utilisateurs appareils endpoints mailboxes agents usage"
)
COUNTED_OTHERWISE = word_set(
    "duration dauer duree duracion durata duur time period laufzeit "
    "last previous prior vormonat letzter precedent anterior ultimo difference change delta "
    "differenz available free unused remaining verfugbar frei disponibles libres expired suspended "
    "trial used assigned consumed active allocated in zugewiesen genutzt attribuees utilisees asignadas "
    "usadas result row rows record lignes zeilen lineas filas records max maximum limit quota minimum "
    "id name type price cost amount rate percent success start end date from to unit"
)
_IN_USE = word_set(
    "use used utilized utilised consumed assigned allocated occupied active zugewiesen zugewiesene genutzt"
    " belegt vergeben attribuees utilisees asignadas usadas utilizadas toegewezen gebruik gebruikt assegnate"
    " protected deployed installed enrolled activated"
)
_NOT_IN_USE = word_set(
    "not un free available last previous id type name date max limit price cost amount rate"
)
_MONEY_ONLY = word_set("amount betrag montant importe")
_QUANTITY = word_set("quantity qty menge anzahl quantite qte cantidad")
_NO_QUANTITY = word_set("type unit units price cost amount rate id number name last previous minimum maximum")
CODES = frozenset(["EUR", "USD", "GBP", "CHF", "CAD", "AUD", "NZD", "SEK", "NOK", "DKK", "PLN"])
_DISCOUNTS = word_set(
    "discount discounts rabatt rabatte nachlass remise remises descuento dto dcto korting kortings sconto"
    " sconti desconto rebate kortingspercentage"
)
BEFORE_TAX = re.compile(
    r"\b(?:before|excluding|excl|exclusive|ex|without|pre|hors|sin|sem|zonder|ohne|exkl|senza|exclusief)"
    r" (?:of )?(?:tax|taxes|vat|gst|steuer|mwst|ust|tva|iva|btw|impuestos|impostos)\b"
)
"""What says of money that it is before tax, which is the money that is meant."""

_MEASURED = word_set(
    "gb mb tb gib tib storage size hours hour stunden heures horas percent pct success version latitude"
    " longitude score ratio days weight speicher stockage almacenamiento"
)


@lru_cache(maxsize=10_000)
def money_role(folded: str) -> tuple[str, int] | None:
    """Return ``price`` or ``amount`` and whose it is, 1 the MSP's, -1 its client's, 0 not said; None if the
    words do not say that it is money, or say several things.
    """
    words = set(BEFORE_TAX.sub(" ", folded).split())
    if " " not in folded or words & (_OTHERWISE | _MEASURED):
        return None
    is_own, is_clients = bool(words & OWN), bool(words & CLIENTS)
    if is_own and is_clients:
        return None
    side = 1 if is_own else -1 if is_clients else 0
    if words & COUNTED and not words & (PRICE | OWN | _MONEY_ONLY):
        return None  # Total licenses
    if words & AMOUNT:
        return None if "unit" in words else ("amount", side)
    return ("price", side) if words & PRICE else None


@lru_cache(maxsize=10_000)
def is_count(folded: str) -> bool:
    """Whether the words say that seats are counted, and nothing but all those that are there now."""
    words = set(folded.split())
    return len(words) > 1 and bool(words & COUNTED) and not words & (COUNTED_OTHERWISE | _MEASURED)


def is_in_use(folded: str) -> bool:
    """Whether the words say that seats are counted that are in use."""
    words = set(folded.split())
    return bool(words & COUNTED) and bool(words & _IN_USE) and not words & _NOT_IN_USE


def is_word(word: str) -> bool:
    """Whether a word says what money or seats are, so that it is no other word with a typing error."""
    return word in COUNTED | _IN_USE | COUNTED_OTHERWISE | PRICE | AMOUNT | OWN | CLIENTS


def is_people(folded: str) -> bool:
    """Whether the words are one for users, devices or mailboxes, which may be seats bought or in use."""
    return folded in COUNTED


def is_quantity(folded: str) -> bool:
    """Whether one of the words is that for a quantity, whichever of several it is."""
    words = set(folded.split())
    return bool(words & _QUANTITY) and not words & _NO_QUANTITY


def is_code_of_currency(heading: str) -> bool:
    """Whether a heading is nothing but the code of a currency, as that of money in it is."""
    return heading.strip() in CODES


def is_number(folded: str) -> bool:
    """Whether the words say money or seats."""
    return money_role(folded) is not None or is_count(folded)


def is_discount(folded: str) -> bool:
    """Whether the words say that something is taken off."""
    return bool(set(folded.split()) & _DISCOUNTS)


def is_measure(folded: str) -> bool:
    """Whether the words say that decimals are of a measure, such as gigabytes."""
    return bool(set(folded.split()) & _MEASURED)


_ENDS = (
    "end", "end date", "ende", "enddatum", "eind", "einddatum", "fin", "fine", "fim", "expiry", "expires",
    "expiration", "expiration date", "expiry date", "ablauf", "ablaufdatum", "bis", "until", "hasta",
    "cancelled", "cancelled date", "termination date", "baja", "gekundigt zum", "resiliation", "scadenza",
)  # fmt: skip
"""Ends of headings of days on which an agreement ends, also of German words: Laufzeitende."""


def is_end(folded: str) -> bool:
    """Whether the last word is one for an end."""
    return folded.endswith(_ENDS)
