"""The words of a profile that are wrong: one line each, with key and fix.

Belongs here: settings of the connector ``mapped``. Does not: reading files (``test_mapped``).
"""

from __future__ import annotations

from typing import Any

import pytest

from connectors.datasets import DATASETS
from tests.connectors.mapped.german import GERMAN, MAPPED, with_column

# settings


def _problem(profile: Any) -> str:
    with pytest.raises(ValueError) as caught:
        MAPPED.check({"vendor_charges": profile})
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("word", "value", "message"),
    [
        ("encoding", "ansi", "vendor_charges.encoding is 'ansi': use one of utf-8, "),
        ("encoding", "", "vendor_charges.encoding is empty: use one of"),
        ("encoding", ["utf-8"], "vendor_charges.encoding is a list: use one of"),
        ("delimiter", "a", "vendor_charges.delimiter is 'a': use one of"),
        (
            "dates",
            "TT.MM.JJJJ",
            "vendor_charges.dates: 'TT.MM.JJJJ' is no form of dates: write it like DD.MM.YYYY",
        ),
        ("dates", {"a": "b"}, "vendor_charges.dates is a mapping: write one text"),
        ("decimals", ";", "vendor_charges.decimals is ';': use one of ., ,"),
        ("thousands", ",", "vendor_charges.thousands is ',', and so is decimals: only one of them can be"),
        ("negatives", "red", "vendor_charges.negatives is 'red': use one of leading, trailing, parentheses"),
        ("currency_signs", ["-"], "vendor_charges.currency_signs may have no digits and no marks"),
        ("header_row", "0", "vendor_charges.header_row is '0': write a whole number from 1 to 1000"),
        ("header_row", "²", "vendor_charges.header_row is '²': write a whole number"),
        ("fill_down", {"Kunde": "x"}, "vendor_charges.fill_down is a mapping: write one text or a list"),
        ("where", {"Kunde": "x"}, "vendor_charges.where.Kunde is unknown: use any of only, skip"),
        (
            "where",
            {"only": {"Kunde": []}},
            "vendor_charges.where.only.Kunde is empty: write one text or a list",
        ),
        ("where", "", "vendor_charges.where is empty: write `name: value`"),
        ("datums", "x", "vendor_charges.datums is unknown: use any of encoding, "),
        ("columns", {}, "vendor_charges.columns is empty"),
        ("dates", ["DD.MM.YYYY", "DD"], "vendor_charges.dates: 'DD' is no form of dates"),
        ("totals", ["*"], "vendor_charges.totals has a text that any row begins with"),
        ("sections", ["a"], "vendor_charges.sections is a list: write one text"),
        (
            "split",
            {"heading": "Artikel"},
            "vendor_charges.split: each of the values would have the whole amount",
        ),
        ("split", {"heading": "Artikel", "by": ""}, "vendor_charges.split.by is empty"),
        (
            "unpivot",
            {"keep": "Kunde", "name": "SKU", "value": "SKU"},
            "vendor_charges gives one name to two columns",
        ),
        (
            "unpivot",
            {"keep": "Kunde", "name": "SKU", "value": "Seats"},
            "vendor_charges.columns.line_id names 'Pos', which unpivot takes for a SKU: add it to",
        ),
        (
            "unpivot",
            {"keep": list("abc"), "name": "SKU"},
            "vendor_charges.unpivot.value is empty: write one text",
        ),
        ("dates", "TODO", "vendor_charges.dates still says TODO: write what"),
    ],
)
def test_a_wrong_word_is_one_line_that_names_key_and_fix(word: str, value: Any, message: str) -> None:
    assert _problem(GERMAN | {word: value}).startswith(message)


