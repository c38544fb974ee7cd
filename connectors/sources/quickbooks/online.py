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
from connectors.sources.quickbooks.documents import CREDIT_MEMOS, NO_ITEM, lines
from connectors.sources.quickbooks.faults import refusal
from connectors.spec import Checked, Credential, Feed, Setting, SourceSpec

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


_PAGES = Select(
    1000,
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
        paginator=_PAGES,
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
        paginator=_PAGES,
        parent=_PREFERENCES,
        belongs=dated_in_month("TxnDate"),
        permission=_SCOPE,
    )


_CUSTOMERS = _all_of("Customer", "customers", "DisplayName")
_ITEMS = _all_of("Item", "items", "Name", "Type", parent=_PREFERENCES)
_INVOICES = _documents("Invoice", "invoices")
_CREDIT_MEMOS = _documents("CreditMemo", CREDIT_MEMOS)
_WITHOUT_ITEM = {"product_code": NO_ITEM, "product_name": "Lines without an item", "vendor_backed": "false"}

_REFERENCE = "QuickBooks Online API reference"
_SEEN = "public answers of the interface"
QUICKBOOKS = SourceSpec(
    name="quickbooks",
    title="QuickBooks Online",
    doc="QuickBooks Online API: customers, items, and the lines of client invoices and credit memos.",
    feeds=(
        Feed("clients", (_CUSTOMERS,), _client),
        Feed("products", (_ITEMS,), _product, constants=(_WITHOUT_ITEM,)),
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
    checked=(
        Checked(
            "the query endpoint, select * and count(*), where, orderby, startposition from 1, at most 1,000"
            " maxresults; a page says where it begins and how many it holds",
            "Intuit, Query operations and syntax",
        ),
        Checked(
            "minor version 75, since others are no longer supported", "Intuit, Minor versions of our API"
        ),
        Checked(
            "customers and items that are inactive come only where Active is asked for; totalCount, and an"
            " empty QueryResponse where nothing is found",
            _SEEN,
            True,
        ),
        Checked("types and names of fields; documents without CurrencyRef are in home currency", _REFERENCE),
        Checked(
            "an item's UnitPrice is in home currency; SalesTaxIncluded says that tax is in it", _REFERENCE
        ),
        Checked(
            "whether a comparison takes in the day itself: one day more is asked for on both sides, and what"
            " is dated outside the month is passed over",
            "intuit/QuickBooks-V3-PHP-SDK, issue 460",
            True,
        ),
        Checked(
            "Amount and UnitPrice of a line are without tax, also where GlobalTaxCalculation is TaxInclusive",
            f"{_SEEN}, from Australia",
            True,
        ),
        Checked(
            "TotalAmt is the sum of lines and tax, less discounts; a document for which this is not so, by"
            " more than a cent for each line, is rejected",
            f"{_REFERENCE}, TotalAmt",
        ),
        Checked(
            "the lines inside a bundle (GroupLineDetail) are charged, and its own Amount is not added",
            _SEEN,
            True,
        ),
        Checked(
            "a discount on the whole document has a positive Amount, with PercentBased as well; it stands as"
            " a one_time line of no-item beside prices before it, and warnings count such documents",
            f"{_REFERENCE}, sample of an invoice",
        ),
        Checked(
            "a line without ItemRef is text, whatever its Amount; SHIPPING_ITEM_ID and GRATUITY_ITEM_ID are"
            " shipping and gratuity, here one_time lines of no-item",
            f"{_REFERENCE}, ItemRef",
        ),
        Checked("a line without Qty is one of its Amount", "no document says", True),
        Checked(
            "ServiceDate is the day when the service is performed, and one day only: it tells no period. It"
            " counts where settings.service_date says so; else warnings count documents where it is in"
            " another month",
            f"{_REFERENCE}, ServiceDate",
        ),
        Checked(
            "a voided document stays, with amounts and quantities of 0 and a PrivateNote that begins with"
            " Voided",
            f"{_REFERENCE}, void operation",
        ),
        Checked(
            "lines of credit memos are positive and give seats back. No field ties them to a month's"
            " invoices: they count in the month of their date, warnings count them, and settings.credit_memos"
            " can pass them through",
            f"{_REFERENCE}, CreditMemo",
        ),
        Checked("a line of negative money takes seats away", "no document says", True),
        Checked(
            "sales receipts and refund receipts are not read: an MSP that bills with them lands a file",
            f"{_REFERENCE}, SalesReceipt and RefundReceipt",
        ),
        Checked(
            "a Fault may come with status 200; Intuit's gateway writes it with small letters",
            "Intuit, error codes; threads of public clients",
        ),
        Checked(
            "a refresh token lasts 100 days from its last use, five years at most, and each use may give"
            " another; the answer names the one that is good from then on",
            "Intuit, OAuth token management and refresh token policy",
        ),
        Checked(
            "where an answer with a new token is lost, the old one still is good", "threads of clients", True
        ),
        Checked(
            "10 requests a second and 500 a minute for a company, then 429; 8 a second keep to both",
            "Intuit, API call limits and throttles",
        ),
    ),
)
