"""Kinds of files that turn up beside the cases: what a profile has to be able to say, on files made for it.

Belongs here: one file of each kind, with figures worked by hand. Does not: the files of ``cases``
(``test_bills``, ``test_counts``), single words (tests/connectors/mapped).
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.datasets import DATASETS
from connectors.mapped.profile import profile_of
from connectors.mapped.reader import MappedFile
from tests.field.field_cases import Record, total

QUICKBOOKS = """\
Acme IT LLC
Sales by Customer Detail
"October 1-31, 2026"

,Date,Transaction Type,Num,Product/Service,Qty,Sales Price,Amount,Balance
Client A,,,,,,,,
,10/01/2026,Invoice,1001,Cloud:M365 BP,12.00,22.00,264.00,264.00
,10/01/2026,Invoice,1001,Support,1.00,"1,950.00","1,950.00","2,214.00"
Total for Client A,,,,,,,"$2,214.00",
Client B,,,,,,,,
,10/05/2026,Credit Memo,1002,Cloud:M365 BP,-2.00,22.00,-44.00,-44.00
Total for Client B,,,,,,,-$44.00,
TOTAL,,,,,,,"$2,170.00",
,,,,,,,,
"Saturday, Nov 28, 2026 08:00:00 PM GMT+0 - Accrual Basis",,,,,,,,
"""
QUICKBOOKS_PROFILE = """\
header_row: 5
dates: MM/DD/YYYY
thousands: ","
sections: Customer
totals: [Total*]
columns:
  invoice_line_id: {made_of: content}
  invoice_id: Num
  client_id: Customer
  product_code: {heading: Product/Service, without_prefix: "Cloud:"}
  quantity: Qty
  unit_price: Sales Price
  amount: Amount
  currency: {constant: USD}
  service_period_start: {above: "#3", dates: "MMMM D-%, YYYY"}
  service_period_end: {above: "#3", dates: "MMMM %-D, YYYY", take: day_after}
"""


def read(folder: Path, name: str, words: str, text: str) -> tuple[list[Record], MappedFile]:
    path = folder / "landing" / "acme" / "2026-10" / "vendor" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    settings: Any = yaml.load(words, yaml.BaseLoader)
    file = MappedFile(path, profile_of(DATASETS[name.split(".")[0]], settings))
    rows = [row for batch in file.batches() for row in batch.to_pylist()]
    assert file.faults == []
    return rows, file


def test_the_grouped_report_of_quickbooks(tmp_path: Path) -> None:
    rows, file = read(tmp_path, "invoice_lines.csv", QUICKBOOKS_PROFILE, QUICKBOOKS)
    assert {client: total(rows, client_id=client) for client in ("Client A", "Client B")} == {
        "Client A": Decimal("2214.00"),
        "Client B": Decimal("-44.00"),
    }
    assert [row["product_code"] for row in rows] == ["M365 BP", "Support", "M365 BP"]
    assert {(row["service_period_start"], row["service_period_end"]) for row in rows} == {
        ("2026-10-01", "2026-11-01")
    }
    assert sorted(file.warnings) == [
        "1 records are empty and were passed over",
        "3 records are headings of sections",  # the report's date is one too, with no rows
        "3 records are totals and were passed over",
    ]


def test_a_wide_file_with_a_column_for_each_sku_and_totals(tmp_path: Path) -> None:
    words = """\
totals: [Total]
unpivot: {keep: [Company, All], name: SKU, value: Seats}
columns:
  vendor_customer_id: Company
  sku_id: SKU
  as_of_date: {file_name: "seats %to YYYY-MM-DD"}
  entitled_quantity: Seats
"""
    text = "Company,EDR,Backup,Email,All\nA,10,,3,13\nB,5,2,0,7\nTotal,15,2,3,20\n"
    rows, _ = read(tmp_path, "license_counts.seats 2026-10-01 to 2026-10-31.csv", words, text)
    assert {sku: total(rows, "entitled_quantity", sku_id=sku) for sku in ("EDR", "Backup", "Email")} == {
        "EDR": 15,
        "Backup": 2,
        "Email": 3,
    }
    assert {row["as_of_date"] for row in rows} == {"2026-10-31"}


def test_connectwise_additions_with_a_billing_cycle_and_rows_without_charge(tmp_path: Path) -> None:
    words = """\
dates: M/D/YYYY
columns:
  agreement_line_id: Addition
  agreement_id: Agreement
  client_id: Company
  product_code: Product
  quantity: Qty
  unit_price:
    heading: Unit Price
    per: {Billing Cycle: {Monthly: 1, Quarterly: 3, Yearly: 12}}
    zero_if: {Bill: [No Charge]}
    as_written_if: {Bill: [Billable]}
  currency: {constant: USD}
  effective_start: Effective
  effective_end: {heading: Cancelled, take: day_after}
