"""Lines of Microsoft's bill as vendor charges: the same whatever spelling they come in, and seats that are
never counted double.

Belongs here: the mapping, on records written by hand from the vendor's documents. Does not: fetching them.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.datasets import DATASETS
from connectors.files.records import Fault
from connectors.registry import connector_of
from connectors.sources.microsoft.partner_center import PARTNER_CENTER
from tests.connectors.sources.microsoft import ALDER, line_id

SETTINGS = {"tenant": "partner"}
HEADINGS = [
    "PartnerId",
    "CustomerId",
    "CustomerName",
    "CustomerDomainName",
    "CustomerCountry",
    "InvoiceNumber",
    "MpnId",
    "ResellerMpnId",
    "OrderId",
    "OrderDate",
    "ProductId",
    "SkuId",
    "AvailabilityId",
    "SkuName",
    "ProductName",
    "ChargeType",
    "UnitPrice",
    "Quantity",
    "Subtotal",
    "TaxTotal",
    "Total",
    "Currency",
    "PriceAdjustmentDescription",
    "PublisherName",
    "PublisherId",
    "SubscriptionDescription",
    "SubscriptionId",
    "ChargeStartDate",
    "ChargeEndDate",
    "TermAndBillingCycle",
    "EffectiveUnitPrice",
    "UnitType",
    "AlternateId",
    "BillableQuantity",
    "BillingFrequency",
    "PricingCurrency",
    "PCToBCExchangeRate",
    "PCToBCExchangeRateDate",
    "MeterDescription",
    "ReservationOrderId",
    "CreditReasonCode",
    "SubscriptionStartDate",
    "SubscriptionEndDate",
    "ReferenceID",
    "ProductQualifiers",
    "PromotionID",
]
LINE = {
    "PartnerId": "3b33e682-00c3-41ee-9dd2-a548adf56438",
    "CustomerId": ALDER,
    "CustomerName": "Alder & Sons",
    "InvoiceNumber": "G016907411",
    "MpnId": "4391507",
    "ResellerMpnId": "0",
    "OrderId": "6dc5c039750a",
    "OrderDate": "10/01/2026",
    "ProductId": "CFQ7TTC0LCHC",
    "SkuId": "0002",
    "SkuName": "Microsoft 365 Business Premium",
    "ProductName": "Microsoft 365 Business Premium",
    "ChargeType": "cycleCharge",
    "UnitPrice": "22",
    "Quantity": "1",
    "Subtotal": "187.00",
    "TaxTotal": "0",
    "Total": "187.00",
    "Currency": "USD",
    "PriceAdjustmentDescription": '["15.0% Partner earned credit for services managed"]',
    "SubscriptionId": "43d26afe-cb98-48b9-acc4-ae3ef2ac6c51",
    "ChargeStartDate": "10/01/2026",
    "ChargeEndDate": "10/31/2026",
    "TermAndBillingCycle": "One-Year commitment for monthly billing",
    "EffectiveUnitPrice": "18.705",
    "UnitType": "Licenses",
    "BillableQuantity": "10",
    "BillingFrequency": "Monthly",
    "PricingCurrency": "USD",
    "PCToBCExchangeRate": "1",
    "PCToBCExchangeRateDate": "10/31/2026",
}
DAILY = {
    "PartnerId": LINE["PartnerId"],
    "CustomerId": ALDER,
    "InvoiceNumber": "G016907411",
    "ProductId": "DZH318Z0BP04",
    "SkuId": "0034",
    "ChargeType": "new",
    "SubscriptionId": "43d26afe-cb98-48b9-acc4-ae3ef2ac6c51",
    "UsageDate": "10/05/2026",
    "ChargeStartDate": "10/01/2026",
    "ChargeEndDate": "10/31/2026",
    "MeterId": "1core",
    "MeterName": "1 Core Hours",
    "Tier2MpnId": "-1",
    "Quantity": "23.200004",
    "BillingPreTaxTotal": "0.486031696515249",
    "BillingCurrency": "USD",
    "ResourceURI": "/subscriptions/1/virtualMachines/one",
}


class Read:
    """What came of a file."""

    def __init__(self, path: Path, settings: dict[str, str]) -> None:
        opened = connector_of(PARTNER_CENTER).open(
            path, DATASETS["vendor_charges"], PARTNER_CENTER.complete({**SETTINGS, **settings})
        )
        found = [row for batch in opened.batches() for row in batch.to_pylist()]
        self.rows = [{name: value for name, value in row.items() if name[0] != "_"} for row in found]
        self.header, self.faults, self.warnings = opened.header, opened.faults, opened.warnings


def as_csv(
    path: Path, rows: list[dict[str, str]], headings: list[str] | None = None, **settings: str
) -> Read:
    text = io.StringIO()
    writer = csv.DictWriter(text, headings or list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    content = text.getvalue().encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return Read(path, settings)


def as_json(path: Path, rows: list[dict[str, Any]], **settings: str) -> Read:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return Read(path, settings)


def one(tmp_path: Path, settings: dict[str, str] | None = None, **changes: str) -> dict[str, str]:
    """Return the charge that a changed line makes, without remarks."""
    read = as_csv(tmp_path / "vendor_charges.csv", [{**LINE, **changes}], **(settings or {}))
    assert (read.faults, len(read.rows)) == ([], 1)
    return read.rows[0]


def fault(tmp_path: Path, **changes: str) -> Fault:
    read = as_csv(tmp_path / "vendor_charges.csv", [{**LINE, **changes}])
    assert read.rows == []
    (found,) = read.faults
    return found


def iso(text: str) -> str:
    month, day, year = text.split("/")
    return f"{year}-{month}-{day}T00:00:00Z"


def as_partner_center(row: dict[str, str]) -> dict[str, Any]:
    """The same line as Partner Center's JSON spells it."""
    camel = {
        name[0].lower() + name[1:]: iso(value) if name.endswith("Date") else value
        for name, value in row.items()
    }
    numbers = {
        name: float(row[name[0].upper() + name[1:]])
        for name in ("subtotal", "taxTotal", "effectiveUnitPrice", "billableQuantity")
    }
    total = {
        "totalForCustomer": float(camel.pop("total")),
        "pcToBCExchangeRate": float(camel.pop("pCToBCExchangeRate")),
    }
    return {
        **camel,
        **numbers,
        **total,
        "customerId": f"org:{ALDER.upper()}",
        "subscriptionId": row["SubscriptionId"].upper(),
        "chargeType": row["ChargeType"].upper(),
        "resellerMpnId": 0,
        "attributes.objectType": "OneTimeInvoiceLineItem",
    }


