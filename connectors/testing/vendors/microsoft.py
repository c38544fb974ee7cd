"""A Microsoft of our own: Entra's tokens, and Partner Center's invoices with their lines.

What belongs here: the vendor's words for canonical books, from its documents. It
shares nothing with ``connectors.sources.microsoft``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.testing.server import Asked, Reply
from connectors.testing.vendor import Books, FakeVendor, json_number

PARTNER_TENANT = "0e195b37-4574-4539-bc42-0e539b9684c0"
PARTNER_SCOPE, GRAPH_SCOPE = (
    "https://api.partnercenter.microsoft.com/.default",
    "https://graph.microsoft.com/.default",
)
_TOKEN_PATH = re.compile(r"/([^/]+)/oauth2/v2\.0/token")


@dataclass
class Entra:
    """A token endpoint for every tenant and scope; knows which tokens are for what, and still good."""

    credentials: Mapping[str, str]
    given: dict[str, tuple[str, str]] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)

    def answer(self, asked: Asked) -> Reply:
        """Answer a token request."""
        found, sent = _TOKEN_PATH.fullmatch(asked.path), asked.form()
        scope = sent.pop("scope", "")
        if (
            not found
            or sent != {**self.credentials, "grant_type": "client_credentials"}
            or scope not in (PARTNER_SCOPE, GRAPH_SCOPE)
        ):
            return Reply.json(
                {
                    "error": "invalid_client",
                    "error_description": "AADSTS7000215: Invalid client secret provided.",
                },
                401,
            )
        token = f"token-number-{len(self.given) + 1}"
        self.given[token] = (found[1], scope)
        return Reply.json(
            {"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": token}
        )

    def purpose(self, asked: Asked) -> tuple[str, str]:
        """Return the tenant and the scope of a request's token, empty texts if it is no good."""
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        return ("", "") if token in self.revoked else self.given.get(token, ("", ""))

    def revoke_all(self) -> None:
        """Make every token given so far worthless."""
        self.revoked |= set(self.given)


class FakePartnerCenter(FakeVendor):
    """Invoices by offset, lines by continuation token. Tenants and subscriptions in the books must
    be GUIDs, products ``product:sku``.
    """

    credentials = {"client_id": "canary-microsoft-id-7d20", "client_secret": "canary-microsoft-secret-41fa"}
    promised = {
        "GET /v1/invoices": ("id", "invoiceDate", "totalCharges", "currencyCode"),
        "GET /v1/invoices/([^/]+)/lineitems": (
            *("invoiceNumber", "chargeType", "subtotal", "currency"),
            *("usageDate", "billingPreTaxTotal", "billingCurrency"),
        ),
    }
    totals = dict.fromkeys(promised, "totalCount")

    def __init__(self, books: Books) -> None:
        """Open the doors."""
        super().__init__(books)
        self.tokens = Entra(self.credentials)
        self.routes = [
            (r"POST /.+/oauth2/v2\.0/token", lambda asked, _: self.tokens.answer(asked)),
            ("GET /v1/invoices", self._invoices),
            ("GET /v1/invoices/([^/]+)/lineitems", self._lines),
        ]

    def settings(self, url: str) -> dict[str, str]:
        """See ``FakeVendor``."""
        return {
            "base_url": f"{url}/v1",
            "token_url": f"{url}/{PARTNER_TENANT}/oauth2/v2.0/token",
            "tenant": PARTNER_TENANT,
        }

    def is_token_request(self, asked: Asked) -> bool:
        """See ``FakeVendor``."""
        return _TOKEN_PATH.fullmatch(asked.path) is not None

    def refused(self, asked: Asked) -> Reply | None:
        """See ``FakeVendor``."""
        good = self.tokens.purpose(asked) == (PARTNER_TENANT, PARTNER_SCOPE)
        return (
            None
            if good
            else Reply.json(
                {"code": 900420, "description": "Unauthorized", "data": [], "source": "PartnerApi"}, 401
            )
        )

    def _invoices(self, asked: Asked, _: re.Match[str]) -> Reply:
        size, offset = min(int(asked.query["size"]), self.page), int(asked.query["offset"])
        rows = list(self.books.get("vendor_invoices", ()))
        found = [
            {
                "id": row["invoice_id"],
                "invoiceDate": f"{row['invoice_date']}T01:22:47.603895Z",
                "paidAmount": 0,
                "totalCharges": json_number(row["invoice_total"]),
                "currencyCode": row["currency"],
                "documentType": row.get("document", "invoice"),
                "invoiceType": row.get("kind", "OneTime"),
                "invoiceDetails": [
                    {"invoiceLineItemType": "billing_line_items", "billingProvider": "one_time"}
                ],
            }
            for row in rows[offset : offset + size]
        ]
        links: dict[str, Any] = {
            "self": {"uri": f"/invoices?size={size}&offset={offset}", "method": "GET", "headers": []}
        }
        if offset + size < len(rows):
            links["next"] = {
                "uri": f"/invoices?size={size}&offset={offset + size}",
                "method": "GET",
                "headers": [],
            }
        return Reply.json(
            {
                "totalCount": len(found),
                "items": found,
                "links": links,
                "attributes": {"objectType": "Collection"},
            }
        )

    def _lines(self, asked: Asked, found: re.Match[str]) -> Reply:
        kind, token = asked.query["invoicelineitemtype"], asked.headers.get("ms-continuationtoken")
        is_sought = "seekOperation" in asked.query
        if (
            asked.query["provider"] != "onetime"
            or int(asked.query["size"]) > 2000
            or is_sought != (token is not None)
        ):
            return Reply.json({"code": 2000, "description": "Invalid input"}, 400)
        rows = (
            lines_of(self.books, found[1]) if kind == "billinglineitems" else daily_of(self.books, found[1])
        )
        start = int(token.removeprefix("AQ==")) if token else 0
        page = rows[start : start + self.page]
        damaged = (
            f"/invoices/{found[1]}/lineitems?provider=OneTime&nvoicelineitemtype=BillingLineItems&size=3"
            "?seekOperation=Next"
        )
        links: dict[str, Any] = {"self": {"uri": damaged, "method": "GET", "headers": []}}
        if start + self.page < len(rows):
            header = {"key": "MS-ContinuationToken", "value": f"AQ=={start + self.page}"}
            links["next"] = {"uri": damaged, "method": "GET", "headers": [header]}
        return Reply.json(
            {
                "totalCount": len(page),
                "items": page,
                "links": links,
                "attributes": {"objectType": "Collection"},
            }
        )


