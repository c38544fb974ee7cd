"""What the HaloPSA source was checked against, line by line.

What belongs here: facts and where each is said. What does not: how they are used.
"""

from __future__ import annotations

from connectors.spec import Checked

_DOCUMENT = "Halo API v2, OpenAPI document"
_CLIENTS = "public clients of the interface"
_REPORTS = "public reports on HaloPSA's tables"
_SAMPLE = "one recurring invoice in a public repository"
CHECKED = (
    Checked("paths, parameters, types of fields", _DOCUMENT),
    Checked(
        "numbers are doubles: fifteen digits are read, and warnings count the records that have more",
        _DOCUMENT + ", format double",
    ),
    Checked(
        "what lists answer: record_count beside clients, items or invoices (recurring ones as well); at most"
        " 100 records a page",
        _CLIENTS,
        True,
    ),
    Checked(
        "record_count counts all pages, and pages are in the order of id where that is asked for",
        _CLIENTS,
        True,
    ),
    Checked(
        "no filter by date: invoicedatestart and invoicedateend are described as fields to show; all"
        " invoices are listed, and those of the month asked for one by one",
        _DOCUMENT,
    ),
    Checked(
        "an invoice asked for by its id has its lines; without lines and not of 0.00, it is rejected",
        _CLIENTS,
        True,
    ),
    Checked("the token request, a form with scope, and the tenant in its address", _CLIENTS, True),
    Checked("read:customers, read:items, read:invoices are what an application needs", "names", True),
    Checked("recurring invoices have negative ids, 1899-12-30 is no date", _SAMPLE, True),
    Checked(
        "a line is recurring if its recurring_invoice_id is below -1, which names none, or it names a line of"
        " one; recurring_invoice_line_id is the agreement line",
        _REPORTS,
        True,
    ),
    Checked(
        "headings of groups (isgroupdesc), inactive lines and void invoices bill nothing", _REPORTS, True
    ),
    Checked(
        "item 1 stands for lines that are typed by hand; these are one_time, as are lines without item",
        _REPORTS,
        True,
    ),
    Checked("onetimecharge: billed once, although on a recurring invoice", "name", True),
    Checked(
        "net_amount is without tax, and after discount_perc; revenue is the net sum of the lines. Warnings"
        " count invoices where it is not",
        _SAMPLE,
        True,
    ),
    Checked(
        "unit_price, net_amount are in the document's currency; currency_code is a number", "names", True
    ),
    Checked("period_end_date and enddate are the last day", _SAMPLE, True),
    Checked(
        "a moment at midnight is the day written; any other is in UTC, and counts on its day in time_zone",
        _SAMPLE,
        True,
    ),
    Checked(
        "a price is for the whole months of a recurring invoice's period. What its number means is told in"
        " two ways (a month is 2, or 3): only settings.periods say. Where days and number differ, lines are"
        " rejected",
        _CLIENTS,
        True,
    ),
    Checked(
        "lines of recurring invoices say how things are today, and most have no dates: those are in force in"
        " the month fetched. Fetch agreements in the month or soon after: warnings count lines of recurring"
        " invoices that were changed more than a month after it",
        _SAMPLE,
        True,
    ),
    Checked("an enddate that renews itself (autorenew) ends nothing", "name", True),
    Checked(
        "HaloPSA counts quantities by licence, user or asset when it invoices; until then the line says the"
        " last count. Warnings count such lines",
        "HaloPSA guide, Automating Quantities in Recurring Invoices",
    ),
    Checked(
        "a line that is pro rata stands beside the whole one, and names no days on the invoice: it counts for"
        " the whole period. Warnings count them",
        "HaloPSA guide, Pro Rata on Recurring Invoices",
    ),
    Checked(
        "credit notes have negative amounts, and count in the month of their date, where they may give back"
        " seats of another: warnings count their lines. What credits an invoice (creditlinkedtoinvoiceid) and"
        " is above zero is rejected",
        "no document says",
        True,
    ),
    Checked("invoices to another client name the one they are for as original_client_id", "name", True),
    Checked(
        "recurring items cost recurringprice, others baseprice; a price of 0 is none",
        "names",
        True,
    ),
    Checked("item_default_billing_period 2 is a month", _REPORTS, True),
    Checked("no refusal with status 200 is documented; an answer without its list or id is one", _DOCUMENT),
    Checked("700 requests in 5 minutes, then 429; 2 a second are less", _CLIENTS, True),
)
