"""A Microsoft Graph of our own: exports of the bill with a storage of blobs, and the licences of tenants.

What belongs here: the vendor's words for canonical books, from its documents. It
shares nothing with ``connectors.sources.microsoft``.
"""

from __future__ import annotations

import gzip
import json
import re
from typing import Any
from urllib.parse import parse_qsl

from connectors.testing.server import Asked, Reply, json_bytes
from connectors.testing.vendor import Books, FakeVendor, json_number
from connectors.testing.vendors.microsoft import (
    GRAPH_SCOPE,
    PARTNER_SCOPE,
    PARTNER_TENANT,
    Entra,
    FakePartnerCenter,
    daily_of,
    lines_of,
)

SIGNATURE = "sv=2021-08-06&sr=d&sp=rl&sig=canary%2Bsignature%2F9c33%3D"
"""What opens the storage: whoever has it needs no credentials."""

_BILLING = "/v1.0/reports/partners/billing"


class FakeGraphBilling(FakePartnerCenter):
    """Exports that are ready at the second look, in blobs of ``page`` lines. Partner Center is the same
    server by another name.
    """

    signatures = (SIGNATURE, SIGNATURE.split("sig=")[1])
    promised = {
        "GET /v1/invoices": FakePartnerCenter.promised["GET /v1/invoices"],
        f"GET {_BILLING}/manifests/(.+)": (),
    }
    totals = {"GET /v1/invoices": "totalCount", f"GET {_BILLING}/manifests/(.+)": "blobCount"}

    def __init__(self, books: Books) -> None:
        """Open the doors."""
        super().__init__(books)
        self._exports: list[list[dict[str, Any]]] = []
        self._looks: dict[str, int] = {}
        self.routes += [
            (f"POST {_BILLING}/(reconciliation|usage)/billed/export", self._start),
            (f"GET {_BILLING}/operations/(.+)", self._watch),
            (f"GET {_BILLING}/manifests/(.+)", self._manifest),
            (r"GET /exports/(\d+)/part (\d+)\.json\.gz", self._blob),
            (r"GET /exports/(\d+)/part%20(\d+)\.json\.gz", self._blob),
        ]

    def settings(self, url: str) -> dict[str, str]:
        """See ``FakeVendor``."""
        names = super().settings(url)
        partner = names.pop("base_url").replace("127.0.0.1", "localhost")
        return {**names, "base_url": f"{url}/v1.0", "partner_url": partner, "blob_host": url}

    def refused(self, asked: Asked) -> Reply | None:
        """Want the token of the interface that is asked, and at the storage none at all."""
        if asked.path.startswith("/exports/"):
            signed = dict(parse_qsl(SIGNATURE)) == dict(asked.query) and "authorization" not in asked.headers
            return (
                None
                if signed
                else Reply(403, f"<Error><Code>AuthenticationFailed</Code>{asked.query}</Error>".encode())
            )
        scope = PARTNER_SCOPE if asked.path.startswith("/v1/") else GRAPH_SCOPE
        host = "localhost" if asked.path.startswith("/v1/") else "127.0.0.1"
        if self.tokens.purpose(asked) == (PARTNER_TENANT, scope) and asked.headers["host"].startswith(host):
            return None
        return Reply.json(
            {"error": {"code": "InvalidAuthenticationToken", "message": "Access token is empty."}}, 401
        )

    def _start(self, asked: Asked, found: re.Match[str]) -> Reply:
        wanted = json.loads(asked.body)
        if set(wanted) != {"invoiceId", "attributeSet"} or wanted["attributeSet"] != "full":
            return Reply.json({"error": {"code": "BadRequest", "message": "Invalid request body"}}, 400)
        lines = lines_of if found[1] == "reconciliation" else daily_of
        rows = lines(self.books, wanted["invoiceId"])
        self._exports.append(
            [{name[0].upper() + name[1:]: value for name, value in row.items()} for row in rows]
        )
        return Reply(
            202, b"", {"Location": f"{self.address}{_BILLING}/operations/op-{len(self._exports) - 1}"}
        )

    def _watch(self, asked: Asked, found: re.Match[str]) -> Reply:
        export, self._looks[found[1]] = int(found[1][3:]), self._looks.get(found[1], 0) + 1
        said = {
            "id": found[1],
            "createdDateTime": "2026-11-09T08:12:53",
            "lastActionDateTime": "2026-11-09T08:37:48.5046691Z",
        }
        kind = "#microsoft.graph.partners.billing."
        if self._looks[found[1]] == 1:
            return Reply.json(
                {"@odata.type": f"{kind}runningOperation", **said, "status": "running"},
                headers={"Retry-After": "10"},
            )
        if not self._exports[export]:
            error = {"code": "5000", "message": "No data available"}
            return Reply.json(
                {"@odata.type": f"{kind}failedOperation", **said, "status": "failed", "error": error}
            )
        link = {"resourceLocation@odata.navigationLink": f"{self.address}{_BILLING}/manifests/{export}"}
        return Reply.json(
            {"@odata.type": f"{kind}exportSuccessOperation", **said, "status": "succeeded", **link}
        )

    def _manifest(self, asked: Asked, found: re.Match[str]) -> Reply:
        blobs = -(-len(self._exports[int(found[1])]) // self.page)
        return Reply.json(
            {
                "id": found[1],
                "schemaVersion": "2",
                "dataFormat": "compressedJSONLines",
                "createdDateTime": "2026-11-09T08:37:48Z",
                "eTag": "RwDrn7fbiTXy6UULE",
                "partnerTenantId": PARTNER_TENANT,
                "rootDirectory": f"{self.address}/exports/{found[1]}",
                "sasToken": SIGNATURE,
                "partitionType": "default",
                "blobCount": blobs,
                "blobs": [
                    {"name": f"part {part}.json.gz", "partitionValue": "default"} for part in range(blobs)
                ],
            }
        )

    def _blob(self, asked: Asked, found: re.Match[str]) -> Reply:
        start = int(found[2]) * self.page
        lines = [json_bytes(row).decode() for row in self._exports[int(found[1])][start : start + self.page]]
        return Reply(
            200,
            gzip.compress("\n".join(lines).encode() + b"\n"),
            {"Content-Type": "application/octet-stream"},
        )


class FakeGraphLicenses(FakeVendor):
    """The licences of the tenant that the token is for."""

    credentials = FakePartnerCenter.credentials
    promised = {"GET /v1.0/subscribedSkus": ("id", "skuId", "consumedUnits", "prepaidUnits.enabled")}

    def __init__(self, books: Books) -> None:
        """Open the doors."""
        super().__init__(books)
        self.tokens = Entra(self.credentials)
        self.routes = [
            (r"POST /.+/oauth2/v2\.0/token", lambda asked, _: self.tokens.answer(asked)),
            ("GET /v1.0/subscribedSkus", self._skus),
        ]

    def settings(self, url: str) -> dict[str, str]:
        """See ``FakeVendor``."""
        tenants = dict.fromkeys(row["vendor_customer_id"] for row in self.books.get("license_counts", ()))
        return {"tenants": " ".join(tenants) or " ", "base_url": f"{url}/v1.0", "login_url": url}

    def is_token_request(self, asked: Asked) -> bool:
        """See ``FakeVendor``."""
        return asked.path.endswith("/oauth2/v2.0/token")

    def refused(self, asked: Asked) -> Reply | None:
        """See ``FakeVendor``."""
        good = self.tokens.purpose(asked)[1] == GRAPH_SCOPE
        return (
            None
            if good
            else Reply.json(
                {"error": {"code": "InvalidAuthenticationToken", "message": "Access token is empty."}}, 401
            )
        )

    def _skus(self, asked: Asked, _: re.Match[str]) -> Reply:
        tenant = self.tokens.purpose(asked)[0]
        rows = [row for row in self.books.get("license_counts", ()) if row["vendor_customer_id"] == tenant]
        start = int(asked.query.get("$skiptoken", "0"))
        body: dict[str, Any] = {"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#subscribedSkus"}
        body["value"] = [
            {
                "id": f"{tenant}_{row['sku_id']}",
                "skuId": row["sku_id"].upper(),
                "skuPartNumber": "ENTERPRISEPREMIUM",
                "appliesTo": "User",
                "capabilityStatus": "Enabled",
                "consumedUnits": json_number(row["assigned_quantity"]),
                "prepaidUnits": {
                    "enabled": json_number(row["entitled_quantity"]) - 1,
                    "warning": 1,
                    "suspended": 5,
                    "lockedOut": 7,
                },
                "subscriptionIds": ["43d26afe-cb98-48b9-acc4-ae3ef2ac6c51"],
                "servicePlans": [{"servicePlanName": "ADALLOM_S_O365"}],
            }
            for row in rows[start : start + self.page]
        ]
        if start + self.page < len(rows):
            body["@odata.nextLink"] = f"{self.address}/v1.0/subscribedSkus?$skiptoken={start + self.page}"
        return Reply.json(body)