# one bill, whatever it is written in


def test_the_portal_s_file_an_export_and_partner_center_give_equal_charges(tmp_path: Path) -> None:
    lines = [
        LINE,
        {
            **LINE,
            "Subtotal": "-37.4",
            "Total": "-40.77",
            "TaxTotal": "-3.37",
            "BillableQuantity": "2",
            "ChargeType": "cancel",
        },
    ]
    portal = as_csv(tmp_path / "vendor_charges.portal.csv.gz", lines, HEADINGS)
    export = as_json(tmp_path / "vendor_charges.export.jsonl", lines)
    rest = as_json(tmp_path / "vendor_charges.rest.jsonl", [as_partner_center(line) for line in lines])
    assert len(HEADINGS) == 46
    assert portal.rows == export.rows == rest.rows
    assert [row["amount"] for row in portal.rows] == ["187", "-37.4", "-3.37"]
    assert (
        portal.faults
        == export.faults
        == rest.faults
        == portal.warnings
        == export.warnings
        == rest.warnings
        == []
    )


def test_a_line_s_values_by_hand(tmp_path: Path) -> None:
    expected = {
        "invoice_id": "G016907411",
        "vendor_customer_id": ALDER,
        "vendor_customer_name": "Alder & Sons",
        "sku_id": "CFQ7TTC0LCHC:0002",
        "sku_name": "Microsoft 365 Business Premium",
        "subscription_id": "43d26afe-cb98-48b9-acc4-ae3ef2ac6c51",
        "charge_category": "recurring",
        "charge_type": "cycleCharge",
        "term": "One-Year commitment for monthly billing",
        "quantity": "10",
        "unit_cost": "18.7",
        "amount": "187",
        "currency": "USD",
        "charge_period_start": "2026-10-01",
        "charge_period_end": "2026-11-01",
    }
    assert one(tmp_path) == {**expected, "line_id": line_id(expected, "6dc5c039750a")}


