"""One landed file becomes typed Parquet, once, kept by content hash.

What belongs here: streaming a file's records through the typing of contract §3 into
``warehouse/parsed/<key>/``, with what was refused and why. What does not: comparing files with each other
(``mbr_pipeline.ingest.load``). A file that was parsed before is not read again: a month's cost does not grow
with its history.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from connectors.datasets import DATASETS, Dataset
from connectors.files.records import RecordFile, UnreadableFile
from connectors.registry import CONNECTORS
from mbr_pipeline.errors import MbrError
from mbr_pipeline.ingest.landing import LandedFile
from mbr_pipeline.ingest.record_keys import KEYS, write_keys
from mbr_pipeline.ingest.typing_sql import typing_query
from mbr_pipeline.storage.sealed_folders import entry
from mbr_pipeline.storage.warehouse import connected, quoted
from mbr_pipeline.values import minor_units

_VERSION = "9"  # raise it whenever typing or a reader changes what a file parses to

ROWS, REJECTS = "rows.parquet", "rejects.parquet"

_MOST_HOLLOW = 200_000
"""How many rows may come, batch by batch, in which at most one required column has anything."""

_REJECT_SCHEMA = pa.schema(
    [("line", pa.int64()), ("column_name", pa.string()), ("value", pa.string()), ("reason", pa.string())]
)


@dataclass(frozen=True)
class ParsedFile:
    """A landed file in typed form.

    ``rows`` counts all records found, ``rejected`` those refused. ``missing_columns`` and
    ``repeated_columns`` are schema drift: such a file, and one that is ``unreadable``, has no typed records.
    ``totals`` are sums of ``amount`` by currency over accepted records.
    """

    landed: LandedFile
    folder: Path
    rows: int
    rejected: int
    missing_columns: tuple[str, ...]
    repeated_columns: tuple[str, ...]
    unreadable: str | None
    extra_columns: tuple[str, ...]
    warnings: tuple[str, ...]
    totals: dict[str, str]

    @property
    def is_drifted(self) -> bool:
        """Whether no record of the file can be used."""
        return bool(self.missing_columns or self.repeated_columns or self.unreadable)

    @property
    def facts(self) -> dict[str, Any]:
        """What the month's list of files says of it."""
        return {
            "path": self.landed.name,
            "sha256": self.landed.sha256,
            "bytes": self.landed.size,
            "rows": self.rows,
            "rejected": self.rejected,
            "totals": self.totals,
            "extra_columns": list(self.extra_columns),
            "warnings": list(self.warnings),
            "drift": self.is_drifted,
        }

    @property
    def rows_path(self) -> Path:
        """Typed records: canonical columns, ``record_line``, ``extra``, and ids as they landed where they are
        read otherwise.
        """
        return self.folder / ROWS

    @property
    def rejects_path(self) -> Path:
        """Refused values: line, column_name, value, reason."""
        return self.folder / REJECTS

    @property
    def keys_path(self) -> Path:
        """The keys of the typed records, of a dataset whose records count in later months."""
        return self.folder / KEYS


def parse(landed: LandedFile, cache: Path, temp_directory: Path, only_keys: bool = False) -> ParsedFile:
    """Return the typed form of a landed file, from the cache if its bytes were parsed before, and whatever
    else decides what it says was the same.

    With ``only_keys``, what is cached is checked but for the records themselves: parse the file again before
    they are read.
    """
    folder, known = entry(
        cache,
        cache_key(landed),
        lambda building: _build(landed, building, temp_directory),
        unchecked=(ROWS, REJECTS) if only_keys else (),
    )
    lists: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in known.items()}
    return ParsedFile(landed=landed, folder=folder, **lists)


def cache_key(landed: LandedFile) -> str:
    """Return the name of a landed file's entry in the cache: all that decides what it says."""
    beside = CONNECTORS[landed.connector].beside(json.loads(landed.settings), landed.dataset)
    said = [landed.sha256, landed.dataset, landed.connector, landed.settings]
    place = [landed.period if "period" in beside else "", landed.path.name if "file_name" in beside else ""]
    return hashlib.sha256(json.dumps([_VERSION, duckdb.__version__, *said, *place]).encode()).hexdigest()[:40]


def _build(landed: LandedFile, folder: Path, temp_directory: Path) -> dict[str, Any]:
    dataset = DATASETS[landed.dataset]
    # what is hashed is what is read: the file itself may change meanwhile, and back
    private = folder / "landed"
    copy = private.joinpath(*landed.path.parts[-3:])  # month and source too: a profile may ask for them
    copy.parent.mkdir(parents=True)
    try:
        _copy_hashed(landed, copy)
        records = CONNECTORS[landed.connector].open(copy, dataset, json.loads(landed.settings))
        drift = _drift(records, dataset)
        if any(drift.values()):
            return _facts(records, drift)
        with connected(None, temp_directory) as connection:
            facts = _write(connection, records, dataset, folder, landed.path.name)
        if facts["rows"] and not records.header_is_final:
            drift = _drift(records, dataset)
        return {**_facts(records, drift), **facts}
    except UnreadableFile as error:
        return _facts(None, {"missing_columns": [], "repeated_columns": []}) | {"unreadable": str(error)}
    finally:
        shutil.rmtree(private)


def _copy_hashed(landed: LandedFile, copy: Path) -> None:
    digest = hashlib.sha256()
    try:
        source = landed.path.open("rb")
    except FileNotFoundError:
        raise MbrError(f"{landed.name} was there and is gone: run again") from None
    with source, copy.open("wb") as target:
        while chunk := source.read(1 << 20):
            digest.update(chunk)
            target.write(chunk)
    if digest.hexdigest() != landed.sha256:
        raise MbrError(f"{landed.name} changed while it was read: run again when nothing writes to it")


