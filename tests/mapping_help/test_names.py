"""Reading names: folding text, taking companies and products apart.

Belongs here: ``text``, ``companies`` and ``products`` of ``mbr_pipeline.mapping_help``, by examples worked
out by hand. Does not: scores.
"""

from __future__ import annotations

import pytest

from mbr_pipeline.mapping_help.company_names import normalise, readings
from mbr_pipeline.mapping_help.product_names import read, read_term
from mbr_pipeline.mapping_help.text_folding import fold, words_of

FOLDED = {
    "case and accents": ("CAFÉ Lumière", "cafe lumiere"),
    "letters that do not decompose": ("Łukasz Søndergård ß Đ", "lukasz sondergard ss d"),
    "wide and composed characters": ("ＡＢＣ ①", "abc 1"),
    "UTF-8 read as Windows text": ("MÃ¼ller & SÃ¸n", "muller & son"),
    "an entity": ("Smith &amp; Sons", "smith & sons"),
    "damage twice": ("Smith &amp;amp; MÃƒÂ¼ller", "smith & muller"),
    "letters that were lost": ("M?ller H\ufffdnsen", "mller hnsen"),
    "a question is one": ("Who? We", "who? we"),
    "apostrophes": ("O’Brien's", "obriens"),
}


@pytest.mark.parametrize("case", FOLDED)
def test_what_only_looks_different_is_folded(case: str) -> None:
    text, folded = FOLDED[case]
    assert fold(text) == folded


def test_a_hostile_name_is_read_no_further_than_any_name_is_long() -> None:
    assert fold("&" + "amp;" * 1_000_000) == "&"
    assert len(words_of(fold("a " * 1_000_000))) == 500


def test_dotted_letters_are_a_word_and_numbers_are_digits() -> None:
    assert words_of("s.a.r.l. j.p. co.kg seven pier ii 24/7") == [
        "sarl",
        "jp",
        "co",
        "kg",
        "7",
        "pier",
        "2",
        "24",
        "7",
    ]


COMPANIES = {
    "Contoso Ltd.": "contoso",
    "CONTOSO LIMITED": "contoso",
    "Contoso Pty. Ltd.": "contoso",
    "The Contoso Company, Inc.": "contoso",
    "Müller Maschinenbau GmbH & Co. KG": "muller maschinenbau",
    "Bau Müller G.m.b.H.": "bau muller",
    "Menuiserie Côté S.à r.l.": "menuiserie cote",
    "Żuraw Sp. z o.o.": "zuraw",
    "Contoso Incorporatd": "contoso",
    "Contoso GmbH Berlin": "contoso berlin",
    "AG Insurance": "ag insurance",
    "Fenwick & Lyle": "fenwick lyle",
    "Fenwick and Lyle": "fenwick lyle",
    "Four Seasons": "4 seasons",
    "Ltd": "ltd",
    "": "",
    "—": "",
}


@pytest.mark.parametrize("name", COMPANIES)
def test_a_name_is_its_words_without_legal_form_and_conjunction(name: str) -> None:
    assert normalise(name) == COMPANIES[name]


def _words(name: str) -> set[tuple[str, ...]]:
    return {reading.words for reading in readings(name)}


READ_AS = {
    "contoso.onmicrosoft.com": {("contoso",)},
    "www.fenwick-lyle.co.uk": {("fenwick", "lyle")},
    "admin@contoso.com": {("contoso",)},
    "St.Mary": {("st", "mary")},
    "Old Co t/a Miller Dental": {("old",), ("miller", "dental")},
    "Old Co d/b/a Miller Dental": {("old",), ("miller", "dental")},
    "Zentrova (Miller Dental)": {("zentrova", "miller", "dental"), ("zentrova",), ("miller", "dental")},
    "Miller Dental - Leeds": {("miller", "dental", "leeds"), ("miller", "dental")},
    "jane.doe@gmail.com": {("jane", "doe", "gmail", "com")},
}


@pytest.mark.parametrize("name", READ_AS)
def test_a_name_is_read_in_every_way_it_may_be_meant(name: str) -> None:
    assert _words(name) == READ_AS[name]


def test_the_legal_form_is_kept_apart_in_one_spelling() -> None:
    [short], [long] = readings("Contoso Ltd"), readings("Contoso LIMITED")
    assert short.form == long.form == {"ltd"}
    assert readings("Contoso GmbH & Co. KG")[0].form == {"gmbh", "co", "kg"}


TERMS = {
    "P1M": "monthly",
    "Monthly": "monthly",
    "1 Month": "monthly",
    "month": "monthly",
    "Month-to-Month": "monthly",
    "monatlich": "monthly",
    "P1Y": "yearly",
    "Annual": "yearly",
    "12 Months": "yearly",
    "P1Y:Monthly": "yearly",
    "Annual, billed monthly": "yearly",
    "One-Year commitment for monthly/yearly billing": "yearly",
    "One-Month commitment for monthly billing": "monthly",
    "P3Y": "36 months",
    "3 Years": "36 months",
    "": "",
    "Promo 7": "promo 7",
}


@pytest.mark.parametrize("term", TERMS)
def test_a_commitment_has_one_spelling_and_is_not_how_it_is_paid(term: str) -> None:
    assert read_term(term) == TERMS[term]


PRODUCTS = {
    "Microsoft 365 Business Premium (monthly)": ({"m365", "business", "premium"}, set(), "monthly"),
    "M365 Bus. Prem - Annual": ({"m365", "business", "premium"}, set(), "yearly"),
    "Microsof® 365 E3": ({"m365"}, {"e3"}, ""),
    "Office, 365 E3": ({"o365"}, {"e3"}, ""),
    "Exchange Online (Plan 1)": ({"exchange", "online"}, {"p1"}, ""),
    "EXO P1 [NCE]": ({"exchange", "online"}, {"p1"}, ""),
    "Hosted storage, 100 GB": ({"hosted", "storage"}, {"100gb"}, ""),
    "Hosted storage 50GB": ({"hosted", "storage"}, {"50gb"}, ""),
    "Azure AD Premium P2": ({"entra", "id", "premium"}, {"p2"}, ""),
    "Backup VM per month": ({"backup", "virtual", "machine"}, set(), ""),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_product_is_its_words_its_marks_and_its_term(name: str) -> None:
    item = read(name)
    assert (set(item.words), set(item.marks), item.term) == PRODUCTS[name]


def test_the_term_of_the_bill_wins_over_the_one_in_the_name() -> None:
    assert read("Microsoft 365 E3 (monthly)", "P1Y").term == "yearly"
