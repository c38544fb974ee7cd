"""Why a margin changed: every part by hand, and that the parts always add up to the change.

Belongs here: the bridge month on month. Does not: reading margins (``test_margin``).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mbr_pipeline.report.trends.margin import MarginRow
from mbr_pipeline.report.trends.margin_bridge import EFFECTS, MarginBridge, margin_bridges

FEBRUARY, MARCH = "2026-02", "2026-03"  # 28 and 31 days


def row(period: str, product: str, unit_days: str, billed: str, cost: str, **more: Any) -> MarginRow:
    given = {"client_id": "A", "source": "pax8", "currency": "USD", "is_known": True} | more
    return MarginRow(
        period=period,
        product_code=product,
        unit_days=Decimal(unit_days),
        billed=Decimal(billed),
        cost=Decimal(cost),
        **given,
    )


def effects(bridge: MarginBridge) -> dict[str, str]:
    return {effect.name: str(effect.amount) for effect in bridge.effects if effect.amount}


# seats at price - cost: UP 10 at 10 - 6, then 12 at 11 - 6.5; DOWN 30 at 2 - 1.5, then 20 at the same
ROWS = [
    row(FEBRUARY, "UP", "280", "100.00", "60.00"),
    row(MARCH, "UP", "372", "132.00", "78.00"),
    row(FEBRUARY, "DOWN", "840", "60.00", "45.00"),
    row(MARCH, "DOWN", "620", "40.00", "30.00"),
    row(MARCH, "NEW", "31", "20.00", "5.00"),
    row(FEBRUARY, "GONE", "28", "9.00", "4.00"),
    row(FEBRUARY, "UNBILLED", "0", "0.00", "3.00"),
    row(MARCH, "UNBILLED", "0", "0.00", "7.00"),
    row(FEBRUARY, "BLIND", "28", "2.00", "0.00"),
    row(MARCH, "BLIND", "31", "0.00", "0.00", is_known=False, unmatched_billed=Decimal(5)),
]


def test_every_part_of_a_change_is_the_one_worked_by_hand() -> None:
    # price: 132 - 10 x 12 = 12.  cost: -(78 - 6 x 12) = -6.  Volume: 8 seats fewer at (40 + 15) / 40 = 1.375.
    # Mix: 4 x 2 - 0.5 x 10 = 3, less -11.  New 15, lost 5, other -7 + 3, not comparable -2.
    [bridge] = margin_bridges(ROWS, [FEBRUARY, MARCH], "all")
    assert (bridge.from_period, bridge.to_period) == (FEBRUARY, MARCH)
    assert (str(bridge.start), str(bridge.end)) == ("59.00", "72.00")
    assert effects(bridge) == {
        "price": "12.00",
        "cost": "-6.00",
        "volume": "-11.00",
        "mix": "14.00",
        "new": "15.00",
        "lost": "-5.00",
        "other": "-4.00",
        "not comparable": "-2.00",
    }
    assert tuple(effect.name for effect in bridge.effects) == EFFECTS


def test_the_same_seats_at_the_same_price_change_nothing_however_long_the_month_is() -> None:
    rows = [row(FEBRUARY, "SEAT", "280", "100", "60"), row(MARCH, "SEAT", "310", "100", "60")]
    [bridge] = margin_bridges(rows, [FEBRUARY, MARCH], "product")
    assert (bridge.group, bridge.start, bridge.end) == ("SEAT", 40, 40)
    assert effects(bridge) == {}


def test_parts_that_no_minor_unit_holds_are_rounded_so_that_they_add_up() -> None:
    # 3 seats at 10/3, then 4 seats for 10: price 10 - 40/3 = -3.33.., volume 10/3 x 1 = 3.33..
    rows = [row(FEBRUARY, "SEAT", "84", "10.00", "0.00"), row(MARCH, "SEAT", "124", "10.00", "0.00")]
    [bridge] = margin_bridges(rows, [FEBRUARY, MARCH], "all")
    assert effects(bridge) == {"price": "-3.33", "volume": "3.33"}
    yen = [
        row(FEBRUARY, "SEAT", "84", "10", "0", currency="JPY"),
        row(MARCH, "SEAT", "124", "11", "0", currency="JPY"),
    ]
    [bridge] = margin_bridges(yen, [FEBRUARY, MARCH], "all")
    assert effects(bridge) == {"price": "-2", "volume": "3"}


def test_currencies_and_groups_have_bridges_of_their_own() -> None:
    rows = [
        row(FEBRUARY, "SEAT", "28", "5.00", "1.00"),
        row(MARCH, "SEAT", "31", "5.00", "1.00", source="azure"),
        row(FEBRUARY, "SEAT", "28", "7.00", "1.00", client_id="B", currency="EUR"),
        row(MARCH, "SEAT", "31", "8.00", "1.00", client_id="B", currency="EUR"),
    ]
    found = margin_bridges(rows, [FEBRUARY, MARCH], "vendor")
    assert [(bridge.currency, bridge.group, effects(bridge)) for bridge in found] == [
        ("EUR", "pax8", {"price": "1.00"}),
        ("USD", "azure", {"new": "4.00"}),
        ("USD", "pax8", {"lost": "-4.00"}),
    ]


def test_a_month_without_a_row_is_a_month_and_one_that_is_not_published_is_none() -> None:
    rows = [row(FEBRUARY, "SEAT", "28", "5.00", "1.00"), row("2026-05", "SEAT", "31", "5.00", "1.00")]
    ends = [
        (b.from_period, b.to_period, effects(b)) for b in margin_bridges(rows, [FEBRUARY, "2026-05"], "all")
    ]
    assert ends == [(FEBRUARY, "2026-05", {})]
    ends = [
        (b.from_period, b.to_period, effects(b))
        for b in margin_bridges(rows, [FEBRUARY, MARCH, "2026-04", "2026-05"], "all")
    ]
    assert ends == [
        (FEBRUARY, MARCH, {"lost": "-4.00"}),
        ("2026-04", "2026-05", {"new": "4.00"}),
    ]


cents = st.integers(-(10**8), 10**8).map(lambda n: Decimal(n).scaleb(-2))
rows_of = st.lists(
    st.builds(
        lambda period, product, units, billed, cost, is_known: row(
            period, product, str(Decimal(units).scaleb(-6)), str(billed), str(cost), is_known=is_known
        ),
        st.sampled_from([FEBRUARY, MARCH]),
        st.sampled_from("PQRST"),
        st.integers(-(10**6), 10**10),
        cents,
        cents,
        st.booleans(),
    ),
    max_size=10,
    unique_by=lambda one: (one.period, one.product_code),
)


@given(rows_of)
def test_the_parts_always_add_up_to_the_change(rows: list[MarginRow]) -> None:
    for bridge in margin_bridges(rows, [FEBRUARY, MARCH], "all"):
        of = {
            period: sum((each.margin for each in rows if each.period == period), Decimal(0))
            for period in (FEBRUARY, MARCH)
        }
        assert (bridge.start, bridge.end) == (of[FEBRUARY], of[MARCH])
        assert bridge.start + sum(effect.amount for effect in bridge.effects) == bridge.end
