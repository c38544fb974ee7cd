"""Which dataset a plain file is, and how its days are written, in seven languages.

Belongs here: one plain file of each kind. Does not: files of several systems (``test_kinds_of_exports``).
"""

from __future__ import annotations

import pytest

from tests.profiling.small_files import Whole, asked

_AGREED = {
    "en": "Customer ID,Customer Name,SKU,Product,Quantity,Unit Price,Currency,Start Date",
    "fr": "Code client;Nom du client;Référence;Désignation;Quantité;Prix unitaire;Devise;Date de début",
    "it": "Codice cliente;Ragione sociale;Codice articolo;Descrizione;Quantità;Prezzo unitario;Valuta;Dal",
}
_ROWS = (
    "K1;Alder;S1;Office;10;20,10;EUR;{}",
    "K2;Birch;S1;Office;4;20,10;EUR;{}",
    "K3;Cedar;S2;Box;1;7,30;EUR;{}",
)
_LINES = (
    "Numero fattura;Data fattura;Codice cliente;Codice articolo;Descrizione;Quantità;Prezzo unitario;Importo"
)


@pytest.mark.parametrize("language", _AGREED)
def test_lines_that_began_in_many_months_and_name_no_invoice_are_agreements_first(
    whole: Whole, language: str
) -> None:
    days = ("2025-01-01", "2025-02-01", "2025-03-14")
    rows = [row.format(day) for row, day in zip(_ROWS, days, strict=True)]
    if language == "en":
        rows = [row.replace(",", ".").replace(";", ",") for row in rows]
    found = whole([_AGREED[language], *rows], None)
    assert found.dataset == "agreements"
    assert asked(found) <= {"dataset"}
    assert found.columns["agreement_id"] == found.columns["client_id"]


@pytest.mark.parametrize(
    ("end", "dataset"),
    [("", "agreements"), ("31/12/2026", "vendor_charges"), ("15/02/2025", "vendor_charges")],
)
def test_an_end_that_most_rows_leave_empty_is_that_of_an_agreement(
    whole: Whole, end: str, dataset: str
) -> None:
    rows = [row.format(f"13/02/2025;{end}") for row in _ROWS]
    found = whole([f"{_AGREED['it']};Al", *rows], None)
    assert found.dataset == dataset


def test_the_day_is_first_beside_a_decimal_comma(whole: Whole) -> None:
    row = "{};01/10/2026;K{};S1;Office;2;20,10;40,20"
    lines = [row.format("F1", 1), row.format("F2", 2)]
    found = whole([_LINES, *lines], "invoice_lines")
    assert found.words["dates"] == "DD/MM/YYYY"
    pointed = [line.replace(",", ".") for line in lines]
    assert whole([_LINES, *pointed], "invoice_lines").words["dates"] == "TODO"
    bare = [line.replace("20,10;40,20", "20;40") for line in lines]
    assert "dates" in asked(whole([_LINES, *bare], "invoice_lines"))
