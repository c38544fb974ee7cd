"""NinjaOne: the devices of each organization, as they are today.

What belongs here: the declaration and its mapping. Source: NinjaOne public API 2.0, OpenAPI document
(docs/explanation/vendor-facts.md). A customer is an organization, by the number that stays when it is
renamed; a SKU is a node class; a device waiting for approval is not managed yet and does not count. Backup
usage is stated in bytes per device, which is not how it is billed, and is not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.http.endpoint import Endpoint
from connectors.http.paging.numbered import AfterId, OnePage
from connectors.http.rate_limit import Rate
from connectors.http.redaction import Secret
from connectors.http.signing.tokens import ClientCredentials
from connectors.mapping import MappingError, Native, Row
from connectors.spec import Checked, Credential, Feed, Setting, SourceSpec

_COUNTS = {"APPROVED": True, "PENDING": False}


def _seats(native: Native) -> Iterator[Row]:
    """Return a device as one seat, and an organization as none.

    The none says that the organization was counted: one whose last device is gone would otherwise look like
    one that was never queried. The class of that row changes no sum; it is that of the account's first
    device, because a class that nobody has would be one more SKU to map.
    """
    row = {"as_of_date": native.needed("_fetched_on")}
    if native.needed("_endpoint") == _ORGANIZATIONS.name:
        yield {
            **row,
            "vendor_customer_id": native.needed("id"),
            "sku_id": native.needed("first.nodeClass"),
            "entitled_quantity": "0",
        }
        return
    status = native.needed("approvalStatus")
    if status not in _COUNTS:
        raise MappingError(
            "approvalStatus", status, f"is no status NinjaOne documents; known are {', '.join(_COUNTS)}"
        )
    if _COUNTS[status]:
        customer, sku = native.needed("organizationId"), native.needed("nodeClass")
        yield {**row, "vendor_customer_id": customer, "sku_id": sku, "entitled_quantity": "1"}


def _auth(settings: Mapping[str, str], credentials: Mapping[str, Secret]) -> ClientCredentials:
    body: dict[str, str | Secret] = {**credentials, "grant_type": "client_credentials", "scope": "monitoring"}
    return ClientCredentials(settings["base_url"], settings["token_url"], body)


_PAGES = AfterId("id", 1000)
_FIRST = Endpoint(
    "first device",
    "/v2/devices",
    key=("id",),
    required=("id", "nodeClass"),
    params={"pageSize": "1"},
    paginator=OnePage(),
    alias="first",
    permission="scope monitoring",
)
_ORGANIZATIONS = Endpoint(
    "organizations",
    "/v2/organizations",
    key=("id",),
    paginator=_PAGES,
    parent=_FIRST,
    permission="scope monitoring",
)
_DEVICES = Endpoint(
    "devices",
    "/v2/devices",
    key=("id",),
    required=("nodeClass",),
    paginator=_PAGES,
    permission="scope monitoring",
)

_DOCUMENT = "NinjaOne public API 2.0.9, OpenAPI document"
NINJAONE = SourceSpec(
    name="ninjaone",
    title="NinjaOne",
    doc="NinjaOne public API: today's approved devices by organization and node class.",
    feeds=(Feed("license_counts", (_ORGANIZATIONS, _DEVICES), _seats, is_snapshot=True),),
    base_url="{base_url}",
    other_urls=("{token_url}",),
    auth=_auth,
    rate=Rate(60, 60),
    settings=(
        Setting(
            "region", "the first word of the address you log in at", choices=("app", "eu", "oc", "ca", "us2")
        ),
        Setting("base_url", "address of the API", "https://{region}.ninjarmm.com", is_address=True),
        Setting("token_url", "address of the token endpoint", "{base_url}/ws/oauth/token", is_address=True),
    ),
    credentials=(
        Credential(
            "client_id",
            "Client ID of an API Services (machine-to-machine) app, grant type Client Credentials",
        ),
        Credential("client_secret", "its Client Secret"),
    ),
    checked=(
        Checked(
            "paths, parameters, paging by the last id received, types of fields, node classes, approval"
            " statuses",
            _DOCUMENT,
        ),
        Checked("/v2/queries/backup/usage gives sizes in bytes and no count of anything", _DOCUMENT),
        Checked(
            "each organization is counted with 0 of the class of the account's first device, so that devices"
            " that are gone are seen to be; an account without any device has no counts",
            _DOCUMENT + ": nodeClass of a device",
        ),
        Checked(
            "lists come in the order of their ids; another order is an error",
            "the parameter after; looked at in every answer",
            True,
        ),
        Checked(
            "hosts of the regions, /ws/oauth/token, a form with scope monitoring",
            "public scripts against the API",
            True,
        ),
        Checked(
            "a thousand records a page", "public scripts against the API; a smaller page does no harm", True
        ),
        Checked(
            "what is billed is each approved device; classes nobody is billed for are left unmapped",
            "no price list is public",
            True,
        ),
        Checked("60 requests a minute are polite", "the document names no limit", True),
    ),
)
