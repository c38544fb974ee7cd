"""The books of a month with twelve exceptions, and of the two months after it, each as small as it can be.

Belongs here: the landed files, rules and settings. Does not: what must come of them (``worked_out``).

A seat costs 5.00 and sells at 8.00, a backup 12.00 and 20.00, a mailbox 2.00 and 4.00; C-6 pays 7.00 EUR a
seat. All agreements began in January; October has 31 days.
"""

from __future__ import annotations

from pathlib import Path

from tests.support.small import settings, write

PEOPLE_AND_POLICIES = """people:
  clerk1: {name: First clerk, roles: [clerk]}
  clerk2: {name: Second clerk, roles: [clerk]}
  owner1: {name: Head of finance, roles: [approver]}
  owner2: {name: Managing director, roles: [approver]}
policies:
  four_eyes_above: {USD: "50.00"}
  auto_approve:
    - {codes: [UNDERBILLED_QUANTITY], max_impact: {USD: "5.00"}}
"""

INVOICES = "invoice_id,invoice_date,currency,invoice_total\n"
CHARGES = (
    "line_id,invoice_id,vendor_customer_id,sku_id,charge_category,quantity,unit_cost,amount,currency,"
    "charge_period_start,charge_period_end\n"
)
_COUNTS = "vendor_customer_id,sku_id,as_of_date,entitled_quantity,assigned_quantity\n"
_AGREEMENTS = (
    "agreement_line_id,agreement_id,client_id,product_code,quantity,unit_price,currency,effective_start,"
    "effective_end\n"
)
_LINES = (
    "invoice_line_id,invoice_id,client_id,product_code,quantity,unit_price,amount,currency,"
    "service_period_start,service_period_end,charge_category\n"
)
_PRODUCTS = """product_code,product_name,vendor_backed,default_unit_price,currency
SEAT,Seat,true,8.00,USD
BACKUP,Backup,true,20.00,USD
MAIL,Mailbox,true,4.00,USD
LABOUR,Labour,false,,
"""

OCTOBER = {
    # 60 + 36 + 35 + 20 + 24 + 12 + 57 + 12 + 60 + 25 = 341
    "vendor/vendor_invoices.csv": INVOICES + "V-10,2026-10-31,USD,341.00\n",
    "vendor/vendor_charges.csv": CHARGES
    + """1,V-10,T-1,S,recurring,12,5.00,60.00,USD,2026-10-01,2026-11-01
2,V-10,T-1,B,recurring,3,12.00,36.00,USD,2026-10-01,2026-11-01
3,V-10,T-2,S,recurring,7,5.00,35.00,USD,2026-10-01,2026-11-01
4,V-10,T-3,S,recurring,4,5.00,20.00,USD,2026-10-01,2026-11-01
5,V-10,T-3,B,recurring,2,12.00,24.00,USD,2026-10-01,2026-11-01
6,V-10,T-3,B,recurring,2,6.00,12.00,USD,2026-09-16,2026-10-01
7,V-10,T-4,S,recurring,10,5.00,57.00,USD,2026-10-01,2026-11-01
8,V-10,T-4,M,recurring,6,2.00,12.00,USD,2026-10-01,2026-11-01
9,V-10,T-5,S,recurring,12,5.00,60.00,USD,2026-10-01,2026-11-01
10,V-10,T-6,S,recurring,5,5.00,25.00,USD,2026-10-01,2026-11-01
""",
    "vendor/license_counts.csv": _COUNTS + "T-5,S,2026-10-01,12,11\n",
    "psa/clients.csv": (
        "client_id,client_name\nC-1,Alder\nC-2,Birch\nC-3,Cedar\nC-4,Dogwood\nC-5,Elm\nC-6,Fichte\n"
    ),
    "psa/products.csv": _PRODUCTS,
    "psa/agreements.csv": _AGREEMENTS
    + """A-11,A-1,C-1,SEAT,10,8.00,USD,2026-01-01,
A-12,A-1,C-1,BACKUP,3,20.00,USD,2026-01-01,
A-21,A-2,C-2,SEAT,6,8.00,USD,2026-01-01,
A-22,A-2,C-2,BACKUP,2,20.00,USD,2026-01-01,
A-31,A-3,C-3,SEAT,5,8.00,USD,2026-01-01,
A-32,A-3,C-3,BACKUP,2,20.00,USD,2026-01-01,
A-41,A-4,C-4,SEAT,10,8.00,USD,2026-01-01,
A-42,A-4,C-4,MAIL,5,4.00,USD,2026-01-01,
A-51,A-5,C-5,SEAT,10,8.00,USD,2026-01-01,
A-61,A-6,C-6,SEAT,4,7.00,EUR,2026-01-01,
""",
    # USD 80 + 150 + 48 + 40 + 40 + 40 + 75 + 20 + 80 = 573, EUR 28
    "psa/invoice_lines.csv": _LINES
    + """L-11,I-1,C-1,SEAT,10,8.00,80.00,USD,2026-10-01,2026-11-01,recurring
L-12,I-1,C-1,LABOUR,1,150.00,150.00,USD,2026-10-01,2026-11-01,one_time
L-21,I-2,C-2,SEAT,6,8.00,48.00,USD,2026-10-01,2026-11-01,recurring
L-22,I-2,C-2,BACKUP,2,20.00,40.00,USD,2026-10-01,2026-11-01,recurring
L-31,I-3,C-3,SEAT,5,8.00,40.00,USD,2026-10-01,2026-11-01,recurring
L-32,I-3,C-3,BACKUP,2,20.00,40.00,USD,2026-10-01,2026-11-01,recurring
L-41,I-4,C-4,SEAT,10,7.50,75.00,USD,2026-10-01,2026-11-01,recurring
L-42,I-4,C-4,MAIL,5,4.00,20.00,USD,2026-10-01,2026-11-01,recurring
L-51,I-5,C-5,SEAT,10,8.00,80.00,USD,2026-10-01,2026-11-01,recurring
L-61,I-6,C-6,SEAT,4,7.00,28.00,EUR,2026-10-01,2026-11-01,recurring
""",
}