"""
    text = (
        "Addition,Agreement,Company,Product,Qty,Unit Price,Bill,Billing Cycle,Effective,Cancelled\n"
        "1,AG,C1,BP,10,396.00,Billable,Yearly,1/1/2026,\n2,AG,C1,EDR,10,9.00,No Charge,Monthly,1/1/2026,\n"
        "3,AG,C1,BK,1,30.00,Billable,Quarterly,1/1/2026,10/15/2026\n"
    )
    rows, _ = read(tmp_path, "agreements.csv", words, text)
    assert [row["unit_price"] for row in rows] == ["33", "0", "10"]
    assert [row["effective_end"] for row in rows] == [None, None, "2026-10-16"]


BILL = """\
dates: YYYY-MM-DD
columns:
  line_id: {made_of: content}
  invoice_id: {period: "D-YYYY-MM"}
  vendor_customer_id: Customer
  sku_id: SKU
  charge_category: {heading: Type, values: {Usage: usage, "*": recurring}}
  quantity: {heading: Qty, sign_of: Amount}
  unit_cost: Price
  amount: Amount
  currency: {constant: USD}
  charge_period_start: {heading: Period, range: start}
  charge_period_end: {heading: Period, range: end, take: day_after}
  detail: [User, User id]
"""


def test_one_row_per_user_and_a_distributor_s_credit(tmp_path: Path) -> None:
    text = (
        "Customer,SKU,Type,Qty,Price,Amount,Period,User,User id\n"
        "A,S,Seat,1,36.50,36.50,2026-10-01 - 2026-10-31,ann,1\n"
        "A,S,Seat,1,36.50,36.50,2026-10-01 - 2026-10-31,bob,2\n"
        "A,S,Seat,1,36.50,36.50,2026-10-01 - 2026-10-31,,3\n"
        "A,S,Refund,1,-36.50,-36.50,2026-10-01 - 2026-10-31,,3\n"
    )
    rows, _ = read(tmp_path, "vendor_charges.csv", BILL, text)
    assert total(rows, "quantity") == 2
    assert total(rows) == Decimal("73.00")
    assert [row["unit_cost"] for row in rows] == ["36.5"] * 4
    # no two rows are equal in what a duplicate is told by
    assert len({(row["amount"], row["detail"]) for row in rows}) == 4
    assert {row["line_id"].rpartition("-")[2] for row in rows} == {"0"}


def test_the_total_of_a_bill_is_the_sum_of_its_lines(tmp_path: Path) -> None:
    words = """\
header_row: 4
columns:
  invoice_id: {above: Invoice}
  invoice_date: {above: Billing period, range: end}
  currency: {above: Currency}
  invoice_total: {sum_of: Amount}
"""
    text = (
        "Invoice:,V-77\nBilling period:,2026-10-01 to 2026-10-31,Currency,EUR\n\n"
        "Customer,SKU,Amount\nA,S,10.10\nB,S,-0.10\nB,T,5\n"
    )
    (row,), _ = read(tmp_path, "vendor_invoices.csv", words, text)
    assert [row[name] for name in ("invoice_id", "invoice_date", "currency", "invoice_total")] == [
        "V-77",
        "2026-10-31",
        "EUR",
        "15",
    ]


def test_a_price_per_year_and_the_effective_price_beside_the_list_price(tmp_path: Path) -> None:
    words = """\
columns:
  line_id: Line
  invoice_id: Invoice
  vendor_customer_id: Customer
  sku_id: SKU
  charge_category: {constant: recurring}
  quantity: Qty
  unit_cost: {made_of: amount}
  amount: {product_of: [Qty, Net Price, Months]}
  currency: {constant: USD}
  charge_period_start: {period: month_start}
  charge_period_end: {period: next_month_start}
"""
    text = "Line,Invoice,Customer,SKU,Qty,List Price,Net Price,Months\n1,V,A,S,4,20.00,18.00,0.5\n"
    (row,), _ = read(tmp_path, "vendor_charges.csv", words, text)
    assert (row["amount"], row["unit_cost"]) == ("36", "9")


@pytest.mark.parametrize("missing", ["Client A,,,,,,,,\n", 'Total for Client A,,,,,,,"$2,214.00",\n'])
def test_a_lost_heading_of_a_section_never_gives_its_rows_to_another_client(
    tmp_path: Path, missing: str
) -> None:
    rows, _ = read(tmp_path, "invoice_lines.csv", QUICKBOOKS_PROFILE, QUICKBOOKS.replace(missing, ""))
    mine = [row["client_id"] for row in rows[:2]]
    assert mine in (["Client A"] * 2, [None] * 2)
    assert rows[2]["client_id"] == "Client B"
