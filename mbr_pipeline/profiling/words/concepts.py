"""Words of headings that mean the same in English and six other languages, and what a heading is of them.

What belongs here: single words and what they stand for, folded. What does not: whole headings (``synonyms``,
``money_names``), comparing (``headings``). A word that means two things stands here once or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from mbr_pipeline.mapping_help.text_folding import word_set

_MEANT: Mapping[str, str] = {
    "customer": (
        "buyer comprador acheteur acquirente kaufer koper customer client kunde kunden kundin "
        "cliente clientes debitor debitoren klant klanten cust kd"
    ),
    "endcustomer": "endkunde endkunden",
    "company": (
        "company firma societe empresa entreprise organization organisation org bedrijf azienda ditta"
    ),
    "account": "account konto compte cuenta",
    "contact": "contact contacto kontakt ansprechpartner",
    "id": (
        "id number no nr num n numero nummer code codigo kennung identifier identifiant identificador ref"
        " reference referencia codice cod"
    ),
    "name": "name nom nombre naam nome",
    "invoice": "invoice bill rechnung rechnungs facture factura beleg factuur fattura fatura",
    "product": (
        "product produkt produit producto article artikel item articulo prodotto produto articolo artigo"
    ),
    "contract": "contract vertrag vertrags contrat contrato contratto contrato",
    "agreement": "agreement",
    "subscription": "subscription abonnement abo suscripcion abonnement abbonamento assinatura",
    "service": "service leistung leistungs prestation servicio dienst servizio servico",
    "period": "period zeitraum periode periodo",
    "billing": "billing abrechnung abrechnungs facturation facturacion fatturazione facturering",
    "description": (
        "description beschreibung bezeichnung descripcion libelle intitule omschrijving descrizione descricao"
    ),
    "start": "start from von beginn begin begins anfang debut inicio desde inizio inicio vanaf",
    "end": "end to bis ende fin final until through thru hasta ends einde eind fim",
    "date": "date datum fecha time datetime",
    "unit": "unit einzel unitaire unitario unidad eenheid stuk unita",
    "price": "price preis prix precio prijs prezzo preco",
    "amount": "amount betrag montant importe bedrag importo valor",
    "total": "total gesamt summe suma totaal totale",
    "cost": "cost costs kosten cout coste costo custo",
    "quantity": (
        "quantity qty menge anzahl quantite qte cantidad cant aantal hoeveelheid quantita quantidade"
    ),
    "net": "net netto ht neto",
    "tax": "tax steuer mwst ust tva iva vat btw imposta imposto",
    "currency": "currency wahrung waehrung devise moneda divisa valuta",
    "license": (
        "license licence licenses licences lizenz lizenzen licencia licencias seat seats licentie "
        "licenties licenza licenze licenca licencas"
    ),
}
_CONCEPTS = {word: concept for concept, words in _MEANT.items() for word in words.split()}
_FILLERS = word_set(
    "of the de del du des d la le les l el los las der die das fur for par pro van het di della del do da"
)
_STEMS = (
    "kunden", "endkunden", "rechnungs", "artikel", "produkt", "vertrags", "leistungs", "einzel", "klant",
    "factuur", "contract", "product", "stuk",
)  # fmt: skip
"""First parts of German and Dutch words that are written as one: Kundencode, Vertragsende."""

_VAGUE = {"id", "name", "date", "net"}
_FEWEST = 2


@lru_cache(maxsize=20_000)
def concepts_of(folded: str) -> frozenset[str]:
    """Return what a heading's words stand for, in no order; a word that is not known stands for itself. The
    empty set of a single word, and of words that only say that it is an id, a name or a date.
    """
    parts = [part for word in folded.split() if word not in _FILLERS for part in _parts(word)]
    found = set(parts)
    if found & {"start", "end"}:
        found.discard("date")
    if found == {"account", "id"} and not {"id", "number", "nr", "no", "numero"} & set(folded.split()):
        return frozenset()  # the code of an account is one of bookkeeping
    return frozenset() if len(parts) < _FEWEST or found <= _VAGUE else frozenset(found)


def words_of_concepts(*concepts: str) -> list[str]:
    """Return the words for any of these."""
    return list(dict.fromkeys(word for concept in concepts for word in _MEANT[concept].split()))


def concept_of(word: str) -> str:
    """Return what one word stands for, itself where it is not known."""
    return _CONCEPTS.get(word, word)


def is_known_word(word: str) -> bool:
    """Whether a word stands for anything here."""
    return word in _CONCEPTS


def _parts(word: str) -> tuple[str, ...]:
    if word in _CONCEPTS:
        return (_CONCEPTS[word],)
    for stem in _STEMS:
        rest = word.removeprefix(stem)
        if rest != word and rest in _CONCEPTS:
            return _CONCEPTS.get(stem, stem), _CONCEPTS[rest]
    return (word,)
