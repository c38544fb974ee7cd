"""Where everything in a workspace is (contract §2).

What belongs here: paths, and where none may be. Nothing here reads or writes them. Names of MSPs and
periods are validated before they reach this module, so that a path can never leave the workspace.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.periods import Period

EARLY_FOLDER = "early"
"""Below a month's reports: what was seen of it while it went on."""


def refuse_question_mark(path: Path, called: str | None = None) -> None:
    """Raise :class:`ConfigError` if a path cannot be used: SQLite and DuckDB end a file's name at ``?`` and
    would write elsewhere.
    """
    if "?" in str(path):
        named = f"{called} {path}" if called else str(path)
        raise ConfigError(
            f"{named}: a path with a ? in it cannot be used, databases cut it off there: rename the folder or"
            " use another"
        )


@dataclass(frozen=True)
class WorkspacePaths:
    """The folders of one workspace."""

    root: Path

    def __post_init__(self) -> None:
        """Refuse a folder through which files would be written outside of it."""
        refuse_question_mark(self.root)

    @property
    def landing(self) -> Path:
        """Files as delivered: immutable."""
        return self.root / "landing"

    @property
    def warehouse(self) -> Path:
        """The tool's own files, rebuildable."""
        return self.root / "warehouse"

    @property
    def parsed(self) -> Path:
        """Typed Parquet of landed files, by content hash."""
        return self.warehouse / "parsed"

    @property
    def published(self) -> Path:
        """What analysts query."""
        return self.root / "published"

    @property
    def reports(self) -> Path:
        """Close reports, and the tables of blocked months."""
        return self.root / "reports"

    @property
    def exports(self) -> Path:
        """What leaves the house."""
        return self.root / "exports"

    @property
    def temporary(self) -> Path:
        """Where DuckDB spills."""
        return self.warehouse / "tmp"

    @property
    def catalogue(self) -> Path:
        """Read-only DuckDB file of views over the publication."""
        return self.published / "mbr.duckdb"

    @property
    def ledger(self) -> Path:
        """The ledger's database, where MBR_LEDGER_URL names no other."""
        return self.root / "ledger" / "ledger.sqlite"

    @property
    def dagster_home(self) -> Path:
        """Dagster's run history of this workspace."""
        return self.root / ".dagster"

    def month(self, msp_id: str, period: Period) -> MonthPaths:
        """Return the paths of one MSP's month."""
        return MonthPaths(self, msp_id, period)


@dataclass(frozen=True)
class MonthPaths:
    """The files of one MSP and period."""

    workspace: WorkspacePaths
    msp_id: str
    period: Period

    @property
    def folder(self) -> Path:
        """The month's own folder in the warehouse."""
        return self.workspace.warehouse / self.msp_id / self.period.text

    @property
    def warehouse_file(self) -> Path:
        """The month's DuckDB file; one name for all months, because dbt's parsed project names
        the database after it.
        """
        return self.folder / "month.duckdb"

    @property
    def lock_file(self) -> Path:
        """The lock of the process that works on the month."""
        return self.folder / "month.lock"

    @property
    def landing_lock(self) -> Path:
        """The lock of the process that lands files of the month."""
        return self.folder / "landing.lock"

    @property
    def loaded_inputs(self) -> Path:
        """Fingerprint of what the raw tables were loaded from."""
        return self.folder / "inputs.sha256"

    @property
    def candidate(self) -> Path:
        """Tables written for the audit; the publication is made of exactly these bytes."""
        return self.folder / "candidate"

    @property
    def certificate(self) -> Path:
        """The gate's verdict on the candidate tables."""
        return self.folder / "certificate.json"

    @property
    def landing(self) -> Path:
        """The month's landed files."""
        return self.workspace.landing / self.msp_id / self.period.text

    @property
    def landed_bytes(self) -> int:
        """How large the month is: the bytes of its landed files."""
        return sum(path.stat().st_size for path in self.landing.glob("*/*") if path.is_file())

    @property
    def published(self) -> Path:
        """The month's publication."""
        return self.workspace.published / self.msp_id / self.period.text

    @property
    def report(self) -> Path:
        """Close report, gate.json and, when blocked, the tables for inspection."""
        return self.workspace.reports / self.msp_id / self.period.text

    @property
    def exports(self) -> Path:
        """What was exported of the month, by version and target, and its evidence."""
        return self.workspace.exports / self.msp_id / self.period.text


@dataclass(frozen=True)
class EarlyPaths(MonthPaths):
    """The files of a look at a month that goes on: others than the month's, which stay as they are."""

    @property
    def folder(self) -> Path:
        """A folder of its own in the warehouse, for as long as it takes."""
        return self.workspace.warehouse / self.msp_id / f"{self.period.text}.early"

    @property
    def report(self) -> Path:
        """Its report and gate.json, below the month's."""
        return super().report / EARLY_FOLDER