NOVEMBER = {
    "vendor/vendor_invoices.csv": INVOICES + "V-20,2026-11-30,USD,90.00\n",
    "vendor/vendor_charges.csv": CHARGES
    + """1,V-20,T-5,S,recurring,13,5.00,65.00,USD,2026-11-01,2026-12-01
2,V-20,T-6,S,recurring,5,5.00,25.00,USD,2026-11-01,2026-12-01
""",
    "vendor/license_counts.csv": _COUNTS + "T-5,S,2026-11-01,13,13\n",
    "psa/clients.csv": "client_id,client_name\nC-5,Elm\nC-6,Fichte\n",
    "psa/products.csv": _PRODUCTS,
    "psa/agreements.csv": _AGREEMENTS
    + "A-51,A-5,C-5,SEAT,10,8.00,USD,2026-01-01,\nA-61,A-6,C-6,SEAT,4,7.00,EUR,2026-01-01,\n",
    "psa/invoice_lines.csv": _LINES
    + "L-52,I-15,C-5,SEAT,10,8.00,80.00,USD,2026-11-01,2026-12-01,recurring\n"
    + "L-62,I-16,C-6,SEAT,4,7.00,28.00,EUR,2026-11-01,2026-12-01,recurring\n",
}
"""C-5 has three seats too many instead of two, C-6 still the one."""

DECEMBER = {
    "vendor/vendor_invoices.csv": INVOICES + "V-30,2026-12-31,USD,60.00\n",
    "vendor/vendor_charges.csv": CHARGES + "1,V-30,T-5,S,recurring,12,5.00,60.00,USD,2026-12-01,2027-01-01\n",
    "vendor/license_counts.csv": _COUNTS + "T-5,S,2026-12-01,12,12\n",
    "psa/clients.csv": "client_id,client_name\nC-5,Elm\n",
    "psa/products.csv": _PRODUCTS,
    "psa/agreements.csv": _AGREEMENTS + "A-51,A-5,C-5,SEAT,10,8.00,USD,2026-01-01,\n",
    "psa/invoice_lines.csv": _LINES
    + "L-53,I-25,C-5,SEAT,10,8.00,80.00,USD,2026-12-01,2027-01-01,recurring\n",
}
"""C-5 has two seats too many again."""

CREDIT = {
    "vendor_invoices": INVOICES + "V-11,2026-11-09,USD,-5.00\n",
    "vendor_charges": CHARGES + "1,V-11,T-1,S,recurring,-1,5.00,-5.00,USD,2026-10-01,2026-11-01\n",
}
"""The late credit of October by dataset: one seat of C-1 was billed by mistake."""

RULES = {
    "client_map.csv": "source,vendor_customer_id,client_id\n"
    + "".join(f"vendor,T-{n},C-{n}\n" for n in range(1, 7)),
    "sku_map.csv": "source,sku_id,product_code\nvendor,S,SEAT\nvendor,B,BACKUP\nvendor,M,MAIL\n",
    "accounting.csv": (
        "product_code,account_code,tax_type,item_name\n"
        "SEAT,200,Tax on Sales,\nBACKUP,201,Tax on Sales,Backup\nMAIL,200,Tax on Sales,\n"
        "LABOUR,300,Tax on Sales,\n"
    ),
    "contacts.csv": "client_id,contact_name\n"
    + "C-1,Alder Inc\nC-2,Birch\nC-3,Cedar\nC-4,Dogwood\nC-5,Elm\nC-6,Fichte\n",
}


def write_books(root: Path) -> None:
    """Write the workspace of the MSP ``acme``."""
    write(root / "mbr.yml", settings(["acme"], PEOPLE_AND_POLICIES))
    for period, landed in (("2026-10", OCTOBER), ("2026-11", NOVEMBER), ("2026-12", DECEMBER)):
        for name, text in landed.items():
            write(root / f"landing/acme/{period}/{name}", text)
    for name, text in RULES.items():
        write(root / f"rules/acme/{name}", text)
