"""The empty workspace: a commented ``mbr.yml``, rule files with only their header row, and a guide in each
folder.

What belongs here: the words a new user reads first; they follow contract §2 and §3. What does not: demo data
(``demo``) and the meaning of settings in code (``mbr_pipeline.workspace.settings``).
"""

from __future__ import annotations

from connectors.datasets import DATASETS, Column
from mbr_pipeline.workspace.rules import RULE_FILES

EXAMPLE_MSP = "my_msp"
"""The provider that the empty workspace's settings and rule files are about, to be renamed."""

SETTINGS = """\
# Settings of this workspace. Unknown or misspelt keys are errors that name this file, the key and the fix.
# Secrets never go in here: connectors read them from environment variables.

# One entry per managed service provider whose books are reconciled. The key is its msp_id and names its folders under
# rules/, landing/, published/, exports/ and reports/. Rename my_msp here and under rules/ together.
msps:
  my_msp:
    name: My MSP                       # how reports call it
    # One entry per system that bills you, counts your seats, or holds your PSA data. The key names its folder under
    # landing/<msp_id>/<period>/. `datasets` lists what it delivers every month; a declared dataset without a file
    # blocks the month. Needed at least: invoice_lines, and vendor_charges or license_counts.
    #   vendor_invoices   one row per vendor bill: its number and total, which the lines must add up to
    #   vendor_charges    the lines of the vendor bills
    #   license_counts    dated seat counts: how many are provisioned, how many are assigned
    #   clients           the companies you invoice
    #   products          what you sell
    #   agreements        the agreement lines: quantity and monthly price agreed with each client
    #   invoice_lines     the client invoices about to go out
    # `connector` names the system that `mbr fetch` gets its records from, such as pax8 or connectwise (`mbr sources
    # check` then says which environment variables hold the credentials), or the format its files are in: focus for a
    # cloud platform's cost export, mapped for any vendor's CSV or XLSX (`mbr profile` proposes how to read one).
    # Without it the files have the columns listed in landing/README.md.
    sources:
      distributor: {datasets: [vendor_invoices, vendor_charges, license_counts]}
      psa:         {datasets: [clients, products, agreements, invoice_lines]}
      # cloud:     {datasets: [vendor_charges], connector: focus}
      # pax8:      {datasets: [vendor_invoices, vendor_charges, license_counts], connector: pax8}

# All optional; these are the defaults.
policies:
  materiality: "0.00"        # an impact of this amount or less never holds a client's invoices
  rounding_tolerance: 1      # minor units (cents) per line that count as rounding
  min_coverage_pct: "0"      # the month blocks when less than this share of the vendor bills is mapped to clients and
                             # products, in the currency where it is lowest

# Optional too: when the schedule, if it runs, closes the month that has just ended; these are the defaults.
schedule:
  day: 5                     # day of the following month, 1 to 28
  hour: 6                    # UTC
"""

RULES_README = """\
# rules/<msp_id>/

What only you know about your vendors and clients. Comma CSV with a header row; a missing file means no such rules.
`valid_from` and `valid_to` are dates (`2026-10-01`): the rule holds from the first to before the second, empty is open.
Two rules that hold at once for the same thing are an error that names both lines.

## client_map.csv: who is who
- `source`, `vendor_customer_id`: a customer as that vendor knows it
- `client_id`: your client; several customers may be the same client
- `valid_from`, `valid_to`

## sku_map.csv: what is what
- `source`, `sku_id`: what that vendor sells
- `term`: the commitment it is for, as the vendor writes it; empty matches any, an exact one wins
- `product_code`: your product
- `units_per`: how many units of your product are in one of the vendor's; empty is 1
- `valid_from`, `valid_to`

## metering.csv: how much to invoice
- `product_code`
- `basis`: where the quantity comes from
  - `vendor_billed`: what the vendor bills (the default of vendor-backed products)
  - `entitled`, `assigned`: what the vendor's seat counts show
  - `agreement`: what the agreement says (the default of your own services)
  - `cost_plus`: no quantity, but the vendor's cost plus `markup_pct` percent
- `minimum_quantity`: invoiced even if less is used
- `markup_pct`: for `cost_plus`
- `margin_floor_pct`: a note is raised when the product earns less than this share of its price
- `count_source`: for `entitled` and `assigned`, the source whose counts are used if several count

## cost_list.csv: what it should cost you
- `source`, `sku_id`, `term`: as in sku_map.csv
- `unit_cost`, `currency`: for one unit and a full month
- `valid_from`, `valid_to`
"""

_LANDING_README = """\
# landing/<msp_id>/<period>/<source>/<dataset>[.<anything>].<csv|jsonl|xlsx|parquet>[.gz]

Put every file where its name says what it is, for example

    landing/my_msp/2026-10/distributor/vendor_charges.page1.csv

Never change a file once it has landed; add what was missing as a further file. A file or a record that lands twice
counts once. CSV is comma-separated with a header row, UTF-8, dates like `2026-10-31`, decimals with a point, empty for
unknown; the other formats have the same columns. Columns marked * are required, choices are in brackets; extra columns
are kept and reported.

Every period ends before its end date: all of October is `2026-10-01` to `2026-11-01`. `unit_price` is per full month;
`unit_cost` is for the line's own charge period; `invoice_total` is without tax.
"""


def _described(column: Column) -> str:
    choices = f" ({', '.join(column.choices)})" if column.choices else ""
    return f"- {column.name}{'*' if column.required else ''}{choices}"


def _landing_guide() -> str:
    chapters = (
        "\n".join([f"\n## {dataset.name}", *(_described(column) for column in dataset.columns)])
        for dataset in DATASETS.values()
    )
    return "\n".join([_LANDING_README.rstrip("\n"), *chapters]) + "\n"


def guides() -> dict[str, bytes]:
    """Return the guides that explain a workspace's folders, by path inside the workspace."""
    return {"rules/README.md": RULES_README.encode(), "landing/README.md": _landing_guide().encode()}


def rule_columns(name: str) -> tuple[str, ...]:
    """Return the header of a rule file."""
    return tuple(column.name for column in RULE_FILES[name].columns)


def contents() -> dict[str, bytes]:
    """Return the empty workspace's files by path inside the workspace."""
    rules = {
        f"rules/{EXAMPLE_MSP}/{name}.csv": f"{','.join(rule_columns(name))}\n".encode() for name in RULE_FILES
    }
    return {"mbr.yml": SETTINGS.encode()} | guides() | rules