def test_columns_are_found_by_heading_in_any_order_and_case(tmp_path: Path) -> None:
    rows = [{name.swapcase(): value for name, value in LINE.items()}]
    turned = as_csv(tmp_path / "vendor_charges.csv", rows, [name.swapcase() for name in reversed(HEADINGS)])
    assert turned.rows == [one(tmp_path)]


def test_a_damaged_first_heading_is_schema_drift_and_says_which(tmp_path: Path) -> None:
    damaged = "\ufffd\ufffdrtnerId"
    line = {damaged if name == "PartnerId" else name: value for name, value in LINE.items()}
    read = as_csv(tmp_path / "vendor_charges.csv", [line], [damaged, *HEADINGS[1:]])
    assert "line_id" not in read.header and set(read.header) | {"line_id"} == set(
        DATASETS["vendor_charges"].column_names
    )
    assert read.warnings == ["line_id needs the column partnerid"]


def test_a_byte_order_mark_is_no_damage(tmp_path: Path) -> None:
    plain = as_csv(tmp_path / "vendor_charges.csv", [LINE], HEADINGS)
    marked = tmp_path / "vendor_charges.marked.csv"
    marked.write_bytes(b"\xef\xbb\xbf" + (tmp_path / "vendor_charges.csv").read_bytes())
    read = Read(marked, {})
    assert (read.rows, read.warnings, read.header) == (plain.rows, [], plain.header)


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("ChargeType", "charge_category"),
        ("BillableQuantity", "quantity"),
        ("Subtotal", "amount"),
        ("Currency", "currency"),
        ("EffectiveUnitPrice", "unit_cost"),
        ("ChargeEndDate", "charge_period_end"),
        ("CustomerId", "vendor_customer_id"),
    ],
)
def test_a_column_that_is_gone_is_schema_drift(heading: str, column: str, tmp_path: Path) -> None:
    read = as_csv(
        tmp_path / "vendor_charges.csv", [{name: value for name, value in LINE.items() if name != heading}]
    )
    assert column not in read.header


def test_a_column_that_is_there_twice_in_two_cases_is_schema_drift(tmp_path: Path) -> None:
    read = as_csv(tmp_path / "vendor_charges.csv", [{**LINE, "SUBTOTAL": "1"}])
    assert [name for name in read.header if read.header.count(name) > 1] == ["amount", "amount"]


@pytest.mark.parametrize("said", [f"org:{ALDER}", ALDER.upper(), f"ORG:{ALDER.upper()}", ALDER])
def test_a_customer_is_its_tenant_however_it_is_written(said: str, tmp_path: Path) -> None:
    assert one(tmp_path, CustomerId=said)["vendor_customer_id"] == ALDER


def test_a_line_without_a_customer_is_the_partner_s_and_counted(tmp_path: Path) -> None:
    read = as_csv(tmp_path / "vendor_charges.csv", [{**LINE, "CustomerId": ""}])
    assert read.rows[0]["vendor_customer_id"] == "partner"
    assert read.warnings == ["1 records name no customer and are taken as the partner's own"]


