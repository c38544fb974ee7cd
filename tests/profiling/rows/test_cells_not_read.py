"""Cells that are not what their column is for: words among days and numbers, days in words, no number at all.

Belongs here: what is read as empty, and what is asked. Does not: dates in two forms, what ends a period
(``test_period_ends``).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.datasets import DATASETS
from mbr_pipeline.profiling.preview import preview
from mbr_pipeline.setup.exports import recognised
from tests.profiling.small_files import Proposed, Whole, asked

_AGREEMENTS = "Agreement ID,Line ID,Client ID,Product Code,Quantity,Monthly Price,Currency,Start Date"
_COUNTS = "Customer ID,Customer,SKU,Purchased Seats"


def _options(proposal: Any, column: str) -> tuple[Any, ...]:
    return next(q.options for q in proposal.questions if q.key == ("columns", column))


def _agreements(heading: str, *ends: str) -> list[str]:
    rows = [f"V{at},V{at}-1,K{at},P1,{at + 4},8.25,EUR,2025-03-01,{end}" for at, end in enumerate(ends)]
    return [f"{_AGREEMENTS},{heading}", *rows]


@pytest.mark.parametrize(
    ("heading", "texts"),
    [
        ("End Date", ["N/A"]),
        ("End Date", ["-", "NULL"]),
        ("Contract End", ["Open-ended"]),
        ("End Date", ["0000-00-00"]),
        ("End Date", ["9999-12-31"]),
        ("End Date", ["0001-01-01"]),
        ("Vertragsende", ["unbefristet"]),
        ("Vertragsende", ["laufend", "k. A."]),
        ("Fin du contrat", ["durée indéterminée"]),
        ("Einddatum", ["onbepaalde tijd", "n.v.t."]),
    ],
)
def test_words_for_no_end_are_read_as_empty(
    tmp_path: Path, whole: Whole, heading: str, texts: list[str]
) -> None:
    found = whole(_agreements(heading, *texts, "2026-05-31", "2027-02-28"), "agreements")
    words = {"heading": heading, "take": "day_after", "empty": texts}
    assert (found.columns["effective_end"], asked(found)) == (words, set())
    read = preview(tmp_path / "whole.csv", DATASETS["agreements"], found.settings, rows=9)
    assert [row["effective_end"] for row in read.records] == [None] * len(texts) + [
        "2026-06-01",
        "2027-03-01",
    ]
    assert read.refused == 0


@pytest.mark.parametrize("text", ["see contract", "Auto-renew", "siehe Vertrag"])
def test_an_end_in_other_words_is_a_question_and_may_be_left_out(
    tmp_path: Path, whole: Whole, text: str
) -> None:
    lines = _agreements("End Date", text, "2026-05-31", "2027-02-28")
    options = _options(whole(lines, "agreements"), "effective_end")
    assert options == (
        {"heading": "End Date", "empty": [text], "take": "day_after"},
        {"heading": "End Date", "empty": [text]},
        {"columns": {"effective_end": None}},
    )
    path = tmp_path / "agreements.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    left_out = recognised(path, path.name, {"columns.effective_end": options[-1]})
    assert (left_out.questions, "effective_end" in left_out.profile["columns"]) == ([], False)
    taken = recognised(path, path.name, {"columns.effective_end": options[0]})
    read = preview(path, DATASETS["agreements"], taken.profile)
    assert [row["effective_end"] for row in read.records] == [None, "2026-06-01", "2027-03-01"]


@pytest.mark.parametrize("heading", ["Commitment End", "Laufzeitende"])
def test_an_end_of_another_name_is_asked_too(whole: Whole, heading: str) -> None:
    for text in ("open", "see contract"):
        options = _options(whole(_agreements(heading, text, "2026-05-31"), "agreements"), "effective_end")
        assert {"heading": heading, "empty": [text], "take": "day_after"} in options
    assert asked(whole(_agreements("Backend", "azure", "aws"), "agreements")) == set()


def test_an_end_that_is_a_day_in_an_unknown_form_is_never_read_as_empty(whole: Whole) -> None:
    lines = _agreements("End Date", "ca. Smarch 30th 2026", "31.05.2026", "28.02.2027")
    assert _options(whole(lines, "agreements"), "effective_end") == (
        {"heading": "End Date", "dates": "DD.MM.YYYY", "take": "day_after"},  # starts are YYYY-MM-DD
        {"heading": "End Date", "dates": "DD.MM.YYYY"},
        {"columns": {"effective_end": None}},
    )


def test_ends_of_nothing_but_words_are_asked_and_flags_are_none(whole: Whole) -> None:
    assert _options(whole(_agreements("Ende", "auf Zuruf", "auf Zuruf"), "agreements"), "effective_end")
    assert "effective_end" not in whole(_agreements("Cancelled", "No", "No"), "agreements").columns


def test_seats_in_use_of_some_rows_only(whole: Whole) -> None:
    for heading, text in (("Used Seats", "n/a"), ("Zugewiesene Lizenzen", "–"), ("Asignadas", "no aplica")):
        rows = (f"K1,Aldo,P1,12,{text}", "K2,Bea,P1,7,5")
        found = whole([f"{_COUNTS},{heading}", *rows], "license_counts")
        assert found.columns["assigned_quantity"] == {"heading": heading, "empty": [text]}
        assert asked(found) == set()
    found = whole([f"{_COUNTS},Used Seats", "K1,Aldo,P1,12,pending", "K2,Bea,P1,7,5"], "license_counts")
    first, *_, last = _options(found, "assigned_quantity")
    assert first == {"heading": "Used Seats", "empty": ["pending"]}
    assert last == {"columns": {"assigned_quantity": None}}
    found = whole([f"{_COUNTS},Assigned", "K1,Aldo,P1,12,ann", "K2,Bea,P1,7,bob"], "license_counts")
    assert "assigned_quantity" not in found.columns  # names of people are no numbers


@pytest.mark.parametrize(
    ("heading", "text", "dates"),
    [
        ("Snapshot Date", "Thu 27 Aug 2026", "% D MMM YYYY"),
        ("Report Date", "2026-08-27 07:15 PDT", "YYYY-MM-DD %"),
        ("Stichtag", "Donnerstag, 27.08.2026", "% D.M.YYYY"),
        ("Stichtag", "Ende August", None),
    ],
)
def test_a_day_of_counts_in_words_is_not_the_folders(
    tmp_path: Path, whole: Whole, heading: str, text: str, dates: str | None
) -> None:
    lines = [f'{_COUNTS},"{heading}"', f'K1,Aldo,P1,12,"{text}"', f'K2,Bea,P1,7,"{text}"']
    found = whole(lines, "license_counts")
    way = {"heading": heading, **({"dates": dates} if dates else {})}
    assert _options(found, "as_of_date") == (way, {"period": "last_day"})
    if dates:
        found.columns["as_of_date"] = way
        read = preview(tmp_path / "whole.csv", DATASETS["license_counts"], found.settings)
        assert {row["as_of_date"] for row in read.records} == {"2026-08-27"}


def test_a_day_of_counts_that_one_row_lacks_is_asked(whole: Whole) -> None:
    rows = ("K1,Aldo,P1,12,2026-08-27", "K2,Bea,P1,7,n/a")
    found = whole([f"{_COUNTS},Snapshot Date", *rows], "license_counts")
    first, *_ = _options(found, "as_of_date")
    assert first == {"heading": "Snapshot Date", "empty": ["n/a"], "default": {"period": "last_day"}}


@pytest.mark.parametrize(
    ("above", "way"),
    [
        ("Seats as of August 27 2026,,,", None),  # no form reads it: it has no comma
        ("Seats of August 2026,,,", None),
        ("Licences août 2026,,,", None),
        ("Seats as of 27 August 2026,,,", {"above": "Seats as of", "dates": "D MMMM YYYY"}),
        ("Lizenzen zum Stand 27.08.2026,,,", {"above": "Lizenzen zum Stand", "dates": "D.M.YYYY"}),
        ("Stand:,27.08.2026,,", {"above": "Stand:", "dates": "D.M.YYYY"}),
        ("2026-08-27,,,", {"above": "#1", "dates": "YYYY-MM-DD"}),
        ("Relevé du 2026-08-27 (final),,,", {"above": "Relevé du", "dates": "YYYY-MM-DD%"}),
    ],
)
def test_a_day_above_the_headings_may_be_that_of_the_counts(
    tmp_path: Path, whole: Whole, above: str, way: dict[str, str] | None
) -> None:
    found = whole([above, _COUNTS, "K1,Aldo,P1,12", "K2,Bea,P1,7"], "license_counts")
    assert _options(found, "as_of_date") == ((way,) if way else ()) + ({"period": "last_day"},)
    if way:
        found.columns["as_of_date"] = way
        read = preview(tmp_path / "whole.csv", DATASETS["license_counts"], found.settings)
        assert {row["as_of_date"] for row in read.records} == {"2026-08-27"}


def test_codes_of_currencies_in_small_letters_are_read_as_capitals(
    tmp_path: Path, proposed: Proposed
) -> None:
    head = "Invoice,Customer ID,SKU,Type,Quantity,Amount,Currency,From,To"
    path = tmp_path / "small.csv"
    path.write_text(f"{head}\nI1,K1,S1,Subscription,2,19.90,gbp,2026-10-01,2026-10-31\n", encoding="utf-8")
    export = recognised(path, path.name, {})
    assert export.profile["columns"]["currency"] == {"heading": "Currency", "values": {"gbp": "GBP"}}
    path.write_text(f"{head}\nI1,K1,S1,Subscription,2,19.90,XQQ,2026-10-01,2026-10-31\n", encoding="utf-8")
    assert ("columns", "currency") in {question.key for question in recognised(path, "f", {}).questions}


def test_an_empty_amount_is_asked_and_may_be_the_product(tmp_path: Path, proposed: Proposed) -> None:
    rows = ("4,5.25,21.00", "3,2.50,", "2,5.25,10.50")
    found = proposed("Quantity,Unit Price,Amount", *rows)
    product, nothing, _ = _options(found, "amount")
    assert nothing == {"heading": "Amount", "default": "0"}
    found.columns["amount"] = product
    read = preview(tmp_path / "f.csv", DATASETS["vendor_charges"], found.settings)
    assert (read.totals, read.refused) == ({"EUR": Decimal("39.00")}, 0)
    found.columns["amount"] = "Amount"
    read = preview(tmp_path / "f.csv", DATASETS["vendor_charges"], found.settings)
    assert (read.totals, read.refused) == ({"EUR": Decimal("31.50")}, 1)


def test_rows_without_any_number_may_be_no_lines(proposed: Proposed) -> None:
    found = proposed(
        "Quantity,Unit Price,Amount,Text", "4,5.25,21.00,Seats", ",,,Thank you", "2,5.25,10.50,x"
    )
    assert "where" in asked(found)
    assert {"skip": {"Amount": [""]}} in found.options["where",]


def test_a_preview_refuses_what_loading_refuses(tmp_path: Path, whole: Whole) -> None:
    lines = _agreements(
        "End Date", "2025-02-01", "2026-06-01", "2026-07-01"
    )  # the first ends before its start
    found = whole(lines, "agreements")
    found.columns["effective_end"] = "End Date"
    found.columns["currency"] = {"constant": "EUR"}
    read = preview(tmp_path / "whole.csv", DATASETS["agreements"], found.settings, month=date(2026, 10, 1))
    assert (read.count, read.refused, read.fault and read.fault.line) == (2, 1, 2)
    assert read.totals == {"": Decimal(5 + 6)}


@pytest.mark.parametrize(
    ("start", "end", "form"),
    [
        ("5 avr. 2026", "30 avr. 2026", "D MMM YYYY"),
        ("5. Dezember 2026", "31. Dezember 2026", "D. MMMM YYYY"),
        ("05 juli 2026", "31 juli 2026", ["DD MMM YYYY", "DD MMMM YYYY"]),  # short or written out
        ("1 May 2026", "31 May 2026", ["D MMM YYYY", "D MMMM YYYY"]),
    ],
)
def test_months_in_words_of_other_languages_are_days(whole: Whole, start: str, end: str, form: Any) -> None:
    head = "Invoice,Customer ID,SKU,Type,Quantity,Amount,Currency,From,To"
    found = whole([head, f"I1,K1,S1,Subscription,2,19.90,EUR,{start},{end}"])
    assert found.words["dates"] == form
    assert found.columns["charge_period_end"] == {"heading": "To", "take": "day_after"}
