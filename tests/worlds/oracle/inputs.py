"""What lies in the landing folders: typed, rejected, and each record once (contract §2, §3 and §5).

Belongs here: which rows stand, and the faults of the landing itself. Sums and references are ``controls``.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, cast

from tests.worlds.oracle.files import Table, dataset_of, read_table
from tests.worlds.oracle.periods import Period, is_period
from tests.worlds.oracle.records import (
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
from tests.worlds.oracle.rules import Rules
from tests.worlds.oracle.schema import CARRIED_OVER, DATASETS, IDENTITY, NEVER_EMPTY, Fault, read_row

Reject = dict[str, Any]
LOADING_CODES = ("SOURCE_MISSING", "SOURCE_EMPTY", "SCHEMA_DRIFT", "ROW_REJECTED")


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
    loading: dict[tuple[str, str, str], bool] = field(default_factory=dict)
    """(code, source, dataset) of each loading control that was evaluated, and whether it passed."""
    rejects: list[Reject] = field(default_factory=list)

    def charges_landed(self) -> list[VendorCharge]:
        """List the vendor lines that belong to the period's own folder."""
        return [charge for charge in self.vendor_charges if charge.landed == self.period.text]

    def lines_landed(self) -> list[InvoiceLine]:
        """List the invoice lines that belong to the period's own folder."""
        return [line for line in self.invoice_lines if line.landed == self.period.text]


@dataclass
class _Folder:
    """The reading of one period's folder: typed rows by dataset, rejects and loading controls."""

    rows: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    rejects: list[Reject] = field(default_factory=list)
    loading: dict[tuple[str, str, str], bool] = field(default_factory=dict)

    def reject(self, dataset: str, origin: Origin, column: str | None, reason: str) -> None:
        self.rejects.append({"file": origin.file, "line": origin.line, "column": column, "reason": reason})
        self.loading["ROW_REJECTED", origin.source, dataset] = False


def load(workspace: Path, msp_id: str, period: Period, rules: Rules) -> Inputs:
    """Read the folder of a period and what earlier folders carry over into it."""
    inputs = Inputs(period)
    root = workspace / "landing" / msp_id
    months = sorted(path.name for path in root.glob("*") if is_period(path.name)) if root.is_dir() else []
    accepted: dict[str, dict[tuple[Any, ...], Record]] = {dataset: {} for dataset in CARRIED_OVER}
    for month in [*(month for month in months if month < period.text), period.text]:
        own = month == period.text
        folder = _read_folder(workspace, root / month, month, rules, tuple(DATASETS) if own else CARRIED_OVER)
        for dataset, rows in folder.rows.items():
            kept = _settle(folder, dataset, rows, accepted.get(dataset, {}))
            cast(list[Record], getattr(inputs, dataset)).extend(kept)
        if own:
            inputs.loading = folder.loading
            inputs.rejects = sorted(
                folder.rejects, key=lambda row: (row["file"], row["line"], row["column"] or "")
            )
    return inputs


def _read_folder(
    workspace: Path, folder: Path, month: str, rules: Rules, datasets: tuple[str, ...]
) -> _Folder:
    found = _Folder()
    for source in sorted(rules.sources):
        for dataset in datasets:
            if dataset in rules.sources[source]:
                _read_dataset(found, workspace, folder / source, Origin(source, month, "", 0), dataset)
    return found


def _read_dataset(found: _Folder, workspace: Path, folder: Path, at: Origin, dataset: str) -> None:
    paths = (
        sorted(path for path in folder.glob("*") if dataset_of(path) == dataset) if folder.is_dir() else []
    )
    found.loading["SOURCE_MISSING", at.source, dataset] = bool(paths)
    if not paths:
        return
    found.loading["SCHEMA_DRIFT", at.source, dataset] = True
    found.loading["ROW_REJECTED", at.source, dataset] = True
    records = 0
    seen: set[str] = set()
    for path in paths:
        # Literal: the bytes as they lie on disk, among the files of this source; a gzipped copy is another
        # file.
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest in seen:
            continue
        seen.add(digest)
        table = read_table(path)
        # Rows of a file whose columns drifted are rows all the same: the file set is not empty.
        records += len(table.rows)
        if _drifted(dataset, table):
            found.loading["SCHEMA_DRIFT", at.source, dataset] = False
            continue
        _type_rows(found, dataset, table, at.source, at.landed, path.relative_to(workspace).as_posix())
    if dataset in NEVER_EMPTY:
        found.loading["SOURCE_EMPTY", at.source, dataset] = records > 0


def _drifted(dataset: str, table: Table) -> bool:
    if table.header is None:
        return False
    # Literal: any repeated column, also one that is not canonical.
    repeated = any(times > 1 for times in Counter(table.header).values())
    return repeated or any(
        column.required and column.name not in table.header for column in DATASETS[dataset]
    )


def _type_rows(found: _Folder, dataset: str, table: Table, source: str, month: str, file: str) -> None:
    for raw in table.rows:
        origin = Origin(source, month, file, raw.line)
        faults: list[Fault] = [(None, raw.fault)] if raw.fault else []
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
    """Keep each record once; reject one identifier with two contents (all of them, or those after an earlier
    one).
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
