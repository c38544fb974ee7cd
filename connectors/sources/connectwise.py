"""ConnectWise PSA: companies, catalogue, additions of agreements, and the lines of client invoices.

What belongs here: the declaration, and the mapping of companies and catalogue items. What does not: what
additions and invoices mean (``connectwise_agreements``, ``connectwise_lines``). Source: ConnectWise PSA REST
API, OpenAPI document 2026.4 (docs/explanation/vendor-facts.md).

* Clients are known by the company's identifier, products by the catalogue item's: people read them, and every
  reference carries them.
* An agreement line is an addition. An invoice has no lines: they are the products that name it, and name no
  addition. With those that may be of an agreement come the additions of that agreement which bill the same
  item, for their dates tell what a prorated price is for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.dated_months import DATED
from connectors.http.endpoint import Endpoint, Lookup, Record
from connectors.http.paging.linked import forward_only
from connectors.http.paging.numbered import OneRecord
from connectors.http.rate_limit import Rate
from connectors.http.redaction import Secret
from connectors.http.signing.auth import Basic
from connectors.sources.connectwise_agreements import additions
from connectors.sources.connectwise_lines import lines
from connectors.sources.connectwise_records import (
    billed,
    client,
    is_of_agreement,
    names_agreement,
    names_another,
    names_none,
    product,
)
from connectors.spec import Checked, Credential, Feed, Setting, SourceSpec

_CLASSES = ("Service", "Service Agreement", "Agreement", "none")


def _auth(settings: Mapping[str, str], credentials: Mapping[str, Secret]) -> Basic:
    user = Secret(f"{settings['company_id']}+{credentials['public_key'].reveal()}")
    return Basic(
        settings["base_url"], user, credentials["private_key"], {"clientId": credentials["client_id"]}
    )


def _endpoint(
    name: str,
    path: str,
    permission: str,
    required: tuple[str, ...] = ("id",),
    conditions: str = "",
    **more: Any,
) -> Endpoint:
    params = {"conditions": conditions} if conditions else {}
    given = {"headers": {"Accept": _ACCEPT}, "paginator": _PAGES, "params": params, **more}
    return Endpoint(name, path, key=("id",), required=required, permission=permission, **given)


_ACCEPT = "application/vnd.connectwise.com+json; version={api_version}"
_PAGES = forward_only(1000, "/count")
_FINANCE, _PROCUREMENT = (
    "Finance: inquire all (agreements, invoicing)",
    "Procurement: inquire all (products, product catalog)",
)
_COMPANIES = _endpoint("companies", "/company/companies", "Companies: inquire all (company maintenance)")
_CATALOG = _endpoint("catalogue items", "/procurement/catalog", _PROCUREMENT)
_AGREEMENTS = _endpoint("agreements", "/finance/agreements", _FINANCE, alias="parent")
_ADDITIONS = _endpoint("additions", "/finance/agreements/{parent.id}/additions", _FINANCE, parent=_AGREEMENTS)
_IN_MONTH = "date >= [{dated_start}T00:00:00Z] and date < [{dated_end}T00:00:00Z]"
_RECURRING, _OTHERS = (
    _endpoint(name, "/finance/invoices", _FINANCE, ("id", "date"), _IN_MONTH, alias="document", wanted=wanted)
    for name, wanted in (
        ("agreements' invoices", is_of_agreement),
        ("other invoices", lambda invoice: not is_of_agreement(invoice)),
    )
)
_BILLED = _endpoint(
    "billed agreements",
    "/finance/agreements/{document.agreement.id}",
    _FINANCE,
    required=(),
    paginator=OneRecord(),
    parent=_RECURRING,
    alias="parent",
)


def _given(
    name: str, path: str, what: str, same: tuple[str, str], wanted: Callable[[Record], bool], **more: Any
) -> Lookup:
    return Lookup(name, _endpoint(what, f"/finance/agreements/{path}", _FINANCE, **more), same, wanted)


_ITEM = ("catalogItem.identifier", "product.identifier")
_BESIDE = (
    _given(
        "_agreement",
        "{agreement.id}",
        "agreements of products",
        ("agreement.id", "id"),
        names_another,
        required=(),
        paginator=OneRecord(),
    ),
    _given("_additions", "{agreement.id}/additions", "additions of products", _ITEM, names_agreement),
    _given("_additions", "{parent.id}/additions", "additions of products", _ITEM, names_none),
)
_OF_INVOICE = "invoice/id={document.id}"
_BOTH = f"{_PROCUREMENT} · {_FINANCE}"
_LINES = tuple(
    _endpoint(
        name,
        "/procurement/products",
        _BOTH,
        ("id",),
        _OF_INVOICE,
        parent=parent,
        tally=billed,
        lookups=_BESIDE,
    )
    for name, parent in (("agreements' products", _BILLED), ("other products", _OTHERS))
)

_NORTH_AMERICA = "https://na.myconnectwise.net/v4_6_release/apis/3.0"
_DOCUMENT = "ConnectWise PSA, OpenAPI document 2026.4"
_CLIENTS, _USAGE = "public clients of the interface", "guides of firms that work with ConnectWise"
CONNECTWISE = SourceSpec(
    name="connectwise",
    title="ConnectWise PSA",
    doc=(
        "ConnectWise PSA (Manage) REST API: companies, catalogue, additions of agreements, and invoices with"
        " their products."
    ),
    feeds=(
        Feed("clients", (_COMPANIES,), client),
        Feed("products", (_CATALOG,), product),
        Feed("agreements", (_ADDITIONS,), additions),
        Feed("invoice_lines", _LINES, lines),
    ),
    base_url="{base_url}",
    auth=_auth,
    rate=Rate(60, 60),
    settings=(
        Setting(
            "base_url",
            "address of the API in your region, or of your server",
            _NORTH_AMERICA,
            is_address=True,
        ),
        Setting("company_id", "company that your people log in to"),
        Setting(
            "catalog_currency",
            "ISO code of the currency of catalogue prices, which the catalogue does not say",
        ),
        Setting(
            "other_product",
            "catalogue item that stands for what invoices bill beside their products: make one, such as"
            " OTHER",
        ),
        Setting(
            "dated",
            "where a month's invoices are dated: in advance, in it, or in arrears",
            "same_month",
            tuple(DATED),
        ),
        Setting(
            "cancelled_date",
            "whether a cancelled date is the last day or the day after",
            "last_day",
            ("last_day", "day_after"),
        ),
        Setting(
            "credit_memos",
            "whether products of agreements on credit memos are reconciled like those on invoices",
            "like_invoices",
            ("like_invoices", "one_time"),
        ),
        Setting("own_classes", "classes of catalogue items that no vendor bills", "Service", _CLASSES),
        Setting(
            "billing_cycles",
            "billing cycles of your own names and their months, such as Prepaid year=12, Half-year=6",
            "",
        ),
        Setting("api_version", "version of the interface", "2026.4"),
    ),
    credentials=(
        Credential("public_key", "Public Key of an API member"),
        Credential("private_key", "its Private Key"),
        Credential("client_id", "clientId of the integration, from the ConnectWise developer network"),
    ),
    checked=(
        Checked("paths, parameters, counts, types of fields, Accept type, clientId", _DOCUMENT),
        Checked(
            "numbers are doubles: fifteen digits are read, and warnings count the records that have more",
            _DOCUMENT + ", format double",
        ),
        Checked(
            "forward-only paging by page id and Link header, at most 1,000 records a page", _CLIENTS, True
        ),
        Checked("syntax of conditions, also of dates", _CLIENTS, True),
        Checked("a product names one invoice, and is counted once, however invoices are gathered", _DOCUMENT),
        Checked(
            "products that name an invoice are its lines, additions among them; they name no addition",
            _CLIENTS,
            True,
        ),
        Checked(
            "what names an agreement is recurring on invoices of type Agreement, Consolidated and CreditMemo",
            _CLIENTS,
            True,
        ),
        Checked(
            "an invoice's subtotal is without tax and holds services, expenses, products and the agreement's"
            " amount",
            "names",
            True,
        ),
        Checked(
            "Consolidated is named and not explained: what such an invoice bills beside its products is left"
            " out, for it may stand on the invoices that it gathers. Warnings count those invoices, and"
            " products on them that name no agreement and are one_time",
            "no document says",
            True,
        ),
        Checked(
            "billedQuantity is quantity less lessIncluded; extPrice is what is billed, less for DoNotBill and"
            " NoCharge",
            "names",
            True,
        ),
        Checked(
            "cancelled and end dates are the last day billed (setting cancelled_date); prices are for a"
            " billing cycle",
            _USAGE,
            True,
        ),
        Checked(
            "an addition cancelled on its effective date is in force that one day, where that is the last day"
            " billed",
            _USAGE,
            True,
        ),
        Checked(
            "agreementStatus (Active, Cancelled, Expired, Inactive) is passed over: it says how things are"
            " today, while additions and agreements have dates of their own",
            _DOCUMENT,
        ),
        Checked(
            "a prorated price is for the days from the effective date on, that day among them, over the days"
            " of their month, to the cent; the next invoice bills both months in one line",
            "an example in such a guide: 22.00 from 15 March at 34.06 in April",
            True,
        ),
        Checked(
            "lines have no dates: a line is for the days of the one addition of its agreement, item and seats"
            " whose dates, at most one cycle back, make its price and amount. Any other counts for its whole"
            " billing cycle. Warnings count those that are not at the whole price of an addition: prices"
            " changed by hand, prorated credits",
            "arithmetic, held against the same example",
            True,
        ),
        Checked(
            "a longer cycle is prorated by the days of each month, a cancelled addition up to its end",
            "no document says",
            True,
        ),
        Checked(
            "credit memos are negative or nothing. They are tied to no month's invoices and count in the"
            " month of their date, where they may give back seats of another: warnings count their lines, and"
            " settings.credit_memos can pass them through",
            _USAGE,
            True,
        ),
        Checked(
            "identifiers of companies and catalogue items are unique, deleted ones included", "names", True
        ),
        Checked(
            "60 requests a minute; each agreement costs two or three, each of its invoices five or more, for"
            " its additions come along",
            "no figure of the vendor's own",
            True,
        ),
    ),
)
