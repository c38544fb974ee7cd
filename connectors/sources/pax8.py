"""Pax8: the distributor's bill, and the subscriptions as they are today.

What belongs here: the declaration, and the mapping of invoices and subscriptions. What does not: that
of invoice items (``pax8_items``). Source: Pax8 partner API, OpenAPI document, and Pax8's
guides for integrators (docs/explanation/vendor-facts.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from connectors.dated_months import DATED, dated_in_month
from connectors.exact_numbers import fraction, fraction_or_zero, sum_text
from connectors.http.endpoint import Endpoint
from connectors.http.paging.numbered import PageNumber
from connectors.http.rate_limit import Rate
from connectors.http.redaction import Secret
from connectors.http.signing.tokens import ClientCredentials
from connectors.mapping import MappingError, Native, Row
from connectors.sources.pax8_items import charges, is_billed
from connectors.spec import Checked, Credential, Feed, Setting, SourceSpec

_PROVISIONED = {"Active", "Activated", "Trial", "PendingCancel"}
_ENDED = {"Cancelled", "Converted"}
_AWAITED = {"PendingManual", "PendingAutomated", "PendingActivation", "WaitingForDetails"}
_RECENT = timedelta(62)  # the two longest consecutive months
_PAGES = PageNumber(
    200,
    first=0,
    size_param="size",
    total="page.totalElements",
    page_count="page.totalPages",
    number="page.number",
)


def _invoice(native: Native) -> Iterator[Row]:
    if not is_billed(native, "status"):
        return
    carried = (
        fraction_or_zero(native, "carriedBalance") if native.settings["carried_balance"] == "included" else 0
    )
    yield {
        "invoice_id": native.needed("id"),
        "invoice_date": str(native.day("invoiceDate")),
        "currency": native.needed("currencyCode"),
        "invoice_total": sum_text(fraction(native, "total") - carried),
    }


def _seats(native: Native) -> Iterator[Row]:
    """Yield the seats of a subscription: 0 if it ended, because its last count would otherwise hold
    to the month's end.

    Pax8 lists all that ever existed. What ended in this month or the one before counts 0, so that a bill that
    continues is noticed; nobody should have to map what ended earlier.
    """
    status = native.needed("status")
    if status not in _PROVISIONED | _ENDED | _AWAITED:
        known = ", ".join(sorted(_PROVISIONED | _ENDED | _AWAITED))
        raise MappingError("status", status, f"is no status Pax8 documents; known are {known}")
    if status in _AWAITED:
        native.remark("wait to be provisioned and count no seats")
        return
    today = native.day("_fetched_on")
    is_over = status == "Trial" and native.text("endDate") and native.day("endDate") < today
    has_ended = is_over or status in _ENDED
    told = [native.day(name) for name in ("endDate", "updatedDate") if native.text(name)]
    if has_ended and told and max(told) < today - _RECENT:
        return
    yield {
        "vendor_customer_id": native.needed("companyId"),
        "sku_id": native.needed("productId"),
        "as_of_date": native.needed("_fetched_on"),
        "entitled_quantity": "0" if has_ended else sum_text(fraction(native, "quantity")),
    }


def _auth(settings: Mapping[str, str], credentials: Mapping[str, Secret]) -> ClientCredentials:
    body: dict[str, str | Secret] = {
        **credentials,
        "audience": settings["audience"],
        "grant_type": "client_credentials",
    }
    return ClientCredentials(settings["base_url"], settings["token_url"], body, as_json=True)


_INVOICES = Endpoint(
    "invoices",
    "/invoices",
    "content",
    key=("id",),
    required=("id", "invoiceDate", "total", "currencyCode"),
    alias="invoice",
    params={
        "invoiceDateRangeStart": "{dated_start}",
        "invoiceDateRangeEnd": "{dated_end}",
        "sort": "invoiceDate",
    },  # both ends are in
    belongs=dated_in_month("invoiceDate"),
    paginator=_PAGES,
    permission="Invoices: read",
)
_ITEMS = Endpoint(
    "invoice items",
    "/invoices/{invoice.id}/items",
    "content",
    key=("id",),
    required=("type", "costTotal"),
    parent=_INVOICES,
    paginator=_PAGES,
    permission="Invoices: read",
)
_SUBSCRIPTIONS = Endpoint(
    "subscriptions",
    "/subscriptions",
    "content",
    key=("id",),
    required=("id", "companyId", "productId", "quantity", "status"),
    params={"sort": "createdDate,asc"},
    paginator=_PAGES,
    permission="Subscriptions: read",
)

_DOCUMENT = "Pax8 partner API, OpenAPI document"
_GUIDE = "Pax8 guide, Subscription Management"
_CHECKED = (
    Checked("paths, parameters, paging, types of fields", _DOCUMENT),
    Checked("the token request", "Pax8 authentication, OpenAPI document"),
    Checked("cost and costTotal are what the MSP pays", _DOCUMENT + ", descriptions of InvoiceItem"),
    Checked(
        "its examples load; items there have no id, and their total does not fit their subTotal", _DOCUMENT
    ),
    Checked(
        "endPeriod: exclusive if it is the 1st or the start's day of the month, or, of a subscription, if"
        " both are the last day of a month; else inclusive",
        "two examples disagree",
        True,
    ),
    Checked(
        "a recurring item without a period is for the month that its invoice is for, and the warnings count"
        " it; one with half a period is rejected",
        "no field is marked as required",
        True,
    ),
    Checked(
        "an invoice is for the month it is dated in; if not, settings.dated",
        "examples, of the 1st; a guide: made on the 4th",
        True,
    ),
    Checked(
        "statuses of invoices; only the filter and the examples have them,"
        " so that an invoice may come without",
        _DOCUMENT,
    ),
    Checked(
        "a Void invoice is no bill, nor is a Credited one: it is credited in full,"
        " and a corrected one issued",
        "Pax8 guide, Invoice & Billing Integrations",
    ),
    Checked(
        "Unpaid, Paid, Carried, Nothing Due are bills; Carried is billed where it stood first",
        "meaning of the words",
        True,
    ),
    Checked(
        "an invoice's total, less the balance carried over, is the sum of its items' amountDue",
        "field descriptions",
        True,
    ),
    Checked(
        "salesTax is part of amountDue where that exceeds costTotal by enough to hold it,"
        " and not by billingFee alone; else it stands beside,"
        " and settings.sales_tax says whether the invoice's total has it",
        "the example has it beside; no document says",
        True,
    ),
    Checked(
        "what is due beyond cost and tax counts as an adjustment; in two examples of draft items"
        " it is the customer's margin",
        _DOCUMENT + ", descriptions of amountDue and billingFee",
        True,
    ),
    Checked(
        "a subscription's or prorate item of term One-Time or Activation is one_time, of Rebate credit,"
        " of Arrears usage; of any other, Trial included, recurring",
        "meaning of the words",
        True,
    ),
    Checked(
        "a recurring item of negative money takes seats away, whatever the sign of its quantity",
        "no document says",
        True,
    ),
    Checked(
        "a credit or one-time item without quantity or cost is one of costTotal",
        "no field is marked as required",
        True,
    ),
    Checked(
        "statuses of subscriptions; a trial is over after its endDate, and then counts 0",
        f"{_DOCUMENT}; {_GUIDE}",
    ),
    Checked(
        "Active, Activated and PendingCancel count their seats; so does Trial, whose seats are provisioned",
        _GUIDE,
        True,
    ),
    Checked(
        "Cancelled counts 0, and so does Converted, a trial in whose place a paid subscription stands;"
        " neither counts anything if endDate and updatedDate are over 62 days back",
        _GUIDE,
        True,
    ),
    Checked(
        "PendingManual, PendingAutomated, PendingActivation and WaitingForDetails count nothing,"
        " though seats being changed may be among them,"
        " or seats whose task nobody closed; a warning says how many",
        _GUIDE,
        True,
    ),
    Checked(
        "16 requests a second; 429 comes without Retry-After", "the document names 429 and no figure", True
    ),
)
PAX8 = SourceSpec(
    name="pax8",
    title="Pax8",
    doc="Pax8 partner API: invoices with their items, and today's subscriptions.",
    feeds=(
        Feed("vendor_invoices", (_INVOICES,), _invoice),
        Feed("vendor_charges", (_ITEMS,), charges),
        Feed("license_counts", (_SUBSCRIPTIONS,), _seats, is_snapshot=True),
    ),
    base_url="{base_url}",
    other_urls=("{token_url}",),
    auth=_auth,
    rate=Rate(16, 1),
    settings=(
        Setting("base_url", "address of the API", "https://api.pax8.com/v1", is_address=True),
        Setting(
            "token_url", "address of the token endpoint", "https://api.pax8.com/v1/token", is_address=True
        ),
        Setting("audience", "audience of the token", "https://api.pax8.com"),
        Setting(
            "carried_balance",
            "whether an invoice's total includes what was carried over",
            "included",
            ("included", "apart"),
        ),
        Setting(
            "sales_tax",
            "whether an invoice's total includes sales tax that stands beside its items' amountDue",
            "apart",
            ("apart", "included"),
        ),
        Setting(
            "dated",
            "where a month's invoices are dated: in advance, in it, or in arrears",
            "same_month",
            tuple(DATED),
        ),
        Setting(
            "period_end",
            "whether endPeriod is the last day or the day after",
            "by_example",
            ("by_example", "exclusive", "inclusive"),
        ),
    ),
    credentials=(
        Credential("client_id", "Client ID of the API application in the Pax8 portal"),
        Credential("client_secret", "its Client Secret"),
    ),
    checked=_CHECKED,
)
