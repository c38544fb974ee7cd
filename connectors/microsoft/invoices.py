"""The list of Microsoft's invoices, which is Partner Center's alone, and the credentials that all interfaces share.

Belongs here: invoices as ``vendor_invoices``, and choosing those of a month. Does not: their lines (``lines``). Source: "Get a collection
of invoices", Partner Center REST.

An adjustment that stands on an invoice and in none of its lines makes the two disagree: CONTROL_TOTAL_MISMATCH says so. Corrections
(``amendments``) are documents of their own, with a total and without lines that could be fetched; they say so in the same way.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from connectors.http.auth import ClientCredentials
from connectors.http.paging import Offset
from connectors.http.redaction import Secret
from connectors.http.walk import Endpoint, Record
from connectors.months import DATED
from connectors.native import MappingError, Native, Row, plain, utc_day
from connectors.spec import Credential, Setting

PERMISSION = "application permission on Partner Center (Admin agent or Billing admin)"

SETTINGS = (
    Setting("tenant", "the partner's own tenant: its identifier or domain"),
    Setting("token_url", "address of the token endpoint", "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token", is_address=True),
    Setting("dated", "where a month's invoices are dated: in advance, in it, or in arrears", "month_after", tuple(DATED)),
)
CREDENTIALS = (
    Credential("client_id", "Application (client) ID of the app registration in Microsoft Entra"),
    Credential("client_secret", "one of its client secrets"),
)


def invoice(native: Native) -> Iterator[Row]:
    """Yield an invoice and the documents that amend it."""
    yield _document(native)
    for amendment in json.loads(native.text("amendments") or "[]", parse_float=str, parse_int=str):
        if not isinstance(amendment, Mapping):
            raise MappingError("amendments", native.text("amendments"), "is no list of documents; fetch again")
        native.remark("amend an invoice: documents with a total and without lines")
        yield _document(Native({name.lower(): str(value) for name, value in amendment.items() if value is not None}, native.settings))


def _document(native: Native) -> Row:
    return {
        "invoice_id": native.needed("id"),
        "invoice_date": str(native.day("invoicedate")),
        "currency": native.needed("currencycode"),
        "invoice_total": plain(native.number("totalcharges")),
    }


def invoices(path: str) -> Endpoint:
    """Return the endpoint of invoices at a path: those dated in the month's window, with lines to be had from new commerce ones."""
    return Endpoint(
        "invoices", path, "items", key=("id",), required=("id", "invoiceDate", "totalCharges", "currencyCode"), alias="invoice",
        paginator=Offset(200, "links.next", total="totalCount"), belongs=_in_month, wanted=_is_new_commerce, permission=PERMISSION,
    )  # fmt: skip


def _in_month(record: Record, facts: Mapping[str, str]) -> bool:
    day = utc_day(str(record["invoiceDate"]))
    # a date that nobody can read is not passed over: reading the file will name it
    return day is None or facts["dated_start"] <= str(day) < facts["dated_end"]


def _is_new_commerce(record: Record) -> bool:
    return str(record.get("invoiceType")).lower() != "recurring"


def signed(url: str, token_url: str, scope: str, credentials: Mapping[str, Secret]) -> ClientCredentials:
    """Return the client credentials of Microsoft Entra for one interface: its origin, and the scope that names it."""
    return ClientCredentials(url, token_url, {**credentials, "scope": scope, "grant_type": "client_credentials"})
