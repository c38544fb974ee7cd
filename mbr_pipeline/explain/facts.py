"""Reads a finding's facts from the raw tables of the month's file: records as they landed and the rules that
the run used.

What belongs here: choosing widely enough, in SQL: everything that could matter to the finding. What does
matter, and what follows, is worked out afresh by the derivations. Nothing that dbt computed is read, but the
finding itself, to see that the file is of its run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar

import duckdb

from mbr_pipeline.errors import MbrError
from mbr_pipeline.explain.month_file import month_file, run_again
from mbr_pipeline.explain.records import (
    MONEY_COLUMNS,
    AgreementLine,
    ClientRule,
    CostRule,
    Facts,
    Finding,
    InvoiceLine,
    MeteringRule,
    PeriodFacts,
    Product,
    SeatCount,
    SkuRule,
    VendorLine,
)
from mbr_pipeline.workspace.paths import MonthPaths

_R = TypeVar("_R")
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
"""Codes about a vendor customer's SKU; the others are about a client's product."""


def finding_of(row: Mapping[str, Any]) -> Finding:
    """Make a finding of a row of fct_exceptions."""
    names = {f.name for f in fields(Finding)} - {"money", "evidence"}
    money = {column: row[column] for column in MONEY_COLUMNS}
    return Finding(**{name: row[name] for name in names}, evidence=tuple(row["evidence"]), money=money)


def read_facts(month: MonthPaths, finding: Finding) -> Facts:
    """Read what the finding can follow from.

    Raises:
        MbrError: The month's file cannot be read, or is of a run that does not have the finding as it was
            published.
    """
    with month_file(month) as connection:
        _expect_same_run(connection, month, finding)
        if finding.exception_code in _OF_A_SUPPLY:
            return _supply(connection, finding)
        return _key(connection, finding)


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


def _key(connection: duckdb.DuckDBPyConnection, finding: Finding) -> Facts:
    """All of the client's own lines, and all records of its vendor customers whose SKU any row maps to the
    product.
    """
    client, product = finding.client_id, finding.product_code
    customers = (
        "(source, vendor_customer_id) in (select (source, vendor_customer_id) from raw.client_map where"
        " client_id = $client)"
    )
    skus = "(source, sku_id) in (select (source, sku_id) from raw.sku_map where product_code = $product)"
    both = {"client": client, "product": product}
    return Facts(
        period=_period(connection),
        vendor_lines=_read(connection, VendorLine, "vendor_charges", f"{customers} and {skus}", both),
        invoice_lines=_read(
            connection, InvoiceLine, "invoice_lines", "client_id = $client", {"client": client}
        ),
        agreement_lines=_read(
            connection, AgreementLine, "agreements", "client_id = $client", {"client": client}
        ),
        # every date of a customer bounds the days that its counts hold, whatever the SKU
        seat_counts=_read(connection, SeatCount, "license_counts", customers, {"client": client}),
        product=_product(connection, product),
        client_name=_client_name(connection, client),
        client_rules=_read(connection, ClientRule, "client_map", customers, {"client": client}),
        sku_rules=_read(connection, SkuRule, "sku_map", skus, {"product": product}),
        metering=next(
            iter(
                _read(connection, MeteringRule, "metering", "product_code = $product", {"product": product})
            ),
            None,
        ),
    )


def _supply(connection: duckdb.DuckDBPyConnection, finding: Finding) -> Facts:
    """All records of the source's customer and SKU, as far as the finding names them, and the source's
    rules.
    """
    source = {"source": finding.source}
    customer = {"customer": finding.vendor_customer_id} if finding.vendor_customer_id is not None else {}
    sku = {"sku": finding.sku_id} if finding.sku_id is not None else {}
    of_source, of_customer, of_sku = "source = $source", "vendor_customer_id = $customer", "sku_id = $sku"
    supply = " and ".join([of_source, *([of_customer] if customer else []), *([of_sku] if sku else [])])
    counts = f"{of_source} and {of_customer}" if customer else f"{of_source} and {of_sku}"
    return Facts(
        period=_period(connection),
        vendor_lines=_read(connection, VendorLine, "vendor_charges", supply, {**source, **customer, **sku}),
        seat_counts=_read(connection, SeatCount, "license_counts", counts, {**source, **(customer or sku)}),
        product=_product(connection, finding.product_code),
        client_name=_client_name(connection, finding.client_id),
        client_rules=_read(connection, ClientRule, "client_map", of_source, source),
        sku_rules=_read(connection, SkuRule, "sku_map", of_source, source),
        cost_rules=_read(
            connection, CostRule, "cost_list", supply.replace(f" and {of_customer}", ""), {**source, **sku}
        ),
    )


def _period(connection: duckdb.DuckDBPyConnection) -> PeriodFacts:
    [run] = _dicts(connection, "select * from raw.run")
    units = {
        row["currency"]: row["minor_units"] for row in _dicts(connection, "select * from raw.currencies")
    }
    return PeriodFacts(
        run["msp_id"], run["period"], run["period_start"], run["period_end"], run["rounding_tolerance"], units
    )


def _client_name(connection: duckdb.DuckDBPyConnection, client_id: str | None) -> str | None:
    rows = _dicts(connection, "select client_name from raw.clients where client_id = ?", [client_id])
    return str(rows[0]["client_name"]) if rows else None


def _product(connection: duckdb.DuckDBPyConnection, product_code: str | None) -> Product | None:
    return next(
        iter(_read(connection, Product, "products", "product_code = $product", {"product": product_code})),
        None,
    )


def _read(
    connection: duckdb.DuckDBPyConnection,
    kind: type[_R],
    table: str,
    where: str,
    parameters: Mapping[str, str | None],
) -> tuple[_R, ...]:
    """Read the rows of a raw table as records, in the order of their files and lines where they have one."""
    names = [f.name for f in fields(kind)]  # type: ignore[arg-type]
    rows = _dicts(connection, f"select {', '.join(names)} from raw.{table} where {where}", parameters)
    order = sorted(rows, key=_place)
    return tuple(kind(**row) for row in order)


def _place(row: Mapping[str, Any]) -> tuple[str, int]:
    if "line" in row:
        return "", int(row["line"])
    file, _, line = row["record_id"].rpartition(":")
    return file, int(line)


def _dicts(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Mapping[str, Any] | Sequence[Any] = ()
) -> list[dict[str, Any]]:
    result = connection.execute(query, parameters or None)
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
