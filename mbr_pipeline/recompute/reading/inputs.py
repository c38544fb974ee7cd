"""The content of the landing folders: typed, rejected, and each record once (contract §2, §3, §5).

What belongs here: which rows are kept, and the faults of the landing itself. What does not:
sums and references (``controls``).
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field, fields
from fractions import Fraction
from pathlib import Path
from typing import Any

from mbr_pipeline.recompute.periods import Period, is_period
from mbr_pipeline.recompute.reading.connector_files import name_says, read_by_connector
from mbr_pipeline.recompute.reading.files import Table, dataset_of, read_table
from mbr_pipeline.recompute.reading.records import (
    CLASSES,
    Agreement,
    Client,
    InvoiceLine,
    LicenseCount,
    Origin,
    Product,
    Record,
    VendorCharge,
    VendorInvoice,
)
from mbr_pipeline.recompute.reading.rules import Rules
from mbr_pipeline.recompute.reading.schema import (
    CARRIED_OVER,
    DATASETS,
    IDENTITY,
    NEVER_EMPTY,
    Fault,
    read_row,
)
from mbr_pipeline.recompute.reading.too_large import take_out_too_large
from mbr_pipeline.recompute.reading.twice import can_double, pairs_told_twice

Reject = dict[str, Any]


@dataclass(frozen=True)
class Control:
    """One evaluated control: what it is about, what it compared, and whether it passed
    (contract §5, control codes).
    """

    code: str
    source: str | None
    dataset: str | None
    scope: str
    expected: Fraction
    actual: Fraction
    passed: bool


@dataclass
class Inputs:
    """The accepted records, those of earlier periods included where the contract carries them over."""

    period: Period
    clients: list[Client] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    vendor_invoices: list[VendorInvoice] = field(default_factory=list)
    vendor_charges: list[VendorCharge] = field(default_factory=list)
    license_counts: list[LicenseCount] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    invoice_lines: list[InvoiceLine] = field(default_factory=list)
    loading: list[Control] = field(default_factory=list)
    """The controls of single datasets, as far as they were evaluated."""
    rejects: list[Reject] = field(default_factory=list)

    def charges_landed(self) -> list[VendorCharge]:
        """List the vendor lines that belong to the period's own folder."""
        return [charge for charge in self.vendor_charges if charge.landed == self.period.text]

    def lines_landed(self) -> list[InvoiceLine]:
        """List the invoice lines that belong to the period's own folder."""
        return [line for line in self.invoice_lines if line.landed == self.period.text]


@dataclass
class _Files:
    """The result of reading one dataset of a source: its distinct files, those that drifted, its records."""

    found: int = 0
    drifted: int = 0
    blank: int = 0
    records: int = 0


@dataclass
class _Folder:
    """The reading of one period's folder: typed rows by dataset, rejects, and the result per file."""

    rows: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    rejects: list[Reject] = field(default_factory=list)
    files: dict[tuple[str, str], _Files] = field(default_factory=dict)

    def reject(self, dataset: str, origin: Origin, column: str | None, reason: str) -> None:
        row = {"file": origin.path, "line": origin.line, "column": column, "reason": reason}
        self.rejects.append({**row, "source": origin.source, "dataset": dataset})

    def controls(self, period: Period, rules: Rules) -> list[Control]:
        refused = Counter((s, d) for s, d, _, _ in {_where(row) for row in self.rejects})
        found: list[Control] = []
        for (source, dataset), files in self.files.items():
            scope = f"{files.found} files"

            def control(code: str, expected: int, actual: int, passed: bool) -> None:
                figures = Fraction(expected), Fraction(actual)
                found.append(Control(code, source, dataset, scope, *figures, passed))  # noqa: B023

            control("SOURCE_MISSING", 1, files.found, files.found > 0)
            if files.found:
                rejected = refused[source, dataset]
                control("SCHEMA_DRIFT", 0, files.drifted, not files.drifted)
                control("ROW_REJECTED", 0, rejected, not rejected)
                # A file that cannot be read may hold anything; one of no bytes holds nothing.
                if dataset in NEVER_EMPTY and files.drifted == files.blank:
                    control("SOURCE_EMPTY", 1, files.records, files.records > 0)
                # Both need a dataset that holds so far; one with a rejected row may lack what they look for.
                if any(not item.passed for item in found if (item.source, item.dataset) == (source, dataset)):
                    continue
                rows = [row for row in self.rows[dataset] if row.source == source]
                if dataset == "license_counts":
                    dated = sum(isinstance(r, LicenseCount) and period.holds(r.as_of_date) for r in rows)
                    control("SOURCE_STALE", 1, dated, dated > 0)
                reader = rules.connectors.get(source)
                if can_double(dataset, reader):
                    pairs = pairs_told_twice(dataset, rows, reader)
                    control("DOUBLE_LANDING", 0, pairs, not pairs)
        return found


def _where(row: Reject) -> tuple[str, str, str, int]:
    return row["source"], row["dataset"], row["file"], row["line"]


