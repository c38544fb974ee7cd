"""A ConnectWise PSA of our own, from its OpenAPI document: forward-only pages, counts, invoices
whose lines are products.

What belongs here: the vendor's words for canonical books. It shares nothing with
``connectors.sources.connectwise``. A one_time line of the product ``OTHER`` in the books is no product here
but part of the invoice's totals; every client has one agreement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from connectors.testing.server import Asked, Reply
from connectors.testing.vendor import Books, FakeVendor, basic_header, json_number
from connectors.testing.vendors.connectwise_records import Record, addition, holds, quoted

_TYPE = "application/vnd.connectwise.com+json; version=2026.4"
_BASE = "/v4_6_release/apis/3.0"
_OTHER = "OTHER"
_FIRST_AGREEMENT = 500


class FakeConnectWise(FakeVendor):
    """Companies, catalogue, agreements with additions, invoices and products. Identifiers of lines and
    agreements are whole numbers.

    ``patches`` changes records by path and id before they are sent: what is peculiar to the vendor, and
    stands in no books.
    """

    credentials = {
        "public_key": "canary-cw-public-3d81",
        "private_key": "canary-cw-private-77ab",
        "client_id": "canary-cw-clientid-0f5e",
    }
    promised = {
        f"GET {_BASE}/{path}": fields
        for path, fields in {
            "company/companies(/count)?": ("id",),
            "procurement/catalog(/count)?": ("id",),
            "finance/agreements(/count)?": ("id",),
            "finance/agreements/([0-9]+)": ("id",),
            "finance/agreements/([0-9]+)/additions(/count)?": ("id",),
            "finance/invoices(/count)?": ("id", "date"),
            "procurement/products(/count)?": ("id",),
        }.items()
    }
    totals = {route: "count" for route in promised if route.endswith("(/count)?")}

    def __init__(self, books: Books) -> None:
        """Open the doors."""
        super().__init__(books)
        self.base = _BASE
        self.public = ""  # where links lead, if not to its own address
        self.patches: dict[tuple[str, int], Record] = {}
        number = "([0-9]+)"
        self.routes = [
            (
                f"GET {_BASE}/company/companies(/count)?",
                lambda asked, _: self._listed(asked, self._companies()),
            ),
            (
                f"GET {_BASE}/procurement/catalog(/count)?",
                lambda asked, _: self._listed(asked, self._catalog()),
            ),
            (
                f"GET {_BASE}/finance/agreements(/count)?",
                lambda asked, _: self._listed(asked, self._agreements()),
            ),
            (f"GET {_BASE}/finance/agreements/{number}", self._agreement),
            (f"GET {_BASE}/finance/agreements/{number}/additions(/count)?", self._additions),
            (
                f"GET {_BASE}/finance/invoices(/count)?",
                lambda asked, _: self._listed(asked, self._invoices()),
            ),
            (
                f"GET {_BASE}/procurement/products(/count)?",
                lambda asked, _: self._listed(asked, self._products()),
            ),
        ]

    def settings(self, url: str) -> dict[str, str]:
        """See ``FakeVendor``."""
        return {
            "base_url": f"{url}{_BASE}",
            "company_id": "northwind",
            "catalog_currency": "USD",
            "other_product": _OTHER,
        }

    def refused(self, asked: Asked) -> Reply | None:
        """See ``FakeVendor``."""
        keys = basic_header(f"northwind+{self.credentials['public_key']}:{self.credentials['private_key']}")
        if (
            asked.headers.get("authorization") != keys
            or asked.headers.get("clientid") != self.credentials["client_id"]
        ):
            return _error(401, "Unauthorized", "The credentials are invalid.")
        if asked.headers.get("accept") not in (_TYPE, "*/*"):
            return _error(406, "NotAcceptable", "No such version.")
        return None

    def _companies(self) -> list[Record]:
        return [
            {
                "id": 250 + number,
                "identifier": row["client_id"],
                "name": row["client_name"],
                "deletedFlag": False,
                "status": {"id": 1, "name": "Inactive" if row.get("status") == "inactive" else "Active"},
            }
            for number, row in enumerate(self.books.get("clients", ()))
        ]

    def _company(self, identifier: str) -> Record:
        found = next((each for each in self._companies() if each["identifier"] == identifier), None)
        return (
            {name: found[name] for name in ("id", "identifier", "name")}
            if found
            else {"identifier": identifier}
        )

    def _catalog(self) -> list[Record]:
        items = []
        for number, row in enumerate(self.books.get("products", ())):
            item = {
                "id": 40 + number,
                "identifier": row["product_code"],
                "description": row["product_name"],
                "inactiveFlag": False,
                "subcategory": {"id": 1, "name": "Cloud"},
                "type": {"id": 1, "name": "Licence"},
                "customerDescription": row["product_name"],
                "productClass": "NonInventory" if row["vendor_backed"] == "true" else "Service",
                "cost": 1.5,
            }
            items.append(
                item
                | ({"price": json_number(row["default_unit_price"])} if row.get("default_unit_price") else {})
            )
        return items

    def _agreements(self) -> list[Record]:
        clients = dict.fromkeys(
            row["client_id"]
            for row in (*self.books.get("agreements", ()), *self.books.get("invoice_lines", ()))
        )
        currencies = {row["client_id"]: row["currency"] for row in self.books.get("agreements", ())}
        ids = {row["client_id"]: int(row["agreement_id"]) for row in self.books.get("agreements", ())}
        return [
            {
                "id": ids.get(client, _FIRST_AGREEMENT + number),
                "name": f"Managed {client}",
                "type": {"id": 7, "name": "Managed Services"},
                "company": self._company(client),
                "contact": {"id": 9, "name": "Ada"},
                "startDate": "2020-01-01T00:00:00Z",
                "noEndingDateFlag": True,
                "cancelledFlag": False,
                "billingCycle": {"id": 2, "name": "Monthly"},
                "billOneTimeFlag": False,
                "billAmount": 100.0,
                "agreementStatus": "Active",
                "currency": {
                    "id": 7,
                    "symbol": "$",
                    "currencyCode": currencies.get(client, "USD"),
                    "numberOfDecimals": 2,
                },
            }
            for number, client in enumerate(clients)
        ]

    def _agreement(self, asked: Asked, found: re.Match[str]) -> Reply:
        record = next(
            (each for each in self._patched(asked, self._agreements()) if each["id"] == int(found[1])), None
        )
        return _reply(record) if record else _error(404, "NotFound", f"Agreement {found[1]} not found")

    def _additions(self, asked: Asked, found: re.Match[str]) -> Reply:
        rows = [row for row in self.books.get("agreements", ()) if row["agreement_id"] == found[1]]
        return self._listed(asked, [addition(row) for row in rows])

    def _invoices(self) -> list[Record]:
        by_number: dict[str, list[Mapping[str, str]]] = {}
        for row in self.books.get("invoice_lines", ()):
            by_number.setdefault(row["invoice_id"], []).append(row)
        return [self._invoice(int(number), rows) for number, rows in by_number.items()]

    def _invoice(self, number: int, rows: list[Mapping[str, str]]) -> Record:
        amounts = {row["invoice_line_id"]: Decimal(row["amount"]) for row in rows}
        products = sum(
            (amounts[row["invoice_line_id"]] for row in rows if row["product_code"] != _OTHER), Decimal(0)
        )
        total = sum(amounts.values(), Decimal(0))
        invoice: Record = {
            "id": number,
            "invoiceNumber": str(number),
            "type": "Standard",
            "company": self._company(rows[0]["client_id"]),
            "date": f"{rows[0]['service_period_start']}T00:00:00Z",
            "status": {"id": 1, "name": "New", "isClosed": False},
            "currency": {"id": 7, "currencyCode": rows[0]["currency"], "numberOfDecimals": 2},
            "productTotal": json_number(products),
            "serviceTotal": json_number(total - products),
            "expenseTotal": 0,
            "agreementAmount": 0,
            "subtotal": json_number(total),
            "salesTax": 4.2,
            "total": json_number(total + Decimal("4.2")),
        }
        if any(row["charge_category"] == "recurring" for row in rows):
            invoice |= {"type": "Agreement", "agreement": self._reference(rows[0]["client_id"])}
        return invoice

    def _reference(self, client: str) -> Record:
        found = next(each for each in self._agreements() if each["company"]["identifier"] == client)
        return {"id": found["id"], "name": found["name"], "type": "Managed Services"}

    def _products(self) -> list[Record]:
        return [
            self._product(row) for row in self.books.get("invoice_lines", ()) if row["product_code"] != _OTHER
        ]

    def _product(self, row: Mapping[str, str]) -> Record:
        product: Record = {
            "id": int(row["invoice_line_id"]),
            "catalogItem": {"id": 1, "identifier": row["product_code"]},
            "description": "As agreed",
            "quantity": json_number(row["quantity"]),
            "price": json_number(row["unit_price"]),
            "cost": 1,
            "extPrice": json_number(row["amount"]),
            "billableOption": "Billable",
            "cancelledFlag": False,
            "quantityCancelled": 0,
            "invoice": {
                "id": int(row["invoice_id"]),
                "identifier": row["invoice_id"],
                "billingType": "Agreement",
            },
        }
        if row["charge_category"] == "recurring":
            return product | {"agreement": self._reference(row["client_id"]), "productClass": "Agreement"}
        return product | {"ticket": {"id": 88, "summary": "A new switch"}}

    def _patched(self, asked: Asked, records: Iterable[Record]) -> list[Record]:
        kind = asked.path.removeprefix(_BASE).removesuffix("/count").split("/")[-1]
        kind = "agreements" if kind.isdigit() else kind
        return [record | self.patches.get((kind, record["id"]), {}) for record in records]

    def _listed(self, asked: Asked, records: list[Record]) -> Reply:
        chosen = [
            record
            for record in self._patched(asked, records)
            if holds(asked.query.get("conditions", ""), record)
        ]
        if asked.path.endswith("/count"):
            return _reply({"count": len(chosen)})
        if asked.headers.get("pagination-type") != "forward-only":
            return _error(400, "BadRequest", "this vendor pages forward only")
        size = min(int(asked.query.get("pageSize", "25")), 1000, self.page)
        rest = sorted(
            (each for each in chosen if each["id"] > int(asked.query.get("pageId", "0"))),
            key=lambda each: each["id"],
        )
        page = rest[:size]
        if len(rest) == len(page):
            return _reply(page, Link="")
        query = "&".join(
            f"{name}={quoted(text)}" for name, text in {**asked.query, "pageId": str(page[-1]["id"])}.items()
        )
        where = self.public or f"{self.address}{_BASE}"
        return _reply(page, Link=f'<{where}{asked.path.removeprefix(_BASE)}?{query}>; rel="next"')


def _reply(content: object, **headers: str) -> Reply:
    return Reply.json(content, headers={"Content-Type": _TYPE, **headers})


def _error(status: int, code: str, message: str) -> Reply:
    return Reply.json({"code": code, "message": message, "errors": None}, status)
