"""What a workspace has landed: by month, source and dataset, with the bytes and the headings.

What belongs here: looking at the landing zone of one MSP. What does not: what becomes of new files
(``next_month``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from connectors.files.records import UnreadableFile
from mbr_pipeline.ingest.landing import SUPERSEDED_FOLDER, UNFINISHED
from mbr_pipeline.ingest.landing_moves import LandingFolder
from mbr_pipeline.periods import Period
from mbr_pipeline.setup.known_files import Known, headings_of, known_datasets, shown_first
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.storage.locks import locked
from mbr_pipeline.workspace.workspace import Workspace


@dataclass(frozen=True)
class Before:
    """One landed file."""

    month: str
    known: Known
    path: Path
    sha256: str
    is_replaced: bool = False

    @property
    def source(self) -> str:
        """Its source."""
        return self.known.source

    @property
    def dataset(self) -> str:
        """Its dataset."""
        return self.known.dataset

    @property
    def name(self) -> str:
        """How messages call it: period/source/file."""
        return f"{self.month}/{self.source}/{self.path.name}"


def finish_landings(workspace: Workspace, msp_id: str) -> None:
    """Finish what a killed `mbr land` left half moved, so that what lies there is what counts."""
    for journal in sorted((workspace.paths.landing / msp_id).glob(f"*/*/{UNFINISHED}")):
        folder = journal.parents[1]
        month = workspace.month(msp_id, folder.parent.name)
        with locked(month.folder / "landing.lock"):
            LandingFolder(folder).recover()


def landed_before(workspace: Workspace, msp_id: str, known: Iterable[Known]) -> list[Before]:
    """Return the landed files of the datasets, and those that `mbr land` replaced, in the order of months and
    names.
    """
    root = workspace.paths.landing / msp_id
    months = sorted(path.name for path in root.glob("*") if path.is_dir() and Period.is_written(path.name))
    return [
        Before(month, each, path, sha256_of(path), place != ".")
        for month in months
        for each in known
        for place in (SUPERSEDED_FOLDER, ".")
        for path in sorted((root / month / each.source / place).glob(f"{each.dataset}.*"))
        if path.is_file()
    ]


def files_of(before: Sequence[Before], known: Known, month: str | None = None) -> list[Before]:
    """Return the files that count for a dataset of a source, in a month or in all of them."""
    return [
        each
        for each in before
        if (each.source, each.dataset, each.is_replaced) == (known.source, known.dataset, False)
        and month in (None, each.month)
    ]


def warnings_of(workspace: Workspace, msp_id: str, label: str, paths: Sequence[Path]) -> list[str]:
    """Return what files show that are about to be landed for a dataset of a source, called SOURCE/DATASET,
    and that no landed file of it did.
    """
    known = next((each for each in known_datasets(workspace.msp(msp_id)) if each.label == label), None)
    if known is None or not known.profile:
        return []
    before = landed_before(workspace, msp_id, [known])
    earlier = [each.path for each in before if not each.is_replaced]
    # by its bytes: next month's export often has the name of the last one
    landed = {each.sha256 for each in before}
    new = [path for path in paths if path.is_file() and sha256_of(path) not in landed]
    return [
        f"{path.name}: {why} No file of {label} that is landed showed this"
        for path in new
        for why in dict.fromkeys(against.why for against in shown_first(path, known, earlier))
    ]


def with_headings(known: Sequence[Known], before: Sequence[Before]) -> list[Known]:
    """Give every dataset the headings of the file that was landed for it last."""
    found = []
    for each in known:
        own = [
            b for b in before if (b.source, b.dataset) == (each.source, each.dataset) and not b.is_replaced
        ]
        headings: tuple[str, ...] = ()
        if own:
            try:
                headings = headings_of(own[-1].path, each, own[-1].path.name)
            except UnreadableFile:
                headings = ()
        found.append(replace(each, headings=headings, last=own[-1].month if own else ""))
    return found
