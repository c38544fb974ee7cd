"""SQL that turns the text of a record into typed values, or into the reasons why it cannot (contract §3).

What belongs here: one expression per kind of column, and the checks of whole rows. What does not: running
them (``mbr_pipeline.ingest.parse``). Names come from ``connectors.datasets`` and never from a file, so they
are safe in SQL.
"""

from __future__ import annotations

from connectors.datasets import Column, Dataset, Kind
from mbr_pipeline.storage.warehouse import SMALLEST_UNIT, quoted
from mbr_pipeline.values import HEX_ID_PATTERN, decimal_pattern

_DECIMALS: dict[Kind, tuple[int, int, str]] = {
    # kind: integer digits, places, type
    Kind.QUANTITY: (12, 6, "decimal(18, 6)"),
    Kind.UNIT_PRICE: (15, 10, "decimal(25, 10)"),
    Kind.VENDOR_AMOUNT: (15, 12, "decimal(28, 12)"),
    Kind.CLIENT_AMOUNT: (15, 4, "decimal(28, 4)"),
}

SQL_TYPES: dict[Kind, str] = {
    Kind.TEXT: "varchar",
    Kind.CURRENCY: "varchar",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    **{kind: sql_type for kind, (_, _, sql_type) in _DECIMALS.items()},
}
"""The DuckDB type of every kind of column."""


def text_of(name: str) -> str:
    """Return the name under which the column's text is kept next to its typed value."""
    return f'"t_{name}"'


def typed(column: Column) -> str:
    """Return the expression of the column's typed value; NULL where it does not parse."""
    name = text_of(column.name)
    if column.kind is Kind.DATE:
        return f"try_cast({name} as date)"
    if column.kind is Kind.BOOLEAN:
        return f"(lower(coalesce({name}, {quoted(column.default or 'false')})) = 'true')"
    if column.kind in _DECIMALS:
        _, places, sql_type = _DECIMALS[column.kind]
        # DuckDB parses text with more than 18 digits fifty times slower: use the wide type only where the
        # narrow one fails
        return (
            f"coalesce(try_cast({name} as decimal(18, {places}))::{sql_type}, try_cast({name} as {sql_type}))"
        )
    if column.is_id:
        # the length first: few ids are that long, and a regular expression costs more
        is_hex = f"length({name}) = 36 and regexp_full_match({name}, {quoted(HEX_ID_PATTERN)})"
        return f"(case when {is_hex} then lower({name}) else {name} end)"
    return f"coalesce({name}, {quoted(column.default)})" if column.default is not None else name


def landed_ids(dataset: Dataset) -> str:
    """Return the expression listing the ids of the record that are read otherwise than they landed, as
    structs (column, value); NULL where there is none.
    """
    differs = {c.name: f'{text_of(c.name)} <> "{c.name}"' for c in dataset.columns if c.is_id}
    parts = ", ".join(
        f"case when {test} then {{'column': {quoted(name)}, 'value': {text_of(name)}}} end"
        for name, test in differs.items()
    )
    return (
        f"case when {' or '.join(differs.values())} then list_filter([{parts}], lambda e: e is not null) end"
    )


def is_valid(column: Column) -> str:
    """Return the condition under which the column's text is accepted. Never NULL."""
    name = text_of(column.name)
    checks = {
        # formatted again it must give the same ten characters: DuckDB alone would
        # accept 2026-1-5 and infinity
        Kind.DATE: f"(length({name}) = 10 and coalesce(try_cast({name} as date)::varchar = {name}, false))",
        Kind.CURRENCY: f"{name} in (select currency from currencies)",
        Kind.BOOLEAN: f"lower({name}) in ('true', 'false')",
    }
    if column.kind in _DECIMALS:
        integer_digits, places, _ = _DECIMALS[column.kind]
        check = f"regexp_full_match({name}, {quoted(decimal_pattern(integer_digits, places))})"
    elif column.choices:
        check = f"{name} in ({', '.join(quoted(c) for c in column.choices)})"
    else:
        check = checks.get(column.kind, "true")
    return f"({name} is not null and {check})" if column.required else f"({name} is null or {check})"


