"""Microsoft Graph: the licences that each customer's tenant has today, and how many are assigned.

What belongs here: the declaration and its mapping. A customer is its tenant, a product its ``skuId``: Entra's
identifier, which is another one than the bill's product and SKU, so ``sku_map.csv`` lists both. A tenant
whose last licence is gone has 0 of ``no-licences``: otherwise it would look like one that was never queried,
and keep its last count. Units in ``warning`` are past their end and still usable until they are suspended, so
they count as entitled; suspended and locked out ones do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from connectors.http.endpoint import Endpoint, Tenants
from connectors.http.paging.linked import NextUrl
from connectors.http.rate_limit import Rate
from connectors.http.redaction import Secret
from connectors.http.signing.tokens import ClientCredentials
from connectors.mapping import Native, Row, plain
from connectors.sources.microsoft.invoices import CREDENTIALS, signed
from connectors.spec import Checked, Feed, Setting, SourceSpec

_SKUS = Endpoint(
    "licences",
    "/subscribedSkus",
    "value",
    key=("id",),
    required=("id", "skuId", "consumedUnits", "prepaidUnits.enabled"),
    parent=Tenants("tenants"),
    tenant="{tenant.id}",
    paginator=NextUrl("@odata.nextLink"),
    permission="LicenseAssignment.Read.All or Organization.Read.All, consented in each customer's tenant",
    tally=lambda record: "1",
)
_NONE = "no-licences"


def _seats(native: Native) -> Iterator[Row]:
    row = {
        "vendor_customer_id": native.needed("tenant.id").lower(),
        "as_of_date": native.needed("_fetched_on"),
    }
    if how_many := native.text("_tally"):
        if how_many == "0":
            yield {**row, "sku_id": _NONE, "entitled_quantity": "0", "assigned_quantity": "0"}
        return
    warning = native.number("prepaidunits.warning") if native.text("prepaidunits.warning") else Decimal(0)
    yield {
        **row,
        "sku_id": native.needed("skuid").lower(),
        "entitled_quantity": plain(native.number("prepaidunits.enabled") + warning),
        "assigned_quantity": plain(native.number("consumedunits")),
    }


def _auth(settings: Mapping[str, str], credentials: Mapping[str, Secret]) -> ClientCredentials:
    return signed(
        settings["base_url"],
        f"{settings['login_url']}/{{tenant}}/oauth2/v2.0/token",
        settings["scope"],
        credentials,
    )


GRAPH_LICENSES = SourceSpec(
    name="microsoft_graph_licenses",
    title="Microsoft Graph licences",
    doc=(
        "Microsoft 365 licences of customers' tenants from Microsoft Graph: entitled and assigned, as they"
        " are today."
    ),
    feeds=(Feed("license_counts", (_SKUS,), _seats, is_snapshot=True),),
    base_url="{base_url}",
    other_urls=("{login_url}",),
    auth=_auth,
    rate=Rate(5, 1),
    settings=(
        Setting("tenants", "the customers' tenant identifiers, separated by spaces"),
        Setting(
            "base_url", "address of Microsoft Graph", "https://graph.microsoft.com/v1.0", is_address=True
        ),
        Setting(
            "login_url",
            "address that tenants' token endpoints begin with",
            "https://login.microsoftonline.com",
            is_address=True,
        ),
        Setting("scope", "scope of the token", "https://graph.microsoft.com/.default"),
    ),
    credentials=CREDENTIALS,
    checked=(
        Checked(
            "GET /subscribedSkus, its fields, prepaidUnits and consumedUnits",
            "Microsoft Graph, List subscribedSkus",
        ),
        Checked(
            "warning: past the end, in the grace period before suspension",
            "Microsoft Graph, licenseUnitsDetail",
        ),
        Checked(
            "a tenant without any licence is counted as 0 of no-licences, so that what it had before ends;"
            " sku_map.csv may map that to any product, else it is one UNMAPPED_SKU",
            "Microsoft Graph, List subscribedSkus: an empty list names no product",
            True,
        ),
        Checked("units in warning count as entitled", "a reading of licenseUnitsDetail", True),
        Checked(
            "more pages, if any, are named by @odata.nextLink",
            "no document says that the list has pages",
            True,
        ),
        Checked("5 requests a second", "no document says", True),
    ),
    rename=str.lower,
)
