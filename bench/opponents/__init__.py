"""The opponents: other ways to answer the month's plainest question over the same files.

The question: by client and product, the unit-days that the vendors bill, the agreements promise and the
invoices charge in the month, the money of bills and invoices, the seats counted, and how far the invoices are
from what the product's basis expects. To answer it every file is read and typed, repeated charges are left
out, vendor lines are mapped on the first of their days in the month, each leg is summed, and the legs are
joined and written as one Parquet file. Minimums, prices, findings, evidence, controls and proof are ``mbr``'s
alone.

What belongs here: one way a module or script, as fast as it is when written well, and ``floor``, which only
reads and types. What does not: how they are measured (``bench.run``), and the script that finds every
exception (``bench/handwritten.sql``).
"""
