"""Xero's documents as its fake sends them, made of canonical books."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import Any

from connectors.testing.vendor import json_number

NO_ITEM = "no-item"
"""How the books call the product of lines that name no item."""

Document = dict[str, Any]


def organisation() -> Document:
    """Return the organisation."""
    return {
        "Name": "An MSP",
        "LegalName": "An MSP",
        "Version": "NZ",
        "BaseCurrency": "NZD",
        "CountryCode": "NZ",
        "OrganisationStatus": "ACTIVE",
        "DefaultSalesTax": "Tax Exclusive",
        "CreatedDateUTC": "/Date(1455827393000)/",
        "Timezone": "NEWZEALANDSTANDARDTIME",
        "OrganisationID": "b2c885a9-4bb9-4a00-9b6e-6c2bf60b1a2b",
        "Addresses": [],
        "Phones": [],
        "PaymentTerms": {},
    }


def contact(row: Any) -> Document:
    """Return a client as a contact."""
    status = "ARCHIVED" if row.get("status") == "inactive" else "ACTIVE"
    return {
        "ContactID": row["client_id"],
        "ContactStatus": status,
        "Name": row["client_name"],
        "EmailAddress": "",
        "BankAccountDetails": "",
        "Addresses": [{"AddressType": "STREET", "City": "", "Country": ""}],
        "Phones": [],
        "ContactGroups": [],
        "ContactPersons": [],
        "UpdatedDateUTC": "/Date(1503348544227+0000)/",
        "IsSupplier": False,
        "IsCustomer": True,
        "HasValidationErrors": False,
    }


def item(row: Any) -> Document:
    """Return a product as an item."""
    price = (
        {"UnitPrice": json_number(row["default_unit_price"]), "AccountCode": "200"}
        if row.get("default_unit_price")
        else {}
    )
    return {
        "ItemID": _uuid(row["product_code"]),
        "Code": row["product_code"],
        "Name": row["product_name"],
        "Description": "as sold",
        "UpdatedDateUTC": "/Date(1551981476267+0000)/",
        "PurchaseDetails": {},
        "SalesDetails": price,
        "IsTrackedAsInventory": False,
        "IsSold": True,
        "IsPurchased": True,
    }


def documents(rows: Sequence[Any], make: Callable[[str, list[Any], int], Document]) -> list[Document]:
    """Documents by number, dated on the first and the last day of the month in turns."""
    groups = groupby(
        sorted(rows, key=lambda row: str(row["invoice_id"])), key=lambda row: str(row["invoice_id"])
    )
    return [make(number, list(group), place) for place, (number, group) in enumerate(groups)]


def invoice(number: str, rows: list[Any], place: int) -> Document:
    """Return lines as an invoice."""
    return {
        "Type": "ACCREC",
        "InvoiceID": _uuid(number),
        "InvoiceNumber": number,
        "Reference": "",
        "AmountDue": 0.0,
        "AmountPaid": 0.0,
        "SentToContact": True,
        "IsDiscounted": False,
        **_head(rows, place),
        "DueDate": _ticks(date(2026, 12, 20)),
        "LineItems": [{"LineItemID": row["invoice_line_id"], **_line(row, 1)} for row in rows],
    }


def credit_note(number: str, rows: list[Any], place: int) -> Document:
    """Return lines below zero as a credit note."""
    note = rows[0]["invoice_line_id"].rpartition("-")[0]
    return {
        "Type": "ACCRECCREDIT",
        "CreditNoteID": note,
        "ID": note,
        "CreditNoteNumber": number,
        "RemainingCredit": 0.0,
        "Allocations": [],
        **_head(rows, place),
        "LineItems": [_line(row, -1) for row in rows],
    }


def _head(rows: list[Any], place: int) -> Document:
    last = date.fromisoformat(rows[0]["service_period_end"]) - timedelta(1)
    day = last if place % 2 else date.fromisoformat(rows[0]["service_period_start"])
    total = abs(sum((Decimal(row["amount"]) for row in rows), Decimal(0)))
    return {
        "Payments": [],
        "CurrencyRate": 1.0,
        "HasErrors": False,
        "HasAttachments": False,
        "Status": "PAID" if place % 2 else "AUTHORISED",
        "Contact": {
            "ContactID": rows[0]["client_id"],
            "Name": "as in the contacts",
            "Addresses": [],
            "Phones": [],
            "ContactGroups": [],
        },
        "DateString": f"{day}T00:00:00",
        "Date": _ticks(day),
        "LineAmountTypes": "Exclusive",
        "SubTotal": json_number(total),
        "TotalTax": json_number(total * 15 / 100),
        "Total": json_number(total * 115 / 100),
        "UpdatedDateUTC": "/Date(1541176290160+0000)/",
        "CurrencyCode": rows[0]["currency"],
    }


def _line(row: Any, sign: int) -> Document:
    amount = sign * Decimal(row["amount"])
    item = {
        "ItemCode": row["product_code"],
        "Item": {"Code": row["product_code"], "ItemID": _uuid(row["product_code"])},
    }
    return {
        "Description": "a line",
        "UnitAmount": json_number(row["unit_price"]),
        "TaxType": "OUTPUT2",
        "TaxAmount": json_number(amount * 15 / 100),
        "LineAmount": json_number(amount),
        "AccountCode": "200",
        "Tracking": [{"Name": "Region", "Option": "North"}],
        "Quantity": json_number(sign * Decimal(row["quantity"])),
        **({} if row["product_code"] == NO_ITEM else item),
    }


def rounded(number: Decimal | int) -> Decimal | int:
    """Return a number with the places that the interface sends."""
    return json_number(Decimal(number).quantize(Decimal("0.01"), ROUND_HALF_UP))


def _ticks(day: date) -> str:
    return f"/Date({int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000}+0000)/"


def day(ticks: str) -> date:
    """Return the day that ticks tell."""
    return datetime.fromtimestamp(int(ticks[6:-7]) / 1000, UTC).date()


def _uuid(text: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, text))
