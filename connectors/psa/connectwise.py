"""ConnectWise PSA: companies, catalogue, additions of agreements, and the lines of client invoices.

Belongs here: the declaration and its mapping. Source: ConnectWise PSA REST API, OpenAPI document 2026.4 (FORMATS §4).

* Clients are known by the company's identifier, products by the catalogue item's: people read them, and every reference carries them.
* An agreement line is an addition. Currency, client and end stand on its agreement; its price is for a billing cycle, and is divided by
  the cycle's months. Additions that are not billed, and agreements billed once, are no agreement lines; those without charge cost 0.
* An invoice has no lines: they are the products that name it, and name no addition (``agreement_line_id`` stays empty). Those of an
  agreement's invoice are recurring unless they come from a ticket, project or sales order; all others are one_time.
* What an invoice bills beside its products (labour, expenses, the flat amount of an agreement, products that the interface keeps back)
  becomes one more one_time line, of the catalogue item named in ``other_product``: lines add up to the invoice's subtotal.
* The vendor writes no service period: an invoice is for the month that ``dated`` says, and as many months as its billing cycle has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Context
from typing import Any

from connectors.exact import fraction, rounded_text
from connectors.http.auth import Basic
from connectors.http.paging import OneRecord, forward_only
from connectors.http.rates import Rate
from connectors.http.redaction import Secret
from connectors.http.walk import Endpoint, Record
from connectors.months import DATED, dated_month, shifted
from connectors.native import MappingError, Native, Row, after, plain
from connectors.spec import Checked, Credential, Feed, Setting, SourceSpec

_CLASSES = ("Service", "Service Agreement", "Agreement", "none")
_CYCLES = {"monthly": 1, "bi-monthly": 2, "quarterly": 3, "semi-annual": 6, "annual": 12, "yearly": 12}
_EXACT = Context(prec=250)
_BILLABLE, _FREE, _NEVER = "Billable", "NoCharge", "DoNotBill"


def _client(native: Native) -> Iterator[Row]:
    is_gone = native.text("deletedFlag") == "true" or (native.text("status.name") or "").lower() == "inactive"
    status = "inactive" if is_gone else "active"
    yield {"client_id": native.needed("identifier"), "client_name": native.needed("name"), "status": status}


def _product(native: Native) -> Iterator[Row]:
    own = (native.text("productClass") or "NonInventory") in native.settings["own_classes"].split()
    yield {
        "product_code": native.needed("identifier"),
        "product_name": native.needed("description"),
        "vendor_backed": "false" if own else "true",
        "default_unit_price": plain(native.number("price")) if native.text("price") else None,
        "currency": native.settings["catalog_currency"],
    }


def _addition(native: Native) -> Iterator[Row]:
    option = _option(native, "billCustomer")
    if option == _NEVER or native.text("parent.billOneTimeFlag") == "true":
        return
    starts = [native.day(name) for name in ("effectiveDate", "parent.startDate") if native.text(name)]
    start, end = max(starts) if starts else native.day("effectiveDate", "parent.startDate"), _end(native)
    if end and end <= start:
        return  # over before it began: that is how additions are taken back
    included = native.number("lessIncluded") if native.text("lessIncluded") else 0
    yield {
        "agreement_line_id": native.needed("id"),
        "agreement_id": native.needed("parent.id"),
        "client_id": native.needed("parent.company.identifier"),
        "product_code": native.needed("product.identifier"),
        "quantity": plain(native.number("billedQuantity") if native.text("billedQuantity") else native.number("quantity") - included),
        "unit_price": _monthly(native, "unitPrice", _months(native)) if option == _BILLABLE else "0",
        "currency": native.needed("parent.currency.currencyCode"),
        "effective_start": str(start),
        "effective_end": str(end) if end else None,
    }


def _end(native: Native) -> date | None:
    """Return the first day on which the addition or its agreement is over; None if neither ends."""
    ends = [native.day("cancelledDate")] if native.text("cancelledDate") else []
    ends += [native.day("parent.dateCancelled")] if native.text("parent.cancelledFlag") == "true" else []
    if native.settings["cancelled_date"] == "last_day":
        ends = [after(day) for day in ends]
    if native.text("parent.endDate") and native.text("parent.noEndingDateFlag") != "true":
        ends.append(after(native.day("parent.endDate")))
    return min(ends, default=None)


def _line(native: Native) -> Iterator[Row]:
    if native.text("_tally"):
        if rest := _EXACT.subtract(native.number("document.subtotal"), native.number("_tally")):
            one = {"quantity": "1", "unit_price": plain(rest), "amount": plain(rest), "product_code": native.settings["other_product"]}
            yield {**_invoice(native, 0), **one, "invoice_line_id": f"{native.needed('document.id')}-rest"}
        return
    option = _option(native, "billableOption")
    if option == _NEVER or native.text("cancelledFlag") == "true":
        return
    is_recurring = native.text("document.type") == "Agreement" and native.text("parent.billOneTimeFlag") != "true"
    is_recurring = is_recurring and not native.text("ticket.id", "project.id", "salesOrder.id")
    months = _months(native) if is_recurring and native.text("agreement.id", "parent.id") else 0
    cancelled = native.number("quantityCancelled") if native.text("quantityCancelled") else 0
    yield {
        **_invoice(native, months),
        "invoice_line_id": native.needed("id"),
        "product_code": native.needed("catalogItem.identifier"),
        "quantity": plain(native.number("quantity") - cancelled),
        "unit_price": _monthly(native, "price", months or 1) if option == _BILLABLE else "0",
        "amount": plain(native.number("extPrice")) if option == _BILLABLE else "0",
    }


def _invoice(native: Native, months: int) -> dict[str, str | None]:
    """Return what the lines of an invoice have in common; ``months`` is 0 for what is billed once."""
    first = date.fromisoformat(native.needed("_period") + "-01")
    if native.day("document.date").replace(day=1) != dated_month(first, native.settings):
        raise MappingError("document.date", native.text("document.date"), "is not in the month that was asked for; fetch again")
    start = shifted(first, 1 - months) if months and native.settings["dated"] == "month_after" else first
    return {
        "invoice_id": native.needed("document.invoiceNumber", "document.id"),
        "client_id": native.needed("document.company.identifier"),
        "currency": native.needed("document.currency.currencyCode"),
        "service_period_start": str(start),
        "service_period_end": str(shifted(start, months or 1)),
        "charge_category": "recurring" if months else "one_time",
    }


def _option(native: Native, name: str) -> str:
    option = native.needed(name)
    if option not in (_BILLABLE, _FREE, _NEVER):
        raise MappingError(name, option, f"is none that ConnectWise documents; known are {_BILLABLE}, {_FREE}, {_NEVER}")
    return option


def _months(native: Native) -> int:
    """Return how many months the agreement's billing cycle has; the MSP gives cycles their names. Without a cycle it is one."""
    name = native.text("parent.billingCycle.name") or "monthly"
    own = dict(entry.rsplit("=", 1) for entry in native.settings["billing_cycles"].split(",") if "=" in entry)
    months = {**_CYCLES, **{key.strip().lower(): int(text) for key, text in own.items() if text.strip().isdecimal()}}.get(name.lower())
    if not months:
        raise MappingError("parent.billingCycle.name", name, f"is not known to be of whole months; set settings.billing_cycles: {name}=3")
    return months


