"""Huntress: what is monitored at each organization today, and Huntress's invoices, for an account and for
a reseller of accounts.

What belongs here: the declarations and the mapping of counts. What does not: invoices
(``huntress_invoices``). Source: Huntress REST API, Swagger document (docs/explanation/vendor-facts.md). A
customer is an organization, by the number that stays when it is renamed; a SKU is one of Huntress's own words
for its products: edr, itdr, sat, siem, ispm. What counts is what an organization's own page calls billable;
the list of organizations counts all agents, which is more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from connectors.exact_numbers import fraction, sum_text
from connectors.http.endpoint import Endpoint
from connectors.http.paging.linked import Token
from connectors.http.paging.numbered import OneRecord
from connectors.http.rate_limit import Rate
from connectors.http.redaction import Secret
from connectors.http.signing.auth import Basic
from connectors.mapping import MappingError, Native, Row
from connectors.nested_lists import object_in, objects
from connectors.safe_text import clip
from connectors.sources.huntress_invoices import charge_to, invoice
from connectors.spec import Checked, Credential, Feed, Setting, SourceSpec

_USAGES = "actual_usages"
_COUNTS = {
    "edr": "billable_agents_count",
    "itdr": "billable_identities_count",
    "sat": "learners_count",
    "siem": "billable_log_sources_count",
    "ispm": "billable_identities_count",
}


def _seats(native: Native) -> Iterator[Row]:
    """Yield the counts of an organization's active products; for one without any, an edr count of 0: it was
    counted, and has nothing.
    """
    if not any(name.split(".")[0] == _USAGES for name in native.fields):
        raise MappingError(
            _USAGES,
            None,
            "is missing, so that nobody knows what the organization is billed for; ask Huntress",
        )
    used = _usages(native)
    found = {sku: count for sku in _COUNTS if (count := _count(used, sku)) is not None}
    for sku, count in (found or {"edr": Fraction(0)}).items():
        yield {
            "vendor_customer_id": native.needed("id"),
            "sku_id": sku,
            "as_of_date": native.needed("_fetched_on"),
            "entitled_quantity": sum_text(count),
        }


def _usages(native: Native) -> Native:
    """Return what an organization uses, by product in small letters. OrganizationWithActualProductUsages
    calls actual_usages a text and shows an object: either is read.

    Raises:
        MappingError: It is neither, or names a product twice.
    """
    told = object_in(native, _USAGES)
    fields: dict[str, str] = {}
    for name, value in told.items():
        product, dot, inside = name.removeprefix(f"{_USAGES}.").partition(".")
        fields[f"{_USAGES}.{product.lower()}{dot}{inside}"] = value
    if len(fields) < len(told):
        raise MappingError(_USAGES, None, "names a product twice; ask Huntress")
    for product in sorted({name.split(".")[1] for name in fields} - _COUNTS.keys()):
        native.remark(
            f"use a product that is not counted, for no document says what of it is billed: {clip(product)}"
        )
    return Native(fields, native.settings)


def _count(used: Native, sku: str) -> Fraction | None:
    """Return the count of a product: one number, or a list of them by tenant; None if the
    product is not active.
    """
    product, count = f"{_USAGES}.{sku}", _COUNTS[sku]
    if used.text(product) is not None:
        return sum((fraction(tenant, count) for tenant in objects(used, product)), Fraction(0))
    is_active = any(name.startswith(f"{product}.") for name in used.fields)
    return fraction(used, f"{product}.{count}") if is_active else None


def _auth(settings: Mapping[str, str], credentials: Mapping[str, Secret]) -> Basic:
    return Basic(settings["base_url"], credentials["api_key"], credentials["api_secret"])


_PAGES = Token("pagination.next_page_token", "page_token", 500, "limit", envelope="pagination")
_SORTED = {"sort_field": "id", "sort_direction": "asc"}
_ACCOUNTS = Endpoint(
    "accounts",
    "/accounts",
    "accounts",
    key=("id",),
    required=("id",),
    params=_SORTED,
    paginator=_PAGES,
    alias="account",
)
_ORGANIZATIONS = Endpoint(
    "organizations",
    "/organizations",
    "organizations",
    key=("id",),
    required=("id",),
    params=_SORTED,
    paginator=_PAGES,
    alias="organization",
)
_USED = Endpoint(
    "organizations in detail",
    "/organizations/{organization.id}",
    "organization",
    key=("id",),
    parent=_ORGANIZATIONS,
    paginator=OneRecord("id"),
)
_INVOICES = Endpoint(
    "invoices",
    "/invoices",
    "invoices",
    key=("id",),
    required=("id", "created_at"),
    params=_SORTED,
    paginator=_PAGES,
)


def _feeds(used: Endpoint, invoices: Endpoint, customer: str) -> tuple[Feed, ...]:
    return (
        Feed("license_counts", (used,), _seats, is_snapshot=True),
        Feed("vendor_invoices", (invoices,), invoice),
        Feed("vendor_charges", (invoices,), charge_to(customer)),
    )


_DOCUMENT = "Huntress REST API, Swagger document"
_CHECKED = (
    Checked("paths, parameters, paging by token, types of fields, statuses of invoices", _DOCUMENT),
    Checked("every list comes with pagination; without it an answer is an error", _DOCUMENT + ", Pagination"),
    Checked(
        "Basic authentication; at most 60 requests in any 60 seconds",
        _DOCUMENT + ", Authentication and Rate Limits",
    ),
    Checked(
        "counted is what actual_usages of GET /organizations/{id} calls billable, by product, for each"
        " tenant: one request for each organization and day; agents_count of the list is of all agents",
        _DOCUMENT + ", OrganizationWithActualProductUsages",
    ),
    Checked(
        "actual_usages is called a text and shown as an object: either is read",
        _DOCUMENT + ", its example",
    ),
    Checked(
        "a product that the document does not know is not counted, and the warnings name it",
        "no document says what of it is billed",
        True,
    ),
    Checked(
        "a usage line item of a reseller's invoice states usage.billable, period_start and period_end by"
        " account and product, no money; one by organization states units used; they are not read, and an"
        " invoice is one charge on the day it was made",
        _DOCUMENT + ", AccountUsageLineItem and OrganizationUsageLineItem",
    ),
    Checked(
        "a subscription states a minimum and a target price, and not what was billed",
        _DOCUMENT + ", Subscription",
    ),
    Checked(
        "a fully refunded invoice is a charge and a refund of the same amount, and its total 0",
        _DOCUMENT + ", statuses",
    ),
    Checked(
        "a partly refunded invoice counts in full, and the warnings say so: how much went back is not said",
        _DOCUMENT + ", statuses",
    ),
    Checked(
        "amount is in the currency's smallest unit (ISO 4217)",
        '"Mimics Stripe" in the description of amount',
        True,
    ),
    Checked(
        "what Stripe counts otherwise than ISO 4217 (ISK, MGA, UGX) is refused",
        "Stripe, supported currencies",
        True,
    ),
    Checked(
        "actual_usages lists active products: one that it does not list is none the organization has",
        "its description",
        True,
    ),
    Checked(
        "SAT learners are billed as counted",
        "the name of learners_count; the other counts say billable themselves",
        True,
    ),
    Checked("neighborhood watch seats are not told apart from those billed", "no document says", True),
    Checked(
        "a minimum of a subscription is billed but counted nowhere: compare it with the sum of the counts",
        "Subscription",
        True,
    ),
)
HUNTRESS = SourceSpec(
    name="huntress",
    title="Huntress",
    doc=(
        "Huntress account: today's counts by organization and product, and invoices, each as one charge to"
        " the account."
    ),
    feeds=_feeds(_USED, _INVOICES, "account"),
    base_url="{base_url}",
    auth=_auth,
    rate=Rate(60, 60),
    settings=(Setting("base_url", "address of the API", "https://api.huntress.io/v1", is_address=True),),
    credentials=(
        Credential("api_key", "API Key of the account"),
        Credential("api_secret", "its API Secret Key"),
    ),
    checked=_CHECKED,
)
HUNTRESS_RESELLER = replace(
    HUNTRESS,
    name="huntress_reseller",
    title="Huntress (reseller)",
    doc=(
        "Huntress reseller: the same for all accounts of a reseller, each invoice as one charge to the"
        " reseller."
    ),
    feeds=_feeds(
        replace(
            _USED,
            path="/accounts/{account.id}/organizations/{organization.id}",
            parent=replace(_ORGANIZATIONS, path="/accounts/{account.id}/organizations", parent=_ACCOUNTS),
        ),
        replace(_INVOICES, path="/reseller/invoices", params={}),
        "reseller",
    ),
    credentials=(
        Credential("api_key", "API Key of the reseller"),
        Credential("api_secret", "its API Secret Key"),
    ),
)