def test_an_apostrophe_before_a_number_is_no_part_of_it(tmp_path: Path) -> None:
    quoted = {
        name: f"'{LINE[name]}"
        for name in ("Subtotal", "EffectiveUnitPrice", "BillableQuantity", "Total", "TaxTotal")
    }
    assert one(tmp_path, **quoted) == one(tmp_path)


def test_a_product_is_the_same_in_any_case(tmp_path: Path) -> None:
    assert one(tmp_path, ProductId="cfq7ttc0lchc", SkuId="000a")["sku_id"] == "CFQ7TTC0LCHC:000A"


@pytest.mark.parametrize("said", ["-0.00", "0", "-0", "'0.000"])
def test_no_money_has_no_sign(said: str, tmp_path: Path) -> None:
    row = one(tmp_path, ChargeType="customerCredit", Subtotal=said, Total="0")
    assert (row["amount"], row["unit_cost"]) == ("0", "0")


# dates


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("10/03/2026", "2026-10-03"),
        ("10/3/2026", "2026-10-03"),
        ("03/10/2026", "2026-03-10"),
        ("10/03/2026 00:00:00", "2026-10-03"),
        ("10/3/2026 12:00:00 AM", "2026-10-03"),
        ("2026-10-03", "2026-10-03"),
        ("2026-10-03T00:00:00Z", "2026-10-03"),
        ("2026-10-03T00:00:00", "2026-10-03"),
    ],
)
def test_the_month_comes_first_in_the_portal_s_dates(said: str, day: str, tmp_path: Path) -> None:
    assert one(tmp_path, ChargeStartDate=said)["charge_period_start"] == day


@pytest.mark.parametrize(
    "said", ["31/10/2026", "10.31.2026", "02/30/2026", "10/31/26", "10/31/2026 13:00:00", "45231"]
)
def test_a_date_in_another_order_is_rejected_and_never_guessed(said: str, tmp_path: Path) -> None:
    found = fault(tmp_path, ChargeEndDate=said)
    assert (found.line, found.column, found.value) == (2, "chargeenddate", said)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [("06/10/2026", "07/09/2026", 30), ("02/15/2026", "03/14/2026", 28), ("10/31/2026", "10/31/2026", 1)],
)
def test_the_last_day_is_part_of_the_period_as_in_the_vendor_s_examples(
    start: str, end: str, days: int, tmp_path: Path
) -> None:
    row = one(tmp_path, ChargeStartDate=start, ChargeEndDate=end)
    assert (
        date.fromisoformat(row["charge_period_end"]) - date.fromisoformat(row["charge_period_start"])
    ).days == days


# money


def test_the_billable_quantity_counts_and_the_prorated_price_in_billing_currency(tmp_path: Path) -> None:
    # 18.705 * 0.923 = 17.264715, cut 17.26; times 10
    row = one(
        tmp_path,
        Quantity="777",
        PricingCurrency="USD",
        Currency="EUR",
        PCToBCExchangeRate="0.923",
        Subtotal="172.6",
        Total="172.6",
    )
    assert (row["quantity"], row["unit_cost"], row["amount"], row["currency"]) == (
        "10",
        "17.26",
        "172.6",
        "EUR",
    )


def test_another_pricing_currency_without_a_rate_is_rejected(tmp_path: Path) -> None:
    assert fault(tmp_path, PricingCurrency="EUR", PCToBCExchangeRate="").column == "pctobcexchangerate"


def test_a_subtotal_off_the_rule_is_kept_warned_about_and_left_to_the_finding(tmp_path: Path) -> None:
    read = as_csv(tmp_path / "vendor_charges.csv", [{**LINE, "Subtotal": "187.05", "Total": "187.05"}, LINE])
    first = read.rows[0]
    assert read.faults == [] and first["amount"] == "187.05"
    assert Decimal(first["amount"]) - Decimal(first["quantity"]) * Decimal(first["unit_cost"]) == Decimal(
        "0.05"
    )
    assert read.warnings == [
        "1 records have a subtotal that is not what Microsoft's rounding rule gives; it was kept as it is"
    ]


