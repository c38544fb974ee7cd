"""FOCUS 1.0 and 1.2 cost files (FinOps Open Cost and Usage Specification) as canonical ``vendor_charges``.

What belongs here: the file as a ``RecordFile``: columns, null texts, line ids, warnings. What does not: how
one row is mapped (``rows``), and CSV or Parquet parsing (``connectors.files``).

Nothing is aggregated: one FOCUS row is one record, and the amounts add up to the file's
``BilledCost`` exactly. Columns that no canonical column carries as they are go to ``_extra``. The
literal text ``NULL`` is null.

FOCUS has no line id. Here it is the SHA-256 of the row's canonical values and its exact charge period, then a
hyphen and the ordinal (from 0) among equal rows of the file. So a row that lands twice, in whatever order,
spelling of numbers or file format, is the same record, and two rows with one id never differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa

from connectors.datasets import DATASETS
from connectors.files.layout import json_objects, merged_objects, schema
from connectors.files.opening import open_records
from connectors.files.ordinals import Ordinals
from connectors.files.records import EXTRA, LINE, Fault, RecordFile, UnreadableFile
from connectors.focus.rows import FOCUS_COLUMNS, SOURCES, Charge, FocusRow, MappingError, charge_of
from connectors.safe_text import clip

EXPECTED = DATASETS["vendor_charges"].column_names
_KEPT_APART = (
    "BillingAccountId", "BillingPeriodStart", "ChargeDescription", "ChargePeriodEnd", "ChargePeriodStart",
    "ConsumedQuantity", "PricingQuantity", "RegionId", "SkuPriceId", "x_Operation", "x_UsageType",
)  # fmt: skip


def focus_records(path: Path) -> RecordFile:
    """Opens a FOCUS CSV or Parquet file, plain or gzipped, as records of ``vendor_charges``.

    Its header names the canonical columns that the file can fill, so a FOCUS file without ``BilledCost`` has
    no ``amount``; a FOCUS column found twice is named twice. A file that cannot fill every required column
    has no records.

    Raises:
        UnreadableFile: As ``open_records``.
    """
    return FocusFile(path)


class FocusFile:
    """A FOCUS file as a ``RecordFile``."""

    header_is_final = True
    ids_from_content = True
    """Lines have an identifier that is made of their content, for FOCUS names none."""

    def __init__(self, path: Path) -> None:
        """Reads the header; see ``focus_records``."""
        if not path.name.lower().removesuffix(".gz").endswith((".csv", ".parquet")):
            raise UnreadableFile(
                path.name, "FOCUS files are .csv or .parquet, also with .gz; export one of these"
            )
        self._inner = open_records(path, FOCUS_COLUMNS, null_texts=("NULL",))
        self.faults: list[Fault] = []
        self.warnings: list[str] = []
        found = self._inner.header
        missing = {
            name: ways for name, ways in SOURCES.items() if not any(set(way) <= set(found) for way in ways)
        }
        repeated = tuple(name for name in found if found.count(name) > 1)
        self.header = tuple(name for name in EXPECTED if name not in missing) + repeated
        lacking = [name for name in DATASETS["vendor_charges"].required_columns if name in missing]
        self._complete = not lacking
        for name in lacking:
            ways = " or ".join(" and ".join(way) for way in missing[name])
            self.warnings.append(f"this is no FOCUS file: {name} needs the column {ways}")
        self._counts = dict.fromkeys(_COUNTED, 0)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yields the records; see ``RecordFile``."""
        if self._complete:
            with closing(Ordinals()) as ordinals:
                for batch in self._inner.batches():
                    self.faults += self._inner.faults
                    self._inner.faults.clear()
                    yield self._mapped(batch, ordinals)
        self.warnings += self._inner.warnings
        self.warnings += [f"{count} {_COUNTED[what]}" for what, count in self._counts.items() if count]

    def _mapped(self, batch: pa.RecordBatch, ordinals: Ordinals) -> pa.RecordBatch:
        records: list[tuple[str | None, ...]] = []
        good: list[int] = []
        columns = [batch.column(name).to_pylist() for name in FOCUS_COLUMNS]
        for position, values in enumerate(zip(*columns, strict=True)):
            try:
                charge = charge_of(FocusRow(*values))
            except MappingError as error:
                line = batch.column(LINE)[position].as_py()
                self.faults.append(
                    Fault(line, error.column, None if error.value is None else clip(error.value), str(error))
                )
                continue
            self._count(charge)
            digest, ordinal = ordinals.next(charge.identity())
            records.append((f"{digest}-{ordinal}", *charge.values))
            good.append(position)
        kept = json_objects(batch.num_rows, [(name, batch.column(name)) for name in _KEPT_APART])
        extra = merged_objects(kept, batch.column(EXTRA)).take(pa.array(good, pa.int64()))
        lines = batch.column(LINE).take(pa.array(good, pa.int64()))
        texts = [pa.array(list(column), pa.string()) for column in zip(*records, strict=True)]
        texts = texts or [pa.nulls(0, pa.string()) for _ in EXPECTED]
        return pa.RecordBatch.from_arrays([lines, *texts, extra], schema=schema(EXPECTED))

    def _count(self, charge: Charge) -> None:
        for note in charge.notes:
            self._counts[note] += 1


_COUNTED = {
    "usage": "usage rows carry quantity 1 and their amount as unit cost; usage quantities enter no formula",
    "quantity": (
        "rows other than usage have no quantity that fits and carry quantity 1 and their amount as unit cost"
    ),
    "places": "rows have a BilledCost of more than 12 decimal places, which was rounded half-up",
    "day": "recurring purchases name a charge period of one day: what they bought counts for that day only",
    "payer": "rows name no sub account and belong to their billing account",
}
