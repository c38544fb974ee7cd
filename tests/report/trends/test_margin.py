"""Which months are shown, and margins added up by client, product and vendor.

Belongs here: reading ``fct_margin``. Does not: why a margin changed (``test_margin_bridge``).
"""

from __future__ import annotations

from decimal import Decimal

from mbr_pipeline.report.trends.margin import MarginPoint, margin_points, margin_rows
from mbr_pipeline.report.trends.months import PublishedMonths, published_months
from tests.report.trends.conftest import Open

GATE = [{"period": f"2026-{month:02d}", "client_id": "A", "verdict": "PASS"} for month in (1, 2, 4, 5)]


def test_the_newest_published_months_are_shown_and_those_of_an_earlier_release_named(published: Open) -> None:
    connection = published(
        {
            "fct_client_gate": [*GATE, {"msp_id": "harbour", "period": "2026-03", "client_id": "H"}],
            "fct_close_metrics": [{"period": "2026-02"}, {"period": "2026-04"}, {"period": "2026-05"}],
        }
    )
    shown = published_months(connection, "northwind", "2026-04", most=3)
    assert shown == PublishedMonths("northwind", ("2026-02", "2026-04"), ("2026-01",))
    assert published_months(connection, "northwind", "2026-05", most=2).periods == ("2026-04", "2026-05")
    assert published_months(connection, "southwind", "2026-05") == PublishedMonths("southwind", ())


def test_a_publication_of_an_earlier_release_alone_has_no_months_and_no_error(published: Open) -> None:
    connection = published({"fct_client_gate": GATE[:1]})
    shown = published_months(connection, "northwind", "2026-05")
    assert shown == PublishedMonths("northwind", (), ("2026-01",))
    assert margin_rows(connection, shown) == []


MARGINS = [
    {"client_id": "A", "product_code": "SEAT", "source": "pax8", "currency": "USD", "margin_state": "matched",
     "billed_amount": "100", "cost_amount": "60"},
    {"client_id": "B", "product_code": "SEAT", "source": "azure", "currency": "USD",
     "margin_state": "matched", "billed_amount": "20", "cost_amount": "19.9"},
    {"client_id": "B", "product_code": "LABOUR", "currency": "USD", "margin_state": "nothing_charged",
     "billed_amount": "30"},
    {"client_id": "B", "product_code": "MIX", "source": "pax8", "currency": "USD",
     "margin_state": "other_currency", "unmatched_billed": "7"},
    {"client_id": "B", "product_code": "MIX", "source": "pax8", "currency": "EUR",
     "margin_state": "other_currency", "unmatched_cost": "5"},
]  # fmt: skip


def test_margins_are_added_up_within_a_currency_and_what_is_unmatched_stands_beside(published: Open) -> None:
    rows = [{"period": "2026-05", **each} for each in MARGINS]
    connection = published({"fct_margin": [*rows, {"period": "2026-04", **MARGINS[0]}]})
    read = margin_rows(connection, PublishedMonths("northwind", ("2026-05",)))
    assert [row.is_known for row in read] == [True, True, False, False, True]

    def brief(point: MarginPoint) -> tuple[str, str | None, str, str | None]:
        return point.currency, point.group, str(point.margin), str(point.margin_pct)

    assert list(map(brief, margin_points(read, "client"))) == [
        ("EUR", "B", "0.0000", "None"),
        ("USD", "A", "40.0000", "40.0"),
        ("USD", "B", "30.1000", "60.2"),
    ]
    assert list(map(brief, margin_points(read, "vendor"))) == [
        ("EUR", "pax8", "0.0000", "None"),
        ("USD", "azure", "0.1000", "0.5"),
        ("USD", "pax8", "40.0000", "40.0"),
        ("USD", None, "30.0000", "100.0"),
    ]
    [euro, dollar] = margin_points(read, "all")
    assert (euro.unmatched_cost, euro.unmatched_billed) == (5, 0)
    assert (dollar.unmatched_cost, dollar.unmatched_billed) == (0, 7)
    assert (dollar.billed, dollar.cost, dollar.margin) == (150, Decimal("79.9"), Decimal("70.1"))


def test_a_margin_below_zero_has_a_percentage_below_zero() -> None:
    point = MarginPoint("2026-05", "USD", None, Decimal(8), Decimal(9), Decimal(0), Decimal(0))
    assert str(point.margin_pct) == "-12.5"
    credit = MarginPoint("2026-05", "USD", None, Decimal(-8), Decimal("0.004"), Decimal(0), Decimal(0))
    assert str(credit.margin_pct) == "100.1"
