"""`mbr profile`: what it makes of headings, and which columns it proposes.

Belongs here: names of columns, identifiers, totals, months. Does not: the printed block as a whole
(``test_profile_command``), files of any form (``test_any_file``).
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors.datasets import DATASETS
from mbr_pipeline.profiling.headings import match, score
from mbr_pipeline.profiling.words import money_names
from mbr_pipeline.profiling.words.meanings import MEANINGS
from mbr_pipeline.profiling.words.synonyms import HEADINGS
from tests.cli.profile.sampling import GERMAN, Sampled, printed


def test_two_headings_that_fit_one_column_are_both_named(sampled: Sampled) -> None:
    proposal = sampled(
        "Invoice;Invoice Number;Date;Total;Currency\na;b;2026-10-31;1.50;EUR\n", "vendor_invoices"
    )
    assert proposal.columns["invoice_id"] == "TODO"
    assert proposal.column_why["invoice_id"] == "“Invoice” or “Invoice Number”: both fit"


def test_a_heading_that_fits_two_columns_is_given_to_neither() -> None:
    matches = match(["Total"], {"amount": "total", "invoice_total": "total|sum"})
    assert {name: (found.heading, found.why) for name, found in matches.items()} == {
        "amount": (None, "“Total” fits invoice_total as well"),
        "invoice_total": (None, "“Total” fits amount as well"),
    }


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("INVOICE_NO.", "invoice_id"),
        ("invoiceNumber", "invoice_id"),
        ("Rechnungs-Nr.", "invoice_id"),
        ("Währung", "currency"),
        ("Betrag (EUR)", "amount"),
        ("Stück", "quantity"),
        ("Unit  Price USD", "unit_cost"),
        ("Start Date", "charge_period_start"),
        ("Artikelnumer", "sku_id"),
        ("Invoice Date", None),
        ("Von-Bis", None),
        ("bin", None),
        ("Terminal", None),
        ("Comment", None),
        ("", None),
        ("Unit", None),
    ],
)
def test_headings_are_compared_without_case_accents_and_units_but_short_words_exactly(
    heading: str, column: str | None
) -> None:
    numbers = {
        "quantity": money_names.QUANTITIES,
        "unit_cost": f"{money_names.OWN_PRICES}|unit price|price",
        "amount": money_names.AMOUNTS.replace("|price|", "|"),
    }
    listed = {**HEADINGS["vendor_charges"], **numbers}
    fitting = [name for name, names in listed.items() if score(heading, names)[0]]
    assert fitting == ([column] if column else [])


@pytest.mark.parametrize("dataset", HEADINGS)
def test_no_name_of_a_heading_means_two_columns_and_every_column_has_names(dataset: str) -> None:
    names = [name for listed in HEADINGS[dataset].values() if listed for name in re.split("[|>]", listed)]
    assert sorted(set(names)) == sorted(names)
    assert list(HEADINGS[dataset]) == list(DATASETS[dataset].column_names)


def test_every_meaning_is_a_canonical_value_and_no_text_has_two() -> None:
    choices = {
        choice for dataset in DATASETS.values() for column in dataset.columns for choice in column.choices
    } | {"true", "false"}
    texts = [text for listed in MEANINGS.values() for text in listed.split("|")]
    assert set(MEANINGS) <= choices
    assert len(set(texts)) == len(texts)


def test_an_identifier_that_repeats_is_not_proposed_alone(sampled: Sampled) -> None:
    proposal = sampled(GERMAN.replace("R-1;2;", "R-1;1;"))
    assert proposal.columns["line_id"] == {"made_of": "content"}
    of_two = sampled(GERMAN.replace("R-1;2;", "R-2;1;"))
    assert of_two.columns["line_id"] == {"joined": ["Rechnungsnr", "Pos"], "by": ":"}


def test_titles_totals_and_gaps_are_seen(sampled: Sampled) -> None:
    body = GERMAN.splitlines()
    gap = body[1].replace("K-1", "").replace(";1;", ";3;")
    proposal = sampled("\n".join(["Rechnung vom 31.10.2026", "", *body, gap, "Summe;;;;;;;;;1.196,75"]))
    assert proposal.words["header_row"] == "3"
    assert proposal.words["totals"] == ["Summe"]
    assert proposal.columns["line_id"] == "Pos"
    assert proposal.words["where"] == "TODO"
    assert proposal.why["where"].startswith("“Kundennr” is empty in 1 of 3 rows, such as Müller | R-1 | 3 | ")


def test_a_customer_called_total_is_no_total(sampled: Sampled) -> None:
    assert not {"where", "totals"} & set(sampled(GERMAN.replace("K-1", "Total")).words)


def test_columns_without_a_value_decide_nothing(sampled: Sampled) -> None:
    proposal = sampled("Kundennr;Menge;von;bis\nK;;;\n")
    assert (proposal.words["dates"], proposal.columns["quantity"]) == ("TODO", "TODO")
    assert proposal.columns["charge_period_end"] == {"heading": "bis", "take": "TODO"}


def test_a_month_in_one_column_is_both_ends_of_the_period(sampled: Sampled) -> None:
    proposal = sampled("Kundennr;Menge;Leistungsmonat\nK;1,5;10/2026\nK;2;09/2026\n")
    assert proposal.columns["charge_period_start"] == {"heading": "Leistungsmonat", "take": "month_start"}
    assert proposal.columns["charge_period_end"] == {"heading": "Leistungsmonat", "take": "next_month_start"}
    assert proposal.words["dates"] == "MM/YYYY"


def test_months_without_days_are_left_to_a_person_but_for_the_start_of_a_period(
    sampled: Sampled, tmp_path: Path
) -> None:
    text = "Kundennr;Menge;von;bis\nK;1,5;10/2026;11/2026\nK;2;09/2026;10/2026\n"
    columns = sampled(text).columns
    assert columns["charge_period_start"] == {"heading": "von", "take": "month_start"}
    assert columns["charge_period_end"] == {"heading": "bis", "take": "TODO"}
    assert re.search(
        r"^#   charge_period_start +2026-10-01 +\| 2026-09-01$",
        printed(tmp_path / "sample.csv"),
        re.MULTILINE,
    )
    mixed = sampled(text.replace(";11/2026", ";31.10.2026").replace(";10/2026\n", ";30.09.2026\n"))
    assert (mixed.words["dates"], mixed.columns["charge_period_start"]["take"]) == ("MM/YYYY", "month_start")
    assert mixed.columns["charge_period_end"] == {
        "heading": "bis",
        "dates": "DD.MM.YYYY",
        "take": "day_after",
    }
    partial = sampled(text.replace(";11/2026", ";15.10.2026").replace(";10/2026\n", ";05.09.2026\n"))
    assert partial.columns["charge_period_end"] == {"heading": "bis", "dates": "DD.MM.YYYY", "take": "TODO"}
