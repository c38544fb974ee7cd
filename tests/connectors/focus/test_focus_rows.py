"""Single rows of a FOCUS file: what stands in, what is refused, and exact numbers.

Belongs here: ``connectors.focus.rows``. Does not: whole files (``test_focus``).
"""

from __future__ import annotations

import time
from decimal import ROUND_HALF_UP, Decimal

import pytest

from connectors.datasets import DATASETS
from connectors.focus.rows import MappingError, charge_of
from tests.connectors.focus.focus_rows import SEATS, Focus, own_rows, read_focus

COLUMNS = [name for name in DATASETS["vendor_charges"].column_names if name != "line_id"]


def _mapped(**changes: str | None) -> dict[str, str | None]:
    return dict(zip(COLUMNS, charge_of(SEATS._replace(**changes)).values, strict=True))


# which canonical columns a file can no longer fill without these FOCUS columns (docs/reference/datasets.md,
# FOCUS)
LOST: dict[tuple[str, ...], set[str]] = {
    ("BilledCost",): {"line_id", "quantity", "unit_cost", "amount"},
    ("SubAccountId",): set(),
    ("SubAccountId", "BillingAccountId"): {"vendor_customer_id", "invoice_id"},
    ("BillingAccountId",): {"invoice_id"},
    ("BillingPeriodStart",): {"invoice_id"},
    ("SubAccountName",): {"vendor_customer_name"},
    ("SkuId",): set(),
    ("ServiceName",): set(),
    ("SkuId", "ServiceName"): {"sku_id"},
    ("ChargeDescription",): set(),
    ("ChargeDescription", "ServiceName"): {"sku_name"},
    ("ResourceId",): {"subscription_id"},
    ("ChargeCategory",): {"charge_category", "charge_type"},
    ("BillingCurrency",): {"currency"},
    ("ChargePeriodStart",): {"charge_period_start"},
    ("ChargePeriodEnd",): {"charge_period_end"},
    ("ChargeFrequency", "ChargeClass", "PricingQuantity", "ConsumedQuantity"): set(),
}


@pytest.mark.parametrize("columns", LOST, ids=" and ".join)
def test_a_file_without_a_focus_column_lacks_what_no_other_can_fill(
    columns: tuple[str, ...], focus: Focus
) -> None:
    rows = [{name: value for name, value in own_rows()[3].items() if name not in columns}]
    header = read_focus(focus(rows))[1].header
    assert set(DATASETS["vendor_charges"].column_names) - set(header) == LOST[columns]


@pytest.mark.parametrize("spelling", ["InvoiceId", "InvoiceID"])
def test_an_invoice_id_stands_in_for_the_account_and_its_period(spelling: str, focus: Focus) -> None:
    rows = [
        {n: v for n, v in own_rows()[3].items() if n not in ("BillingPeriodStart", "BillingAccountId")}
        | {spelling: "INV-1"}
    ]
    records, opened = read_focus(focus(rows))
    assert (records[0]["invoice_id"], opened.header) == ("INV-1", DATASETS["vendor_charges"].column_names)


@pytest.mark.parametrize(
    ("category", "frequency", "charge_class", "mapped", "charge_type"),
    [
        ("Purchase", "one-time", None, "one_time", "Purchase, One-Time"),
        ("purchase", "RECURRING", None, "recurring", "purchase, Recurring"),
        ("Purchase", "usage-based", None, "usage", "Purchase, Usage-Based"),
        ("Purchase", None, "Correction", "one_time", "Purchase, Correction"),
        ("Usage", None, None, "usage", "Usage"),
        ("TAX", "Monthly", None, "tax", "TAX, Monthly"),
        ("Credit", "Recurring", None, "credit", "Credit, Recurring"),
        ("Adjustment", None, "Correction", "adjustment", "Adjustment, Correction"),
    ],
)
def test_categories_are_known_in_any_spelling(
    category: str, frequency: str | None, charge_class: str | None, mapped: str, charge_type: str
) -> None:
    row = _mapped(ChargeCategory=category, ChargeFrequency=frequency, ChargeClass=charge_class)
    assert (row["charge_category"], row["charge_type"]) == (mapped, charge_type)


UNMAPPABLE: list[tuple[dict[str, str | None], str, str | None, str]] = [
    (
        {"ChargeCategory": None},
        "ChargeCategory",
        None,
        "is no FOCUS charge category; correct it at the source",
    ),
    (
        {"ChargeCategory": "Discount"},
        "ChargeCategory",
        "Discount",
        "is no FOCUS charge category; correct it at the source",
    ),
    (
        {"ChargeFrequency": "Monthly"},
        "ChargeFrequency",
        "Monthly",
        "is no FOCUS charge frequency; correct it at the source",
    ),
    ({"BilledCost": None}, "BilledCost", None, "is not a decimal number; correct it at the source"),
    ({"BilledCost": "1" * 101}, "BilledCost", "1" * 101, "is not a decimal number; correct it at the source"),
    (
        {"ChargePeriodStart": None},
        "ChargePeriodStart",
        None,
        "is no ISO 8601 timestamp; correct it at the source",
    ),
    (
        {"ChargePeriodStart": "0001-01-01T00:00:00+01:00"},
        "ChargePeriodStart",
        "0001-01-01T00:00:00+01:00",
        "is no ISO 8601 timestamp",
    ),
    (
        {"ChargePeriodStart": "2026-03-01T24:00:00"},
        "ChargePeriodStart",
        "2026-03-01T24:00:00",
        "is no ISO 8601 timestamp",
    ),
    (
        {"ChargePeriodEnd": "2026-02-28T23:59:59Z"},
        "ChargePeriodEnd",
        "2026-02-28T23:59:59Z",
        "is before ChargePeriodStart",
    ),
    (
        {"BillingAccountId": None},
        "BillingAccountId",
        None,
        "is empty and so is InvoiceId; the invoice is unknown",
    ),
    ({"BillingPeriodStart": None}, "BillingPeriodStart", None, "is no ISO 8601 timestamp"),
]


