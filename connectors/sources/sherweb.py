"""Sherweb: what a partner owes for a billing period, charge by charge.

What belongs here: the declaration and its mapping. Source: Sherweb's own OpenAPI documents of its Distributor
and Authorization interfaces (docs/explanation/vendor-facts.md).

* The document states no total and no list of invoices: a control total has to come from the invoice itself,
  as a file of ``vendor_invoices``.
* Whom a charge is for stands among its tags, and no document names them: settings say which tag it is.
* All charges come in one answer, so that equal ones are several and none is a repetition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.dated_months import DATED
from connectors.exact_numbers import (
    amount_text,
    fraction,
    fraction_or_zero,
    price_text,
    quantity_text,
    seats_of,
)
from connectors.guids import lower_guid
from connectors.http.endpoint import Endpoint
from connectors.http.paging.numbered import OnePage
from connectors.http.rate_limit import Rate
from connectors.http.redaction import Secret
from connectors.http.signing.tokens import ClientCredentials
from connectors.mapping import MappingError, Native, Row, after
from connectors.nested_lists import objects
from connectors.spec import Checked, Credential, Feed, Setting, SourceSpec

_CATEGORIES = {"Setup": "one_time", "Recurring": "recurring", "Usage": "usage"}
_CYCLES = ("OneTime", "Monthly", "Yearly")


def _charge(native: Native) -> Iterator[Row]:
    """Yield a charge that stands on an invoice; one that is not billed yet is of no bill."""
    if native.needed("isBilled") != "true":
        native.remark("are not billed yet and were passed over: fetch the month again when they are")
        return
    kind, cycle = native.needed("chargeType"), native.needed("billingCycleType")
    for column, value, known in (
        ("chargeType", kind, tuple(_CATEGORIES)),
        ("billingCycleType", cycle, _CYCLES),
    ):
        if value not in known:
            raise MappingError(
                column, value, f"says nothing that can be counted; known are {', '.join(known)}"
            )
    category = "one_time" if cycle == "OneTime" and kind == "Recurring" else _CATEGORIES[kind]
    total = fraction(native, "subTotal")
    quantity, cost = fraction(native, "quantity"), fraction(native, "netPriceProrated")
    if category == "recurring":
        quantity, cost = seats_of(quantity, cost, total)
    if any(fraction_or_zero(fee, "totalValue") for fee in objects(native, "fees")):
        native.remark("have fees, which are taken to be part of their subTotal")
    tags = _tags(native)
    name_tag = native.settings["customer_name_tag"]
    line = {
        "invoice_id": native.needed("invoice.number"),
        "vendor_customer_id": _customer(native, tags),
        "vendor_customer_name": tags.get(name_tag) if name_tag else None,
        "sku_id": native.needed("sku", "productId"),
        "sku_name": native.text("productName"),
        "charge_category": category,
        "charge_type": native.text("chargeName") or kind,
        "term": cycle,
        "quantity": quantity_text(native, category, quantity),
        "unit_cost": price_text(native, cost),
        "amount": amount_text(native, total),
        "currency": native.needed("currency"),
        "charge_period_start": str(native.day("periodFrom")),
        "charge_period_end": str(after(native.day("periodTo"))),
    }
    digest, ordinal = native.identity([*line.values(), lower_guid(native.text("chargeId"))])
    yield {**line, "line_id": f"{digest[:32]}-{ordinal}"}


def _tags(native: Native) -> dict[str | None, str | None]:
    """Return the values of a charge's tags by name; raises ``MappingError`` where the customer's has two."""
    tags: dict[str | None, str | None] = {}
    for tag in objects(native, "tags"):
        name, value = tag.text("name"), tag.text("value")
        if name == native.settings["customer_tag"] and tags.get(name, value) != value:
            raise MappingError(
                "tags", native.text("tags"), f"name two {name}; ask Sherweb whom the charge is for"
            )
        tags[name] = value
    return tags


def _customer(native: Native, tags: Mapping[str | None, str | None]) -> str:
    wanted = native.settings["customer_tag"]
    if found := tags.get(wanted):
        return str(lower_guid(found))
    told = ", ".join(sorted(name for name in tags if name)) or "none"
    raise MappingError(
        "tags", native.text("tags"), f"name no {wanted}; correct settings.customer_tag: the charge has {told}"
    )


def _auth(settings: Mapping[str, str], credentials: Mapping[str, Secret]) -> ClientCredentials:
    body: dict[str, str | Secret] = {
        "client_id": credentials["client_id"],
        "client_secret": credentials["client_secret"],
        "scope": "distributor",
        "grant_type": "client_credentials",
    }
    key = {"Ocp-Apim-Subscription-Key": credentials["subscription_key"]}
    return ClientCredentials(settings["base_url"], settings["token_url"], body, headers=key)


_CHARGES = Endpoint(
    "payable charges",
    "/billing/payable-charges",
    "charges",
    required=("chargeType", "billingCycleType", "periodFrom", "periodTo", "quantity", "subTotal", "isBilled"),
    params={"date": "{dated_start}"},
    paginator=OnePage(whole="periodFrom"),
    permission="scope distributor",
)

_DOCUMENT = "Sherweb Distributor API, OpenAPI document"
SHERWEB = SourceSpec(
    name="sherweb",
    title="Sherweb",
    doc="Sherweb Distributor API: the charges that a partner owes for a billing period.",
    feeds=(Feed("vendor_charges", (_CHARGES,), _charge),),
    base_url="{base_url}",
    other_urls=("{token_url}",),
    auth=_auth,
    rate=Rate(5, 1),
    settings=(
        Setting("base_url", "address of the API", "https://api.sherweb.com/distributor/v1", is_address=True),
        Setting(
            "token_url",
            "address of the token endpoint",
            "https://api.sherweb.com/auth/oidc/connect/token",
            is_address=True,
        ),
        Setting("customer_tag", "the tag of a charge that identifies whom it is for"),
        Setting("customer_name_tag", "the tag that names whom it is for", ""),
        Setting(
            "dated",
            "which billing period tells a month's charges: one before it, its own, or one after it",
            "same_month",
            tuple(DATED),
        ),
    ),
    credentials=(
        Credential("client_id", "Client ID of an API client (Security > APIs in the partner portal)"),
        Credential("client_secret", "its Client Secret"),
        Credential("subscription_key", "the Subscription Key shown there"),
    ),
    checked=(
        Checked("path, the parameter date, fields and their types, kinds and cycles of charges", _DOCUMENT),
        Checked(
            "the token request with scope distributor; the header Ocp-Apim-Subscription-Key",
            "Sherweb Authorization API, OpenAPI document",
        ),
        Checked("subTotal is quantity times netPriceProrated, before tax", _DOCUMENT + ", Charge"),
        Checked(
            "the answer for a day is that of the billing period that the day is in; it has no pages and no"
            " total, and states no invoice's total: land those as vendor_invoices from a file",
            _DOCUMENT,
        ),
        Checked("periodTo is the last day: March 1st to March 31st", _DOCUMENT + ", description of date"),
        Checked(
            "a charge that is not billed names no invoice and is of no bill", "meaning of isBilled", True
        ),
        Checked("Recurring with the cycle OneTime is charged once", "meaning of the words", True),
        Checked("Unknown charges come from older invoices; they are rejected", _DOCUMENT + ", ChargeType"),
        Checked(
            "fees are part of netPrice, and so of subTotal; warnings count charges that have any",
            "description of netPrice, which subtracts them",
            True,
        ),
        Checked("a charge of negative money takes seats away", "no document says", True),
        Checked("tags name the customer; which one does is a setting", "description of Tag", True),
        Checked("the host and its path distributor/v1", "public clients of the interface", True),
        Checked("5 requests a second", "no document says", True),
    ),
)
