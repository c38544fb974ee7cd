"""What a month left unmapped, and the names that say more about it.

What belongs here: findings and the PSA's clients and products, from the tables of the month's last run
(published, or kept for inspection if it was blocked), put together with what landed records say of them. What
does not: queries on landed records (``records``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from mbr_pipeline.errors import MbrError
from mbr_pipeline.mapping_help.records import Behind, Kind, Named, Records, Said, Thing, Use, records
from mbr_pipeline.mapping_help.suggest import is_no_accident, plain_id
from mbr_pipeline.storage.parquet import rows_of
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.settings import MspSettings

_KINDS: dict[str, Kind] = {"UNMAPPED_CUSTOMER": "customer", "UNMAPPED_SKU": "sku"}
_FINDING_COLUMNS = [
    "exception_code",
    "source",
    "vendor_customer_id",
    "sku_id",
    "currency",
    "priced_at_cost",
    "evidence",
]


@dataclass(frozen=True)
class Finding:
    """One unmapped customer or SKU. ``costs`` are ``priced_at_cost`` by currency: empty where only licence
    counts name it. ``named_by`` is the other source that the names were taken from, empty where the thing's
    own source says them.
    """

    kind: Kind
    source: str
    id: str
    costs: tuple[tuple[str, Decimal], ...]
    names: tuple[str, ...]
    uses: tuple[Use, ...]
    named_by: str = ""


@dataclass(frozen=True)
class MonthOfFindings:
    """All that is known for suggesting: findings, SKUs that no finding lists because their customer is
    unmapped, the PSA's clients and products, and what records call customers and SKUs.
    """

    findings: tuple[Finding, ...]
    behind: tuple[tuple[Finding, Behind], ...]
    clients: tuple[dict[str, Any], ...]
    products: tuple[dict[str, Any], ...]
    customers: tuple[Named, ...]
    skus: tuple[Named, ...]


@dataclass(frozen=True)
class LoneProduct:
    """A product that clients are invoiced for and no SKU is mapped to; ``invoiced`` by currency, most money
    first.
    """

    product_code: str
    name: str
    invoiced: tuple[tuple[str, Decimal], ...]


def lone_products(month: MonthPaths, mapped: Iterable[str]) -> list[LoneProduct]:
    """Return the products that the month's last run found without a SKU, but those ``mapped`` since, most
    money first within each currency.
    """
    column = "product_code"
    found = table_rows(
        month, "fct_exceptions", columns=[column], filters=[("exception_code", "=", "UNMAPPED_PRODUCT")]
    )
    codes = sorted({row[column] for row in found} - set(mapped))
    names = {row[column]: row["product_name"] or "" for row in table_rows(month, "dim_product")}
    invoiced: dict[str, dict[str, Decimal]] = {code: {} for code in codes}
    columns = [column, "currency", "invoiced_amount"]
    for row in table_rows(month, "fct_reconciliation", columns=columns):
        if row[column] in invoiced and row["currency"] and row["invoiced_amount"] is not None:
            of_it = invoiced[row[column]]
            of_it[row["currency"]] = of_it.get(row["currency"], Decimal(0)) + row["invoiced_amount"]
    products = [
        LoneProduct(code, names.get(code, ""), tuple(sorted(money.items(), key=lambda each: -each[1])))
        for code, money in invoiced.items()
    ]
    return sorted(
        products,
        key=lambda one: (
            not one.invoiced,
            *((one.invoiced[0][0], -one.invoiced[0][1]) if one.invoiced else ("", Decimal(0))),
            one.product_code,
        ),
    )


def was_run(month: MonthPaths) -> bool:
    """Whether the month has tables of a run, published or blocked."""
    return _tables(month) is not None


def psa_rows(month: MonthPaths, msp: MspSettings, table: str) -> tuple[dict[str, Any], ...]:
    """Return the rows of dim_client or dim_product that the PSA delivered; where no source has such a list,
    those that invoices and agreements name.
    """
    dataset = {"dim_client": "clients", "dim_product": "products"}[table]
    is_listed = any(name == dataset for _, name in msp.declared())
    rows = table_rows(month, table)
    return tuple(row for row in rows if not is_listed or row["mapping_state"] != "not_landed")


def read_month(month: MonthPaths, msp: MspSettings) -> MonthOfFindings:
    """Read everything there is to suggest from."""
    exceptions = table_rows(
        month, "fct_exceptions", columns=_FINDING_COLUMNS, filters=[("exception_code", "in", list(_KINDS))]
    )
    with records(month, msp) as landed:
        findings = _findings(landed, exceptions, month)
        behind = landed.behind()
        customers, skus = landed.customers(), landed.skus()
        described = landed.described()
    names = {"customer": _Names(customers), "sku": _Names(skus)}
    return MonthOfFindings(
        tuple(names[finding.kind].given(finding) for finding in findings),
        tuple(
            (names["sku"].given(Finding("sku", one.source, one.id, (), one.names, ())), one) for one in behind
        ),
        psa_rows(month, msp, "dim_client"),
        tuple(
            {**row, "product_name": row["product_name"] or described.get(row["product_code"])}
            for row in psa_rows(month, msp, "dim_product")
        ),
        customers,
        skus,
    )


class _Names:
    """What records call customers or SKUs: asked where a finding's own records have no name."""

    def __init__(self, named: Iterable[Named]) -> None:
        self._own: dict[tuple[str, str], set[str]] = {}
        self._elsewhere: dict[str, dict[str, set[str]]] = {}
        for one in named:
            self._own.setdefault((one.source, one.id), set()).add(one.name)
            if is_no_accident(plain := plain_id(one.id)):
                self._elsewhere.setdefault(plain, {}).setdefault(one.source, set()).add(one.name)

    def given(self, finding: Finding) -> Finding:
        """Return the finding with a name, if there is any: of its own source's records, or of another
        source's with the same id.
        """
        if finding.names:
            return finding
        if own := self._own.get((finding.source, finding.id)):
            return replace(finding, names=tuple(sorted(own)))
        others = self._elsewhere.get(plain_id(finding.id), {})
        if not others:
            return finding
        source = min(others)
        return replace(finding, names=tuple(sorted(others[source])), named_by=source)