def _monthly(native: Native, name: str, months: int) -> str:
    return plain(native.number(name)) if months == 1 else rounded_text(fraction(native, name) / months, 10)


def _billed(line: Record) -> str | bool | None:
    return line.get("extPrice") if line.get("billableOption") == _BILLABLE and line.get("cancelledFlag") is not True else None


def _is_of_agreement(invoice: Record) -> bool:
    return invoice.get("type") == "Agreement" and invoice.get("agreement.id") is not None


def _auth(settings: Mapping[str, str], credentials: Mapping[str, Secret]) -> Basic:
    user = Secret(f"{settings['company_id']}+{credentials['public_key'].reveal()}")
    return Basic(settings["base_url"], user, credentials["private_key"], {"clientId": credentials["client_id"]})


def _endpoint(name: str, path: str, permission: str, required: tuple[str, ...] = ("id",), conditions: str = "", **more: Any) -> Endpoint:
    params = {"conditions": conditions} if conditions else {}
    given = {"headers": {"Accept": _ACCEPT}, "paginator": _PAGES, "params": params, **more}
    return Endpoint(name, path, key=("id",), required=required, permission=permission, **given)


_ACCEPT = "application/vnd.connectwise.com+json; version={api_version}"
_PAGES = forward_only(1000, "/count")
_FINANCE, _PROCUREMENT = "Finance: inquire all (agreements, invoicing)", "Procurement: inquire all (products, product catalog)"
_COMPANIES = _endpoint("companies", "/company/companies", "Companies: inquire all (company maintenance)")
_CATALOG = _endpoint("catalogue items", "/procurement/catalog", _PROCUREMENT)
_AGREEMENTS = _endpoint("agreements", "/finance/agreements", _FINANCE, alias="parent")
_ADDITIONS = _endpoint("additions", "/finance/agreements/{parent.id}/additions", _FINANCE, parent=_AGREEMENTS)
_IN_MONTH = "date >= [{dated_start}T00:00:00Z] and date < [{dated_end}T00:00:00Z]"
_RECURRING, _OTHERS = (
    _endpoint(name, "/finance/invoices", _FINANCE, ("id", "date"), _IN_MONTH, alias="document", wanted=wanted)
    for name, wanted in (("agreements' invoices", _is_of_agreement), ("other invoices", lambda invoice: not _is_of_agreement(invoice)))
)
_BILLED = _endpoint(
    "billed agreements", "/finance/agreements/{document.agreement.id}", _FINANCE, paginator=OneRecord(), parent=_RECURRING, alias="parent",
)  # fmt: skip
_OF_INVOICE = "invoice/id={document.id}"
_LINES = tuple(
    _endpoint(name, "/procurement/products", _PROCUREMENT, ("id",), _OF_INVOICE, parent=parent, tally=_billed)
    for name, parent in (("agreements' products", _BILLED), ("other products", _OTHERS))
)

