"""QuickBooks Online's records as its fake sends them, made of canonical books."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from connectors.testing.vendor import json_number

NO_ITEM = "no-item"
"""How the books call the product of what names no item: here a discount where it is negative on an invoice,
shipping where it is not.
"""

Document = dict[str, Any]

_META = {"CreateTime": "2026-10-01T02:06:33-07:00", "LastUpdatedTime": "2026-10-02T01:28:24-07:00"}
_HEAD = {"domain": "QBO", "sparse": False, "SyncToken": "0", "MetaData": _META}


def preferences() -> Document:
    """Return the preferences of a company whose home currency is the US dollar."""
    return {
        **_HEAD,
        "Id": "1",
        "AccountingInfoPrefs": {"FirstMonthOfFiscalYear": "January", "CustomerTerminology": "Customers"},
        "SalesFormsPrefs": {"CustomTxnNumbers": False, "AllowDiscount": True, "AllowServiceDate": True},
        "TaxPrefs": {"UsingSalesTax": True, "TaxGroupCodeRef": {"value": "2"}},
        "CurrencyPrefs": {"MultiCurrencyEnabled": True, "HomeCurrency": {"value": "USD"}},
    }


def customer(row: Any) -> Document:
    """Return a client as a customer."""
    return {
        **_HEAD,
        "Id": row["client_id"],
        "DisplayName": row["client_name"].rpartition(":")[2],
        "FullyQualifiedName": row["client_name"],
        "Active": row.get("status") != "inactive",
        "Job": ":" in row["client_name"],
        "BillWithParent": False,
        "Taxable": True,
        "Balance": 0,
        "PreferredDeliveryMethod": "None",
    }


def item(row: Any) -> Document:
    """Return a product as an item."""
    price = row.get("default_unit_price")
    return {
        **_HEAD,
        "Id": row["product_code"],
        "Name": row["product_name"].rpartition(":")[2],
        "FullyQualifiedName": row["product_name"],
        "Active": True,
        "Type": "Service",
        "Taxable": False,
        "UnitPrice": json_number(price) if price else 0,
        "PurchaseCost": 0,
        "TrackQtyOnHand": False,
    }


def documents(rows: Sequence[Any], make: Callable[[str, list[Any]], Document]) -> list[Document]:
    """Documents by number: those of an odd one are dated on the last day of the month, others on the
    first.
    """
    groups = groupby(
        sorted(rows, key=lambda row: str(row["invoice_id"])), key=lambda row: str(row["invoice_id"])
    )
    return [make(number, list(group)) for number, group in groups]


def invoice(number: str, rows: list[Any]) -> Document:
    """Return lines as an invoice."""
    return {
        **_document(number, rows, 1),
        "AllowOnlinePayment": False,
        "DueDate": "2026-12-20",
        "Balance": 0,
        "EmailStatus": "NotSet",
    }


def credit_memo(number: str, rows: list[Any]) -> Document:
    """Return lines below zero as a credit memo, whose own are positive."""
    return {**_document(number, rows, -1), "RemainingCredit": 0, "Balance": 0}


def _document(number: str, rows: list[Any], sign: int) -> Document:
    first = date.fromisoformat(rows[0]["service_period_start"])
    last = date.fromisoformat(rows[0]["service_period_end"]) - timedelta(1)
    net = sum((sign * Decimal(row["amount"]) for row in rows), Decimal(0))
    tax = (net / 10).quantize(Decimal("0.01"))
    currency = rows[0]["currency"]
    foreign = {
        "CurrencyRef": {"value": currency, "name": "as in the list of currencies"},
        "ExchangeRate": 1.1,
    }
    return {
        **_HEAD,
        "Id": rows[0]["invoice_line_id"].removeprefix("credit-").partition("-")[0],
        "DocNumber": number,
        "TxnDate": str(last if int(number[-1]) % 2 else first),
        "CustomerRef": {"value": rows[0]["client_id"], "name": "as among the customers"},
        "LinkedTxn": [],
        "CustomField": [{"DefinitionId": "1", "Name": "Crew #", "Type": "StringType"}],
        **(foreign if currency != "USD" else {}),
        "Line": [
            *(_line(place, row, sign) for place, row in enumerate(rows, 1)),
            {"Amount": json_number(net), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}},
        ],
        "TxnTaxDetail": {"TotalTax": json_number(tax)},
        "TotalAmt": json_number(net + tax),
        "PrivateNote": "",
    }


def _line(place: int, row: Any, sign: int) -> Document:
    amount = sign * Decimal(row["amount"])
    head = {"Id": row["invoice_line_id"].rpartition("-")[2], "LineNum": place, "Description": "a line"}
    if row["product_code"] == NO_ITEM and amount < 0:
        detail = {"PercentBased": False, "DiscountAccountRef": {"value": "86", "name": "Discounts given"}}
        return {
            **head,
            "Amount": json_number(-amount),
            "DetailType": "DiscountLineDetail",
            "DiscountLineDetail": detail,
        }
    item = "SHIPPING_ITEM_ID" if row["product_code"] == NO_ITEM else row["product_code"]
    return {
        **head,
        "Amount": json_number(amount),
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {
            "ItemRef": {"value": item, "name": "as among the items"},
            "UnitPrice": json_number(row["unit_price"]),
            "Qty": json_number(sign * Decimal(row["quantity"])),
            "TaxCodeRef": {"value": "TAX"},
        },
    }
