"""HaloPSA: what a line of a recurring invoice says of an agreement.

Belongs here: days, prices of a month, quantities, what is none. Does not: lines of invoices
(``test_invoice_lines``).
"""

from __future__ import annotations

from typing import Any

import pytest

from connectors.mapping import MappingError
from tests.connectors.sources.halopsa.books import AGREED, ALDER, BRIGHT, E3, mapped


def agreed(
    settings: dict[str, str] | None = None, **changes: str | None
) -> tuple[list[dict[str, Any]], list[str]]:
    return mapped("agreements", AGREED, settings, **changes)


def test_a_line_without_dates_is_in_force_in_the_month_fetched() -> None:
    [row], noted = agreed()
    assert row == {
        "agreement_line_id": "24963", "agreement_id": "-94", "client_id": ALDER, "product_code": E3,
        "quantity": "12", "unit_price": "30", "currency": "GBP", "effective_start": "2026-10-01",
        "effective_end": None,
    }  # fmt: skip
    assert noted == []


NEVER = "1899-12-30T00:00:00"
PERIODS = "3=1, 4=3, 5=6, 6=12"


@pytest.mark.parametrize(
    ("changes", "days"),
    [
        ({"startdate": "2026-03-15T00:00:00"}, ("2026-03-15", None)),
        ({"startdate": NEVER, "enddate": NEVER}, ("2026-10-01", None)),
        ({"startdate": "2026-03-15", "document__startdate": "2026-04-01"}, ("2026-04-01", None)),
        ({"enddate": "2026-10-10T00:00:00"}, ("2026-10-01", "2026-10-11")),
        ({"enddate": "2026-10-10", "document__enddate": "2026-10-05"}, ("2026-10-01", "2026-10-06")),
        ({"enddate": "2026-10-10", "autorenew": "true"}, ("2026-10-01", None)),
        ({"enddate": "2026-10-10", "autorenew": "true", "document__enddate": "2026-12-31"},
         ("2026-10-01", "2027-01-01")),
        ({"startdate": "2026-10-05", "enddate": "2026-10-05"}, ("2026-10-05", "2026-10-06")),
    ],
)  # fmt: skip
def test_the_days_that_a_line_is_in_force(changes: dict[str, str], days: tuple[str, str | None]) -> None:
    [row], _ = agreed(**changes)
    assert (row["effective_start"], row["effective_end"]) == days


@pytest.mark.parametrize(
    "changes",
    [
        {"document__disabled": "true"},
        {"isinactive": "true"},
        {"isgroupdesc": "true"},
        {"onetimecharge": "true"},
        {"_item": None},
        {"enddate": "2026-09-30"},  # over before the month that it would begin in
        {"_itemid": "-1", "qty_order": "0", "net_amount": "0"},
    ],
)
def test_what_is_no_agreement_line(changes: dict[str, str | None]) -> None:
    assert agreed(**changes) == ([], [])


def test_a_line_without_an_item_is_counted_or_rejected() -> None:
    # 1 is HaloPSA's own item for what is typed by hand
    for item in (None, "-1", "0", "1"):
        rows, noted = agreed(_itemid=item)
        assert rows == [] and noted == [
            "are lines of recurring invoices that name no item, and are no agreement lines"
        ]
        with pytest.raises(MappingError, match="names no item; choose one in HaloPSA"):
            agreed({"without_item": "rejected"}, _itemid=item)


# 30.00 is for the time billed at once: 3 months make 10.00 a month, 7 make 4.2857142857
@pytest.mark.parametrize(
    ("start", "end", "period", "price"),
    [
        ("2026-10-01", "2026-10-31", "3", "30"),
        ("2026-10-01", "2026-10-31", None, "30"),
        ("2026-10-01", "2026-12-31", None, "10"),
        ("2026-10-15", "2027-01-14", "4", "10"),
        ("2026-01-01", "2026-07-31", None, "4.2857142857"),
        ("2026-10-01", "2027-09-30", "6", "2.5"),
        (NEVER, NEVER, "5", "5"),
        (None, None, "3", "30"),
        ("2026-10-12", "2026-10-31", "3", "30"),  # a first period that is cut short
        ("2026-10-01", "2026-10-31", "99", "30"),
    ],
)
def test_the_price_of_a_month(start: str | None, end: str | None, period: str | None, price: str) -> None:
    days = {"document__period_start_date": start, "document__period_end_date": end}
    [row], _ = agreed({"periods": PERIODS}, **days, document__period=period)
    assert row["unit_price"] == price


