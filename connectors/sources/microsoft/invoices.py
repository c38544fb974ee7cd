"""The list of Microsoft's invoices, which is Partner Center's alone, and the credentials
that all interfaces share.

What belongs here: invoices as ``vendor_invoices``, and choosing those of a month. What does not: their lines
(``lines``). Source: "Get a collection of invoices", Partner Center REST.

An adjustment that is on an invoice but in none of its lines makes the two disagree:
CONTROL_TOTAL_MISMATCH says so. ``amendments`` are documents of their own, with a total and without lines that
could be fetched; they say so in the same way.

No document says in which direction a correction counts (credit, void and adjustment notes). One below zero
gives back what it says, and its lines are fetched like an invoice's. Any other may charge, give back or
replace: it is rejected, and its lines are not asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from connectors.dated_months import DATED, dated_in_month
from connectors.http.endpoint import Endpoint, Record
from connectors.http.paging.numbered import Offset
from connectors.http.redaction import Secret
from connectors.http.signing.tokens import ClientCredentials
from connectors.mapping import MappingError, Native, Row, plain
from connectors.nested_lists import objects
from connectors.spec import Credential, Setting

PERMISSION = "application permission on Partner Center (Admin agent or Billing admin)"

SETTINGS = (
    Setting("tenant", "the partner's own tenant: its identifier or domain"),
    Setting(
        "token_url",
        "address of the token endpoint",
        "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
        is_address=True,
    ),
    Setting(
        "dated",
        "where a month's invoices are dated: in advance, in it, or in arrears",
        "month_after",
        tuple(DATED),
    ),
)
CREDENTIALS = (
    Credential("client_id", "Application (client) ID of the app registration in Microsoft Entra"),
    Credential("client_secret", "one of its client secrets"),
)


_INVOICE, _CORRECTIONS = "invoice", ("creditnote", "voidnote", "adjustmentnote")


def invoice(native: Native) -> Iterator[Row]:
    """Yield an invoice and the documents that amend it."""
    yield _document(native, _INVOICE)
    for amendment in objects(native, "amendments", str.lower):
        native.remark("amend an invoice: documents with a total and without lines")
        yield _document(amendment, "adjustment_note")


def _document(native: Native, otherwise: str) -> Row:
    """Return a document as an invoice; one that does not say what it is is what it is ``otherwise``."""
    said, total = native.text("documenttype") or otherwise, native.number("totalcharges")
    if _kind(said) not in (_INVOICE, *_CORRECTIONS):
        raise MappingError(
            "documentType",
            said,
            "is no type of document that Microsoft documents; tell us, with the invoice's number",
        )
    if not _has_sign(said, total < 0):
        problem = (
            f"is a correction of {plain(total)}, and Microsoft says of none above zero whether it charges,"
            " gives back or replaces"
        )
        raise MappingError(
            "documentType",
            said,
            f"{problem}; ask Microsoft, and land invoices of your own with signs that are sure",
        )
    return {
        "invoice_id": native.needed("id"),
        "invoice_date": str(native.day("invoicedate")),
        "currency": native.needed("currencycode"),
        "invoice_total": plain(total),
    }


def _has_sign(said: str, is_below_zero: bool) -> bool:
    """Whether the effect of a document of this type on the bill is certain."""
    return _kind(said) == _INVOICE or (_kind(said) in _CORRECTIONS and is_below_zero)


def _kind(said: str) -> str:
    return re.sub("[^a-z]", "", said.lower())


def invoices(path: str) -> Endpoint:
    """Return the endpoint of invoices at a path: those dated in the month's window, with lines to be
    had from some (``_has_lines``).
    """
    return Endpoint(
        "invoices",
        path,
        "items",
        key=("id",),
        required=("id", "invoiceDate", "totalCharges", "currencyCode"),
        alias="invoice",
        paginator=Offset(200, "links.next", total="totalCount"),
        belongs=dated_in_month("invoiceDate"),
        wanted=_has_lines,
        permission=PERMISSION,
    )


def _has_lines(record: Record) -> bool:
    """Whether a document's lines can be had, as those of new commerce, and count, as those of
    a document that counts.
    """
    is_new_commerce = str(record.get("invoiceType")).lower() != "recurring"
    return is_new_commerce and _has_sign(
        str(record.get("documentType") or _INVOICE), str(record["totalCharges"]).startswith("-")
    )


def signed(url: str, token_url: str, scope: str, credentials: Mapping[str, Secret]) -> ClientCredentials:
    """Return the client credentials of Microsoft Entra for one interface: its origin, and the
    scope that names it.
    """
    return ClientCredentials(
        url, token_url, {**credentials, "scope": scope, "grant_type": "client_credentials"}
    )
