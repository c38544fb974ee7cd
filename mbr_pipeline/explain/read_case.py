"""Reads a finding's case from the raw tables of the month's file: records as they landed and the rules that
the run used.

What belongs here: choosing widely enough, in SQL: everything that could matter to the finding. What does not:
deciding what matters and what follows (the second engine). Nothing that dbt computed is read, but
the finding itself, to see that the file is of its run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import duckdb

from mbr_pipeline.errors import MbrError
from mbr_pipeline.explain.case import Case
from mbr_pipeline.explain.month_file import month_file, run_again
from mbr_pipeline.explain.records import Finding, finding_of
from mbr_pipeline.recompute.periods import period_of
from mbr_pipeline.recompute.reading.policies import Policies
from mbr_pipeline.recompute.reading.records import (
    Agreement,
    InvoiceLine,
    LicenseCount,
    Origin,
    Product,
    Record,
    VendorCharge,
)
from mbr_pipeline.recompute.reading.rules import CostRule, CustomerRule, Metering, SkuRule
from mbr_pipeline.workspace.paths import MonthPaths

_R = TypeVar("_R", bound=Record)
_OF_A_SUPPLY = (
    "DUPLICATE_VENDOR_CHARGE",
    "UNMAPPED_CUSTOMER",
    "UNMAPPED_SKU",
    "VENDOR_AMOUNT_MISMATCH",
    "VENDOR_PRICE_CHANGE",
    "VENDOR_QUANTITY_OVER",
    "VENDOR_QUANTITY_UNDER",
    "UNUSED_LICENSES",
)
"""Codes about a vendor customer's SKU, or, of those of quantities, a client's product that one source bills
and another counts; the others are about a client's product.
"""


def read_case(month: MonthPaths, finding: Finding) -> Case:
    """Read what the finding can be derived from.

    Raises:
        MbrError: The month's file cannot be read, or is of a run that does not have the finding as it was
            published.
    """
    with month_file(month) as connection:
        _expect_same_run(connection, month, finding)
        if finding.exception_code == "UNMAPPED_PRODUCT":
            return _product_sold(connection, finding)
        if finding.exception_code not in _OF_A_SUPPLY or finding.vendor_customer_id is finding.sku_id is None:
            return _key(connection, finding)
        supply = _supply(connection, finding)
        if finding.exception_code == "UNUSED_LICENSES" and finding.client_id and finding.product_code:
            # what its own source does not price another may, that bills the key
            return _joined(supply, _key(connection, finding))
        return supply


def _expect_same_run(connection: duckdb.DuckDBPyConnection, month: MonthPaths, finding: Finding) -> None:
    what = f"{finding.exception_id}: {month.msp_id} {month.period.text} was run again since"
    rows = _dicts(
        connection, "select * from marts.fct_exceptions where exception_id = ?", [finding.exception_id]
    )
    if not rows:
        raise MbrError(
            f"{what}, and no longer finds it: its tables were not published again, {run_again(month)} to"
            " see why"
        )
    now = finding_of(rows[0])
    if now.money != finding.money or now.evidence != finding.evidence:
        raise MbrError(
            f"{what}, and finds it with other records or money: {run_again(month)} to publish or see why not"
        )


def _key(connection: duckdb.DuckDBPyConnection, finding: Finding) -> Case:
    """All of the client's own lines, and all records of its vendor customers whose SKU any row
    maps to the product.
    """
    client, product = {"client": finding.client_id}, {"product": finding.product_code}
    customers = (
        "(source, vendor_customer_id) in (select (source, vendor_customer_id) from raw.client_map where"
        " client_id = $client)"
    )
    skus = _SKUS_OF_PRODUCT
    return Case(
        **_run(connection),
        vendor_lines=_read(
            connection, VendorCharge, "vendor_charges", f"{customers} and {skus}", {**client, **product}
        ),
        invoice_lines=_read(connection, InvoiceLine, "invoice_lines", "client_id = $client", client),
        agreement_lines=_read(connection, Agreement, "agreements", "client_id = $client", client),
        # every date of a customer bounds the days that its counts hold, whatever the SKU
        seat_counts=_read(connection, LicenseCount, "license_counts", customers, client),
        product=_product(connection, finding.product_code),
        client_name=_client_name(connection, finding.client_id),
        client_rules=_client_rules(connection, customers, client),
        # what is not billed makes no snapshot date
        sku_rules=_sku_rules(connection, f"{skus} or product_code like '!%'", product),
        metering=_metering(connection, finding.product_code),
    )


_SKUS_OF_PRODUCT = (
    "(source, sku_id) in (select (source, sku_id) from raw.sku_map where product_code = $product)"
)


def _product_sold(connection: duckdb.DuckDBPyConnection, finding: Finding) -> Case:
    """All clients' own lines of the product, and all records of every SKU that any row maps to it."""
    product, own = {"product": finding.product_code}, "product_code = $product"
    rules = "source in (select source from raw.sku_map where product_code = $product)"
    return Case(
        **_run(connection),
        vendor_lines=_read(connection, VendorCharge, "vendor_charges", _SKUS_OF_PRODUCT, product),
        invoice_lines=_read(connection, InvoiceLine, "invoice_lines", own, product),
        agreement_lines=_read(connection, Agreement, "agreements", own, product),
        seat_counts=_read(connection, LicenseCount, "license_counts", _SKUS_OF_PRODUCT, product),
        product=_product(connection, finding.product_code),
        client_rules=_client_rules(connection, rules, product),
        sku_rules=_sku_rules(connection, f"{_SKUS_OF_PRODUCT} or product_code like '!%'", product),
        metering=_metering(connection, finding.product_code),
    )