def test_metered_usage_keeps_to_its_own_rule(tmp_path: Path) -> None:
    metered = {
        **LINE,
        "MeterDescription": "Bandwidth",
        "TermAndBillingCycle": "",
        "BillableQuantity": "33.333",
    }
    kept = {
        **metered,
        "EffectiveUnitPrice": "0.045",
        "PCToBCExchangeRate": "0.9",
        "Subtotal": "1.34",
        "Total": "1.34",
    }
    read = as_csv(tmp_path / "vendor_charges.csv", [kept, {**kept, "Subtotal": "1.35", "Total": "1.35"}])
    assert [
        (row["charge_category"], row["charge_type"], row["quantity"], row["unit_cost"], row["amount"])
        for row in read.rows
    ] == [
        ("usage", "cycleCharge: Bandwidth", "1", "1.34", "1.34"),
        ("usage", "cycleCharge: Bandwidth", "1", "1.35", "1.35"),
    ]
    assert [warning[:2] for warning in read.warnings] == ["1 "]


def test_tax_is_a_line_of_its_own_and_a_total_that_does_not_add_up_is_told(tmp_path: Path) -> None:
    read = as_csv(
        tmp_path / "vendor_charges.csv",
        [{**LINE, "TaxTotal": "16.83", "Total": "203.83"}, {**LINE, "Total": "187.01"}],
    )
    line, tax, other = read.rows
    assert tax == {
        **line,
        "line_id": f"{line['line_id']}-tax",
        "charge_category": "tax",
        "quantity": "1",
        "unit_cost": "16.83",
        "amount": "16.83",
    }
    assert other["charge_category"] == "recurring"
    assert read.warnings == ["1 records have a total that is not their subtotal and tax"]


def test_tax_is_an_adjustment_where_the_invoice_s_total_includes_it(tmp_path: Path) -> None:
    line = {**LINE, "TaxTotal": "16.83", "Total": "203.83"}
    read = as_csv(tmp_path / "vendor_charges.csv", [line], invoice_total="with_tax")
    # the control sums all categories but tax: 187 + 16.83 = the invoice's total
    assert [(row["charge_category"], row["amount"]) for row in read.rows] == [
        ("recurring", "187"),
        ("adjustment", "16.83"),
    ]


@pytest.mark.parametrize("said", ["1,234.00", "1.234,00", "NaN", "", "187.00 USD", "9" * 61])
def test_a_subtotal_that_is_no_number_is_rejected(said: str, tmp_path: Path) -> None:
    assert fault(tmp_path, Subtotal=said).column in ("subtotal", "billingpretaxtotal")


# charge types


@pytest.mark.parametrize(
    ("said", "written", "category"),
    [
        ("New", "new", "recurring"),
        ("RENEW", "renew", "recurring"),
        ("cyclecharge", "cycleCharge", "recurring"),
        ("Convert", "convert", "recurring"),
        ("AddQuantity", "addQuantity", "recurring"),
        ("removequantity", "removeQuantity", "recurring"),
        ("Cancel", "cancel", "recurring"),
        ("CancelImmediate", "cancelImmediate", "recurring"),
        ("Purchase", "new", "recurring"),
        ("Refund", "cancel", "recurring"),
        ("CustomerCredit", "customerCredit", "credit"),
        ("Cycle fee", "Cycle fee", "recurring"),
        ("Prorate fees when  purchase", "Prorate fees when purchase", "recurring"),
        ("Offset a line item", "Offset a line item", "credit"),
        ("Cycle discount", "Cycle discount", "credit"),
        ("Assess usage fee when cancel", "Assess usage fee when cancel", "usage"),
    ],
)
def test_charge_types_are_known_in_any_case(said: str, written: str, category: str, tmp_path: Path) -> None:
    row = one(tmp_path, ChargeType=said)
    assert (row["charge_type"], row["charge_category"]) == (written, category)


