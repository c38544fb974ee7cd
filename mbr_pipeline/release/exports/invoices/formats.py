"""Invoice import files of Xero and QuickBooks Online: the vendors' columns, in the vendors' order (contract
§10; Xero: template of "Import sales invoices"; QuickBooks Online: headings that its import maps by itself).

What belongs here: columns, and how many invoices a file may hold. What does not: lines (``invoices``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mbr_pipeline.release.exports.cells import Cell, product, rounded
from mbr_pipeline.release.exports.files import File
from mbr_pipeline.release.exports.invoices.lines import Invoice, Line
from mbr_pipeline.release.exports.invoices.words import Words
from mbr_pipeline.workspace.export_settings import ImportSettings

XERO_COLUMNS = (
    "*ContactName", "EmailAddress", "POAddressLine1", "POAddressLine2", "POAddressLine3", "POAddressLine4",
    "POCity", "PORegion", "POPostalCode", "POCountry", "*InvoiceNumber", "Reference", "*InvoiceDate",
    "*DueDate", "Total", "InventoryItemCode", "*Description", "*Quantity", "*UnitAmount", "Discount",
    "*AccountCode", "*TaxType", "TrackingName1", "TrackingOption1", "TrackingName2", "TrackingOption2",
    "Currency", "BrandingTheme",
)  # fmt: skip

QUICKBOOKS_COLUMNS = (
    "*Invoice number", "*Customer", "*Invoice date", "*Due date", "Terms", "Service date",
    "Item (Product/Service)", "Item description", "Item quantity", "Item rate", "*Item amount",
    "Item tax code", "Memo", "Currency",
)  # fmt: skip

_Cells = Callable[[Invoice, Line, Words, ImportSettings], dict[str, Cell]]


@dataclass(frozen=True)
class ImportFormat:
    """One system's file.

    Attributes:
        columns: Its headings.
        most_invoices: How many invoices a file may hold.
        most_rows: How many rows, as far as invoices are not split for it.
        cells: The cells that are filled, by heading.
        amount: Currency and amount of a row as the system will compute it.
    """

    columns: tuple[str, ...]
    most_invoices: int
    most_rows: int | None
    cells: _Cells
    amount: Callable[[Mapping[str, str]], tuple[str, Decimal]]


def import_files(
    kind: ImportFormat, name: str, invoices: Sequence[Invoice], words: Words, settings: ImportSettings
) -> list[File]:
    """Return the files of invoices; none where there is no invoice. An invoice is never split."""
    files = []
    for number, part in enumerate(_parts(kind, invoices), start=1):
        rows = []
        for invoice in part:
            for line in invoice.lines:
                cells = kind.cells(invoice, line, words, settings)
                rows.append(tuple(cells.get(column) for column in kind.columns))
        files.append(File(f"{name}-{number:03d}.csv", kind.columns, rows, kind.amount))
    return files


def _parts(kind: ImportFormat, invoices: Sequence[Invoice]) -> Iterator[list[Invoice]]:
    part: list[Invoice] = []
    rows = 0
    for invoice in invoices:
        is_full = len(part) == kind.most_invoices
        if part and (is_full or (kind.most_rows and rows + len(invoice.lines) > kind.most_rows)):
            yield part
            part, rows = [], 0
        part.append(invoice)
        rows += len(invoice.lines)
    if part:
        yield part


def _xero_cells(invoice: Invoice, line: Line, words: Words, settings: ImportSettings) -> dict[str, Cell]:
    called = words.products[line.product_code]
    return {
        "*ContactName": words.contacts[invoice.client_id],
        "*InvoiceNumber": invoice.number,
        "*InvoiceDate": invoice.day.strftime(settings.date_format),
        "*DueDate": invoice.due.strftime(settings.date_format),
        "InventoryItemCode": called.item,
        "*Description": line.text,
        "*Quantity": line.quantity,
        "*UnitAmount": line.price,
        "*AccountCode": called.account,
        "*TaxType": called.tax,
        "Currency": invoice.currency,
    }


def _xero_amount(row: Mapping[str, str]) -> tuple[str, Decimal]:
    exact = product(Decimal(row["*Quantity"]), Decimal(row["*UnitAmount"]))
    return row["Currency"], rounded(exact, row["Currency"])


XERO = ImportFormat(XERO_COLUMNS, 500, None, _xero_cells, _xero_amount)


def _quickbooks_cells(
    invoice: Invoice, line: Line, words: Words, settings: ImportSettings
) -> dict[str, Cell]:
    called = words.products[line.product_code]
    return {
        "*Invoice number": invoice.number,
        "*Customer": words.contacts[invoice.client_id],
        "*Invoice date": invoice.day.strftime(settings.date_format),
        "*Due date": invoice.due.strftime(settings.date_format),
        "Service date": line.start.strftime(settings.date_format),
        "Item (Product/Service)": called.item or line.product_code,
        "Item description": line.text,
        "Item quantity": line.quantity,
        "Item rate": line.price,
        "*Item amount": line.amount,
        "Item tax code": called.tax,
        "Currency": invoice.currency,
    }


QUICKBOOKS = ImportFormat(
    QUICKBOOKS_COLUMNS,
    100,
    1000,
    _quickbooks_cells,
    lambda row: (row["Currency"], Decimal(row["*Item amount"])),
)