def _supply(connection: duckdb.DuckDBPyConnection, finding: Finding) -> Case:
    """All records of the source's customer and SKU, as far as the finding names them,
    and the source's rules.
    """
    source = {"source": finding.source}
    customer = {"customer": finding.vendor_customer_id} if finding.vendor_customer_id is not None else {}
    sku = {"sku": finding.sku_id} if finding.sku_id is not None else {}
    of_source, of_customer, of_sku = "source = $source", "vendor_customer_id = $customer", "sku_id = $sku"
    supply = " and ".join([of_source, *([of_customer] if customer else []), *([of_sku] if sku else [])])
    counts = f"{of_source} and {of_customer}" if customer else f"{of_source} and {of_sku}"
    costs = supply.replace(f" and {of_customer}", "")
    return Case(
        **_run(connection),
        vendor_lines=_read(connection, VendorCharge, "vendor_charges", supply, {**source, **customer, **sku}),
        seat_counts=_read(
            connection, LicenseCount, "license_counts", counts, {**source, **(customer or sku)}
        ),
        product=_product(connection, finding.product_code),
        client_name=_client_name(connection, finding.client_id),
        client_rules=_client_rules(connection, of_source, source),
        sku_rules=_sku_rules(connection, of_source, source),
        cost_rules=_cost_rules(connection, costs, {**source, **sku}),
    )


def _joined(supply: Case, key: Case) -> Case:
    """The case of a supply, with the key's own records and rules beside it."""
    names = [item.name for item in fields(Case) if isinstance(getattr(key, item.name), tuple)]
    both: dict[str, Any] = {
        name: tuple(dict.fromkeys((*getattr(supply, name), *getattr(key, name)))) for name in names
    }
    return replace(supply, **both, metering=key.metering)


def _run(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    [run] = _dicts(connection, "select * from raw.run")
    declared: dict[str, list[str]] = {}
    for row in _dicts(connection, "select source, dataset from raw.declared_datasets"):
        declared.setdefault(row["source"], []).append(row["dataset"])
    policies = Policies(run["materiality"], Decimal(run["rounding_tolerance"]), run["min_coverage_pct"])
    return {
        "msp_id": run["msp_id"],
        "period": period_of(run["period"]),
        "policies": policies,
        "declared": declared,
    }


def _client_name(connection: duckdb.DuckDBPyConnection, client_id: str | None) -> str | None:
    rows = _dicts(connection, "select client_name from raw.clients where client_id = ?", [client_id])
    return str(rows[0]["client_name"]) if rows else None


def _product(connection: duckdb.DuckDBPyConnection, product_code: str | None) -> Product | None:
    where, product = "product_code = $product", {"product": product_code}
    return next(iter(_read(connection, Product, "products", where, product)), None)


def _client_rules(
    connection: duckdb.DuckDBPyConnection, where: str, parameters: Mapping[str, str | None]
) -> tuple[CustomerRule, ...]:
    rows = _rules(connection, "client_map", where, parameters)
    return tuple(
        CustomerRule(*_dated(row), (row["source"], row["vendor_customer_id"]), row["client_id"])
        for row in rows
    )


def _sku_rules(
    connection: duckdb.DuckDBPyConnection, where: str, parameters: Mapping[str, str | None]
) -> tuple[SkuRule, ...]:
    rows = _rules(connection, "sku_map", where, parameters)
    return tuple(
        SkuRule(
            *_dated(row), (row["source"], row["sku_id"], row["term"]), row["product_code"], row["units_per"]
        )
        for row in rows
    )


def _cost_rules(
    connection: duckdb.DuckDBPyConnection, where: str, parameters: Mapping[str, str | None]
) -> tuple[CostRule, ...]:
    rows = _rules(connection, "cost_list", where, parameters)
    return tuple(
        CostRule(*_dated(row), (row["source"], row["sku_id"], row["term"], row["currency"]), row["unit_cost"])
        for row in rows
    )


def _metering(connection: duckdb.DuckDBPyConnection, product_code: str | None) -> dict[str, Metering]:
    rows = _rules(connection, "metering", "product_code = $product", {"product": product_code})
    names = [f.name for f in fields(Metering)]
    return {row["product_code"]: Metering(**{name: row[name] for name in names}) for row in rows}


def _rules(
    connection: duckdb.DuckDBPyConnection, table: str, where: str, parameters: Mapping[str, str | None]
) -> list[dict[str, Any]]:
    return _dicts(connection, f"select * from raw.{table} where {where} order by line", parameters)


def _dated(row: Mapping[str, Any]) -> tuple[int, date, date]:
    return row["line"], row["valid_from"] or date.min, row["valid_to"] or date.max


def _read(
    connection: duckdb.DuckDBPyConnection,
    kind: type[_R],
    table: str,
    where: str,
    parameters: Mapping[str, str | None],
) -> tuple[_R, ...]:
    """Read the rows of a raw table as records, in the order of their files and lines."""
    names = [f.name for f in fields(kind) if f.name != "origin"]
    columns = ", ".join(("source", "landed_period", "record_id", *names))
    rows = _dicts(connection, f"select {columns} from raw.{table} where {where}", parameters)
    made = [kind(origin=_origin(row), **{name: row[name] for name in names}) for row in rows]
    return tuple(sorted(made, key=lambda record: (record.origin.path, record.origin.line)))


def _origin(row: Mapping[str, Any]) -> Origin:
    path, _, line = row["record_id"].rpartition(":")
    return Origin(row["source"], row["landed_period"], path.split("/", 2)[2], int(line))


def _dicts(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Mapping[str, Any] | Sequence[Any] = ()
) -> list[dict[str, Any]]:
    result = connection.execute(query, parameters or None)
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
