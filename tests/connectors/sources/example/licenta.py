"""Licenta: the distributor's bill. Source: Licenta billing API v1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.http.endpoint import Endpoint
from connectors.http.paging.numbered import PageNumber
from connectors.http.rate_limit import Rate
from connectors.http.redaction import Secret
from connectors.http.signing.auth import Headers
from connectors.mapping import MappingError, Native, Row, after, plain
from connectors.spec import Checked, Credential, Feed, Setting, SourceSpec

_CATEGORIES = {"licence": "recurring", "setup": "one_time"}


def _charge(native: Native) -> Iterator[Row]:
    kind = native.needed("kind")
    if kind not in _CATEGORIES:
        raise MappingError("kind", kind, f"is no kind Licenta documents; known are {', '.join(_CATEGORIES)}")
    yield {
        "line_id": native.needed("id"),
        "invoice_id": native.needed("invoice"),
        "vendor_customer_id": native.needed("customer.id"),
        "sku_id": native.needed("sku"),
        "charge_category": _CATEGORIES[kind],
        "quantity": plain(native.number("seats")),
        "unit_cost": plain(native.number("price")),
        "amount": plain(native.number("total")),
        "currency": native.needed("currency"),
        "charge_period_start": str(native.day("from")),
        "charge_period_end": str(after(native.day("to"))),  # Licenta names the last day
    }


def _auth(settings: Mapping[str, str], credentials: Mapping[str, Secret]) -> Headers:
    return Headers(settings["base_url"], {"X-Api-Key": credentials["api_key"]})


_CHARGES = Endpoint(
    "charges",
    "/v1/charges",
    "charges",
    key=("id",),
    required=("id", "invoice", "total"),
    params={"from": "{start}", "to": "{last}"},
    paginator=PageNumber(100, total="total"),
    permission="billing:read",
)

LICENTA = SourceSpec(
    name="licenta",
    title="Licenta",
    doc="Licenta billing API: charges of a month.",
    feeds=(Feed("vendor_charges", (_CHARGES,), _charge),),
    base_url="{base_url}",
    auth=_auth,
    rate=Rate(60, 60),
    settings=(Setting("base_url", "address of the API", "https://api.licenta.example", is_address=True),),
    credentials=(Credential("api_key", "an API key of the portal, with the permission billing:read"),),
    checked=(
        Checked("paths, parameters, fields", "Licenta billing API v1"),
        Checked("`to` is the last day of the period", "one example", is_believed=True),
    ),
)
