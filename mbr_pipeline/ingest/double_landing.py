"""Two files that say the same once more: an export and its correction, or two exports of a month so far
(contract §5.5, DOUBLE_LANDING).

What belongs here: which pairs of one dataset's files do. What does not: the other load controls
(``mbr_pipeline.ingest.load_controls``), and records that repeat under their own identifier, of which one
counts (``mbr_pipeline.ingest.load``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from connectors.datasets import DATASETS, Kind
from connectors.mapped.profile import profile_of
from mbr_pipeline.ingest.landing import LandedFile
from mbr_pipeline.ingest.parse import ParsedFile
from mbr_pipeline.storage.warehouse import quoted

_CORRECTED = (Kind.QUANTITY, Kind.UNIT_PRICE, Kind.VENDOR_AMOUNT, Kind.CLIENT_AMOUNT)
"""What a corrected or later export changes in a record that it repeats."""


@dataclass(frozen=True)
class Pair:
    """Two files that hold ``repeated`` records alike, by name; ``what`` says it in a sentence's part."""

    first: str
    second: str
    repeated: int
    what: str


def may_double(landed: LandedFile) -> bool:
    """Whether a file's records could be another file's without showing it by their identifiers."""
    return landed.dataset == "license_counts" or made_id(landed) is not None


def made_id(landed: LandedFile) -> str | None:
    """Return the identifier that is made of a record's content, so that a corrected record has another one;
    None if identifiers are the vendor's.
    """
    if landed.connector == "focus":
        return "line_id"
    if landed.connector != "mapped":
        return None
    words = json.loads(landed.settings).get(landed.dataset)
    cells = profile_of(DATASETS[landed.dataset], words).cells if words else ()
    return next((cell.column.name for cell in cells if cell.is_made), None)


def double_landings(connection: duckdb.DuckDBPyConnection, files: Sequence[ParsedFile]) -> list[Pair]:
    """Return the pairs among the usable files of one source, dataset and period that repeat each other, in
    the order of their names.

    Seat counts: both count one customer's SKU on one date. Records with an identifier made of content: at
    least half of the smaller file's have a partner in the other, one to one, that is equal but for quantity,
    price and amount; files of the very same records are one file in two forms.
    """
    files = sorted(files, key=lambda file: file.landed.name)
    if len(files) < 2:
        return []
    if files[0].landed.dataset == "license_counts":
        return _counted_twice(connection, files)
    return _alike(connection, files, made_id(files[0].landed) or "")


def _records(files: Sequence[ParsedFile], columns: str) -> str:
    return " union all ".join(
        f"select {number} as file, {columns} from read_parquet({quoted(str(file.rows_path))})"
        for number, file in enumerate(files)
    )


def _counted_twice(connection: duckdb.DuckDBPyConnection, files: Sequence[ParsedFile]) -> list[Pair]:
    key = "vendor_customer_id, sku_id, as_of_date"
    found = connection.execute(f"""
        with counted as (select distinct * from ({_records(files, key)}))
        select one.file, other.file, count(*), min(({key}))
        from counted as one inner join counted as other using ({key})
        where one.file < other.file group by all order by all
    """).fetchall()
    return [
        Pair(
            files[one].landed.path.name,
            files[other].landed.path.name,
            count,
            "both count {} {} on {}".format(*example) + (f" and {count - 1} more" if count > 1 else ""),
        )
        for one, other, count, example in found
    ]


def _alike(connection: duckdb.DuckDBPyConnection, files: Sequence[ParsedFile], made: str) -> list[Pair]:
    columns = DATASETS[files[0].landed.dataset].columns
    like = ", ".join(c.name for c in columns if c.kind not in _CORRECTED and c.name != made)
    whole = ", ".join(c.name for c in columns)
    # hashes of 64 bits: one that is equal by chance makes one partner more, never half of a file
    found = connection.execute(f"""
        with records as ({_records(files, f"hash({like}) as likeness, hash({whole}) as content")}),
        likenesses as (select file, likeness as mark, count(*) as times from records group by all),
        contents as (select file, content as mark, count(*) as times from records group by all),
        sizes as (select file, count(*) as records from records group by all),
        partners as (
            select one.file as one, other.file as other, sum(least(one.times, other.times)) as records
            from likenesses as one inner join likenesses as other using (mark)
            where one.file < other.file group by all
        ),
        equal as (
            select one.file as one, other.file as other, sum(least(one.times, other.times)) as records
            from contents as one inner join contents as other using (mark)
            where one.file < other.file group by all
        )
        select partners.one, partners.other, partners.records::bigint,
            least(first.records, second.records)::bigint
        from partners
        inner join sizes as first on partners.one = first.file
        inner join sizes as second on partners.other = second.file
        left join equal on partners.one = equal.one and partners.other = equal.other
        where partners.records * 2 >= least(first.records, second.records)
            and not (first.records = second.records and coalesce(equal.records, 0) = first.records)
        order by all
    """).fetchall()
    return [
        Pair(
            files[one].landed.path.name,
            files[other].landed.path.name,
            records,
            "hold lines that are equal but for quantity, price and amount:"
            f" {records} of {smaller} of the smaller file",
        )
        for one, other, records, smaller in found
    ]
