"""An answer holds, and everything that depends on it is proposed anew around it.

Belongs here: what one answer changes elsewhere in a profile, and what is asked after it. Does not: which
questions a file raises first.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.setup.exports import Export, key_of, recognised
from tests.profiling.small_files import Whole, asked

_TWO_MONEYS = """\
Invoice,Customer ID,SKU,Quantity,Unit Price GBP,Total GBP,Rate,Total SEK,From,To
4711,K1,A,10,2.00,20.00,13.5000,270.00,2026-10-01,2026-10-31
4711,K2,B,3,5.00,15.00,13.5000,202.50,2026-10-01,2026-10-31
4711,K2,A,4,2.00,8.00,13.5000,108.00,2026-10-01,2026-10-31
"""
_IN_TWO_MONTHS = """\
Rechnungsnummer;Kundennummer;Artikelnummer;Art;Von;Bis;Menge;Einzelpreis;Betrag netto;Währung
R1;K1;BP;Lizenz;01.10.2026;31.10.2026;2;10,00;20,00;EUR
R2;K2;BP;Lizenz;01.10.2026;30.11.2026;3;20,00;60,00;EUR
"""


def _read(folder: Path, text: str, answers: dict[str, Any], encoding: str = "utf-8") -> Export:
    path = folder / "file.csv"
    path.write_bytes(text.encode(encoding))
    return recognised(path, path.name, answers)


def _open(export: Export) -> dict[str, tuple[Any, ...]]:
    return {key_of(question.key): question.options for question in export.questions}


def test_an_amount_in_another_currency_carries_the_currency_and_the_price(tmp_path: Path) -> None:
    answers: dict[str, Any] = {"dataset": "vendor_charges"}
    assert "columns.amount" in _open(_read(tmp_path, _TWO_MONEYS, answers))
    other = _read(tmp_path, _TWO_MONEYS, answers | {"columns.amount": "Total SEK"}).profile["columns"]
    assert (other["currency"], other["unit_cost"]) == ({"constant": "SEK"}, {"made_of": "amount"})
    assert other["quantity"] == {"heading": "Quantity", "sign_of": "Total SEK"}
    same = _read(tmp_path, _TWO_MONEYS, answers | {"columns.amount": "Total GBP"}).profile["columns"]
    assert (same["currency"], same["unit_cost"]) == ({"constant": "GBP"}, "Unit Price GBP")


def test_an_encoding_lets_the_columns_be_told_anew(tmp_path: Path) -> None:
    head = "Klient końcowy;Kod;Ilość;Cena\n"
    text = head + "Żuraw sp. z o.o.;A;2;20,50\nŁąka S.A.;B;3;30,50\nŁąka S.A.;A;1;20,50\n"
    answers: dict[str, Any] = {"dataset": "vendor_charges"}
    before = _read(tmp_path, text, answers, "cp1250")
    assert {"encoding", "columns.quantity"} <= set(_open(before))
    done = _read(tmp_path, text, answers | {"encoding": "cp1250"}, "cp1250")
    assert done.profile["columns"]["quantity"] == "Ilość" and "encoding" not in _open(done)


def test_an_encoding_that_cannot_be_is_asked_again_with_what_was_said(tmp_path: Path) -> None:
    text = "Číslo faktury;Zákazník;Množství;Částka\nF1;Žluť kůň;2;20,50\nF2;Dřevěný;3;30,50\n"
    done = _read(tmp_path, text, {"dataset": "vendor_charges", "encoding": "klingon"}, "cp1250")
    told = next(question.text for question in done.questions if question.key == ("encoding",))
    assert "klingon" in told and done.profile["encoding"] == "TODO"


def test_a_heading_that_another_encoding_does_not_have_is_asked_again(tmp_path: Path) -> None:
    text = "Číslo faktury;Zákazník;Kód;Množství;Částka\nF1;Žluť kůň;A;2;20,50\nF2;Dřevěný;B;3;30,50\n"
    answers = {"dataset": "vendor_charges", "columns.sku_id": "Kód", "columns.invoice_id": "Èíslo faktury"}
    done = _read(tmp_path, text, answers | {"encoding": "cp1250"}, "cp1250")
    assert done.profile["columns"]["sku_id"] == "Kód"
    told = next(question.text for question in done.questions if question.key == ("columns", "invoice_id"))
    assert "“Èíslo faktury”, which is no heading" in told


@pytest.mark.parametrize(("mark", "group"), [(",", "."), (".", ",")])
def test_the_decimal_mark_decides_what_stands_between_thousands(
    tmp_path: Path, mark: str, group: str
) -> None:
    row = f"I1;K1;S1;1;1{group}200;EUR"
    text = f"Invoice;Customer ID;SKU;Quantity;Amount;Currency\n{row}\n{row.replace('S1', 'S2')}\n"
    answers = {"dataset": "vendor_charges", "columns.amount": "Amount", "columns.quantity": "Quantity"}
    assert "decimals" in _open(_read(tmp_path, text, answers))
    done = _read(tmp_path, text, answers | {"decimals": mark}).profile
    assert (done["decimals"], done["thousands"]) == (mark, group)


def test_rows_that_are_not_read_decide_nothing(tmp_path: Path) -> None:
    text = (
        "Invoice,Customer ID,SKU,Status,Quantity,Unit Cost,Amount,Currency\n"
        "I1,K1,A,Sent,2,5.00,10.00,EUR\nI1,K2,B,Sent,3,5.00,15.00,EUR\nI2,K2,A,Void,1,5.00,9.00,EUR\n"
    )
    answers: dict[str, Any] = {"dataset": "vendor_charges"}
    assert _read(tmp_path, text, answers).profile["columns"]["unit_cost"] != "Unit Cost"
    done = _read(tmp_path, text, answers | {"where": {"only": {"Status": ["Sent"]}}}).profile
    assert (done["columns"]["unit_cost"], done["columns"]["amount"]) == ("Unit Cost", "Amount")
    assert done["where"] == {"only": {"Status": ["Sent"]}}
    every = _read(tmp_path, text, answers | {"where": {}})
    assert "where" not in every.profile and "where" not in _open(every)


def test_saying_the_dataset_takes_no_doubt_about_rows_away(whole: Whole) -> None:
    lines = ["Kunde,Arbeitsplatz,Server,Gesamt", "Ahorn AG,4,1,5", "Birke KG,2,1,3", "Summe,6,2,8"]
    likely = whole(lines, None)
    assert "where" in asked(likely)
    for dataset in ("license_counts", "vendor_charges", "agreements"):
        found = whole(lines, dataset)
        assert ("where" in asked(found)) or found.words.get("totals"), dataset


def test_a_price_of_several_months_is_a_question_once_the_period_is_answered(tmp_path: Path) -> None:
    answers: dict[str, Any] = {"dataset": "invoice_lines"}
    assert {"columns.service_period_start", "columns.service_period_end"} <= set(
        _open(_read(tmp_path, _IN_TWO_MONTHS, answers))
    )
    whole_time = {
        "columns.service_period_start": "Von",
        "columns.service_period_end": {"heading": "Bis", "take": "day_after"},
    }
    found = _open(_read(tmp_path, _IN_TWO_MONTHS, answers | whole_time))
    assert found["columns.unit_price"] == ("Einzelpreis",)
    done = _read(tmp_path, _IN_TWO_MONTHS, answers | whole_time | {"columns.unit_price": "Einzelpreis"})
    assert "columns.unit_price" not in _open(done)
    only_long = _IN_TWO_MONTHS.replace("31.10.2026", "30.11.2026")
    found = _open(_read(tmp_path, only_long, answers | whole_time))
    assert found["columns.unit_price"] == ("Einzelpreis", {"heading": "Einzelpreis", "per": "2"})


def test_an_answer_that_no_number_fits_breaks_nothing(tmp_path: Path) -> None:
    answers = {"dataset": "vendor_charges", "columns.amount": "SKU", "columns.quantity": "Invoice"}
    assert _read(tmp_path, _TWO_MONEYS, answers).profile["columns"]["amount"] == "SKU"


def test_words_for_no_date_do_not_hide_the_days_on_which_agreements_end(whole: Whole) -> None:
    rows = ["A1,K1,S1,10,2.00,2026-01-01,entfällt", "A2,K1,S2,5,2.00,2026-01-01,2026-10-31"]
    head = "Agreement ID,Client ID,Product Code,Qty,Unit Price,Start Date,End Date"
    found = whole([head, *rows], "agreements")
    words = {"heading": "End Date", "take": "day_after", "empty": ["entfällt"]}
    assert (found.columns["effective_end"], asked(found)) == (words, {"currency"})


def test_an_id_that_is_answered_has_the_name_that_goes_together_with_it(tmp_path: Path) -> None:
    text = (
        "id,name,accountName,sku,totalLicenses\n"
        "901,Lind,North,EDR,10\n902,Berg,North,EDR,6\n903,Holm,North,MDR,4\n"
    )
    answers = {"dataset": "license_counts", "columns.vendor_customer_id": "id"}
    columns = _read(tmp_path, text, answers).profile["columns"]
    assert (columns["vendor_customer_id"], columns["vendor_customer_name"]) == ("id", "name")


@pytest.mark.parametrize("empty", ["none so far", ["none so far"]])
def test_texts_that_are_answered_to_be_empty_are_one_or_a_list(tmp_path: Path, empty: Any) -> None:
    text = (
        "Agreement ID,Client ID,Product Code,Qty,Unit Price,Currency,Start Date,End Date\n"
        "A1,K1,S1,10,2.00,EUR,2026-01-01,none so far\nA2,K2,S2,5,2.00,EUR,2026-01-01,2026-10-31\n"
    )
    words = {"heading": "End Date", "take": "day_after", "empty": empty}
    done = _read(tmp_path, text, {"dataset": "agreements", "columns.effective_end": words})
    assert (done.profile["columns"]["effective_end"], done.questions) == (words, [])


@pytest.mark.parametrize(
    ("key", "answer", "said"),
    [
        ("columns.effective_end", {"empty": "none"}, "columns.effective_end"),
        ("columns.effective_end", {"heading": ["End Date"]}, "columns.effective_end.heading"),
        ("columns.quantity", 3, "columns.quantity"),
        ("columns.quantity", {"columns": 3}, "columns.quantity"),
        ("where", {"only": 3}, "where.only"),
        ("where", {"heading": "Qty"}, "where.heading"),
    ],
)
def test_an_answer_that_no_profile_can_say_is_one_line(
    tmp_path: Path, key: str, answer: Any, said: str
) -> None:
    text = "Agreement ID,Client ID,Product Code,Qty,Unit Price,Currency,Start Date,End Date\n"
    text += "A1,K1,S1,10,2.00,EUR,2026-01-01,\nA2,K2,S2,5,2.00,EUR,2026-01-01,2026-10-31\n"
    with pytest.raises(ConfigError, match=rf"^file.csv: the answer {re.escape(said)}\b"):
        _read(tmp_path, text, {"dataset": "agreements", key: answer})
    assert _read(tmp_path, text, {"dataset": "agreements", "where": {}}).profile
