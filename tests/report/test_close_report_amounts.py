"""Exact amounts behind the close report: ranks, places, and tables that are refused.

Expected figures are worked by hand from the rows in ``examples.py`` or in the test. Does not belong here:
the verdict (``test_close_report_figures``).
"""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest

from mbr_pipeline.report.text import amount_text, exact_sum, figure_texts, percent_text
from mbr_pipeline.safe_text import visible
from tests.report.money_facts import money_facts
from tests.support.close_page import close_page_data


def test_clients_are_ranked_by_all_their_money_within_a_currency(rich):
    section = next(s for s in close_page_data(*rich).by_client if s.currency == "USD")
    # ACME 127.75 + 3.00; no client 60.00 + 12.00; BOLT 15.00 + 40.00; CORA 0.01
    assert [(row.client_id, row.count) for row in section.rows] == [
        ("ACME", 5),
        (None, 3),
        ("BOLT", 2),
        ("CORA", 1),
    ]
    assert section.rows[0].amounts == (Decimal("127.75"), Decimal("3.00"), Decimal(0), Decimal(0), Decimal(0))


def test_sums_beyond_the_default_decimal_precision_stay_exact(rich, table, exception):
    gate, tables = rich
    huge = "999999999999999999999999999999.99"
    rows = [
        exception(1, "UNBILLED_PRODUCT", client_recoverable=huge),
        exception(2, "ROUNDING", client_recoverable="0.02"),
    ]
    page = close_page_data(gate, tables | {"fct_exceptions": table("fct_exceptions", rows)})
    assert money_facts(page, "USD")[0][0] == Decimal("1000000000000000000000000000000.01")
    assert exact_sum([Decimal(huge), Decimal("0.02")]) == Decimal("1000000000000000000000000000000.01")


def test_impacts_stored_with_different_scales_are_still_ranked_and_summed(rich):
    gate, tables = rich
    table = tables["fct_exceptions"]
    place = table.column_names.index("vendor_claim")
    wider = table.set_column(place, "vendor_claim", table.column("vendor_claim").cast(pa.decimal128(20, 6)))
    assert close_page_data(gate, tables | {"fct_exceptions": wider}).contradictions == ()


def test_an_impact_below_the_scale_of_the_others_is_money_too(rich, table, exception):
    gate, tables = rich
    exceptions = table("fct_exceptions", [exception(1, "VENDOR_PRICE_CHANGE")])
    place = exceptions.column_names.index("vendor_claim")
    small = pa.array([Decimal("0.004")], pa.decimal128(20, 6))
    page = close_page_data(
        gate, tables | {"fct_exceptions": exceptions.set_column(place, "vendor_claim", small)}
    )
    assert [(s.currency, s.with_money, s.total) for s in page.exceptions] == [("USD", True, 1)]


def test_control_totals_of_one_scope_stand_in_the_order_of_their_datasets(rich, table):
    gate, tables = rich
    same = {"source": "pax8", "control": "ROW_REJECTED", "scope": "all", "passed": False}
    rows = [{**same, "dataset": f"d{n}", "expected": str(n)} for n in (3, 1, 4, 2)]
    page = close_page_data(gate, tables | {"fct_control_totals": table("fct_control_totals", rows)})
    assert [row["expected"] for row in page.control_totals.failing.rows] == ["1", "2", "3", "4"]


def test_floating_point_money_is_refused(rich):
    gate, tables = rich
    bridge = tables["fct_variance_bridge"]
    place = bridge.column_names.index("residual")
    floats = bridge.set_column(place, "residual", pa.array([0.0] * bridge.num_rows))
    with pytest.raises(TypeError, match=r"fct_variance_bridge\.residual is double"):
        close_page_data(gate, tables | {"fct_variance_bridge": floats})
    with pytest.raises(TypeError, match="float"):
        close_page_data(gate | {"residual": 0.0}, tables)


def test_a_table_without_a_contract_column_is_named(rich):
    gate, tables = rich
    with pytest.raises(KeyError, match="fct_client_gate has no column verdict"):
        close_page_data(
            gate, tables | {"fct_client_gate": tables["fct_client_gate"].drop_columns(["verdict"])}
        )


def test_a_gate_that_is_neither_passed_nor_blocked_is_refused(rich):
    gate, tables = rich
    with pytest.raises(ValueError, match="not passed or blocked"):
        close_page_data(gate | {"gate": "maybe"}, tables)


def test_dictionary_encoded_columns_read_like_text(rich):
    gate, tables = rich
    encoded = tables["fct_exceptions"]
    for name in ("exception_code", "currency", "status", "client_id"):
        place = encoded.column_names.index(name)
        encoded = encoded.set_column(place, name, encoded.column(name).dictionary_encode())
    assert close_page_data(gate, tables | {"fct_exceptions": encoded}) == close_page_data(gate, tables)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1234.5", "USD", "1,234.50"),
        ("1234", "JPY", "1,234"),
        ("1234.000", "JPY", "1,234"),
        ("1.2345", "KWD", "1.2345"),
        ("0.005", "USD", "0.005"),
        ("-0.00", "USD", "0.00"),
        ("0.0000", "GBP", "0.00"),
        ("12345678901234567890123456789012.10", "EUR", "12,345,678,901,234,567,890,123,456,789,012.10"),
        ("5", None, "5.00"),
        ("5", "not a currency", "5.00"),
    ],
)
def test_amounts_have_their_currencys_places_and_are_never_rounded(amount, currency, text):
    assert amount_text(Decimal(amount), currency) == text


def test_control_figures_that_are_compared_have_equally_many_places():
    assert figure_texts(["1500", Decimal("1499.100000000000"), "-0.9"]) == ("1,500.00", "1,499.10", "-0.90")
    assert figure_texts([3, 2, None]) == ("3", "2", "—")
    assert figure_texts(["a column", "1E5"]) == ("a column", "1E5")


def test_a_percentage_is_never_rounded_up_to_the_whole():
    assert percent_text(Decimal("99.9999")) == "99.99 %"


def test_ordinary_spelling_of_any_language_is_left_alone():
    for name in ("Müller & Söhne", "שלום בע״מ", "株式会社　テスト", "می\u200cخواهم", "👩\u200d💻 Co"):
        assert visible(name) == name