def load(workspace: Path, msp_id: str, period: Period, rules: Rules) -> Inputs:
    """Read the folder of a period and what earlier folders carry over into it."""
    inputs = Inputs(period)
    root = workspace / "landing" / msp_id
    months = sorted(path.name for path in root.glob("*") if is_period(path.name)) if root.is_dir() else []
    accepted: dict[str, dict[tuple[Any, ...], Record]] = {dataset: {} for dataset in CARRIED_OVER}
    records: dict[str, list[Any]] = {dataset: getattr(inputs, dataset) for dataset in DATASETS}
    folder = _Folder()
    # P comes last: its folder is the one that is held to controls
    for month in [*(month for month in months if month < period.text), period.text]:
        datasets = tuple(DATASETS) if month == period.text else CARRIED_OVER
        folder = _read_folder(root / month, month, rules, datasets)
        for dataset, rows in folder.rows.items():
            records[dataset].extend(_settle(folder, dataset, rows, accepted.get(dataset, {})))
    for fault in take_out_too_large(records, period, rules):
        # Rejected rows are those of P's own folder; a record of an earlier one is left out.
        if fault.record.landed == period.text:
            folder.reject(fault.dataset, fault.record.origin, fault.column, fault.reason)
    inputs.loading = folder.controls(period, rules)
    inputs.rejects = [
        {
            "file": f"landing/{msp_id}/{row['file']}",
            **{name: row[name] for name in ("line", "column", "reason")},
        }
        for row in sorted(folder.rejects, key=lambda row: (row["file"], row["line"], row["column"] or ""))
    ]
    return inputs


def _read_folder(folder: Path, month: str, rules: Rules, datasets: tuple[str, ...]) -> _Folder:
    found = _Folder()
    for source in sorted(rules.sources):
        for dataset in datasets:
            if dataset in rules.sources[source]:
                _read_dataset(found, folder / source, (source, month, dataset), rules)
    return found


def _read_dataset(found: _Folder, folder: Path, what: tuple[str, str, str], rules: Rules) -> None:
    source, month, dataset = what
    paths = (
        sorted(path for path in folder.glob("*") if dataset_of(path) == dataset) if folder.is_dir() else []
    )
    if source in rules.replacing:
        paths = sorted(paths, key=lambda path: path.name)[-1:]
    files = found.files[source, dataset] = _Files()
    reader = rules.connectors.get(source)
    seen: set[tuple[str, str]] = set()
    for path in paths:
        # Literal: the bytes as they are on disk, among the files of this source; a gzipped
        # copy is another file, and so is one whose name says something that its bytes do not.
        data = path.read_bytes()
        same = (hashlib.sha256(data).hexdigest(), path.name if reader and name_says(dataset, reader) else "")
        if same in seen:
            continue
        seen.add(same)
        table = read_by_connector(path, dataset, reader) if reader else read_table(path)
        files.found += 1
        if _drifted(dataset, table):
            files.drifted += 1
            files.blank += not data
            continue
        files.records += table.count
        _type_rows(found, dataset, table, Origin(source, month, path.name, 0))


def _drifted(dataset: str, table: Table) -> bool:
    if table.header is None:
        return False
    # Literal: any repeated column, also one that is not canonical; a heading without a name is no column.
    repeated = any(times > 1 for name, times in Counter(table.header).items() if name)
    return repeated or any(
        column.required and column.name not in table.header for column in DATASETS[dataset]
    )


def _type_rows(found: _Folder, dataset: str, table: Table, at: Origin) -> None:
    for raw in table.rows:
        origin = Origin(at.source, at.landed, at.file, raw.line)
        faults: list[Fault] = [(raw.column, raw.fault)] if raw.fault else []
        values: dict[str, Any] = {}
        if not faults:
            values, faults = read_row(dataset, raw.cells)
        for column, reason in faults:
            found.reject(dataset, origin, column, reason)
        if not faults:
            found.rows[dataset].append(CLASSES[dataset](origin=origin, **values))


def _content(row: Record) -> tuple[Any, ...]:
    return tuple(getattr(row, item.name) for item in fields(row) if item.name != "origin")


def _settle(folder: _Folder, dataset: str, rows: list[Record], accepted: dict[Any, Record]) -> list[Record]:
    """Keep each record once; reject one identifier with two contents (all of them, or those
    after an earlier one).
    """
    identity = IDENTITY.get(dataset)
    if identity is None:
        return rows
    groups: dict[tuple[Any, ...], list[Record]] = defaultdict(list)
    for row in rows:
        groups[tuple(getattr(row, name) for name in identity)].append(row)
    kept: list[Record] = []
    for key, group in groups.items():
        contents = {_content(row) for row in group}
        if len(contents) > 1 or (key in accepted and _content(accepted[key]) not in contents):
            for row in group:
                folder.reject(dataset, row.origin, identity[-1], "one identifier with two different contents")
        elif key not in accepted:
            accepted[key] = group[0]
            kept.append(group[0])
    return kept