def test_a_period_that_is_unknown_or_contradicts_its_days_is_rejected() -> None:
    undated = {"document__period_start_date": None, "document__period_end_date": None}
    with pytest.raises(MappingError, match="set settings.periods, such as 7=1"):
        agreed(**undated, document__period="7")
    with pytest.raises(MappingError, match="says of no whole months"):
        agreed(**undated, document__period=None)
    [row], _ = agreed({"periods": "7=36"}, **undated, document__period="7", unit_price="360")
    assert row["unit_price"] == "10"
    with pytest.raises(MappingError, match="means 12 months by settings.periods.*of its period are 1"):
        agreed({"periods": PERIODS}, document__period="6")
    assert agreed(document__period="6")[0][0]["unit_price"] == "30"  # nobody says what 6 is: days do


def test_a_discount_is_taken_off_exactly() -> None:
    assert agreed(discount_perc="12.5")[0][0]["unit_price"] == "26.25"
    assert agreed(discount_perc="33.333", unit_price="9.99")[0][0]["unit_price"] == "6.6600333"


def test_quantities_that_are_counted_when_invoiced_and_periods_of_lines_are_noted() -> None:
    assert agreed(recurring_invoice_quantity_type="2")[1] == [
        "have a quantity that HaloPSA counts when it invoices: it is that of its last count"
    ]
    for own in ({"billingperiod": "3"}, {"line_periods": "12"}):
        assert "name a billing period of their own" in agreed(**own)[1][0]
    assert agreed(billingperiod="0", line_periods="1", recurring_invoice_quantity_type="0")[1] == []


def test_a_template_that_was_changed_long_after_the_month_is_noted() -> None:
    assert agreed(document__last_modified="2026-11-30T18:50:25.057")[1] == []  # the month's invoices are made
    assert agreed(document__last_modified="1899-12-30T00:00:00")[1] == []
    assert agreed(document__last_modified="2026-12-01T00:00:00")[1] == [
        "are of recurring invoices that were changed more than a month after the month fetched: what they say"
        " need not have been agreed in it"
    ]


def test_a_line_counts_for_the_client_that_it_is_for() -> None:
    assert agreed(original_client_id=ALDER, document__original_client_id="0") == agreed()
    for field in ("original_client_id", "document__original_client_id"):
        [row], noted = agreed(**{field: BRIGHT})
        assert row["client_id"] == BRIGHT
        assert noted == [
            "are invoiced to another client than they are for, and count for the client they are for"
        ]


@pytest.mark.parametrize(
    ("number", "rate", "currency"),
    [
        ("1", "1.0", "GBP"),
        ("0", None, "GBP"),
        (None, None, "GBP"),
        ("-1", "1.3", "GBP"),
        ("2", "1.17", "EUR"),
    ],
)
def test_the_currency_of_a_document(number: str | None, rate: str | None, currency: str) -> None:
    [row], noted = agreed(document__currency_code=number, document__currency_conversion_rate=rate)
    assert row["currency"] == currency
    assert bool(noted) == (currency == "EUR")


def test_a_currency_that_nobody_names_is_rejected() -> None:
    for rate in ("1.3", None):
        with pytest.raises(MappingError, match="add it there, such as 3=EUR"):
            agreed(document__currency_code="3", document__currency_conversion_rate=rate)
    with pytest.raises(MappingError, match="does not begin with your own currency"):
        agreed({"currencies": "2=EUR"})