@pytest.mark.parametrize("said", ["surcharge", "new2", "addQuantity;cancel"])
def test_an_unknown_charge_type_is_rejected_by_name(said: str, tmp_path: Path) -> None:
    found = fault(tmp_path, ChargeType=said)
    assert (found.column, found.value) == ("chargeType", said)


def test_a_missing_charge_type_is_rejected(tmp_path: Path) -> None:
    assert fault(tmp_path, ChargeType="").column == "chargetype"


@pytest.mark.parametrize("term", ["One-Time", "One time", "OneTime"])
def test_a_purchase_for_good_is_one_time(term: str, tmp_path: Path) -> None:
    assert one(tmp_path, TermAndBillingCycle=term, ChargeType="new")["charge_category"] == "one_time"
    assert (
        one(tmp_path, TermAndBillingCycle="One-Month commitment for monthly billing")["charge_category"]
        == "recurring"
    )


def test_an_adjustment_that_the_lines_lack_can_be_landed_by_hand(tmp_path: Path) -> None:
    adjustment = {
        **LINE,
        "ChargeType": "customerCredit",
        "SkuName": "Service credit",
        "Subtotal": "-12.34",
        "Total": "-12.34",
        "BillableQuantity": "",
        "EffectiveUnitPrice": "",
        "ProductId": "",
        "SkuId": "",
    }
    (row,) = as_csv(tmp_path / "vendor_charges.csv", [adjustment]).rows
    assert (row["charge_category"], row["quantity"], row["unit_cost"], row["amount"]) == (
        "credit",
        "1",
        "-12.34",
        "-12.34",
    )


# seats, day by day: October has 31 days


def seats_by_day(rows: list[dict[str, str]]) -> list[Decimal]:
    """What the contract counts on each day of October: quantity of every recurring line whose charge period
    holds the day.
    """
    days = [date(2026, 10, 1) + timedelta(days=number) for number in range(31)]
    return [
        sum(
            (
                Decimal(row["quantity"])
                for row in rows
                if row["charge_category"] == "recurring"
                and row["charge_period_start"] <= str(day) < row["charge_period_end"]
            ),
            Decimal(0),
        )
        for day in days
    ]


def change(kind: str, seats: int, cents: int, refunded: bool, start: str) -> dict[str, str]:
    """A line of a change of quantity: quantity and price have no sign, the money has."""
    price = Decimal(cents) / 100
    total = str(price * seats * (-1 if refunded else 1))
    return {
        **LINE,
        "ChargeType": kind,
        "BillableQuantity": str(seats),
        "Quantity": str(seats),
        "EffectiveUnitPrice": str(price),
        "Subtotal": total,
        "Total": total,
        "ChargeStartDate": start,
        "OrderDate": start,
    }


def test_ten_seats_become_twelve_on_the_16th(tmp_path: Path) -> None:
    # 16 of 31 days are left: 18.70 * 16 / 31 = 9.65
    lines = [
        LINE,
        change("addQuantity", 10, 965, True, "10/16/2026"),
        change("addQuantity", 12, 965, False, "10/16/2026"),
    ]
    read = as_csv(tmp_path / "vendor_charges.csv", lines)
    assert seats_by_day(read.rows) == [10] * 15 + [12] * 16
    assert sum(seats_by_day(read.rows)) == 342  # 10 * 15 + 12 * 16
    assert sum(Decimal(row["amount"]) for row in read.rows) == Decimal("206.30")  # 187 - 96.50 + 115.80
    assert read.warnings == []


def test_ten_seats_become_eight_on_the_5th(tmp_path: Path) -> None:
    # 27 of 31 days are left: 18.70 * 27 / 31 = 16.28
    lines = [
        LINE,
        change("removeQuantity", 10, 1628, True, "10/05/2026"),
        change("removeQuantity", 8, 1628, False, "10/05/2026"),
    ]
    read = as_csv(tmp_path / "vendor_charges.csv", lines)
    assert seats_by_day(read.rows) == [10] * 4 + [8] * 27
    assert sum(seats_by_day(read.rows)) == 256  # 10 * 4 + 8 * 27


