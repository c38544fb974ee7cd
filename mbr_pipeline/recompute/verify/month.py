"""Every figure of a month's tables against this engine's: the work of ``mbr verify --recompute``.

What belongs here: reading a folder of tables and comparing them one by one. What does not: finding the folder
and printing (``mbr_pipeline.cli.verify``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from mbr_pipeline.recompute.decisions.chain import Entry
from mbr_pipeline.recompute.month import Row, Tell, recompute_month
from mbr_pipeline.recompute.verify.compare import RowDifference, TableCheck, check_table
from mbr_pipeline.recompute.verify.tables import TABLES


@dataclass(frozen=True)
class MonthCheck:
    """What a verification came to.

    ``not_compared`` are tables that were not held against anything, each with the reason; ``missing`` are
    those of them that should be there, so that their absence is itself a difference.
    """

    checks: tuple[TableCheck, ...]
    not_compared: dict[str, str]
    missing: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Rows that were held against each other, in all tables."""
        return sum(check.rows for check in self.checks)

    @property
    def figures(self) -> int:
        """Values that were."""
        return sum(check.figures for check in self.checks)

    @property
    def differences(self) -> list[RowDifference]:
        """All rows that differ."""
        return [difference for check in self.checks for difference in check.differences]

    @property
    def is_equal(self) -> bool:
        """Whether everything that should be there was compared and is equal; where nothing was
        compared it is not.
        """
        return bool(self.rows) and not self.differences and not self.missing


def verify_month(
    workspace: Path,
    msp_id: str,
    period: str,
    folder: Path,
    withheld: Iterable[str] = (),
    tell: Tell = lambda _: None,
    chain: Sequence[Entry] = (),
) -> MonthCheck:
    """Hold the tables in a folder against the month as this engine works it out from landed files and rules.

    Args:
        workspace: The folder with mbr.yml.
        msp_id: An MSP named in it.
        period: ``YYYY-MM``.
        folder: Where the tables lie, one Parquet file each.
        withheld: Tables that need not be there.
        tell: Receives each step as it begins.
        chain: The MSP's ledger entries, ten fields each.

    Raises:
        ConfigError: The configuration is one that ends a run with exit code 2.
    """
    month = recompute_month(workspace, msp_id, period, tell, chain)
    present = {path.stem for path in folder.glob("*.parquet")}
    absent = [name for name in TABLES if name not in present]
    reasons = dict.fromkeys(sorted(present - set(TABLES)), "the second engine does not make it")
    reasons |= {name: "it is kept back while the month is blocked" for name in absent if name in withheld}
    missing = tuple(name for name in absent if name not in withheld)
    reasons |= dict.fromkeys(missing, "its file is not there")
    checks = []
    for name, table in TABLES.items():
        if name in present:
            tell(f"comparing {name}")
            published = _rows(folder / f"{name}.parquet", table.columns)
            checks.append(check_table(name, table, getattr(month, table.rows_of), published))
            setattr(month, table.rows_of, [])  # compared, and of a large month the greater part of its memory
    return MonthCheck(tuple(checks), reasons, missing)


def _rows(path: Path, columns: tuple[str, ...]) -> Iterable[Row]:
    # batch by batch: all of a large month's rows as Python objects at once would be held twice
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=20_000, columns=list(columns)):
            yield from batch.to_pylist()
