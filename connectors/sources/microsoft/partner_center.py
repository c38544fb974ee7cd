"""Microsoft Partner Center: the CSP bill of new commerce, line by line.

What belongs here: the declaration. What does not: the mapping (``lines``, ``invoices``). Files downloaded
from the portal (Billing history, reconciliation file and daily rated usage) are read by the same connector.
Legacy licence and Azure invoices are listed, and their lines read from files only.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.http.endpoint import Endpoint
from connectors.http.paging.linked import ContinuationToken
from connectors.http.rate_limit import Rate
from connectors.http.redaction import Secret
from connectors.http.signing.tokens import ClientCredentials
from connectors.sources.microsoft import invoices, lines
from connectors.spec import Checked, Feed, Setting, SourceSpec

_INVOICES = invoices.invoices("/invoices")


def _lines(name: str, kind: str, required: tuple[str, ...]) -> Endpoint:
    return Endpoint(
        name,
        "/invoices/{invoice.id}/lineitems",
        "items",
        required=("invoiceNumber", "chargeType", *required),
        parent=_INVOICES,
        params={"provider": "onetime", "invoicelineitemtype": kind, "size": "2000"},
        paginator=ContinuationToken(),
        permission=invoices.PERMISSION,
    )


def _auth(settings: Mapping[str, str], credentials: Mapping[str, Secret]) -> ClientCredentials:
    return invoices.signed(settings["base_url"], settings["token_url"], settings["scope"], credentials)


_FORMULAS = "Learn how to read new commerce invoice reconciliation files"
_SCENARIOS = "Partner Center billing scenarios for one-time and select recurring purchases"
_LINES = "Get invoice line items, Partner Center REST"
OF_LINES = (
    Checked(
        "seats: Subtotal = ROUNDDOWN(EffectiveUnitPrice * PCToBCExchangeRate, 2) * BillableQuantity",
        _FORMULAS,
    ),
    Checked(
        "metered usage: ROUNDDOWN(ROUNDDOWN(EffectiveUnitPrice * BillableQuantity, 2)"
        " * PCToBCExchangeRate, 2)",
        _FORMULAS,
    ),
    Checked(
        "the samples of lines break both rules; of their sums only subtotal + tax = total holds,"
        " on billed lines",
        _LINES,
    ),
    Checked("charge types and what they are for", "Charge types in Partner Center reconciliation line items"),
    Checked("a refund has the old quantity without a sign and negative money", _SCENARIOS),
    Checked("chargeEndDate is the last day: 10 June to 9 July are 30 days", _SCENARIOS),
    Checked(
        "a sample line without charge dates takes those of its subscription, 3 January to 2 February", _LINES
    ),
    Checked(
        "0001-01-01 is no date; a line without charge dates that bills a month of a longer subscription is"
        " rejected",
        "Get invoice summaries, Partner Center REST, its sample",
        True,
    ),
    Checked(
        "a change of quantity is charged with the dates of its own days",
        "the example of 2019 repeats the whole cycle",
        True,
    ),
    Checked(
        "daily usage: BillingPreTaxTotal has 15 places in the sample and 2 by an older page; rounded to 12",
        _LINES,
    ),
    Checked(
        "daily usage counts on usageDate; its sample ends a month with the 1st of the next,"
        " unlike other lines",
        _LINES,
    ),
    Checked(
        "new commerce lines contain metered usage, which daily rated usage tells again",
        "Read reconciliation files, Partner Center",
    ),
    Checked("a new commerce line with a meterDescription is metered usage", "field descriptions", True),
    Checked("a termAndBillingCycle beginning with One-time is a purchase", "public client code", True),
    Checked(
        "cycleCharge, renew, cancelImmediate, customerCredit are charge types", "public client code", True
    ),
    Checked("numbers in the portal's files may begin with an apostrophe", "public client code", True),
)
OF_INVOICES = (
    Checked(
        "GET /invoices pages by size and offset, a full page being followed by more with a link or without;"
        " app-only credentials will do",
        "Get a collection of invoices, Partner Center REST",
    ),
    Checked(
        "totalCount is the page's in the sample; a total that does not fit the page is taken for the whole",
        "sample of invoices",
    ),
    Checked(
        "a month's invoice is dated in the month after",
        "Partner Center billing scenarios: published 6th to 8th of the next month",
    ),
    Checked(
        "the sample of one invoice is dated on the 8th of its own billing period, 1st to 28th, and not in the"
        " month after: look at yours, and set settings.dated to same_month if they are like it",
        "Get invoice by ID, Partner Center REST",
    ),
    Checked("totalCharges is the sum of the lines before tax", "no document says", True),
    Checked(
        "documentType: an invoice counts as written, a credit, void or adjustment note below zero gives back"
        " what it says; one that is not below zero, as in the sample, is rejected with its lines, for no"
        " document says which way it counts",
        "Invoice resources, and sample of invoices",
    ),
    Checked(
        "a correction below zero has lines below zero; the control total would tell", "no document says", True
    ),
    Checked("amendments have no lines of their own to fetch", "no document says", True),
)

PARTNER_CENTER = SourceSpec(
    name="microsoft_partner_center",
    title="Microsoft Partner Center",
    doc=(
        "Microsoft CSP bill from Partner Center: invoices and their lines; also reconciliation files from the"
        " portal."
    ),
    feeds=(
        Feed("vendor_invoices", (_INVOICES,), invoices.invoice),
        Feed(
            "vendor_charges",
            (
                _lines("billed lines", "billinglineitems", ("subtotal", "currency")),
                _lines(
                    "daily usage", "usagelineitems", ("usageDate", "billingPreTaxTotal", "billingCurrency")
                ),
            ),
            lines.charges,
            needs=lines.NEEDS,
        ),
    ),
    base_url="{base_url}",
    other_urls=("{token_url}",),
    auth=_auth,
    rate=Rate(5, 1),
    settings=(
        Setting(
            "base_url",
            "address of the interface",
            "https://api.partnercenter.microsoft.com/v1",
            is_address=True,
        ),
        *invoices.SETTINGS,
        Setting("scope", "scope of the token", "https://api.partnercenter.microsoft.com/.default"),
        *lines.SETTINGS,
    ),
    credentials=invoices.CREDENTIALS,
    checked=(
        Checked("paths, parameters, size of 2000, paging by MS-ContinuationToken", _LINES),
        Checked("the address of a next page is damaged in the samples; only its token is used", _LINES),
        *OF_INVOICES,
        *OF_LINES,
        Checked("5 requests a second", "no document says", True),
    ),
    rename=str.lower,
)