@pytest.mark.parametrize(("changes", "column", "value", "reason"), UNMAPPABLE)
def test_a_row_that_cannot_be_mapped_says_where_and_what_to_do(
    changes: dict[str, str | None], column: str, value: str | None, reason: str
) -> None:
    with pytest.raises(MappingError) as caught:
        charge_of(SEATS._replace(**changes))
    assert (caught.value.column, caught.value.value) == (column, value)
    assert str(caught.value).startswith(reason)


def test_a_time_without_a_zone_is_utc_wherever_the_machine_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert _mapped(BillingPeriodStart="2026-05-31T23:00:00")["invoice_id"] == "focus:payer-9:2026-05-31"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_hours_are_told_where_either_end_is_not_midnight() -> None:
    assert _mapped(ChargePeriodEnd="2026-03-31T12:00:00Z")["detail"] == "00:00:00-12:00:00 UTC"
    assert _mapped(ChargePeriodStart="2026-03-02T12:00:00Z")["detail"] == "12:00:00-00:00:00 UTC"
    assert charge_of(SEATS).period == "2026-03-01T00:00:00+00:00/2026-04-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("cost", "quantity", "unit_cost"),
    [
        # up to 6 places and 12 integer digits (contract §3), zeros behind the point not counted
        ("2", "0.000001", "2000000"),
        ("999999999999", "999999999999", "1"),
        ("1000000000000", "-999999999999.5", None),
        ("10", "2.0000000", "5"),
        ("10", "20", "0.5"),
        ("10", "0", None),
        ("10", "0.0000001", None),
        ("10", "1000000000000", None),
        ("1000000000000", "1000000000000", None),
        # ten places, half away from zero, as long as the product stays within half of the finest minor unit:
        # 0.00005
        ("1", "3", "0.3333333333"),
        ("-1", "3", "-0.3333333333"),
        ("2", "3", "0.6666666667"),
        ("0", "3", "0"),
        ("0.00005", "1000000", "0.0000000001"),
        ("0.000049", "1000000", "0"),
        ("0.00015", "1000000", "0.0000000002"),
        ("0.00005", "999999", "0.0000000001"),
        ("0.0000999999", "3000000", None),
        ("0.00006", "3000000", None),
        ("0.00005000005", "1000001", None),
        ("-0.00005", "1000000", "-0.0000000001"),
    ],
)
def test_a_quantity_is_carried_if_it_fits_and_its_unit_cost_gives_the_amount_back(
    cost: str, quantity: str, unit_cost: str | None
) -> None:
    row = _mapped(BilledCost=cost, PricingQuantity=quantity)
    if unit_cost is None:  # one, at the whole amount
        whole = Decimal(cost).quantize(Decimal("1e-10"), ROUND_HALF_UP)
        assert (row["quantity"], Decimal(str(row["unit_cost"]))) == ("1", whole)
    else:
        # a purchase of negative money takes away what it names
        signed = -Decimal(quantity) if Decimal(cost) < 0 else Decimal(quantity)
        assert (Decimal(str(row["quantity"])), row["unit_cost"]) == (signed, unit_cost.removeprefix("-"))


def test_numbers_of_a_hundred_characters_are_exact_to_the_last() -> None:
    cost = "1" + "0" * 88 + ".1234567895"
    assert len(cost) == 100
    row = _mapped(BilledCost=cost, PricingQuantity=None)
    assert (row["amount"], row["unit_cost"]) == (cost, cost)


def test_what_a_person_should_hear_of_is_noted() -> None:
    assert charge_of(SEATS).notes == ()
    assert charge_of(SEATS._replace(PricingQuantity=None)).notes == ("quantity",)
    assert charge_of(SEATS._replace(ChargeCategory="Usage", SubAccountId=None)).notes == ("usage", "payer")


def test_an_id_in_capitals_is_the_same_row() -> None:
    ids = ("0f8fad5b-d9cb-469f-a165-70867728950e", "0F8FAD5B-D9CB-469F-A165-70867728950E", "x")
    rows = [SEATS._replace(SubAccountId=i, BillingAccountId=i, SkuId=i) for i in ids]
    small, capitals, other = (charge_of(row).identity() for row in rows)
    assert small == capitals != other


def test_two_spellings_of_one_amount_are_one_row_and_two_amounts_are_two() -> None:
    one, same, other = (
        charge_of(SEATS._replace(BilledCost=cost)).identity() for cost in ("62.50", "62.5000", "62.51")
    )
    assert one == same
    assert one != other
    assert (
        charge_of(SEATS._replace(BilledCost="100")).identity()
        != charge_of(SEATS._replace(BilledCost="1")).identity()
    )
    hour = charge_of(SEATS._replace(ChargePeriodEnd="2026-04-01T00:00:00+00:00"))
    assert hour.identity() == charge_of(SEATS).identity()
    assert charge_of(SEATS._replace(ChargePeriodEnd="2026-04-02")).identity() != charge_of(SEATS).identity()
