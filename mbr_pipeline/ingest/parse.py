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
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.datasets import DATASETS, Dataset
from connectors.files.records import RecordFile, UnreadableFile
from connectors.registry import CONNECTORS
from mbr_pipeline.errors import MbrError
from mbr_pipeline.ingest.incoming import Incoming
from mbr_pipeline.ingest.landing import LandedFile
from mbr_pipeline.ingest.record_keys import KEYS, write_keys
from mbr_pipeline.ingest.typing_sql import typing_query
from mbr_pipeline.storage.sealed_folders import entry
from mbr_pipeline.storage.warehouse import connected, quoted
from mbr_pipeline.values import minor_units

_VERSION = "12"  # raise it whenever typing or a reader changes what a file parses to

ROWS, REJECTS = "rows.parquet", "rejects.parquet"


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


class Parser:
    """Types landed files, several at once on threads, in one DuckDB that is opened for the first new file: to
    open one takes as long as to type a small file.
    """

    def __init__(self, cache: Path, temp_directory: Path, size: int | None = None) -> None:
        """Begin.

        Args:
            cache: What was typed before, and where the rest goes.
            temp_directory: Where DuckDB may spill.
            size: About how many bytes there are to type, as ``connected`` takes it.
        """
        self._cache, self._temp_directory, self._size = cache, temp_directory, size
        self._opening, self._open = threading.Lock(), ExitStack()
        self._connection: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> Parser:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def parse(self, landed: LandedFile, only_keys: bool = False) -> ParsedFile:
        """Return the typed form of a landed file, from the cache if its bytes were parsed before, and
        whatever else decides what it says was the same.

        With ``only_keys``, what is cached is checked but for the records themselves: parse the file again
        before they are read.
        """
        folder, known = entry(
            self._cache,
            cache_key(landed),
            lambda building: _build(landed, building, self._cursor),
            unchecked=(ROWS, REJECTS) if only_keys else (),
        )
        lists: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in known.items()}
        return ParsedFile(landed=landed, folder=folder, **lists)

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection for one file."""
        with self._opening:
            if self._connection is None:
                self._connection = self._open.enter_context(
                    connected(None, self._temp_directory, size=self._size)
                )
            return self._connection.cursor()


def parse(landed: LandedFile, cache: Path, temp_directory: Path) -> ParsedFile:
    """Return the typed form of a single landed file, as :class:`Parser` does."""
    with Parser(cache, temp_directory, landed.size) as parser:
        return parser.parse(landed)


def cache_key(landed: LandedFile) -> str:
    """Return the name of a landed file's entry in the cache: all that decides what it says."""
    beside = CONNECTORS[landed.connector].beside(json.loads(landed.settings), landed.dataset)
    said = [landed.sha256, landed.dataset, landed.connector, landed.settings]
    place = [landed.period if "period" in beside else "", landed.path.name if "file_name" in beside else ""]
    return hashlib.sha256(json.dumps([_VERSION, duckdb.__version__, *said, *place]).encode()).hexdigest()[:40]


def _build(
    landed: LandedFile, folder: Path, cursor: Callable[[], duckdb.DuckDBPyConnection]
) -> dict[str, Any]:
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
        with cursor() as connection:
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
    incoming = Incoming(records, dataset, name)
    connection.register("incoming", incoming.reader())
    rows = folder / ROWS
    connection.execute(
        f"copy ({typing_query(dataset)}) to {quoted(str(rows))} (format parquet, compression snappy)"
    )
    connection.unregister("incoming")
    if incoming.unreadable:
        raise incoming.unreadable
    counts = _split(connection, dataset, rows, folder, incoming.faults)
    extra = sorted({c for c in records.header if c not in dataset.column_names})
    return counts | {"extra_columns": extra}


def _split(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, rows: Path, folder: Path, faults: pa.Table
) -> dict[str, Any]:
    """Write refused values and faults to rejects.parquet; the refused records leave rows.parquet,
    if there are any.
    """
    source = f"read_parquet({quoted(str(rows))})"
    found, refused = connection.execute(f"select count(*), count(errors) from {source}").fetchone() or (0, 0)
    if refused or faults.num_rows:
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
    else:
        pq.write_table(faults, folder / REJECTS)
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
    fault_lines = pc.count_distinct(faults["line"]).as_py()
    return {"rows": found + fault_lines, "rejected": refused + fault_lines, "totals": totals}