def test_two_more_on_the_16th_and_four_fewer_on_the_20th_and_all_gone_on_the_30th(tmp_path: Path) -> None:
    lines = [
        LINE,
        change("addQuantity", 10, 965, True, "10/16/2026"),
        change("addQuantity", 12, 965, False, "10/16/2026"),
        change("removeQuantity", 12, 723, True, "10/20/2026"),
        change("removeQuantity", 8, 723, False, "10/20/2026"),
        change("cancel", 8, 120, True, "10/30/2026"),
    ]
    assert (
        seats_by_day(as_csv(tmp_path / "vendor_charges.csv", lines).rows)
        == [10] * 15 + [12] * 4 + [8] * 10 + [0] * 2
    )


def test_seats_bought_and_given_back_on_one_day_leave_nothing(tmp_path: Path) -> None:
    lines = [
        LINE,
        change("addQuantity", 10, 1870, True, "10/01/2026"),
        change("addQuantity", 12, 1870, False, "10/01/2026"),
        change("removeQuantity", 12, 1870, True, "10/01/2026"),
        change("removeQuantity", 10, 1870, False, "10/01/2026"),
    ]
    assert seats_by_day(as_csv(tmp_path / "vendor_charges.csv", lines).rows) == [10] * 31


@pytest.mark.parametrize("signs", ["money", "price", "quantity", "price and money", "quantity and money"])
def test_a_refund_takes_seats_away_whichever_number_has_the_sign(signs: str, tmp_path: Path) -> None:
    refund = change("addQuantity", 10, 965, "money" in signs, "10/16/2026")
    refund |= {"EffectiveUnitPrice": "-9.65"} if "price" in signs else {}
    refund |= {"BillableQuantity": "-10"} if "quantity" in signs else {}
    if "money" not in signs:  # a refund of nothing: a price below a cent
        refund |= {
            "Subtotal": "0",
            "Total": "0",
            "EffectiveUnitPrice": "-0.001" if signs == "price" else "0.001",
        }
    row = as_csv(tmp_path / "vendor_charges.csv", [refund]).rows[0]
    assert (row["quantity"], row["unit_cost"]) == ("-10", "9.65" if "money" in signs else "0")


@pytest.mark.parametrize(
    ("kind", "quantity"),
    [("new", "10"), ("renew", "10"), ("cycleCharge", "10"), ("cancel", "-10"), ("refund", "-10")],
)
def test_free_seats_count_by_their_charge_type(kind: str, quantity: str, tmp_path: Path) -> None:
    row = one(tmp_path, ChargeType=kind, EffectiveUnitPrice="0", Subtotal="0", Total="0")
    assert (row["quantity"], row["unit_cost"], row["amount"]) == (quantity, "0", "0")


def test_a_change_of_free_seats_never_doubles_them_and_is_told(tmp_path: Path) -> None:
    free = {"EffectiveUnitPrice": "0", "Subtotal": "0", "Total": "0"}
    lines = [
        {**line, **free}
        for line in (
            LINE,
            change("addQuantity", 10, 0, False, "10/16/2026"),
            change("addQuantity", 12, 0, False, "10/16/2026"),
        )
    ]
    read = as_csv(tmp_path / "vendor_charges.csv", lines)
    assert seats_by_day(read.rows) == [10] * 31
    assert [warning[:2] for warning in read.warnings] == ["2 "] and "count 0 seats" in read.warnings[0]


def test_a_change_that_says_the_whole_cycle_is_told_as_in_the_example_of_2019(tmp_path: Path) -> None:
    refund = {**change("addQuantity", 1, 387, True, "10/10/2026"), "OrderDate": "10/12/2026"}
    read = as_csv(tmp_path / "vendor_charges.csv", [refund])
    assert read.warnings == [
        "1 records change a quantity and say a charge period that began before the change: all its days count"
    ]


