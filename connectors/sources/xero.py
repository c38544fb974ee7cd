"""Xero: contacts, items, and the lines of client invoices and of the credit notes to them.

What belongs here: the declaration, and the mapping of contacts and items. What does not: what a line is worth
(``xero_lines``). Source: Xero Accounting API, OpenAPI document (docs/explanation/vendor-facts.md).

* Clients are known by ContactID: every contact has one, every document names it, and it stays when the
  contact is renamed. ContactNumber and AccountNumber are optional, and the contact of a credit note comes
  without them. Products are known by their item Code.
* Bills (ACCPAY) are not read. As vendor charges they lack the vendor's customer and SKU: reading them would
  need a rule that finds the customer of a line, in a tracking category for instance, and a service period.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.dated_months import DATED
from connectors.http.endpoint import Endpoint
from connectors.http.paging.numbered import PageNumber
from connectors.http.rate_limit import Rate
from connectors.http.redaction import Secret
from connectors.http.signing.tokens import ClientCredentials
from connectors.mapping import MappingError, Native, Row
from connectors.sources.without_item import WITHOUT_ITEM
from connectors.sources.xero_lines import lines
from connectors.spec import Checked, Credential, Feed, Setting, SourceSpec

_SENT = "AUTHORISED,PAID"
_STATUSES = {"ACTIVE": "active", "ARCHIVED": "inactive", "GDPRREQUEST": "inactive"}


def _client(native: Native) -> Iterator[Row]:
    status = native.text("ContactStatus") or "ACTIVE"
    if status not in _STATUSES:
        raise MappingError(
            "ContactStatus", status, f"is none that Xero documents; known are {', '.join(_STATUSES)}"
        )
    yield {
        "client_id": native.needed("ContactID"),
        "client_name": native.needed("Name"),
        "status": _STATUSES[status],
    }


def _product(native: Native) -> Iterator[Row]:
    if native.text("_endpoint") == _ORGANISATIONS.name:  # files of before 0.2 have it in the constant's place
        yield WITHOUT_ITEM
        return
    code, price = native.needed("Code"), native.text("SalesDetails.UnitPrice")
    row: Row = {
        "product_code": code,
        "product_name": native.text("Name") or native.text("Description") or code,
    }
    # where sales are entered with tax, so are prices, and an item does not say how much of it is tax
    has_tax = "inclusive" in (native.text("organisation.DefaultSalesTax") or "").lower()
    yield (
        row
        if has_tax or not price
        else {**row, "default_unit_price": price, "currency": native.needed("organisation.BaseCurrency")}
    )


def _auth(settings: Mapping[str, str], credentials: Mapping[str, Secret]) -> ClientCredentials:
    body = {"grant_type": "client_credentials", "scope": settings["scope"]}
    basic = (credentials["client_id"], credentials["client_secret"])
    tenant = {"xero-tenant-id": Secret(settings["tenant_id"])} if settings["tenant_id"] else {}
    return ClientCredentials(settings["base_url"], settings["token_url"], body, basic=basic, headers=tenant)


def _documents(name: str, path: str, key: str, kind: str, **params: str) -> Endpoint:
    """Return the endpoint of the lines of documents dated in the month. Lines come with pages only."""
    dated = "Date >= DateTime({dated_start:%Y,%m,%d}) AND Date < DateTime({dated_end:%Y,%m,%d})"
    return Endpoint(
        name,
        f"/{path}",
        path,
        key=(key,),
        required=(key, "Type", "Status", "Date", "CurrencyCode", "Contact.ContactID"),
        params={"where": f'Type=="{kind}" AND {dated}', "order": f"{key} ASC", "unitdp": "4", **params},
        paginator=_PAGES,
        alias="document",
        explode="LineItems",
        keep_empty=True,
        permission="accounting.invoices.read",
    )


_PAGES = PageNumber(
    100, total="pagination.itemCount", page_count="pagination.pageCount", number="pagination.page"
)
_CONTACTS = Endpoint(
    "contacts",
    "/Contacts",
    "Contacts",
    key=("ContactID",),
    required=("ContactID", "Name"),
    paginator=_PAGES,
    params={"includeArchived": "true", "order": "ContactID ASC"},
    permission="accounting.contacts.read",
)
_ORGANISATIONS = Endpoint(
    "organisations",
    "/Organisation",
    "Organisations",
    key=("OrganisationID",),
    required=("OrganisationID", "BaseCurrency"),
    alias="organisation",
    permission="accounting.settings.read",
)
_ITEMS = Endpoint(
    "items",
    "/Items",
    "Items",
    key=("ItemID",),
    required=("Code",),
    params={"unitdp": "4"},
    parent=_ORGANISATIONS,
    permission="accounting.settings.read",
)
_INVOICES = _documents("invoices", "Invoices", "InvoiceID", "ACCREC", Statuses="{statuses}")
_CREDIT_NOTES = _documents("credit notes", "CreditNotes", "CreditNoteID", "ACCRECCREDIT")

_DOCUMENT = "Xero Accounting API, OpenAPI document"
XERO = SourceSpec(
    name="xero",
    title="Xero",
    doc="Xero Accounting API: contacts, items, and the lines of client invoices and credit notes.",
    feeds=(
        Feed("clients", (_CONTACTS,), _client),
        Feed("products", (_ITEMS,), _product, constants=(WITHOUT_ITEM,)),
        Feed("invoice_lines", (_INVOICES, _CREDIT_NOTES), lines),
    ),
    base_url="{base_url}",
    other_urls=("{token_url}",),
    auth=_auth,
    rate=Rate(60, 60),
    settings=(
        Setting("base_url", "address of the API", "https://api.xero.com/api.xro/2.0", is_address=True),
        Setting(
            "token_url",
            "address of the token endpoint",
            "https://identity.xero.com/connect/token",
            is_address=True,
        ),
        Setting(
            "scope",
            "what is asked for; apps made before March 2026 say accounting.transactions.read for"
            " accounting.invoices.read",
            "accounting.contacts.read accounting.settings.read accounting.invoices.read",
        ),
        Setting(
            "tenant_id",
            "organisation, as xero-tenant-id; a custom connection has one only and needs no such header",
            "",
        ),
        Setting("statuses", "which documents count", _SENT, (_SENT, f"DRAFT,SUBMITTED,{_SENT}")),
        Setting(
            "dated",
            "where a month's documents are dated: in advance, in it, or in arrears",
            "same_month",
            tuple(DATED),
        ),
        Setting(
            "credit_notes",
            "whether lines of credit notes are reconciled like those of invoices",
            "like_invoices",
            ("like_invoices", "one_time"),
        ),
        Setting("without_item", "what a line without an item is", "one_time", ("one_time", "rejected")),
        Setting("one_time_items", "codes of items that are one_time, with commas between them", ""),
        Setting(
            "unit_price",
            "what becomes of a unit price that tax or discount leave without an end",
            "exact",
            ("exact", "rounded"),
        ),
    ),
    credentials=(
        Credential("client_id", "Client id of the custom connection in the Xero developer portal"),
        Credential("client_secret", "its client secret"),
    ),
    checked=(
        Checked("paths, parameters, paging, types of fields", _DOCUMENT),
        Checked(
            "numbers are doubles: fifteen digits are read, and warnings count the records that have more",
            _DOCUMENT + ", format double",
        ),
        Checked(
            "a discounted line: LineAmount is after the discount; lines are exclusive of tax where nothing is"
            " said",
            _DOCUMENT,
        ),
        Checked("lines come with pages only", _DOCUMENT + ", description of page"),
        Checked(
            "credit notes know no discount, and their lines no LineItemID",
            "document; Xero's page of types",
            True,
        ),
        Checked(
            "a line of text has no quantity and no amount; one that names an item is passed over like any"
            " other",
            _DOCUMENT,
        ),
        Checked(
            "a credit note's Allocations name invoices; the schema lets them have dates, the examples give id"
            " and number only. Where they are dated, all in one earlier month, and no credit remains, the"
            " note is of that month; else it counts in the month of its own date, where it may give back"
            " seats of another: warnings count its lines, and settings.credit_notes can pass notes through",
            _DOCUMENT + ", Allocation and Invoice",
        ),
        Checked(
            "a note that is allocated to an earlier month's invoices gives back that month's seats",
            "no document says",
            True,
        ),
        Checked(
            "a line of negative money takes seats away; within a credit note it charges them again",
            "the sum of LineAmount",
            True,
        ),
        Checked(
            "where Type, Date and DateTime(), ordered by the document's own id",
            "the document says any element",
            True,
        ),
        Checked(
            "Inclusive: LineAmount less TaxAmount is what was invoiced",
            "meaning of the words; one bank transaction as example",
            True,
        ),
        Checked(
            "an item's price is in the base currency, and with tax where DefaultSalesTax says inclusive",
            "no document says so",
            True,
        ),
        Checked(
            "a contact within a credit note is ContactID and Name",
            "examples in the document; a thread of the vendor's",
            True,
        ),
        Checked(
            "the token request of a custom connection, without tenant; names of scopes",
            "Xero's guides and SDK read-mes",
            True,
        ),
        Checked(
            "60 requests a minute for an organisation, then 429 with Retry-After",
            "Xero's page of limits",
            True,
        ),
    ),
)
