"""What verifying finds: a place, and what is wrong there.

What belongs here: the form of a finding, and which files there are. What does not: what they should be
(``files``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

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
    """Yield everything below a folder but folders, by name; a link is a file, wherever it leads."""
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        if path.is_symlink() or not path.is_dir():
            yield path