def _drift(records: RecordFile, dataset: Dataset) -> dict[str, list[str]]:
    header = records.header
    if not header and not records.header_is_final:
        return {"missing_columns": [], "repeated_columns": []}
    return {
        "missing_columns": [c for c in dataset.required_columns if c not in header],
        "repeated_columns": sorted(c for c, times in Counter(header).items() if c and times > 1),
    }


def _facts(records: RecordFile | None, drift: dict[str, list[str]]) -> dict[str, Any]:
    return {
        "rows": 0,
        "rejected": 0,
        **drift,
        "unreadable": None,
        "extra_columns": [],
        "warnings": list(records.warnings) if records else [],
        "totals": {},
    }


def _write(
    connection: duckdb.DuckDBPyConnection, records: RecordFile, dataset: Dataset, folder: Path, name: str
) -> dict[str, Any]:
    """Stream the records through typing into rows.parquet; refused ones end up in rejects.parquet."""
    currencies = pa.table({"currency": list(minor_units()), "minor_units": list(minor_units().values())})
    connection.register("currencies", currencies)
    drained = _Drained(records, dataset, name)
    connection.register(
        "incoming", pa.RecordBatchReader.from_batches(_stream_schema(dataset), drained.batches())
    )
    rows = folder / ROWS
    connection.execute(
        f"copy ({typing_query(dataset)}) to {quoted(str(rows))} (format parquet, compression snappy)"
    )
    connection.unregister("incoming")
    if drained.unreadable:
        raise drained.unreadable
    counts = _split(connection, dataset, rows, folder, drained.faults)
    extra = sorted({c for c in records.header if c not in dataset.column_names})
    return counts | {"extra_columns": extra}


def _stream_schema(dataset: Dataset) -> pa.Schema:
    texts = [(name, pa.string()) for name in dataset.column_names]
    return pa.schema([("_line", pa.int64()), *texts, ("_extra", pa.string())])


class _Drained:
    """Hands a reader's batches to DuckDB and keeps what else it reports: faults as compact Arrow,
    and why it stopped.

    An exception that crosses DuckDB loses its type, so it is kept here and raised again afterwards.
    """

    def __init__(self, records: RecordFile, dataset: Dataset, name: str) -> None:
        self._records, self._dataset, self._name, self._hollow = records, dataset, name, 0
        self._faults: list[pa.Table] = []
        self.unreadable: UnreadableFile | None = None

    def batches(self) -> Iterator[pa.RecordBatch]:
        try:
            for batch in self._records.batches():
                self._keep_faults()
                self._refuse_hollow(batch)
                yield batch
        except UnreadableFile as error:
            self.unreadable = error
        self._keep_faults()

    def _refuse_hollow(self, batch: pa.RecordBatch) -> None:
        """Stop at a file of nothing but fragments, such as one whose first quote never closes: to list them
        one by one would take for ever and tell nothing.
        """
        filled = [c for c in self._dataset.required_columns if batch[c].null_count < batch.num_rows]
        self._hollow += batch.num_rows if len(filled) < min(2, len(self._dataset.required_columns)) else 0
        if self._hollow > _MOST_HOLLOW:
            raise UnreadableFile(
                self._name,
                f"more than {_MOST_HOLLOW} rows have next to nothing in them: a quote that never closes, or"
                " another separator; export it again",
            )

    @property
    def faults(self) -> pa.Table:
        return pa.concat_tables([_REJECT_SCHEMA.empty_table(), *self._faults])

    def _keep_faults(self) -> None:
        faults = self._records.faults
        if faults:
            rows = [
                {"line": f.line, "column_name": f.column, "value": f.value, "reason": f.reason}
                for f in faults
            ]
            self._faults.append(pa.Table.from_pylist(rows, schema=_REJECT_SCHEMA))
            faults.clear()


def _split(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, rows: Path, folder: Path, faults: pa.Table
) -> dict[str, Any]:
    """Write refused values and faults to rejects.parquet; the refused records leave rows.parquet,
    if there are any.
    """
    source = f"read_parquet({quoted(str(rows))})"
    connection.register("faults", faults)
    connection.execute(f"""
        copy (
            select line, column_name, value, reason from faults
            union all
            select record_line, error['column'], left(error['value'], 200), error['reason']
            from (select record_line, unnest(errors) as error from {source} where errors is not null)
            order by 1, 2
        ) to {quoted(str(folder / REJECTS))} (format parquet)
    """)
    found, refused = connection.execute(f"select count(*), count(errors) from {source}").fetchone() or (0, 0)
    if refused:
        accepted = folder / f"accepted.{ROWS}"
        connection.execute(
            f"copy (select * from {source} where errors is null) to {quoted(str(accepted))} (format parquet)"
        )
        accepted.replace(rows)
    if dataset.carries_over:
        write_keys(connection, dataset, rows, folder / KEYS)
    totals: dict[str, str] = {}
    if "amount" in dataset.column_names:
        sums = f"select currency, sum(amount)::varchar from {source} group by 1 order by 1"
        totals = dict(connection.execute(sums).fetchall())
    (fault_lines,) = connection.execute("select count(distinct line) from faults").fetchone() or (0,)
    return {"rows": found + fault_lines, "rejected": refused + fault_lines, "totals": totals}
