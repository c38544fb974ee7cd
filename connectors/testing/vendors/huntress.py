"""A Huntress of our own, from its Swagger document: money in the smallest unit, pages by token, for an
account and for a reseller.

What belongs here: the vendor's words for canonical books. It shares
nothing with ``connectors.sources.huntress``.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.testing.server import Asked, Reply
from connectors.testing.vendor import Books, FakeVendor, basic_header

_SMALLEST = {"USD": Decimal("0.01"), "JPY": Decimal(1), "KWD": Decimal("0.001")}


class FakeHuntress(FakeVendor):
    """The organizations and invoices of an account. Identifiers in the books must be whole numbers,
    as the vendor's are.
    """

    credentials = {"api_key": "canary-huntress-key-7ac2", "api_secret": "canary-huntress-secret-d91f"}
    promised = {
        "GET /v1/organizations": ("id",),
        r"GET /v1/organizations/(\d+)": ("organization.id",),
        "GET /v1/invoices": ("id", "created_at"),
    }

    def __init__(self, books: Books) -> None:
        """Open the doors."""
        super().__init__(books)
        self.routes = [
            (
                "GET /v1/organizations",
                lambda asked, _: self._listed(asked, "organizations", self.organizations()),
            ),
            (r"GET /v1/organizations/(\d+)", lambda _, found: self.detail(int(found[1]))),
            ("GET /v1/invoices", lambda asked, _: self._listed(asked, "invoices", self.invoices())),
        ]

    def settings(self, url: str) -> dict[str, str]:
        """See ``FakeVendor``."""
        return {"base_url": f"{url}/v1"}

    def refused(self, asked: Asked) -> Reply | None:
        """See ``FakeVendor``."""
        is_good = asked.headers.get("authorization") == basic_header(":".join(self.credentials.values()))
        return None if is_good else Reply.json({"error": "Could not be authenticated"}, 401)

    def organizations(self) -> list[dict[str, Any]]:
        """Return all organizations as the list has them, in the order of the books."""
        return [
            _organization(int(number))
            for number in dict.fromkeys(row["vendor_customer_id"] for row in self._counts())
        ]

    def usages(self, number: int) -> dict[str, Any]:
        """Return what an organization uses of its active products."""
        own = {
            row["sku_id"]: int(row["entitled_quantity"])
            for row in self._counts()
            if row["vendor_customer_id"] == str(number)
        }
        return {sku: _USAGES[sku](count) for sku, count in own.items()}

    def detail(self, number: int) -> Reply:
        """Answer with one organization."""
        found = [one for one in self.organizations() if one["id"] == number]
        return (
            Reply.json({"organization": {**found[0], "actual_usages": self.usages(number)}})
            if found
            else Reply.json({}, 404)
        )

    def _counts(self) -> Sequence[Mapping[str, str]]:
        return self.books.get("license_counts", ())

    def invoices(self) -> list[dict[str, Any]]:
        """Return all invoices."""
        charges = {row["invoice_id"]: row for row in self.books.get("vendor_charges", ())}
        return [
            {
                "id": int(row["invoice_id"]),
                "amount": int(Decimal(row["invoice_total"]) / _SMALLEST[row["currency"]]),
                "currency_type": row["currency"].lower(),
                "created_at": f"{row['invoice_date']}T20:56:15Z",
                "updated_at": f"{row['invoice_date']}T21:00:00Z",
                "plan": charges[row["invoice_id"]]["sku_id"],
                "quantity": 101,
                "receipt": f"https://pay.stripe.example/invoice/{row['invoice_id']}",
                "status": "paid",
                "has_usage": charges[row["invoice_id"]]["charge_category"] == "recurring",
            }
            for row in self.books.get("vendor_invoices", ())
        ]

    def _listed(self, asked: Asked, name: str, found: list[dict[str, Any]]) -> Reply:
        """Answer with a page; a token tells where the next one begins, and is there only if there is one."""
        limit = min(int(asked.query.get("limit", "10")), 500, self.page)
        first = int(base64.urlsafe_b64decode(asked.query["page_token"])) if "page_token" in asked.query else 0
        pagination = {}
        if first + limit < len(found):
            token = base64.urlsafe_b64encode(str(first + limit).encode()).decode()
            pagination = {
                "next_page_token": token,
                "next_page_url": f"https://api.huntress.io{asked.path}?page_token={token}&limit={limit}",
            }
        return Reply.json({name: found[first : first + limit], "pagination": pagination})


class FakeHuntressReseller(FakeHuntress):
    """The accounts of a reseller, each with one part of the organizations, and
    the reseller's own invoices.
    """

    ACCOUNTS = (5, 6)
    promised = {
        "GET /v1/accounts": ("id",),
        r"GET /v1/accounts/(\d+)/organizations": ("id",),
        r"GET /v1/accounts/(\d+)/organizations/(\d+)": ("organization.id",),
        "GET /v1/reseller/invoices": ("id", "created_at"),
    }

    def __init__(self, books: Books) -> None:
        """Open other doors: those of an account are closed to a reseller."""
        super().__init__(books)
        self.routes = [
            ("GET /v1/accounts", lambda asked, _: self._listed(asked, "accounts", self.accounts())),
            (r"GET /v1/accounts/(\d+)/organizations", self._of_account),
            (r"GET /v1/accounts/(\d+)/organizations/(\d+)", self._one_of_account),
            ("GET /v1/reseller/invoices", lambda asked, _: self._listed(asked, "invoices", self.invoices())),
        ]

    def accounts(self) -> list[dict[str, Any]]:
        """Return the accounts: none without books."""
        return [
            {"id": number, "name": f"Account {number}", "subdomain": f"account{number}", "status": "enabled"}
            for number in self.ACCOUNTS
            if self.books
        ]

    def _of_account(self, asked: Asked, found: re.Match[str]) -> Reply:
        return self._listed(asked, "organizations", self._own(int(found[1])))

    def _one_of_account(self, asked: Asked, found: re.Match[str]) -> Reply:
        is_own = int(found[2]) in {one["id"] for one in self._own(int(found[1]))}
        return self.detail(int(found[2])) if is_own else Reply.json({}, 404)

    def _own(self, account: int) -> list[dict[str, Any]]:
        """Deal the organizations out to the accounts: one to the first, the others to the second."""
        every = self.organizations()
        return {self.ACCOUNTS[0]: every[:1], self.ACCOUNTS[1]: every[1:]}[account]


def _organization(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"Organization {number}",
        "key": f"organization{number}",
        "account_id": 5,
        "incident_reports_count": 2,
        "agents_count": 90_000,
        "billable_identity_count": 90_001,
        "sat_learner_count": 90_002,
        "logs_sources_count": 90_003,
        "report_recipients": [],
        "created_at": "2025-03-01T18:54:02Z",
        "updated_at": "2026-09-01T18:54:02Z",
    }


def _identities(count: int, *kinds: str) -> list[dict[str, Any]]:
    """Return counts by tenant that add up to one."""
    first, *others = kinds
    parts = {first: count - count // 3 * len(others), **dict.fromkeys(others, count // 3)}
    return [
        {
            "type": kind,
            "identity_provider_tenant_id": kind * 2,
            "billable_identities_count": part,
            "total_identities_count": part + 50,
        }
        for kind, part in parts.items()
    ]


_USAGES: dict[str, Callable[[int], Any]] = {
    "edr": lambda count: {
        "billable_agents_count": count,
        "unresponsive_agents_count": 2,
        "outdated_agents_count": 1,
        "isolated_agents_count": 0,
    },
    "itdr": lambda count: _identities(count, "microsoft", "google"),
    "sat": lambda count: {"learners_count": count},
    "siem": lambda count: {
        "billable_log_sources_count": count,
        "retention": "90/7",
        "current_billing_cycle": {"online_gb": 12.34, "service_period_start": "2026-10-15T00:00:00Z"},
    },
    "ispm": lambda count: _identities(count, "microsoft"),
}
