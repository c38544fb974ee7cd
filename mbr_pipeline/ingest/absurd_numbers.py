"""Records whose numbers are allowed one by one and absurd together with a rule: refused by name, so that all
others are computed (contract §3.1; readings, numbers that are too large together).

What belongs here: products of a record's number and numbers of rules and prices that no exact arithmetic of
the month could hold. What does not: values that are refused by themselves
(``mbr_pipeline.ingest.typing_sql``).
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from mbr_pipeline.periods import Period
from mbr_pipeline.storage.warehouse import quoted

_QUANTITY_DIGITS, _MONEY_DIGITS = 12, 15

_FACTORS = """
    create or replace temporary table absurd_prices as
    select product_code, max(abs(price)) as price from (
        select product_code, default_unit_price as price from raw.products
        union all select product_code, unit_price from raw.agreements
        union all select product_code, unit_price from raw.invoice_lines as lines cross join raw.run as run
        where greatest(lines.service_period_start, run.period_start)
            < least(lines.service_period_end, run.period_end)
    ) group by product_code;
    create or replace temporary table absurd_factors as
    select maps.source, maps.sku_id, max(maps.units_per) as units_per,
        max(abs(100 + metering.markup_pct)) as per_cent, max(prices.price) as price
    from raw.sku_map as maps
    left join raw.metering as metering on maps.product_code = metering.product_code
    left join absurd_prices as prices on maps.product_code = prices.product_code
    group by all;
    create or replace temporary table absurd_costs as
    select source, sku_id, max(abs(unit_cost)) as unit_cost from raw.cost_list group by all;
"""

_OF_SKU = """
    left join absurd_factors as factors on records.source = factors.source and records.sku_id = factors.sku_id
    left join absurd_costs as costs on records.source = costs.source and records.sku_id = costs.sku_id
"""
_OF_PRODUCT = "left join raw.metering as rules on records.product_code = rules.product_code"


def _of_quantity(name: str) -> list[tuple[str, int, str, tuple[str, ...]]]:
    return [
        (name, _QUANTITY_DIGITS, "units_per of sku_map.csv", (name, "factors.units_per")),
        (name, _MONEY_DIGITS, "the price of its product", (name, "factors.units_per", "factors.price")),
        (name, _MONEY_DIGITS, "unit_cost of cost_list.csv", (name, "costs.unit_cost")),
    ]


_CHECKS: dict[str, tuple[str, list[tuple[str, int, str, tuple[str, ...]]]]] = {
    "vendor_charges": (
        _OF_SKU,
        [
            *_of_quantity("quantity"),
            (
                "amount",
                _MONEY_DIGITS + 2,
                "markup_pct of metering.csv",
                ("amount", "factors.per_cent"),
            ),
        ],
    ),
    "license_counts": (_OF_SKU, [*_of_quantity("entitled_quantity"), *_of_quantity("assigned_quantity")]),
    **{
        dataset: (
            _OF_PRODUCT,
            [(price, _MONEY_DIGITS, "minimum_quantity of metering.csv", (price, "rules.minimum_quantity"))],
        )
        for dataset, price in (
            ("products", "default_unit_price"),
            ("agreements", "unit_price"),
            ("invoice_lines", "unit_price"),
        )
    },
}
"""By dataset: how rules are joined, and products of a column that must have at most so many digits."""


def refuse_absurd(connection: duckdb.DuckDBPyConnection, period: Period) -> None:
    """Take records out of the loaded raw tables whose numbers no arithmetic could hold together with the
    rules and prices that apply to them; those of the period become rejected rows.
    """
    connection.execute(_FACTORS)
    for dataset, (joins, checks) in _CHECKS.items():
        if not _may_be_too_large(connection, dataset):
            continue
        cases = ", ".join(
            f"case when {_is_too_large(digits, _numbers(factors))} then {{'column': {quoted(column)},"
            f" 'value': records.{column}::varchar, 'reason': {quoted(_reason(column, digits, said))}}} end"
            for column, digits, said, factors in checks
        )
        connection.execute(f"""
            create or replace temporary table absurd as
            select record_id, landed_period, source, unnest(faults) as fault from (
                select records.record_id, records.landed_period, records.source, list_filter([{cases}],
                    lambda fault: fault is not null) as faults
                from raw.{dataset} as records {joins}
            ) where len(faults) > 0
        """)
        if connection.execute("select count(*) from absurd").fetchone() != (0,):
            _take_out(connection, dataset, period)
    connection.execute("drop table if exists absurd; drop table absurd_factors; drop table absurd_costs")
    connection.execute("drop table absurd_prices")


def _may_be_too_large(connection: duckdb.DuckDBPyConnection, dataset: str) -> bool:
    """Whether the greatest numbers of the dataset and of its rules are together too large. If they are not,
    no record is: each product is of numbers none of which is greater. One look, where asking every record
    took more than all other loading.
    """
    joins, checks = _CHECKS[dataset]
    numbers = dict.fromkeys(number for _, _, _, factors in checks for number in _numbers(factors))
    greatest = {number: f"greatest_{place}" for place, number in enumerate(numbers)}
    sizes = ", ".join(f"max(abs({number})) as {name}" for number, name in greatest.items())
    worst = " or ".join(
        _is_too_large(digits, [greatest[number] for number in _numbers(factors)])
        for _, digits, _, factors in checks
    )
    query = f"select {worst} from (select {sizes} from raw.{dataset} as records {joins})"
    (found,) = connection.execute(query).fetchone() or (True,)
    return found is not False


def _numbers(factors: tuple[str, ...]) -> list[str]:
    column, *others = factors
    return [f"records.{column}", *others]


def _is_too_large(digits: int, numbers: Sequence[str]) -> str:
    """Whole numbers, rounded up: a bound need not be finer. An overflow is too large as well."""
    product = " * ".join(f"ceil(abs(coalesce({number}, 0)))::hugeint" for number in numbers)
    return f"not coalesce(try({product} < {10**digits}::hugeint), false)"


def _reason(column: str, digits: int, said: str) -> str:
    shown = min(digits, _MONEY_DIGITS)
    return (
        f"{column} x {said} has more than {shown} digits before the point: correct this record, or the rule"
        " or price"
    )


def _take_out(connection: duckdb.DuckDBPyConnection, dataset: str, period: Period) -> None:
    # it may be a view of typed files, which never change
    connection.execute(f"""
        create temporary table sound as select * from raw.{dataset} where record_id not in
            (select record_id from absurd)
    """)
    kind = connection.execute(
        "select table_type from information_schema.tables where table_schema = 'raw' and table_name = ?",
        [dataset],
    ).fetchone()
    connection.execute(f"drop {'view' if kind == ('VIEW',) else 'table'} raw.{dataset}")
    connection.execute(f"create table raw.{dataset} as select * from sound; drop table sound")
    connection.execute(
        f"""
        insert into raw.rejects
        select distinct source, {quoted(dataset)}, regexp_replace(record_id, ':[0-9]+$', ''),
            regexp_extract(record_id, ':([0-9]+)$', 1)::bigint,
            fault['column'], fault['value'], fault['reason']
        from absurd where landed_period = ?
        """,
        [period.text],
    )