_NORTH_AMERICA = "https://na.myconnectwise.net/v4_6_release/apis/3.0"
_DOCUMENT = "ConnectWise PSA, OpenAPI document 2026.4"
_CLIENTS, _USAGE = "public clients of the interface", "guides of firms that work with ConnectWise"
CONNECTWISE = SourceSpec(
    name="connectwise",
    title="ConnectWise PSA",
    doc="ConnectWise PSA (Manage) REST API: companies, catalogue, additions of agreements, and invoices with their products.",
    feeds=(
        Feed("clients", (_COMPANIES,), _client),
        Feed("products", (_CATALOG,), _product),
        Feed("agreements", (_ADDITIONS,), _addition),
        Feed("invoice_lines", _LINES, _line),
    ),
    base_url="{base_url}",
    auth=_auth,
    rate=Rate(60, 60),
    settings=(
        Setting("base_url", "address of the API in your region, or of your server", _NORTH_AMERICA, is_address=True),
        Setting("company_id", "company that your people log in to"),
        Setting("catalog_currency", "ISO code of the currency of catalogue prices, which the catalogue does not say"),
        Setting("other_product", "catalogue item that stands for what invoices bill beside their products: make one, such as OTHER"),
        Setting("dated", "where a month's invoices are dated: in advance, in it, or in arrears", "same_month", tuple(DATED)),
        Setting("cancelled_date", "whether a cancelled date is the last day or the day after", "last_day", ("last_day", "day_after")),
        Setting("own_classes", "classes of catalogue items that no vendor bills", "Service", _CLASSES),
        Setting("billing_cycles", "billing cycles of your own names and their months, such as Prepaid year=12, Half-year=6", ""),
        Setting("api_version", "version of the interface", "2026.4"),
    ),
    credentials=(
        Credential("public_key", "Public Key of an API member"),
        Credential("private_key", "its Private Key"),
        Credential("client_id", "clientId of the integration, from the ConnectWise developer network"),
    ),
    checked=(
        Checked("paths, parameters, counts, types of fields, Accept type, clientId", _DOCUMENT),
        Checked("forward-only paging by page id and Link header, at most 1,000 records a page", _CLIENTS, True),
        Checked("syntax of conditions, also of dates", _CLIENTS, True),
        Checked("products that name an invoice are its lines, additions among them; type Agreement marks recurring ones", _CLIENTS, True),
        Checked("an invoice's subtotal is without tax and holds services, expenses, products and the agreement's amount", "names", True),
        Checked("billedQuantity is quantity less lessIncluded; extPrice is what is billed, less for DoNotBill and NoCharge", "names", True),
        Checked("cancelled and end dates are the last day billed (setting cancelled_date); prices are for a billing cycle", _USAGE, True),
        Checked("invoices of agreements are for whole calendar months, also prorated lines; credit memos are negative", _USAGE, True),
        Checked("identifiers of companies and catalogue items are unique, deleted ones included", "names", True),
        Checked("60 requests a minute; each agreement and each invoice costs two or three", "no figure of the vendor's own", True),
    ),
)
