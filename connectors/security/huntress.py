"""Huntress: what is watched over at each organization today, and Huntress's invoices, for an account and for a reseller of accounts.

Belongs here: the declarations and their mapping. Source: Huntress REST API, Swagger document (FORMATS §3). A customer is an organization,
by the number that stays when it is renamed; a SKU is one of Huntress's own words for its products: edr, itdr, sat, siem.

Only an invoice carries money. The usage line items of a reseller's invoice carry counts, a subscription its minimum and a *target* price;
a price per product or organization stands nowhere, and none is made up: an invoice is one charge to the account as a whole. It tells no
period either, so the charge lies on the day the invoice was made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from iso4217 import Currency

from connectors.http.auth import Basic
from connectors.http.paging import Token
from connectors.http.rates import Rate
from connectors.http.redaction import Secret
from connectors.http.walk import Endpoint
from connectors.native import Mapper, MappingError, Native, Row, plain
from connectors.spec import Checked, Credential, Feed, Setting, SourceSpec

_COUNTS = {"edr": "agents_count", "itdr": "billable_identity_count", "sat": "sat_learner_count", "siem": "logs_sources_count"}
_BILLED = {"open", "paid", "failed", "partial_refund", "full_refund", "processing"}
_DECIMALS: dict[str, int | None] = {currency.code: currency.exponent for currency in Currency}
_OTHER_AT_STRIPE = {"ISK", "MGA", "UGX"}
"""Currencies whose smallest unit Stripe counts otherwise than ISO 4217 does."""


def _seats(native: Native) -> Iterator[Row]:
    for sku, count in _COUNTS.items():
        if native.text(count) is not None:
            yield {
                "vendor_customer_id": native.needed("id"),
                "sku_id": sku,
                "as_of_date": native.needed("_fetched_on"),
                "entitled_quantity": plain(native.number(count)),
            }


def _is_billed(native: Native) -> bool:
    """Whether an invoice is one of the month. The interface selects by no date, so that every month sees all there ever were."""
    if not str(native.day("created_at")).startswith(native.needed("_period")):
        return False
    status = native.needed("status")
    if status == "draft":
        raise MappingError("status", status, "is not final; fetch the month again when Huntress has issued or voided the invoice")
    if status not in _BILLED | {"voided"}:
        raise MappingError("status", status, f"is no status Huntress documents; known are {', '.join(sorted(_BILLED))}, draft, voided")
    return status in _BILLED


def _money(native: Native) -> tuple[str, str]:
    """Return an invoice's currency and its amount in that currency: the vendor counts in its smallest unit."""
    currency, amount = native.needed("currency_type").upper(), native.number("amount")
    decimals = None if currency in _OTHER_AT_STRIPE else _DECIMALS.get(currency)
    if decimals is None:
        raise MappingError("currency_type", currency, "has no smallest unit that is sure; ask Huntress what amount counts")
    if amount != amount.to_integral_value():
        raise MappingError("amount", native.text("amount"), "is no whole number of the currency's smallest unit; ask Huntress")
    return currency, plain(amount.scaleb(-decimals))


def _invoice(native: Native) -> Iterator[Row]:
    if _is_billed(native):
        currency, amount = _money(native)
        day = str(native.day("created_at"))
        yield {"invoice_id": native.needed("id"), "invoice_date": day, "currency": currency, "invoice_total": amount}


def _charge_to(customer: str) -> Mapper:
    def charge(native: Native) -> Iterator[Row]:
        for invoice in _invoice(native):
            plan = native.text("plan") or "no plan"
            yield {
                "line_id": invoice["invoice_id"],
                "invoice_id": invoice["invoice_id"],
                "vendor_customer_id": customer,
                "sku_id": plan,
                "sku_name": plan,
                "charge_category": "one_time" if native.text("has_usage") == "false" else "recurring",
                "charge_type": "invoice",
                "quantity": "1",
                "unit_cost": invoice["invoice_total"],
                "amount": invoice["invoice_total"],
                "currency": invoice["currency"],
                "charge_period_start": invoice["invoice_date"],
                "charge_period_end": invoice["invoice_date"],
            }

    return charge


