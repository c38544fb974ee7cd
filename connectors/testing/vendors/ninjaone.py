"""A NinjaOne of our own, from its OpenAPI document: bare lists in order of their ids, the next page asked for
by the last id.

What belongs here: the vendor's words for canonical books. It shares
nothing with ``connectors.sources.ninjaone``.
"""

from __future__ import annotations

from typing import Any

from connectors.testing.server import Asked, Reply
from connectors.testing.vendor import Books, FakeVendor, TokenDesk


class FakeNinjaOne(FakeVendor):
    """Organizations and their devices.

    In the books, a count of 0 stands for an organization, which must have one, and any other count for that
    many devices of its own row. Identifiers must be whole numbers, as the vendor's are.
    """

    credentials = {"client_id": "canary-ninjaone-id-41c8", "client_secret": "canary-ninjaone-secret-e07d"}
    promised = {"GET /v2/organizations": ("id",), "GET /v2/devices": ("id", "nodeClass")}

    def __init__(self, books: Books) -> None:
        """Open the doors."""
        super().__init__(books)
        self.tokens = TokenDesk(
            {**self.credentials, "grant_type": "client_credentials", "scope": "monitoring"}
        )
        self.routes = [
            ("POST /ws/oauth/token", lambda asked, _: self.tokens.answer(asked)),
            ("GET /v2/organizations", lambda asked, _: self._listed(asked, self.organizations())),
            ("GET /v2/devices", lambda asked, _: self._listed(asked, self.devices())),
        ]

    def settings(self, url: str) -> dict[str, str]:
        """See ``FakeVendor``."""
        return {"region": "eu", "base_url": url, "token_url": f"{url}/ws/oauth/token"}

    def is_token_request(self, asked: Asked) -> bool:
        """See ``FakeVendor``."""
        return asked.path == "/ws/oauth/token"

    def refused(self, asked: Asked) -> Reply | None:
        """See ``FakeVendor``."""
        return (
            None
            if self.tokens.is_good(asked)
            else Reply.json({"error": "invalid_token", "error_code": 401}, 401)
        )

    def organizations(self) -> list[dict[str, Any]]:
        """Return all organizations."""
        rows = [row for row in self.books.get("license_counts", ()) if row["entitled_quantity"] == "0"]
        return [
            {
                "id": int(row["vendor_customer_id"]),
                "name": f"Organization {row['vendor_customer_id']}",
                "nodeApprovalMode": "AUTOMATIC",
            }
            for row in rows
        ]

    def devices(self) -> list[dict[str, Any]]:
        """Return all devices."""
        rows = [row for row in self.books.get("license_counts", ()) if row["entitled_quantity"] != "0"]
        return [
            _device(number, int(row["vendor_customer_id"]), row["sku_id"])
            for number, row in enumerate(rows, 101)
        ]

    def _listed(self, asked: Asked, found: list[dict[str, Any]]) -> Reply:
        after, size = (
            int(asked.query.get("after", "0")),
            min(int(asked.query.get("pageSize", "10")), self.page),
        )
        return Reply.json([record for record in sorted(found, key=_id) if _id(record) > after][:size])


def _device(number: int, organization: int, node_class: str) -> dict[str, Any]:
    return {
        "id": number,
        "uid": f"00000000-0000-4000-8000-{number:012d}",
        "organizationId": organization,
        "locationId": organization + 1,
        "nodeClass": node_class,
        "nodeRoleId": 104,
        "rolePolicyId": 71,
        "approvalStatus": "APPROVED",
        "offline": False,
        "displayName": f"WS-{number}",
        "systemName": f"WS-{number}",
        "created": 1735689600.125,
        "lastContact": 1791936000.5,
    }


def _id(record: dict[str, Any]) -> int:
    number: int = record["id"]
    return number
