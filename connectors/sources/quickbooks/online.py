"""QuickBooks Online: customers, items, and the lines of client invoices and of credit memos.

What belongs here: the declaration, and the mapping of customers and items. What does not: what a line is
worth (``documents``), what a Fault means (``faults``). Sources: Intuit's API reference and guides, and public
answers of the interface (docs/explanation/vendor-facts.md).

* Clients and products are known by their Id, which every document names and which stays when they are
  renamed. A SKU is optional, and lines do not name it. A sub-customer or project is a client of its own.
* The query's window is a day wider than the month on both sides: whether a comparison of dates takes in the
  day itself is disputed. What was not dated in the month is passed over here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.dated_months import DATED, dated_in_month
from connectors.http.endpoint import Endpoint
from connectors.http.paging.numbered import OnePage
from connectors.http.paging.selected import Select
from connectors.http.rate_limit import Rate
from connectors.http.redaction import Secret
from connectors.http.signing.token_file import TokenFile
from connectors.http.signing.tokens import RefreshToken
from connectors.mapping import MappingError, Native, Row
from connectors.sources.quickbooks.checked import CHECKED
from connectors.sources.quickbooks.documents import CREDIT_MEMOS, lines
from connectors.sources.quickbooks.faults import refusal
from connectors.sources.without_item import WITHOUT_ITEM
from connectors.spec import Credential, Feed, Setting, SourceSpec

_STATUSES = {"true": "active", "false": "inactive"}
_NOT_SOLD = ("Category", "Group")
_PATH = "/v3/company/{realm_id}/query"
_VERSION = {"minorversion": "75"}
_JSON = {"Accept": "application/json"}
_SCOPE = "scope com.intuit.quickbooks.accounting"
_HOME_CURRENCY = "CurrencyPrefs.HomeCurrency.value"


def _client(native: Native) -> Iterator[Row]:
    active = native.text("Active") or "true"
    if active not in _STATUSES:
        raise MappingError("Active", active, "is neither true nor false; fetch again")
    yield {
        "client_id": native.needed("Id"),
        "client_name": native.needed("FullyQualifiedName", "DisplayName"),
        "status": _STATUSES[active],
    }


def _product(native: Native) -> Iterator[Row]:
    if native.needed("Type") in _NOT_SOLD:
        return
    price = native.text("UnitPrice")
    row: Row = {
        "product_code": native.needed("Id"),
        "product_name": native.needed("FullyQualifiedName", "Name"),
    }
    # a price with tax inside does not say how much of it is tax; one of 0 stands for none
    is_told = price and native.number("UnitPrice") and native.text("SalesTaxIncluded") != "true"
    currency = native.needed(f"preferences.{_HOME_CURRENCY}")
    yield {**row, "default_unit_price": price, "currency": currency} if is_told else row


def _auth(settings: Mapping[str, str], credentials: Mapping[str, Secret]) -> RefreshToken:
    basic = (credentials["client_id"], credentials["client_secret"])
    return RefreshToken(settings["base_url"], settings["token_url"], basic, TokenFile(settings["token_file"]))


_PREFERENCES = Endpoint(
    "preferences",
    _PATH,
    "QueryResponse.Preferences?",
    key=("Id",),
    required=(_HOME_CURRENCY,),
    params={"query": "select * from Preferences", **_VERSION},
    headers=_JSON,
    paginator=OnePage(),
    alias="preferences",
    handed_down=(_HOME_CURRENCY,),
    permission=_SCOPE,
)


def _pages(size: int) -> Select:
    return Select(
        size,
        "Id",
        total="QueryResponse.totalCount",
        position="QueryResponse.startPosition",
        held="QueryResponse.maxResults",
    )


def _all_of(entity: str, name: str, *required: str, parent: Endpoint | None = None) -> Endpoint:
    """Return the endpoint of all records of an entity, those that are no longer used among them."""
    return Endpoint(
        name,
        _PATH,
        f"QueryResponse.{entity}?",
        key=("Id",),
        required=("Id", *required),
        params={"query": f"from {entity} where Active in (true, false)", **_VERSION},
        headers=_JSON,
        paginator=_pages(1000),
        parent=parent,
        permission=_SCOPE,
    )


def _documents(entity: str, name: str) -> Endpoint:
    """Return the endpoint of the documents dated in the month."""
    dated = "TxnDate >= '{dated_before}' and TxnDate <= '{dated_end}'"
    return Endpoint(
        name,
        _PATH,
        f"QueryResponse.{entity}?",
        key=("Id",),
        required=("Id", "TxnDate", "TotalAmt", "CustomerRef.value"),
        params={"query": f"from {entity} where {dated}", **_VERSION},
        headers=_JSON,
        # a document may have 750 lines: 1,000 such would be more than an answer may hold
        paginator=_pages(250),
        parent=_PREFERENCES,
        belongs=dated_in_month("TxnDate"),
        permission=_SCOPE,
    )


_CUSTOMERS = _all_of("Customer", "customers", "DisplayName")
_ITEMS = _all_of("Item", "items", "Name", "Type", parent=_PREFERENCES)
_INVOICES = _documents("Invoice", "invoices")
_CREDIT_MEMOS = _documents("CreditMemo", CREDIT_MEMOS)

QUICKBOOKS = SourceSpec(
    name="quickbooks",
    title="QuickBooks Online",
    doc="QuickBooks Online API: customers, items, and the lines of client invoices and credit memos.",
    feeds=(
        Feed("clients", (_CUSTOMERS,), _client),
        Feed("products", (_ITEMS,), _product, constants=(WITHOUT_ITEM,)),
        Feed("invoice_lines", (_INVOICES, _CREDIT_MEMOS), lines),
    ),
    base_url="{base_url}",
    other_urls=("{token_url}",),
    auth=_auth,
    rate=Rate(8, 1),
    refusal=refusal,
    settings=(
        Setting(
            "base_url",
            "address of the API; that of sandbox companies is https://sandbox-quickbooks.api.intuit.com",
            "https://quickbooks.api.intuit.com",
            is_address=True,
        ),
        Setting(
            "token_url",
            "address of the token endpoint",
            "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
            is_address=True,
        ),
        Setting("realm_id", "company ID (realm ID) of the company in QuickBooks"),
        Setting(
            "token_file",
            "file that holds the refresh token and is written anew each time it changes: its whole path,"
            " outside the workspace, mode 0600",
            is_path=True,
        ),
        Setting(
            "dated",
            "where a month's documents are dated: in advance, in it, or in arrears",
            "same_month",
            tuple(DATED),
        ),
        Setting(
            "service_date",
            "whether a line counts in the month of its document or in that of its ServiceDate",
            "passed_over",
            ("passed_over", "month"),
        ),
        Setting(
            "credit_memos",
            "whether lines of credit memos are reconciled like those of invoices",
            "like_invoices",
            ("like_invoices", "one_time"),
        ),
        Setting("one_time_items", "Ids of items that are one_time, with commas between them", ""),
        Setting(
            "unit_price",
            "what becomes of a line whose price has no end and does not make its amount",
            "exact",
            ("exact", "rounded"),
        ),
    ),
    credentials=(
        Credential("client_id", "Client ID of the app in the Intuit developer portal"),
        Credential("client_secret", "its Client Secret"),
    ),
    checked=CHECKED,
)
