"""HaloPSA: clients, items, the lines of recurring invoices, and the lines of invoices and credit notes.

What belongs here: where records come from. What does not: what they mean (``records``, ``agreements``,
``lines``). Source: HaloPSA's OpenAPI document v2 as a public client keeps it, and public clients of the
interface where that is silent (docs/explanation/vendor-facts.md).

* Answers of lists are described nowhere: that they hold ``record_count`` and a list is seen in clients.
* No filter by date is documented, so that all invoices are listed, counted, and asked for one by one if they
  are of the month: only then have they their lines for certain.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.dated_months import DATED
from connectors.http.endpoint import Endpoint, Record
from connectors.http.errors import RequestRefused
from connectors.http.paging.numbered import OneRecord, PageNumber
from connectors.http.rate_limit import Rate
from connectors.http.redaction import Secret
from connectors.http.signing.tokens import ClientCredentials
from connectors.sources.halopsa.agreements import agreements
from connectors.sources.halopsa.facts import CHECKED
from connectors.sources.halopsa.lines import lines, net
from connectors.sources.halopsa.records import (
    NO_ZONE,
    OLDEST,
    client,
    local_day,
    product,
    zone_named,
)
from connectors.sources.without_item import WITHOUT_ITEM
from connectors.spec import Credential, Feed, Setting, SourceSpec

_PAGES = PageNumber(100, page_param="page_no", size_param="page_size", total="record_count")
_KEYS_AND_PEOPLE = (
    *("api_access_clientid", "api_access_clientsecret", "teamviewerpassword", "twilio_subaccount_authtoken"),
    *("thirdpartynhdapiclientid", "new_thirdpartynhdapiclientsecret", "new_servicenowkey", "new_jirakey"),
    *("new_servicenow_webhooksecret", "stripe_payment_method_id", "stripe_paymentmethod", "customfields"),
)
_BESIDE = (
    *("client", "schedule", "customfields", "address", "shipaddress", "originaddress", "linked_item"),
    *("payments", "printhtml", "quantity_users", "quantity_assets", "quantity_licences"),
    *("quantity_subscriptions", "prorata_data", "taxRuleResult", "external_links"),
)
"""What comes with an invoice and is not kept: people, keys and attachments, many times a line's own size."""


def _auth(settings: Mapping[str, str], credentials: Mapping[str, Secret]) -> ClientCredentials:
    body: dict[str, str | Secret] = {
        "grant_type": "client_credentials",
        "client_id": credentials["client_id"],
        "client_secret": credentials["client_secret"],
        "scope": settings["scope"],
    }
    return ClientCredentials(settings["base_url"], settings["token_url"], body)


def _is_of_month(record: Record, facts: Mapping[str, str]) -> bool:
    """Tell whether an invoice is dated in the month. One without a readable date is kept: reading the file
    will report it.
    """
    zone = zone_named(facts["time_zone"])
    if zone is None:
        raise RequestRefused(f"settings.time_zone {facts['time_zone']!r} {NO_ZONE}")
    day = local_day(str(record.get("invoice_date")), zone)
    return day is None or day < OLDEST or facts["dated_start"] <= str(day) < facts["dated_end"]


def _list(name: str, path: str, records: str, permission: str, **more: Any) -> Endpoint:
    params = {"pageinate": "true", "order": "id", **more.pop("params", {})}
    return Endpoint(
        name, path, records, key=("id",), params=params, paginator=_PAGES, permission=permission, **more
    )


def _lines_of(name: str, path: str, parent: Endpoint, **more: Any) -> Endpoint:
    return Endpoint(
        name,
        path,
        paginator=OneRecord(),
        parent=parent,
        alias="document",
        explode="lines",
        keep_empty=True,
        left_out=_BESIDE,
        permission=parent.permission,
        **more,
    )


_ALL = {"includeactive": "true", "includeinactive": "true"}
_CLIENTS = _list(
    "clients",
    "/Client",
    "clients",
    "read:customers",
    required=("id",),
    params=_ALL,
    left_out=_KEYS_AND_PEOPLE,
)
_ITEMS = _list("items", "/Item", "items", "read:items", required=("id",), params=_ALL, left_out=_BESIDE)
_RECURRING = _list(
    "recurring invoices",
    "/RecurringInvoice",
    "invoices",
    "read:invoices",
    required=("id", "total"),
    alias="listed",
    handed_down=("id",),
    wanted=lambda document: document.get("disabled") is not True,
)
_INVOICES = _list(
    "invoices",
    "/Invoice",
    "invoices",
    "read:invoices",
    required=("id", "total"),
    params={"includeinvoices": "true", "includecredits": "true", "includepoinvoices": "false"},
    alias="listed",
    handed_down=("id",),
    belongs=_is_of_month,
)
_AGREED = _lines_of("lines of recurring invoices", "/RecurringInvoice/{listed.id}", _RECURRING)
_INVOICED = _lines_of("lines of invoices", "/Invoice/{listed.id}", _INVOICES, tally=net)

HALOPSA = SourceSpec(
    name="halopsa",
    title="HaloPSA",
    doc="HaloPSA REST API: clients, items, lines of recurring invoices, and of invoices and credit notes.",
    feeds=(
        Feed("clients", (_CLIENTS,), client),
        Feed("products", (_ITEMS,), product, constants=(WITHOUT_ITEM,)),
        Feed("agreements", (_AGREED,), agreements),
        Feed("invoice_lines", (_INVOICED,), lines),
    ),
    base_url="{base_url}",
    other_urls=("{token_url}",),
    auth=_auth,
    rate=Rate(2, 1),
    settings=(
        Setting("instance", "the first word of the address you log in at, such as acme of acme.halopsa.com"),
        Setting(
            "base_url",
            "Resource Server, as HaloPSA shows it under API Details",
            "https://{instance}.halopsa.com/api",
            is_address=True,
        ),
        Setting(
            "token_url",
            "Authorisation Server with /token, and the tenant where HaloPSA hosts you",
            "https://{instance}.halopsa.com/auth/token?tenant={instance}",
            is_address=True,
        ),
        Setting("scope", "what is asked for; the permissions of the application are the limit", "all"),
        Setting(
            "currencies",
            "ISO code of your own currency, then those of others by their number in HaloPSA, such as GBP,"
            " 2=EUR",
        ),
        Setting(
            "dated",
            "where a month's invoices are dated: in advance, in it, or in arrears",
            "same_month",
            tuple(DATED),
        ),
        Setting(
            "periods",
            "how many months recurring invoices mean by the number of their period, where its days do not"
            " say, such as 2=1, 4=3",
            "",
        ),
        Setting("time_zone", "where you are: HaloPSA's moments are in UTC, such as Europe/London", "UTC"),
        Setting("own_groups", "names of product groups that no vendor bills, with commas between them", ""),
        Setting(
            "without_item", "what an invoice's line without an item is", "one_time", ("one_time", "rejected")
        ),
    ),
    credentials=(
        Credential(
            "client_id",
            "Client ID of an application (Configuration > Integrations > HaloPSA API), Client ID and Secret,"
            " Login Type Agent",
        ),
        Credential("client_secret", "its Client Secret"),
    ),
    checked=CHECKED,
)