@pytest.mark.parametrize(
    ("column", "words", "message"),
    [
        ("amount", "", "vendor_charges.columns.amount is empty: write one text"),
        (
            "amount",
            {"constant": "1,5"},
            "vendor_charges.columns.amount.constant is '1,5': write plain digits with a decimal point",
        ),
        (
            "amount",
            {"heading": "B", "take": "day"},
            "vendor_charges.columns.amount.take is unknown: use any of heading, constant, ",
        ),
        (
            "amount",
            {"heading": "B", "constant": "1"},
            "vendor_charges.columns.amount has a heading and something instead of one",
        ),
        (
            "amount",
            {"values": {"a": "1"}},
            "vendor_charges.columns.amount needs a heading, or nothing but a constant",
        ),
        (
            "amount",
            {"heading": "B", "implied_decimals": "-2"},
            "vendor_charges.columns.amount.implied_decimals is '-2': write a whole number",
        ),
        (
            "amount",
            {"heading": "B", "negative_if": {"a": "x", "b": "y"}},
            "vendor_charges.columns.amount.negative_if names more than one",
        ),
        (
            "amount",
            {"heading": "B", "negative_if": {"a": "x"}},
            "vendor_charges.columns.amount has only one of negative_if and as_written_if",
        ),
        (
            "amount",
            {"heading": "B", "as_written_if": {"a": "x"}},
            "vendor_charges.columns.amount has only one of negative_if and",
        ),
        (
            "amount",
            {"heading": "B", "negative_if": {"a": "x"}, "as_written_if": {"b": "y"}},
            "vendor_charges.columns.amount: negative_if looks at 'a' and as_written_if at 'b'",
        ),
        (
            "amount",
            {"heading": "B", "negative_if": {"a": "x"}, "as_written_if": {"a": "x"}},
            "vendor_charges.columns.amount: 'x' stands in negative_if and in as_written_if",
        ),
        (
            "amount",
            {"heading": "B", "divided_by": "M"},
            "vendor_charges.columns.amount.divided_by is unknown",
        ),
        ("amount", {"made_of": "content"}, "vendor_charges.columns.amount.made_of: only line_id,"),
        (
            "amount",
            {"count": "rows"},
            "vendor_charges.columns.amount.count: only entitled_quantity counts rows",
        ),
        (
            "line_id",
            {"made_of": "rows"},
            "vendor_charges.columns.line_id.made_of is 'rows': use one of content",
        ),
        (
            "charge_category",
            {"constant": "monthly"},
            "vendor_charges.columns.charge_category.constant is 'monthly': use one of recurring, ",
        ),
        (
            "charge_category",
            {"heading": "A", "values": {"x": "abo"}},
            "vendor_charges.columns.charge_category.values.x is 'abo': use one of",
        ),
        (
            "charge_category",
            {"heading": "A", "values": {"x": "TODO"}},
            "vendor_charges.columns.charge_category.values.x still says TODO",
        ),
        ("currency", {"constant": "€"}, "vendor_charges.columns.currency.constant is '€': write it like USD"),
        (
            "charge_period_start",
            {"constant": "1.10.2026"},
            "vendor_charges.columns.charge_period_start.constant is '1.10.2026': it would be wrong next"
            " month: write {period: month_start}, {period: last_day} or {period: next_month_start}",
        ),
        (
            "charge_period_end",
            {"heading": "b", "range": "end", "take": "next_midnight"},
            "vendor_charges.columns.charge_period_end.take is 'next_midnight': use one of day,",
        ),
        (
            "charge_period_end",
            {"heading": "b", "take": "last"},
            "vendor_charges.columns.charge_period_end.take is 'last': use one of day,",
        ),
        (
            "charge_period_end",
            {"heading": "b", "dates": "MM.YYYY"},
            "vendor_charges.columns.charge_period_end: MM.YYYY has no day: say `take:",
        ),
        (
            "charge_period_start",
            {"heading": "von", "default": "2026-10-01"},
            "vendor_charges.columns.charge_period_start.default is '2026-10-01': it would be wrong next",
        ),
        (
            "charge_period_start",
            {"period": "YYYY-MM"},
            "vendor_charges.columns.charge_period_start.period is 'YYYY-MM': use one of month_start",
        ),
        (
            "charge_period_start",
            {"file_name": "*_YYYY-MM"},
            "vendor_charges.columns.charge_period_start.file_name is '*_YYYY-MM': write YYYY, MM and",
        ),
        (
            "charge_period_start",
            {"file_name": "%_YYYY-MM"},
            "vendor_charges.columns.charge_period_start.file_name has no day: say `take: month_start`",
        ),
        (
            "invoice_id",
            {"period": "BILL"},
            "vendor_charges.columns.invoice_id.period is 'BILL': write a text",
        ),
        (
            "invoice_id",
            {"file_name": "YYYY-MM"},
            "vendor_charges.columns.invoice_id.file_name is 'YYYY-MM': write * once",
        ),
        (
            "invoice_id",
            {"above": "Rechnung"},
            "vendor_charges.columns.invoice_id.above looks at the lines above the headings: say in",
        ),
        (
            "invoice_id",
            {"period": "B-YYYY-MM", "default": "x"},
            "vendor_charges.columns.invoice_id.default does not go with period",
        ),
        ("amount", ["Menge", "Preis"], "vendor_charges.columns.amount cannot be joined of"),
        ("amount", {"product_of": ["Menge"]}, "vendor_charges.columns.amount.product_of: write two or three"),
        ("amount", {"sum_of": "Betrag"}, "vendor_charges.columns.amount.sum_of: only invoice_total is a sum"),
        ("amount", {"made_of": "amount"}, "vendor_charges.columns.amount.made_of: only line_id, "),
        ("line_id", {"made_of": "amount"}, "vendor_charges.columns.line_id.made_of: only line_id, "),
        (
            "unit_cost",
            {"heading": "Preis", "per": {"Takt": {"Jahr": "0"}}},
            "vendor_charges.columns.unit_cost.per.Takt.Jahr is '0': write a whole number from 1 to 120",
        ),
        (
            "unit_cost",
            {"heading": "Preis", "zero_if": {"Art": "frei"}},
            "vendor_charges.columns.unit_cost has only one of zero_if and as_written_if",
        ),
        (
            "unit_cost",
            {"heading": "P", "sign_of": "B"},
            "vendor_charges.columns.unit_cost.sign_of is unknown",
        ),
        ("gross", "B", "vendor_charges.columns.gross is unknown: use any of line_id, "),
    ],
)
def test_a_wrong_column_is_one_line_that_names_key_and_fix(column: str, words: Any, message: str) -> None:
    assert _problem(with_column(column, words)).startswith(message)


def test_every_required_column_must_be_given_and_every_dataset_known() -> None:
    for name in DATASETS["vendor_charges"].required_columns:
        columns = {key: words for key, words in GERMAN["columns"].items() if key != name}
        assert _problem(GERMAN | {"columns": columns}).startswith(
            f"vendor_charges.columns.{name} is missing: name the vendor's column"
        )
    with pytest.raises(ValueError, match="settings.charges is unknown: use any of clients, "):
        MAPPED.check({"charges": GERMAN})
    with pytest.raises(ValueError, match="settings is empty"):
        MAPPED.check({})