# identity


def test_equal_lines_are_two_and_their_identifiers_do_not_depend_on_order_format_or_other_columns(
    tmp_path: Path,
) -> None:
    other = {**LINE, "BillableQuantity": "3", "Subtotal": "56.1", "Total": "56.1"}
    first = as_csv(tmp_path / "vendor_charges.csv", [LINE, LINE, other])
    again = as_csv(
        tmp_path / "vendor_charges.again.csv", [{**line, "NewColumn": "x"} for line in (other, LINE, LINE)]
    )
    ids = [row["line_id"] for row in first.rows]
    assert len(set(ids)) == 3 and [name[-2:] for name in ids] == ["-0", "-1", "-0"]
    assert {row["line_id"]: row for row in first.rows} == {row["line_id"]: row for row in again.rows}


@pytest.mark.parametrize(
    "changes",
    [
        {"InvoiceNumber": "G2"},
        {"CustomerId": "a"},
        {"SkuId": "0003"},
        {"SubscriptionId": "b"},
        {"OrderId": "c"},
        {"ChargeType": "renew"},
        {"Subtotal": "187.01", "Total": "187.01"},
        {"ChargeStartDate": "10/02/2026"},
    ],
)
def test_lines_that_differ_have_other_identifiers(changes: dict[str, str], tmp_path: Path) -> None:
    assert one(tmp_path, **changes)["line_id"] != one(tmp_path)["line_id"]


def test_two_meters_of_one_product_at_one_price_are_not_the_same_charge(tmp_path: Path) -> None:
    rows = [
        {**LINE, "MeterDescription": meter, "BillableQuantity": "1", "Subtotal": "18.7", "Total": "18.7"}
        for meter in ("LRS", "ZRS")
    ]
    one_meter, other = as_csv(tmp_path / "vendor_charges.csv", rows).rows
    assert one_meter["charge_type"] != other["charge_type"]


# daily rated usage


def test_daily_usage_counts_on_its_day_in_twelve_places_and_by_resource(tmp_path: Path) -> None:
    read = as_csv(tmp_path / "vendor_charges.csv", [DAILY], usage="daily")
    (row,) = read.rows
    # 0.486031696515|249 and 0.4860316965|15
    assert (row["amount"], row["unit_cost"], row["quantity"]) == ("0.486031696515", "0.4860316965", "1")
    assert (row["charge_period_start"], row["charge_period_end"]) == ("2026-10-05", "2026-10-06")
    assert (row["charge_category"], row["charge_type"]) == ("usage", "new: 1 Core Hours")
    assert (row["subscription_id"], row["sku_id"]) == (
        "/subscriptions/1/virtualMachines/one",
        "DZH318Z0BP04:0034",
    )
    assert read.warnings == ["1 records have an amount of more than 12 places, which was rounded to 12"]


@pytest.mark.parametrize(("usage", "amounts"), [("billed", ["187", "0.48"]), ("daily", ["187", "0.486"])])
def test_metered_usage_counts_once_by_the_bill_or_by_the_day(
    usage: str, amounts: list[str], tmp_path: Path
) -> None:
    billed = {
        **LINE,
        "MeterDescription": "1 Core Hours",
        "EffectiveUnitPrice": "0.486",
        "BillableQuantity": "1",
        "Subtotal": "0.48",
        "Total": "0.48",
    }
    read = as_csv(
        tmp_path / "vendor_charges.csv", [LINE, billed, {**DAILY, "BillingPreTaxTotal": "0.486"}], usage=usage
    )
    assert [row["amount"] for row in read.rows] == amounts
    assert [
        w for w in read.warnings if "counts by" in w
    ] and "1 records are not vendor_charges and were passed over" in read.warnings
