"""``exports:`` of ``mbr.yml``: what invoice import files say that no landed file does (contract §10).

What belongs here: the settings. What does not: how they are used (``mbr_pipeline.release.exports``), and the
accounting system's words (``accounting.csv`` and ``contacts.csv`` in ``rules``).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field

from mbr_pipeline.workspace.strict import Strict, Whole, shown

InvoiceDate = Literal["period_end", "period_start"]
TaxMode = Literal["exclusive", "inclusive"]

_TRIED = (date(2026, 2, 28), date(2031, 12, 3))
"""Days that a form of dates must tell apart, whole: two digits of the year are enough."""


def _one_of(kind: Any) -> BeforeValidator:
    words = get_args(kind)

    def known(value: Any) -> Any:
        if value not in words:
            raise ValueError(f"{shown(value)} is unknown: write {' or '.join(words)}")
        return value

    return BeforeValidator(known)


def _date_format(value: Any) -> str:
    text = str(value)
    try:
        is_whole = all(datetime.strptime(day.strftime(text), text).date() == day for day in _TRIED)
    except ValueError:
        is_whole = False
    if not is_whole or not text.isprintable():
        raise ValueError(f"{shown(value)} does not write a day: write it like %Y-%m-%d or %d/%m/%Y")
    return text


class ImportSettings(Strict):
    """How one accounting system's import files are written.

    ``invoice_date``: the invoice's date where none is landed, the last or the first day of the month.
    ``due_days``: days from the invoice's date to its due date where none is landed. ``date_format``: as the
    accounting organisation reads dates, in the signs of ``strftime``. ``tax_mode``: what must be chosen when
    the file is imported, told in the manifest.
    """

    invoice_date: Annotated[InvoiceDate, _one_of(InvoiceDate)] = "period_end"
    due_days: Whole = Field(default=30, ge=0, le=366)
    date_format: Annotated[str, BeforeValidator(_date_format)] = "%Y-%m-%d"
    tax_mode: Annotated[TaxMode, _one_of(TaxMode)] = "exclusive"


class Exports(Strict):
    """``exports:``; the defaults are the contract's. No figure of a month depends on it."""

    xero: ImportSettings = ImportSettings()
    quickbooks: ImportSettings = ImportSettings()
