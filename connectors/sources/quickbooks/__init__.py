"""QuickBooks Online: customers, items, and the lines of invoices and credit memos."""
