"""What verifying finds: a place, and what is wrong there.

What belongs here: the form of a finding, and lists of files held against each other. What does not: which files
there are to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mbr_pipeline.storage.atomic_files import sha256_of

Kind = Literal["changed", "missing", "added", "order", "unreadable", "unknown_head"]


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was.

    Attributes:
        place: A file relative to the workspace or the pack, or an entry of a chain.
        kind: What happened to it.
        text: What is wrong, in words; the place is not repeated.
        is_warning: It may have happened in the ordinary way.
    """

    place: str
    kind: Kind
    text: str
    is_warning: bool = False


@dataclass
class Checked:
    """What was found, and how much was looked at."""

    findings: list[Finding] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, place: str, kind: Kind, text: str, is_warning: bool = False) -> None:
        """Note a finding."""
        self.findings.append(Finding(place, kind, text, is_warning))

    def count(self, what: str, number: int = 1) -> None:
        """Note that something was looked at."""
        self.counts[what] = self.counts.get(what, 0) + number

    @property
    def faults(self) -> list[Finding]:
        """What is wrong; without warnings."""
        return [finding for finding in self.findings if not finding.is_warning]

    @property
    def warnings(self) -> list[Finding]:
        """What may have happened in the ordinary way."""
        return [finding for finding in self.findings if finding.is_warning]


def files_below(folder: Path) -> Iterator[Path]:
    """Yield everything below a folder but folders, in the order of names; a link is a file, wherever it leads."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_dir():
            yield path


def hold_files(
    checked: Checked, folder: Path, recorded: Mapping[str, str], called: str, beside: frozenset[str] = frozenset()
) -> None:
    """Hold the files of a folder against recorded hashes: changed, missing and added ones are findings.

    Args:
        checked: Takes the findings.
        folder: The folder.
        recorded: SHA-256 by path below the folder.
        called: The folder's name in findings.
        beside: Files that are there too and are checked elsewhere.
    """
    there = {path.relative_to(folder).as_posix(): path for path in files_below(folder)}
    for name, sha256 in sorted(recorded.items()):
        hold_file(checked, there.get(name), sha256, f"{called}/{name}")
    for name in sorted(there.keys() - recorded.keys() - beside):
        checked.add(f"{called}/{name}", "added", "nothing recorded this file")


def hold_file(
    checked: Checked, path: Path | None, sha256: str, place: str, *, is_warning: bool = False
) -> None:
    """Hold one file against its recorded hash."""
    checked.count("files")
    if path is None or not path.exists():
        checked.add(place, "missing", "it was recorded and is not there", is_warning)
        return
    try:
        found = sha256_of(path)
    except OSError as error:
        checked.add(place, "unreadable", f"it cannot be read: {error.strerror}", is_warning)
        return
    if found != sha256:
        checked.add(place, "changed", f"its SHA-256 is {found}, recorded is {sha256}", is_warning)
