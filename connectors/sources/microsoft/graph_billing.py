"""Microsoft Graph partner billing: the CSP bill as exports, one per invoice, and the
invoices from Partner Center.

What belongs here: the declaration. What does not: the conversation of an export
(``connectors.http.paging.exports``), the mapping (``lines``, ``invoices``). Files of an export that somebody
downloaded are read by the same connector.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.http.endpoint import Endpoint
from connectors.http.paging.exports import Export
from connectors.http.rate_limit import Rate
from connectors.http.redaction import Secret
from connectors.http.signing.auth import ByOrigin
from connectors.sources.microsoft import invoices, lines
from connectors.sources.microsoft.partner_center import OF_INVOICES, OF_LINES
from connectors.spec import Checked, Feed, Setting, SourceSpec

_INVOICES = invoices.invoices("{partner_url}/invoices")


def _export(name: str, kind: str) -> Endpoint:
    return Endpoint(
        name,
        f"/reports/partners/billing/{kind}/billed/export",
        params={"invoiceId": "{invoice.id}", "attributeSet": "full"},
        parent=_INVOICES,
        paginator=Export(),
        permission="PartnerBilling.Read.All",
    )


def _auth(settings: Mapping[str, str], credentials: Mapping[str, Secret]) -> ByOrigin:
    return ByOrigin(
        tuple(
            invoices.signed(settings[url], settings["token_url"], settings[scope], credentials)
            for url, scope in (("base_url", "scope"), ("partner_url", "partner_scope"))
        )
    )


_EXPORTS = "Microsoft Graph, partners billing: export, operation, manifest"
GRAPH_BILLING = SourceSpec(
    name="microsoft_graph_billing",
    title="Microsoft Graph partner billing",
    doc=(
        "Microsoft CSP bill from Microsoft Graph exports (billed lines and daily usage), with the invoices"
        " from Partner Center."
    ),
    feeds=(
        Feed("vendor_invoices", (_INVOICES,), invoices.invoice),
        Feed(
            "vendor_charges",
            (_export("billed lines", "reconciliation"), _export("daily usage", "usage")),
            lines.charges,
            needs=lines.NEEDS,
        ),
    ),
    base_url="{base_url}",
    other_urls=("{partner_url}", "{token_url}"),
    blob_hosts=("{blob_host}",),
    auth=_auth,
    rate=Rate(5, 1),
    settings=(
        Setting(
            "base_url", "address of Microsoft Graph", "https://graph.microsoft.com/v1.0", is_address=True
        ),
        Setting(
            "partner_url",
            "address of Partner Center",
            "https://api.partnercenter.microsoft.com/v1",
            is_address=True,
        ),
        Setting("blob_host", "how hosts end that exports are stored on", ".blob.core.windows.net"),
        *invoices.SETTINGS,
        Setting("scope", "scope of the token for Microsoft Graph", "https://graph.microsoft.com/.default"),
        Setting(
            "partner_scope",
            "scope of the token for Partner Center",
            "https://api.partnercenter.microsoft.com/.default",
        ),
        *lines.SETTINGS,
    ),
    credentials=invoices.CREDENTIALS,
    checked=(
        Checked("requests, states, Retry-After, manifest, signed blobs of packed JSON lines", _EXPORTS),
        Checked(
            "dataFormat is compressedJSONLines in the table and compressedJSON in the example; both are"
            " taken",
            _EXPORTS,
        ),
        Checked("code 5000 means that there is nothing to export", _EXPORTS),
        Checked(
            "the eTag changes with the data; it is compared before and after the blobs are read", _EXPORTS
        ),
        Checked("blobs lie on hosts of .blob.core.windows.net", "no document says", True),
        Checked(
            "exports of billed lines have the columns of the reconciliation file",
            "the attribute sets list those of usage",
            True,
        ),
        *OF_INVOICES,
        *OF_LINES,
        Checked("5 requests a second", "no document says", True),
    ),
    rename=str.lower,
)
