"""What must be found in the October of ``twelve`` and stand in its ready lines, worked by hand.

Belongs here: the tables that are too large for the test that plays the month. Does not: what people do.
"""

from __future__ import annotations

UNDER = "UNDERBILLED_QUANTITY"
WHOLE = ("2026-10-01", "2026-11-01")

FOUND = {
    # seats on the vendor's bill against seats invoiced, at 8.00: 12 - 10, 7 - 6, 4 - 5, 12 - 10
    (UNDER, "C-1", "SEAT", "USD"): "16 0 0 0 0",
    (UNDER, "C-2", "SEAT", "USD"): "8 0 0 0 0",
    ("OVERBILLED_QUANTITY", "C-3", "SEAT", "USD"): "0 8 0 0 0",
    (UNDER, "C-5", "SEAT", "USD"): "16 0 0 0 0",
    # 5 - 4 at 7.00 EUR; mailboxes 6 - 5 at 4.00
    (UNDER, "C-6", "SEAT", "EUR"): "7 0 0 0 0",
    (UNDER, "C-4", "MAIL", "USD"): "4 0 0 0 0",
    # 3 backups at 20.00 never invoiced, 2 invoiced that nobody provides
    ("AGREEMENT_NOT_INVOICED", "C-1", "BACKUP", "USD"): "60 0 0 0 0",
    ("BILLED_NOT_PROVIDED", "C-2", "BACKUP", "USD"): "0 40 0 0 0",
    # 10 × (8.00 - 7.50)
    ("INVOICE_PRICE_MISMATCH", "C-4", "SEAT", "USD"): "5 0 0 0 0",
    # 2 × 20.00 × 15 of September's 30 days
    ("LATE_CHARGE", "C-3", "BACKUP", "USD"): "20 0 0 0 0",
    # 57.00 for 10 × 5.00; one seat of 12 is nobody's, at 5.00
    ("VENDOR_AMOUNT_MISMATCH", "C-4", "SEAT", "USD"): "0 0 7 0 0",
    ("UNUSED_LICENSES", "C-5", "SEAT", "USD"): "0 0 0 0 5",
}
"""The twelve exceptions: recoverable, refund, claim, liability, stranded."""

READY = [
    ("C-1", None, "BACKUP", "3", "20", "60", "USD", *WHOLE, "added", "Backup, 3 more than invoiced"),
    ("C-1", "L-11", "SEAT", "12", "8", "96", "USD", *WHOLE, "corrected", "Seat: quantity 12 instead of 10"),
    ("C-1", "L-12", "LABOUR", "1", "150", "150", "USD", *WHOLE, "unchanged", None),
    ("C-2", "L-21", "SEAT", "7", "8", "56", "USD", *WHOLE, "corrected", "Seat: quantity 7 instead of 6"),
    ("C-2", "L-22", "BACKUP", "0", "20", "0", "USD", *WHOLE, "removed",
     "Backup: not provided in this period"),
    ("C-3", None, "BACKUP", "1", "20", "20", "USD", "2026-09-16", "2026-10-01", "added",
     "Backup, for earlier days, charged late"),
    ("C-3", "L-31", "SEAT", "4", "8", "32", "USD", *WHOLE, "corrected", "Seat: quantity 4 instead of 5"),
    ("C-3", "L-32", "BACKUP", "2", "20", "40", "USD", *WHOLE, "unchanged", None),
    ("C-4", "L-41", "SEAT", "10", "8", "80", "USD", *WHOLE, "corrected",
     "Seat: unit price 8.00 instead of 7.50"),
    ("C-4", "L-42", "MAIL", "6", "4", "24", "USD", *WHOLE, "corrected",
     "Mailbox: quantity 6 instead of 5"),
    ("C-5", "L-51", "SEAT", "10", "8", "80", "USD", *WHOLE, "unchanged", None),
    ("C-6", "L-61", "SEAT", "4", "7", "28", "EUR", *WHOLE, "unchanged", None),
]  # fmt: skip
"""USD 573 landed + 16 + 60 + 8 - 40 - 8 + 20 + 5 + 4 approved = 638; EUR 28."""

CREDITED = [
    ("C-1", "L-11", "SEAT", "11", "8", "88", "USD", *WHOLE, "corrected", "Seat: quantity 11 instead of 10")
    if row[1] == "L-11"
    else row
    for row in READY
]
"""After the credit C-1 has 11 seats: USD 630."""