def _auth(settings: Mapping[str, str], credentials: Mapping[str, Secret]) -> Basic:
    return Basic(settings["base_url"], credentials["api_key"], credentials["api_secret"])


_PAGES = Token("pagination.next_page_token", "page_token", 500, "limit", envelope="pagination")
_SORTED = {"sort_field": "id", "sort_direction": "asc"}
_ACCOUNTS = Endpoint("accounts", "/accounts", "accounts", key=("id",), required=("id",), params=_SORTED, paginator=_PAGES, alias="account")
_ORGANIZATIONS = Endpoint(
    "organizations", "/organizations", "organizations", key=("id",), required=("id", "agents_count"), params=_SORTED, paginator=_PAGES
)
_INVOICES = Endpoint("invoices", "/invoices", "invoices", key=("id",), required=("id", "created_at"), params=_SORTED, paginator=_PAGES)


def _feeds(organizations: Endpoint, invoices: Endpoint, customer: str) -> tuple[Feed, ...]:
    return (
        Feed("license_counts", (organizations,), _seats, is_snapshot=True),
        Feed("vendor_invoices", (invoices,), _invoice),
        Feed("vendor_charges", (invoices,), _charge_to(customer)),
    )


_DOCUMENT = "Huntress REST API, Swagger document"
_CHECKED = (
    Checked("paths, parameters, paging by token, types of fields, statuses of invoices", _DOCUMENT),
    Checked("every list comes with pagination; without it an answer is an error", _DOCUMENT + ", Pagination"),
    Checked("Basic authentication; at most 60 requests in any 60 seconds", _DOCUMENT + ", Authentication and Rate Limits"),
    Checked("no usage line item and no subscription states what was billed", _DOCUMENT + ", AccountUsageLineItem and the others"),
    Checked("amount is in the currency's smallest unit (ISO 4217)", '"Mimics Stripe" in the description of amount', True),
    Checked("what Stripe counts otherwise than ISO 4217 (ISK, MGA, UGX) is refused", "Stripe, supported currencies", True),
    Checked("all agents of an organization are billed as edr; neighborhood watch is not told apart", "the name of agents_count", True),
    Checked("a count that is not stated is one of a product the organization does not have", "no field is marked as optional", True),
    Checked("SAT learners are billed as counted", "the name of sat_learner_count; siem and itdr say billable themselves", True),
    Checked("a refunded invoice counts as billed: how much went back is not said", "the list of statuses", True),
    Checked("a minimum of a subscription is billed but counted nowhere: compare it with the sum of the counts", "Subscription", True),
)
HUNTRESS = SourceSpec(
    name="huntress",
    title="Huntress",
    doc="Huntress account: today's counts by organization and product, and invoices, each as one charge to the account.",
    feeds=_feeds(_ORGANIZATIONS, _INVOICES, "account"),
    base_url="{base_url}",
    auth=_auth,
    rate=Rate(60, 60),
    settings=(Setting("base_url", "address of the API", "https://api.huntress.io/v1", is_address=True),),
    credentials=(Credential("api_key", "API Key of the account"), Credential("api_secret", "its API Secret Key")),
    checked=_CHECKED,
)
HUNTRESS_RESELLER = replace(
    HUNTRESS,
    name="huntress_reseller",
    title="Huntress (reseller)",
    doc="Huntress reseller: the same for all accounts of a reseller, each invoice as one charge to the reseller.",
    feeds=_feeds(
        replace(_ORGANIZATIONS, path="/accounts/{account.id}/organizations", parent=_ACCOUNTS),
        replace(_INVOICES, path="/reseller/invoices", params={}),
        "reseller",
    ),
    credentials=(Credential("api_key", "API Key of the reseller"), Credential("api_secret", "its API Secret Key")),
)