def _tables(month: MonthPaths) -> Path | None:
    """The folder of the tables of the month's last run: a blocked one is in ``reports`` until
    a run is published.
    """
    folders = (month.report / "blocked", month.published)
    return next((folder for folder in folders if (folder / "fct_exceptions.parquet").exists()), None)


def table_rows(month: MonthPaths, table: str, **selection: Any) -> list[dict[str, Any]]:
    """Return rows of a table of the month's last run.

    Raises:
        MbrError: The month was never run.
    """
    folder = _tables(month)
    if folder is None:
        run = f"mbr run --period {month.period.text} --msp {month.msp_id}"
        raise MbrError(
            f"{month.msp_id} {month.period.text}: nothing is known of this month yet: run `{run}` first"
        )
    return rows_of(folder / f"{table}.parquet", **selection)


def _findings(
    landed: Records, exceptions: Sequence[dict[str, Any]], month: MonthPaths
) -> tuple[Finding, ...]:
    """Put the exceptions of one thing together, one per currency, with what its records say."""
    things: dict[Thing, list[dict[str, Any]]] = {}
    for row in exceptions:
        kind = _KINDS[row["exception_code"]]
        identifier = row["vendor_customer_id" if kind == "customer" else "sku_id"]
        things.setdefault((kind, row["source"], identifier), []).append(row)
    order = sorted(things)
    landed.look_at(
        (at, thing[0], thing[2], record_id)
        for at, thing in enumerate(order)
        for row in things[thing]
        for record_id in row["evidence"]
    )
    said = landed.said()
    # landed files that were replaced since the run are no evidence any more
    nothing = Said((), (Use(month.period.start, ""),))
    found = []
    for at, thing in enumerate(order):
        of_it = said.get(at, nothing)
        costs = sorted((row["currency"], row["priced_at_cost"]) for row in things[thing] if row["currency"])
        uses = of_it.uses if thing[0] == "sku" else tuple(sorted({Use(use.day, "") for use in of_it.uses}))
        found.append(Finding(*thing, tuple(costs), of_it.names, uses))
    return tuple(found)