def _reason(column: Column) -> str:
    if column.kind in _DECIMALS:
        integer_digits, places, _ = _DECIMALS[column.kind]
        wrong = f"not a plain number of at most {integer_digits} digits before and {places} after the point"
    else:
        wrong = {
            Kind.DATE: "not a date: write it as YYYY-MM-DD",
            Kind.CURRENCY: "not a currency of ISO 4217: write it like USD",
            Kind.BOOLEAN: "neither true nor false",
        }.get(column.kind, f"not one of {', '.join(column.choices)}")
    empty = "empty, but required"
    return (
        f"case when {text_of(column.name)} is null then {quoted(empty)} else {quoted(wrong)} end"
        if column.required
        else quoted(wrong)
    )


def column_errors(dataset: Dataset) -> str:
    """Return the expression listing every value of the record that is refused, as
    structs (column, value, reason).
    """
    parts = [
        f"case when not {is_valid(c)} then {{'column': {quoted(c.name)}, 'value': {text_of(c.name)},"
        f" 'reason': {_reason(c)}}} end"
        for c in dataset.columns
        if c.required or c.choices or c.kind is not Kind.TEXT
    ]
    return f"list_filter([{', '.join(parts)}], lambda e: e is not null)"


def all_valid(dataset: Dataset) -> str:
    """Return the condition under which no single value of the record is refused."""
    checks = [is_valid(c) for c in dataset.columns if c.required or c.choices or c.kind is not Kind.TEXT]
    return " and ".join(checks)


def row_checks(dataset: Dataset) -> list[tuple[str, str, str]]:
    """Return (column, condition that refuses the record, reason) for checks that need more
    than one typed value.

    Written on typed columns and ``minor_units`` of the record's currency. A product of quantity and price is
    money, so it too must fit 15 integer digits.
    """
    checks: list[tuple[str, str, str]] = []
    if dataset.interval:
        start, end = dataset.interval
        checks.append((end, f"{end} < {start}", f"before {start}: correct the two dates"))
    if dataset.name == "invoice_lines":
        checks.append(
            (
                "service_period_end",
                "charge_category = 'recurring' and service_period_end = service_period_start",
                "a recurring line needs a service period of at least a day",
            )
        )
    if any(c.kind is Kind.CLIENT_AMOUNT for c in dataset.columns):
        checks.append(
            (
                "amount",
                f"amount % coalesce({SMALLEST_UNIT}, 0.0001) <> 0",
                "more decimal places than the currency has minor units",
            )
        )
    price = next((p for p in ("unit_cost", "unit_price") if p in dataset.column_names), None)
    if price and "quantity" in dataset.column_names:
        fits = f"try(abs(quantity::decimal(38, 6) * {price}) < {10**15}::decimal(16, 0))"
        checks.append(
            (
                price,
                f"not coalesce({fits}, false)",
                "quantity x price has more than 15 digits before the point",
            )
        )
    return checks


def typing_query(dataset: Dataset) -> str:
    """Return the query that types the records of view ``incoming``: text columns, ``_line`` and ``_extra``.

    Its columns are those of the dataset, ``record_line``, ``extra``, ``landed_ids``, and ``errors``, which is
    null for an accepted record. Needs a table ``currencies``.
    """
    texts = ", ".join(f'"{name}" as {text_of(name)}' for name in dataset.column_names)
    values = ", ".join(f'{typed(c)}::{SQL_TYPES[c.kind]} as "{c.name}"' for c in dataset.columns)
    names = ", ".join(f'"{name}"' for name in dataset.column_names)
    checks = " ".join(
        f"when {condition} then [{{'column': {quoted(column)}, 'value': {text_of(column)}, 'reason':"
        f" {quoted(reason)}}}]"
        for column, condition, reason in row_checks(dataset)
    )
    has_currency = "currency" in dataset.column_names
    join = "left join currencies on currencies.currency = typed.currency" if has_currency else ""
    unit = "currencies.minor_units" if has_currency else "2"
    return f"""
        with texts as (select _line as record_line, _extra as extra, {texts} from incoming),
        typed as (select *, {values} from texts),
        checked as (select typed.*, {unit} as minor_units from typed {join})
        select record_line, {names}, extra, {landed_ids(dataset)} as landed_ids,
            case when not ({all_valid(dataset)}) then {column_errors(dataset)} {checks} end as errors
        from checked
    """
