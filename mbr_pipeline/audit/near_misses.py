"""Rows of client_map and sku_map that reach nothing, but nearly do: warnings of ``gate.json``.

What belongs here: ids in rules that are a landed id but for capitals, blanks or leading zeros, and names that
stand where an id belongs. What does not: the same of agreement and invoice lines, which is a control
(``int_reference_controls``); and joining by likeness: a hint changes no figure, a person corrects the row.
"""

from __future__ import annotations

from typing import Any

import duckdb

from mbr_pipeline.safe_text import short

_MOST_EXAMPLES = 3

# what exports and spreadsheets change by themselves, and how people write a name; the folds of
# dbt_project/macros/text.sql
_MACROS = r"""
    create or replace temporary macro folded_name(x) as
        lower(trim(regexp_replace(x, '[\s\x{A0}\x{2000}-\x{200B}\x{202F}\x{3000}\x{FEFF}]+', ' ', 'g')));
    create or replace temporary macro folded_id(x) as
        nullif(ltrim(lower(regexp_replace(
            x, '[\s\x{A0}\x{2000}-\x{200B}\x{202F}\x{3000}\x{FEFF}]', '', 'g'
        )), '0'), '');
"""

# rows in force on some day of the month whose vendor id no file names, with the unmapped id that is meant
_VENDOR_IDS = """
    with landed as ({landed}),
    rules as (
        select rules.source, rules.{column} as id, rules.line
        from raw.{file} as rules cross join raw.run
        where coalesce(rules.valid_from < run.period_end, true)
            and coalesce(rules.valid_to > run.period_start, true)
    ),
    unmapped as (select * from landed anti join rules using (source, id)),
    idle as (select * from rules anti join landed using (source, id))
    select idle.line, idle.id, min(unmapped.id), idle.source
    from idle inner join unmapped
        on idle.source = unmapped.source and folded_id(idle.id) = folded_id(unmapped.id)
    group by all order by all
"""
_LANDED = """
    select distinct source, {column} as id from raw.vendor_charges
    union select distinct source, {column} from raw.license_counts
"""

# rows whose client (product) is not landed, with the landed one that is meant
_TARGETS = """
    with rules as (
        select {target} as id, line from raw.{file}
        where {target} not in (select {target} from raw.{master}) and {target} not like '!%'
    )
    select rules.line, rules.id, string_agg(distinct landed.{target}, ' or ' order by landed.{target}), ''
    from rules inner join raw.{master} as landed on {same}
    group by all order by all
"""
_MAPS = (
    ("client_map", "vendor_customer_id", "client_id", "clients", "client_name", "customer"),
    ("sku_map", "sku_id", "product_code", "products", "product_name", "SKU"),
)


def near_misses(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return one warning for each kind of near miss of a rule file, with up to three examples. It reads the
    month's raw tables.
    """
    connection.execute(_MACROS)
    found: list[str] = []
    for file, column, target, master, name, thing in _MAPS:
        landed = _LANDED.format(column=column)
        vendor = connection.execute(_VENDOR_IDS.format(landed=landed, column=column, file=file)).fetchall()
        found += _told(
            vendor,
            file,
            f"the {thing} of a row is in no bill or count, but an unmapped one differs only in capitals,"
            " blanks or leading zeros",
            "correct the row's id",
        )
        by_name = f"folded_name(rules.id) = folded_name(landed.{name})"
        by_id = f"folded_id(rules.id) = folded_id(landed.{target}) and not exists (select 1 from raw.{master}"
        by_id += f" as named where folded_name(rules.id) = folded_name(named.{name}))"
        for same, what in (
            (by_name, f"{target} holds names of {master}"),
            (by_id, f"{target} differs from a landed one only in capitals, blanks or leading zeros"),
        ):
            query = _TARGETS.format(target=target, file=file, master=master, same=same)
            found += _told(connection.execute(query).fetchall(), file, what, "write the id as it is landed")
    return found


def _told(rows: list[tuple[Any, ...]], file: str, what: str, advice: str) -> list[str]:
    if not rows:
        return []
    examples = "; ".join(
        f"line {line}, “{short(wrong)}”{f' of {source}' if source else ''} for {short(right)}"
        for line, wrong, right, source in rows[:_MOST_EXAMPLES]
    )
    more = f" and {len(rows) - _MOST_EXAMPLES} more" if len(rows) > _MOST_EXAMPLES else ""
    return [f"{file}.csv: {what}: {examples}{more}: {advice}"]