def lines_of(books: Books, invoice: str) -> list[dict[str, Any]]:
    """Return the billed lines of an invoice: a tax line of the books is a field of the line
    that it is for.
    """
    rows = [row for row in books.get("vendor_charges", ()) if row["invoice_id"] == invoice]
    taxes = {row["line_id"]: row["amount"] for row in rows if row["charge_category"] == "tax"}
    return [
        _line(row, taxes.get(f"{row['line_id']}-tax", "0")) for row in rows if row["charge_category"] != "tax"
    ]


def _line(row: Mapping[str, str], tax: str) -> dict[str, Any]:
    product, sku = row["sku_id"].split(":")
    kind, _, meter = row["charge_type"].partition(": ")
    amount, seats = Decimal(row["amount"]), Decimal(row["quantity"])
    # what is cut off by the vendor's rule is there to be cut off; refunds have a quantity without a sign
    price = Decimal(row["unit_cost"]) + Decimal("0.0049") * (0 if meter else 1)
    return {
        "partnerId": PARTNER_TENANT,
        "customerId": f"org:{row['vendor_customer_id'].upper()}",
        "customerName": row["vendor_customer_name"],
        "customerDomainName": "alder.onmicrosoft.com",
        "customerCountry": "US",
        "invoiceNumber": row["invoice_id"],
        "mpnId": "4870137",
        "resellerMpnId": 0,
        "orderId": f"order of {row['subscription_id']}",
        "orderDate": "2026-10-01T22:31:42.9397946Z",
        "productId": product,
        "skuId": sku,
        "availabilityId": "CFQ7TTC0K5DR",
        "productName": "another name",
        "skuName": row["sku_name"],
        "chargeType": kind.upper() if kind == "new" else kind,
        "unitPrice": 999.99,
        "effectiveUnitPrice": json_number(price),
        "unitType": "Licenses",
        "quantity": 777,
        "subtotal": json_number(row["amount"]),
        "taxTotal": json_number(tax),
        "totalForCustomer": json_number(amount + Decimal(tax)),
        "currency": row["currency"],
        "publisherName": "Microsoft Corporation",
        "publisherId": "",
        "subscriptionDescription": "",
        "subscriptionId": row["subscription_id"].upper(),
        "chargeStartDate": f"{row['charge_period_start']}T00:00:00Z",
        "chargeEndDate": f"{_last_day(row)}T00:00:00Z",
        "termAndBillingCycle": row["term"],
        "alternateId": "1234278124b8",
        "priceAdjustmentDescription": '["15.0% Partner Earned Credit"]',
        "billableQuantity": json_number(abs(seats)),
        "pricingCurrency": "USD",
        "pcToBCExchangeRate": 1,
        "pcToBCExchangeRateDate": "2026-10-31T23:59:59Z",
        "meterDescription": meter,
        "reservationOrderId": "",
        "creditReasonCode": "",
        "invoiceLineItemType": "billing_line_items",
        "billingProvider": "one_time",
        "attributes": {"objectType": "OneTimeInvoiceLineItem"},
    }


def daily_of(books: Books, invoice: str) -> list[dict[str, Any]]:
    """Return the daily usage of an invoice: each metered line of the books once more, on one day."""
    rows = [
        row
        for row in books.get("vendor_charges", ())
        if row["invoice_id"] == invoice and row["charge_category"] == "usage"
    ]
    return [
        {
            "partnerId": PARTNER_TENANT,
            "customerId": row["vendor_customer_id"],
            "customerName": row["vendor_customer_name"],
            "invoiceNumber": invoice,
            "productId": row["sku_id"].split(":")[0],
            "skuId": row["sku_id"].split(":")[1],
            "chargeType": "new",
            "subscriptionId": row["subscription_id"],
            "usageDate": f"{row['charge_period_start']}T00:00:00Z",
            "meterName": "a meter",
            "chargeStartDate": "2026-10-01T00:00:00Z",
            "chargeEndDate": "2026-11-01T00:00:00Z",
            "unitPrice": 0.0209496384791679,
            "quantity": 23.200004,
            "billingPreTaxTotal": json_number(row["amount"]),
            "billingCurrency": row["currency"],
            "tags": "",
            "invoiceLineItemType": "usage_line_items",
            "attributes": {"objectType": "DailyRatedUsageLineItem"},
        }
        for row in rows
    ]


def _last_day(row: Mapping[str, str]) -> str:
    return str(date.fromordinal(date.fromisoformat(row["charge_period_end"]).toordinal() - 1))
