"""Pax8: the distributor's bill, and the subscriptions as they are today.

Belongs here: the declaration and its mapping. Source: Pax8 partner API, OpenAPI document (FORMATS §3). What the MSP pays is ``cost`` and
``costTotal``; ``price`` and ``total`` are what its customer would pay, and are not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction

from connectors.exact import fraction, fraction_or_zero, rounded_text, sum_text
from connectors.http.auth import ClientCredentials
from connectors.http.paging import PageNumber
from connectors.http.rates import Rate
from connectors.http.redaction import Secret
from connectors.http.walk import Endpoint
from connectors.native import MappingError, Native, Row, after, content_id
from connectors.spec import Checked, Credential, Feed, Setting, SourceSpec

_CATEGORIES = {
    "subscription": "recurring", "prorate": "recurring", "one-time": "one_time", "service-charge": "one_time",
    "rebate": "credit", "payment-credit": "credit", "service-credit": "credit", "invoice-credit": "credit",
}  # fmt: skip
_PROVISIONED = {"Active", "Activated", "Trial", "PendingCancel"}
_PAGES = PageNumber(
    200, first=0, size_param="size", total="page.totalElements", page_count="page.totalPages", number="page.number"
)


def _invoice(native: Native) -> Iterator[Row]:
    carried = fraction_or_zero(native, "carriedBalance") if native.settings["carried_balance"] == "included" else 0
    yield {
        "invoice_id": native.needed("id"),
        "invoice_date": str(native.day("invoiceDate")),
        "currency": native.needed("currencyCode"),
        "invoice_total": sum_text(fraction(native, "total") - carried),
    }


def _charge(native: Native) -> Iterator[Row]:
    kind = native.needed("type")
    if kind not in _CATEGORIES:
        raise MappingError("type", kind, f"is no item type Pax8 documents; known are {', '.join(_CATEGORIES)}")
    category = "usage" if native.text("term") == "Arrears" and _CATEGORIES[kind] == "recurring" else _CATEGORIES[kind]
    start = native.day("startPeriod", "invoice.invoiceDate")
    total, quantity = fraction(native, "costTotal"), fraction(native, "quantity")
    is_flat = native.text("chargeType") == "flat" and quantity != 0  # one price whatever the quantity
    cost = rounded_text(total / quantity, 10) if is_flat else sum_text(fraction(native, "cost"))
    line: Row = {
        "line_id": native.text("id") or content_id(native),
        "invoice_id": native.needed("invoice.id"),
        "vendor_customer_id": native.text("companyId", "invoice.companyId") or "partner",
        "vendor_customer_name": native.text("companyName"),
        "sku_id": native.text("productId", "sku") or kind,
        "sku_name": native.text("productName", "description"),
        "subscription_id": native.text("subscriptionId"),
        "charge_type": kind,
        "term": native.text("term"),
        "currency": native.text("currencyCode") or native.needed("invoice.currencyCode"),
        "charge_period_start": str(start),
        "charge_period_end": str(_end(native, start)),
    }
    yield {**line, "charge_category": category, "quantity": sum_text(quantity), "unit_cost": cost, "amount": sum_text(total)}
    tax = fraction_or_zero(native, "salesTax")
    rest = fraction(native, "amountDue") - total if native.text("amountDue") else Fraction(0)
    for suffix, beside, number in (("tax", "tax", tax), ("fee", "adjustment", Fraction(0) if rest == tax else rest)):
        if amount := number and sum_text(number):
            one = {"quantity": "1", "unit_cost": amount, "amount": amount}
            yield {**line, **one, "line_id": f"{line['line_id']}-{suffix}", "charge_category": beside}


def _end(native: Native, start: date) -> date:
    """Return the first day after the period. Pax8's examples end a month on its last day, and on the next one's first."""
    if not native.text("endPeriod"):
        return start
    end = native.day("endPeriod")
    rule = native.settings["period_end"]
    is_exclusive = end > start and (end.day == 1 or end.day == start.day) if rule == "by_example" else rule == "exclusive"
    return end if is_exclusive else after(end)


def _seats(native: Native) -> Iterator[Row]:
    if native.needed("status") in _PROVISIONED:
        yield {
            "vendor_customer_id": native.needed("companyId"),
            "sku_id": native.needed("productId"),
            "as_of_date": native.needed("_fetched_on"),
            "entitled_quantity": sum_text(fraction(native, "quantity")),
        }


def _auth(settings: Mapping[str, str], credentials: Mapping[str, Secret]) -> ClientCredentials:
    body: dict[str, str | Secret] = {**credentials, "audience": settings["audience"], "grant_type": "client_credentials"}
    return ClientCredentials(settings["base_url"], settings["token_url"], body, as_json=True)


_INVOICES = Endpoint(
    "invoices", "/invoices", "content", key=("id",), required=("id", "invoiceDate", "total", "currencyCode"), alias="invoice",
    params={"invoiceDateRangeStart": "{start}", "invoiceDateRangeEnd": "{last}", "sort": "invoiceDate"},
    paginator=_PAGES, permission="Invoices: read",
)  # fmt: skip
_ITEMS = Endpoint(
    "invoice items", "/invoices/{invoice.id}/items", "content", key=("id",), required=("type", "costTotal"), parent=_INVOICES,
    paginator=_PAGES, permission="Invoices: read",
)  # fmt: skip
_SUBSCRIPTIONS = Endpoint(
    "subscriptions", "/subscriptions", "content", key=("id",), required=("id", "companyId", "productId", "quantity", "status"),
    params={"sort": "createdDate,asc"}, paginator=_PAGES, permission="Subscriptions: read",
)  # fmt: skip

_DOCUMENT = "Pax8 partner API, OpenAPI document"
PAX8 = SourceSpec(
    name="pax8",
    title="Pax8",
    doc="Pax8 partner API: invoices with their items, and today's subscriptions.",
    feeds=(
        Feed("vendor_invoices", (_INVOICES,), _invoice),
        Feed("vendor_charges", (_ITEMS,), _charge),
        Feed("license_counts", (_SUBSCRIPTIONS,), _seats, is_snapshot=True),
    ),
    base_url="{base_url}",
    other_urls=("{token_url}",),
    auth=_auth,
    rate=Rate(16, 1),
    settings=(
        Setting("base_url", "address of the API", "https://api.pax8.com/v1", is_address=True),
        Setting("token_url", "address of the token endpoint", "https://api.pax8.com/v1/token", is_address=True),
        Setting("audience", "audience of the token", "https://api.pax8.com"),
        Setting("carried_balance", "whether an invoice's total includes what was carried over", "included", ("included", "apart")),
        Setting("period_end", "whether endPeriod is the last day or the day after", "by_example", ("by_example", "exclusive", "inclusive")),
    ),
    credentials=(
        Credential("client_id", "Client ID of the API application in the Pax8 portal"),
        Credential("client_secret", "its Client Secret"),
    ),
    checked=(
        Checked("paths, parameters, paging, types of fields", _DOCUMENT),
        Checked("the token request", "Pax8 authentication, OpenAPI document"),
        Checked("cost and costTotal are what the MSP pays", _DOCUMENT + ", descriptions of InvoiceItem"),
        Checked("its examples load; items there have no id, and their total does not fit their subTotal", _DOCUMENT),
        Checked("endPeriod: exclusive if it is the 1st or the start's day of the month, else inclusive", "two examples disagree", True),
        Checked("an invoice's total, less the balance carried over, is the sum of its items' amountDue", "field descriptions", True),
        Checked("16 requests a second; 429 comes without Retry-After", "the document names 429 and no figure", True),
    ),
)
