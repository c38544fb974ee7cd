"""What the source QuickBooks Online was checked against, and what is only believed.

What belongs here: a line of the page of sources for each fact relied on. What does not: what is done with it
(``online``, ``documents``, ``faults``).
"""

from __future__ import annotations

from connectors.spec import Checked

_REFERENCE = "QuickBooks Online API reference"
_SEEN = "public answers of the interface"

CHECKED = (
    Checked(
        "the query endpoint, select * and count(*), where, orderby, startposition from 1, at most 1,000"
        " maxresults (here 250 for documents); a page says where it begins and how many it holds",
        "Intuit, Query operations and syntax",
    ),
    Checked("minor version 75, since others are no longer supported", "Intuit, Minor versions of our API"),
    Checked(
        "customers and items that are inactive come only where Active is asked for; totalCount, and an"
        " empty QueryResponse where nothing is found",
        _SEEN,
        True,
    ),
    Checked(
        "names of fields; CurrencyRef is the currency of all amounts of a document, and is only required"
        " where a company has several",
        _REFERENCE,
    ),
    Checked("a document without CurrencyRef is in home currency", "meaning of the words", True),
    Checked("an item's UnitPrice is in home currency; SalesTaxIncluded says that tax is in it", _REFERENCE),
    Checked(
        "whether a comparison takes in the day itself: one day more is asked for on both sides, and what"
        " is dated outside the month is passed over",
        "intuit/QuickBooks-V3-PHP-SDK, issue 460",
        True,
    ),
    Checked(
        "Amount and UnitPrice of a line are without tax, also where GlobalTaxCalculation is TaxInclusive",
        f"{_SEEN}, from Australia",
        True,
    ),
    Checked(
        "TotalAmt is the sum of lines and tax, less discounts; a document for which this is not so, by"
        " more than a cent for each line, is rejected",
        f"{_REFERENCE}, TotalAmt",
    ),
    Checked("a deposit on an invoice lessens its Balance and not its TotalAmt", "names", True),
    Checked(
        "the lines inside a bundle (GroupLineDetail) are charged, and its own Amount is not added",
        _SEEN,
        True,
    ),
    Checked(
        "a discount on the whole document has a positive Amount, with PercentBased as well; it stands as"
        " a one_time line of no-item beside prices before it, and warnings count such documents",
        f"{_REFERENCE}, sample of an invoice",
    ),
    Checked(
        "a line without ItemRef is text, whatever its Amount; SHIPPING_ITEM_ID and GRATUITY_ITEM_ID are"
        " shipping and gratuity, here one_time lines of no-item",
        f"{_REFERENCE}, ItemRef",
    ),
    Checked("a line without Qty is one of its Amount", "no document says", True),
    Checked(
        "ServiceDate is the day when the service is performed, and one day only: it tells no period. It"
        " counts where settings.service_date says so; else warnings count documents where it is in"
        " another month",
        "Intuit's SDK schema, ServiceDate",
    ),
    Checked(
        "a voided document stays, with amounts and quantities of 0 and a PrivateNote that begins with Voided",
        f"{_REFERENCE}, void operation",
    ),
    Checked(
        "lines of credit memos are positive and give seats back. InvoiceRef, of Indian companies only,"
        " names an invoice and not its date: memos count in the month of their own, warnings count them,"
        " and settings.credit_memos can pass them through",
        f"{_REFERENCE}, CreditMemo",
    ),
    Checked("a line of negative money takes seats away", "no document says", True),
    Checked(
        "sales receipts and refund receipts are not read: an MSP that bills with them lands a file",
        f"{_REFERENCE}, SalesReceipt and RefundReceipt",
    ),
    Checked(
        "a Fault may come with status 200; Intuit's gateway writes it with small letters",
        "Intuit, error codes; threads of public clients",
    ),
    Checked(
        "a refresh token lasts 100 days from its last use, five years at most, and a use may give"
        " another, about once a day; the answer names the one that is good from then on",
        "Intuit, OAuth token management and refresh token policy",
    ),
    Checked(
        "where an answer with a new token is lost, the old one is good for 24 hours more",
        "two of Intuit's pages, quoted in threads of clients, disagree",
        True,
    ),
    Checked(
        "10 requests a second and 500 a minute for a company, then 429; 8 a second keep to both",
        "Intuit, API call limits and throttles",
    ),
)
